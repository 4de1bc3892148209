//! How values of `shared` are stored: enums as short words, structures as JSON.

use crate::error::{AppError, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::members::rules::redact;

/// A value that is stored as a short word.
pub trait DbText: Sized + Copy {
    /// The word.
    fn to_db(self) -> &'static str;

    /// The value of a stored word.
    ///
    /// # Errors
    /// When the word is not one of ours: the database was changed by something else.
    fn from_db(text: &str) -> Result<Self>;
}

macro_rules! db_text {
    ($($ty:ty { $($variant:ident = $text:literal),* $(,)? })*) => {$(
        impl DbText for $ty {
            fn to_db(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            fn from_db(text: &str) -> Result<Self> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(AppError::internal(format!("unknown {} in the database: {text}", stringify!($ty)))),
                }
            }
        }
    )*};
}

db_text! {
    shared::webhooks::EndpointState { Active = "active", Paused = "paused", Disabled = "disabled" }
    shared::webhooks::WebhookDeliveryState { Waiting = "waiting", Delivered = "delivered", Failed = "failed" }
    shared::webhooks::DisabledReason { Gone = "gone", Failing = "failing" }
    shared::points::Asset { Points = "points", Credit = "credit" }
    shared::points::EntryKind {
        Earn = "earn", Spend = "spend", Expire = "expire", Adjust = "adjust",
        Clawback = "clawback", Restore = "restore", Transfer = "transfer",
    }
    shared::points::SourceKind {
        Order = "order", Refund = "refund", Adjustment = "adjustment", Lot = "lot",
        Reservation = "reservation", Task = "task", CheckIn = "check_in",
        Referral = "referral", Erasure = "erasure", Merge = "merge", Import = "import",
    }
    shared::points::CounterAccount {
        Issuance = "issuance", Redemption = "redemption", Breakage = "breakage", Adjustment = "adjustment",
    }
    shared::points::api::AdjustmentState { Applied = "applied", Waiting = "waiting", Rejected = "rejected" }
    shared::members::MemberStatus { Active = "active", Frozen = "frozen", Erased = "erased", Merged = "merged" }
    shared::staff::api::SavedList { Members = "members", Audit = "audit" }
    shared::members::Channel { Email = "email", Sms = "sms", Push = "push" }
    shared::members::api::MovedKind {
        Orders = "orders", Lots = "lots", Adjustments = "adjustments", Devices = "devices",
        Messages = "messages", Coupons = "coupons", CouponUses = "coupon_uses",
        Checkouts = "checkouts", CheckIns = "check_ins", Progress = "progress",
        TaskRewards = "task_rewards", Rewards = "rewards", Cards = "cards", Joins = "joins",
        Events = "events", Links = "links", Tags = "tags",
        Friends = "friends", Invitation = "invitation", Milestones = "milestones",
        Communities = "communities", FlashClaims = "flash_claims",
    }
    shared::tiers::ChangeCause {
        Joined = "joined", Reached = "reached", Kept = "kept", GraceBegan = "grace_began",
        Lowered = "lowered", Refunded = "refunded", Warned = "warned", LadderEdited = "ladder_edited",
        Merged = "merged",
    }
    shared::orders::OrderStatus {
        Announced = "announced", Placed = "placed", Paid = "paid", Shipped = "shipped",
        Delivered = "delivered", Cancelled = "cancelled", Refunded = "refunded",
    }
    shared::orders::api::EventKind {
        Placed = "placed", Paid = "paid", Shipped = "shipped", Delivered = "delivered",
        Cancelled = "cancelled", Refunded = "refunded",
    }
    shared::staff::Role {
        Admin = "admin", Operator = "operator", CommunityManager = "community_manager", Auditor = "auditor",
    }
    shared::coupons::TemplateState {
        Draft = "draft", Active = "active", Paused = "paused", Ended = "ended",
    }
    shared::coupons::CouponSourceKind {
        Claim = "claim", Grant = "grant", Publication = "publication", Code = "code", Task = "task", Referral = "referral",
        FlashSale = "flash_sale", Import = "import",
    }
    shared::transfers::TransferKind {
        Members = "members", Orders = "orders", Points = "points", Coupons = "coupons",
    }
    shared::transfers::FileFormat { Csv = "csv", Ndjson = "ndjson" }
    shared::transfers::ImportState {
        Checking = "checking", Running = "running", Done = "done", Refused = "refused",
        Cancelled = "cancelled", Failed = "failed", Undoing = "undoing", Undone = "undone",
    }
    shared::transfers::ExportState {
        Running = "running", Done = "done", Failed = "failed", Expired = "expired",
    }
    shared::transfers::Stage { Import = "import", Undo = "undo" }
    shared::coupons::api::ReservationState {
        Held = "held", Redeemed = "redeemed", Released = "released", Expired = "expired",
        RolledBack = "rolled_back",
    }
    shared::coupons::api::UseState {
        Held = "held", Redeemed = "redeemed", Released = "released", Returned = "returned",
    }
    shared::coupons::api::BatchState { Running = "running", Done = "done", Cancelled = "cancelled" }
    shared::tasks::TaskState { Active = "active", Paused = "paused", Ended = "ended" }
    shared::tasks::check_in::Mark { Checked = "checked", MadeUp = "made_up" }
    shared::tasks::api::Reported { Review = "review", Custom = "custom" }
    shared::tasks::share::Channel { Wechat = "wechat", Qq = "qq", Weibo = "weibo", Douyin = "douyin", Web = "web" }
    shared::referrals::ReferralState {
        Joined = "joined", Ordered = "ordered", Held = "held", Rewarded = "rewarded",
        ClawedBack = "clawed_back", Refused = "refused", Expired = "expired",
    }
    shared::referrals::ReferralReason {
        Bound = "bound", OrderPaid = "order_paid", EarlierOrder = "earlier_order",
        OrderRefunded = "order_refunded", OrderStood = "order_stood",
        ExistingCustomer = "existing_customer", TimeOver = "time_over",
        UnderReview = "under_review", NotGenuine = "not_genuine", Released = "released",
        Rejected = "rejected", Reopened = "reopened", MemberUnavailable = "member_unavailable",
    }
    shared::communities::MembershipState { Active = "active", Left = "left", Removed = "removed" }
    shared::sales::SaleState { Draft = "draft", Scheduled = "scheduled", Cancelled = "cancelled" }
    shared::sales::ClaimState { Held = "held", Paid = "paid", Released = "released", RefundDue = "refund_due" }
    shared::sales::ClaimReason {
        Claimed = "claimed", PaidInTime = "paid_in_time", Reseated = "reseated", Deadline = "deadline",
        SaleCancelled = "sale_cancelled", OrderCancelled = "order_cancelled", MemberGone = "member_gone",
        TooLate = "too_late",
    }
    shared::scenarios::ScenarioState { Active = "active", Stopped = "stopped" }
    shared::scenarios::Call {
        Made = "made", QuietHours = "quiet_hours", DayFull = "day_full", WeekFull = "week_full", Late = "late",
    }
    shared::scenarios::ChannelKind { InApp = "in_app", Webhook = "webhook", Wecom = "wecom" }
    shared::scenarios::DeliveryState { Waiting = "waiting", Done = "done", Failed = "failed" }
    shared::text::Locale { ZhCn = "zh-CN", En = "en" }
}

/// A structure as JSON text.
///
/// # Errors
/// Never for the types of `shared`, whose keys are strings.
pub fn to_json(value: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string(value)?)
}

/// A structure from JSON text.
///
/// # Errors
/// When the text is not what we wrote: the database was changed by something else.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    Ok(serde_json::from_str(text)?)
}

/// Stored JSON without any text that holds one of `traces`; `None` when there is none.
///
/// # Errors
/// When the text is not JSON.
pub fn redact_json(text: &str, traces: &[String]) -> Result<Option<String>> {
    let mut value: serde_json::Value = from_json(text)?;
    if redact_value(&mut value, traces) {
        Ok(Some(value.to_string()))
    } else {
        Ok(None)
    }
}

fn redact_value(value: &mut serde_json::Value, traces: &[String]) -> bool {
    use serde_json::Value;
    match value {
        Value::String(text) => redact(text, traces).map(|clean| *text = clean).is_some(),
        // Each of them has to be looked at, also after the first.
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |found, it| redact_value(it, traces) | found),
        Value::Object(fields) => fields
            .values_mut()
            .fold(false, |found, it| redact_value(it, traces) | found),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
