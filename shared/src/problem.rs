//! Errors on the wire: RFC 9457 problem details with a code that never changes.
//!
//! One refusal is one code, one title in each language and one test.

use crate::text::Locale;
use serde::{Deserialize, Serialize};

/// The body of every error answer (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A relative address that names the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What went wrong and what to do, in the language of `Accept-Language`.
    pub title: String,
    /// The HTTP status, again.
    pub status: u16,
    /// The stable code, such as `points.insufficient`.
    pub code: String,
    /// Facts of this one case, such as how many points are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to quote to support; the same as the `x-request-id` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Which parts of the input are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One wrong part of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer to the part, or the name of the query parameter.
    pub pointer: String,
    /// A short code: `required`, `too_long`, `out_of_range`, `invalid`.
    pub code: String,
    /// What is expected.
    pub message: String,
}

impl FieldError {
    /// An error at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

/// What a 412 (`request.precondition_failed`) carries beside the problem, so that a page can show
/// what somebody else changed meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stale<T> {
    /// The thing as it is now, with its version.
    pub current: T,
}

macro_rules! error_codes {
    ($($variant:ident $status:literal $code:literal $zh:literal $en:literal;)*) => {
        /// Every code that an answer may carry.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $(#[doc = $en] $variant,)*
        }

        impl ErrorCode {
            /// All codes, in the order of this file.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The HTTP status that the code always has.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// What went wrong and what to do, for people.
            #[must_use]
            pub const fn title(self, locale: Locale) -> &'static str {
                match (self, locale) {
                    $((Self::$variant, Locale::ZhCn) => $zh,
                    (Self::$variant, Locale::En) => $en,)*
                }
            }
        }
    };
}

error_codes! {
    InvalidInput 422 "request.invalid" "提交的内容有误，请按提示修改。" "Some of the input is wrong; see the list of errors.";
    MalformedBody 400 "request.malformed" "无法读取请求内容，请发送有效的 JSON。" "The body could not be read; send valid JSON.";
    UnsupportedMediaType 415 "request.unsupported_media_type" "请使用 application/json。" "Send the body as application/json.";
    BodyTooLarge 413 "request.too_large" "请求内容过大。" "The body is too large; send less at a time.";
    UriTooLong 414 "request.uri_too_long" "请求地址过长。" "The address is too long.";
    NotFound 404 "request.not_found" "没有找到。" "There is nothing at this address.";
    MethodNotAllowed 405 "request.method_not_allowed" "该地址不支持此方法。" "This address does not take this method.";
    Timeout 503 "request.timeout" "处理超时，请稍后重试。" "This took too long; try again shortly.";
    InvalidCursor 400 "request.invalid_cursor" "翻页标记无效，请从第一页开始。" "The cursor is not valid; start from the first page.";
    PreconditionFailed 412 "request.precondition_failed" "内容已被他人修改，请刷新后重试。" "Someone changed this meanwhile; load it again, then repeat your change.";
    PreconditionRequired 428 "request.precondition_required" "缺少 If-Match，请先读取最新版本。" "If-Match is required; read the current version first.";
    RateLimited 429 "request.rate_limited" "操作太频繁，请稍后再试。" "Too many requests; wait as long as Retry-After says.";
    Overloaded 503 "server.overloaded" "系统繁忙，请稍后重试。" "The server is busy; try again shortly.";
    Internal 500 "server.internal" "系统出错，请稍后重试并附上请求编号。" "Something failed on our side; try again and quote the request id.";
    IdempotencyKeyRequired 400 "idempotency.key_required" "缺少 Idempotency-Key 请求头。" "Send an Idempotency-Key header, one per intent.";
    IdempotencyKeyInvalid 400 "idempotency.key_invalid" "Idempotency-Key 应为 1 到 255 个可见字符。" "An Idempotency-Key has 1 to 255 visible characters.";
    IdempotencyKeyReused 422 "idempotency.key_reused" "该 Idempotency-Key 已用于另一请求。" "This Idempotency-Key was used for another request; make a new key.";
    IdempotencyInProgress 409 "idempotency.in_progress" "相同请求正在处理，请稍后重试。" "The same request is still running; try again shortly.";
    Unauthenticated 401 "auth.unauthenticated" "请先登录。" "Sign in first.";
    TokenExpired 401 "auth.token_expired" "登录已过期，请重新登录。" "The access token has expired; refresh it or sign in again.";
    TokenInvalid 401 "auth.token_invalid" "登录凭证无效，请重新登录。" "The access token is not valid; sign in again.";
    BadCredentials 401 "auth.bad_credentials" "账号或密码不正确。" "The account or the password is wrong.";
    RefreshRaced 409 "auth.refresh_raced" "登录刚刚被刷新，请重试。" "The session was refreshed a moment ago; try again.";
    SessionEnded 401 "auth.session_ended" "登录已结束，请重新登录。" "This session has ended; sign in again.";
    Forbidden 403 "auth.forbidden" "您没有权限执行此操作。" "You are not allowed to do this.";
    ScopeMissing 403 "auth.scope_missing" "该 API 密钥缺少所需权限。" "The API key lacks the scope that this needs.";
    ForeignOrigin 403 "auth.foreign_origin" "请求来源不被允许。" "The request came from a site that is not allowed.";
    CodeRequired 401 "auth.code_required" "请输入验证器中的 6 位验证码。" "Enter the code that your authenticator app shows.";
    CodeWrong 401 "auth.code_wrong" "验证码不正确或已使用，请等下一个。" "The code is wrong or was used; wait for the next one.";
    EnrolmentRequired 403 "auth.enrolment_required" "请先设置两步验证。" "Set up a second factor first; the shop asks for it.";
    ConfirmationRequired 403 "auth.confirmation_required" "请用密码确认，或从商城重新进入后再试。" "Confirm with your password, or come in through the shop once more.";
    NoPassword 409 "auth.no_password" "您没有设置密码，请从商城进入。" "You have no password: you come in through the shop.";
    HandoffInvalid 410 "auth.handoff_invalid" "链接已失效，请返回重新打开。" "This link was used or has expired; go back and open it again.";
    MemberNotFound 404 "members.not_found" "没有这位会员。" "There is no such member.";
    MemberFrozen 403 "members.frozen" "该会员已被冻结，请联系客服。" "This membership is frozen; contact support.";
    MemberMerged 409 "members.merged" "该会员已合并到另一位会员。" "This member was merged into another, who goes on for both.";
    MergeNotFound 404 "merges.not_found" "没有这次合并。" "There is no such merge.";
    MergeUndone 409 "merges.undone" "该合并已撤销。" "This merge was undone before.";
    MergeTooLate 409 "merges.too_late" "合并超过 30 天，不能撤销。" "After thirty days a merge can no longer be undone.";
    MergeUsed 409 "merges.used" "合并后的内容已被使用或更改，不能撤销。" "What was merged has been used or changed since; it can no longer be taken apart.";
    ExternalIdTaken 409 "members.external_id_taken" "该外部用户 ID 已被占用。" "Another member has this external id.";
    ContactTaken 409 "members.contact_taken" "该手机号或邮箱已注册，请直接登录。" "A member with this phone or e-mail exists; sign in instead.";
    BirthdayAlreadySet 409 "members.birthday_already_set" "生日只能设置一次，如需修改请联系客服。" "The birthday can be set once; ask support to change it.";
    OrderNotFound 404 "orders.not_found" "没有这个订单。" "There is no such order.";
    EventConflict 409 "orders.event_conflict" "该事件编号已用于不同内容。" "This event id was sent before with other content.";
    EventNotApplicable 409 "orders.event_not_applicable" "订单当前状态不能接受该事件。" "The order can never take this event.";
    RefundExceedsOrder 422 "orders.refund_exceeds" "退款超过订单剩余可退部分。" "The refund is more than what is left of the order.";
    UnknownLine 422 "orders.unknown_line" "订单中没有该商品行。" "The order has no such line.";
    OrderAlreadyClaimed 409 "orders.already_claimed" "订单已属于其他会员。" "The order belongs to another member.";
    PointsInsufficient 422 "points.insufficient" "可用余额不足。" "The available balance is too small.";
    PointsBelowMinimum 422 "points.below_minimum" "低于单次最低使用数量。" "This is less than the smallest amount that can be spent at once.";
    PointsWrongStep 422 "points.wrong_step" "数量须为规定步长的整数倍。" "The amount must be a multiple of the step.";
    PointsOverOrderLimit 422 "points.over_order_limit" "超过单笔订单可用上限。" "This is more than one order may use.";
    PointsOverDailyLimit 422 "points.over_daily_limit" "超过今日可用上限。" "This is more than may be spent today.";
    PointsOverOrderShare 422 "points.over_order_share" "超过订单金额可抵扣比例。" "This pays a larger share of the order than is allowed.";
    PointsAlreadySpent 409 "points.already_spent_on_order" "该订单已使用过此类余额。" "This order already has a spend of this kind.";
    AdjustmentNotFound 404 "points.adjustment_not_found" "没有这条调整申请。" "There is no such adjustment.";
    AdjustmentDecided 409 "points.adjustment_decided" "该申请已处理。" "This adjustment has been decided.";
    SelfApproval 403 "points.self_approval" "不能审批自己的申请。" "A second person must decide this adjustment.";
    EntryNotFound 404 "points.entry_not_found" "没有这条流水。" "There is no such ledger entry.";
    TaskNotFound 404 "tasks.not_found" "没有这个任务。" "There is no such task.";
    TaskNotStarted 409 "tasks.not_started" "任务尚未开始。" "This task has not begun.";
    TaskPaused 409 "tasks.paused" "任务已暂停，请稍后再来。" "This task is paused; come back later.";
    TaskEnded 409 "tasks.ended" "任务已结束。" "This task has ended.";
    TaskNotForYou 403 "tasks.not_for_you" "该任务暂不对您开放。" "This task is not open to this member.";
    TaskNotJoined 409 "tasks.not_joined" "请先参加任务。" "Join the task first.";
    TaskNotCompleted 422 "tasks.not_completed" "任务尚未完成。" "The task is not completed yet.";
    TaskAlreadyClaimed 409 "tasks.already_claimed" "奖励已领取。" "The reward has been claimed.";
    TaskQuotaUsedUp 409 "tasks.quota_used_up" "奖励已被领完。" "All rewards of this task have been given.";
    TaskNotShared 422 "tasks.not_shared" "该任务没有分享链接。" "This task has no link to share.";
    TaskEventConflict 409 "tasks.event_conflict" "该事件编号已用于不同内容。" "This event id was sent before with other content.";
    TaskCloneOnly 409 "tasks.ended_for_good" "任务已结束，不能再修改，请复制后使用。" "An ended task does not change; clone it instead.";
    CheckInClosed 409 "tasks.check_in_closed" "签到暂未开放。" "Check-in is closed.";
    AlreadyCheckedIn 409 "tasks.already_checked_in" "今天已签到。" "Today has been checked in.";
    DayNotMissed 422 "tasks.day_not_missed" "该日期无需补签或不能补签。" "This day was not missed.";
    MakeupTooLate 422 "tasks.makeup_too_late" "该日期太久远，不能补签。" "This day is too long ago to make up for.";
    MakeupLimit 422 "tasks.makeup_limit" "该月补签次数已用完。" "No more days of this month can be made up for.";
    NoMakeupCard 422 "tasks.no_makeup_card" "没有补签卡。" "There is no make-up card.";
    TierInUse 409 "tiers.in_use" "仍有会员处于该等级，不能移除。" "Members hold a tier that this ladder removes.";
    ReferralCodeNotFound 404 "referrals.code_not_found" "没有这个邀请码，请核对后重试。" "There is no such invitation code; check it and try again.";
    ReferralNotFound 404 "referrals.not_found" "没有这条邀请记录。" "There is no such referral.";
    ReferralsOff 409 "referrals.off" "邀请活动暂未开放。" "There is no referral programme at the moment.";
    ReferralsPaused 409 "referrals.paused" "本月邀请名额已满，请下月再来。" "This month's invitations are used up; come back next month.";
    ReferralSelf 409 "referrals.self" "不能邀请自己。" "Nobody can invite themselves.";
    ReferralLoop 409 "referrals.loop" "您邀请过对方，不能互相邀请。" "You have invited this member yourself, so it does not count the other way.";
    ReferralAlreadyBound 409 "referrals.already_bound" "您已接受过邀请。" "You have accepted an invitation before.";
    ReferralExistingMember 409 "referrals.existing_member" "邀请仅限新顾客。" "Invitations are for new customers, and you are one already.";
    ReferralOutsideWindow 409 "referrals.outside_window" "邀请已过期。" "The invitation is too long ago.";
    ReferralCapped 409 "referrals.capped" "邀请人本月邀请人数已达上限。" "The inviter has invited as many friends as a month allows.";
    ReferralUnavailable 409 "referrals.unavailable" "邀请人目前无法参与活动。" "The inviter cannot take part at the moment.";
    ReferralNotDecidable 409 "referrals.not_decidable" "该邀请当前状态不能这样处理。" "The referral does not stand where this can be decided.";
    HouseholdNotFound 404 "referrals.household_not_found" "没有这个家庭记录。" "There is no such household.";
    StaffNotFound 404 "staff.not_found" "没有这位员工。" "There is no such staff account.";
    StaffEmailTaken 409 "staff.email_taken" "该邮箱已被员工账号使用。" "Another staff account has this e-mail.";
    StaffResetInvalid 410 "staff.reset_invalid" "重置链接已使用或已过期，请联系管理员重新生成。" "This reset code was used or has expired; ask an admin for a new one.";
    SavedViewNotFound 404 "staff.view_not_found" "没有这个已保存的视图。" "There is no such saved view.";
    SavedViewsFull 409 "staff.views_full" "已保存的视图过多，请先删除一些。" "You have saved as many views as you can; delete one first.";
    MessageNotFound 404 "messages.not_found" "没有这条消息。" "There is no such message.";
    VersionNotFound 404 "programme.version_not_found" "没有这个规则版本。" "There is no such version of the rules.";
    VersionInForce 409 "programme.version_in_force" "该版本已生效或已取消，不能再取消。" "Only a version that has not begun can be cancelled.";
    VersionTaken 409 "programme.version_taken" "该时刻已有另一个计划版本，请换一个时间或先取消它。" "Another version is scheduled for this moment; choose another time or cancel it first.";
    SecondFactorEnabled 409 "staff.second_factor_enabled" "两步验证已启用。" "A second factor is set up already.";
    SecondFactorMissing 409 "staff.second_factor_missing" "尚未设置两步验证，或设置已超时。" "No second factor is set up, or setting it up took too long.";
    ApiKeyNotFound 404 "api_keys.not_found" "没有这个 API 密钥。" "There is no such API key.";
    SessionNotFound 404 "sessions.not_found" "没有这个登录设备。" "There is no such signed-in device.";
    CouponTemplateNotFound 404 "coupons.template_not_found" "没有这个优惠券模板。" "There is no such coupon template.";
    CouponTemplateNotActive 409 "coupons.template_not_active" "该优惠券未在发放。" "Coupons of this template are not being issued.";
    CouponStateNotAllowed 409 "coupons.state_not_allowed" "模板当前状态不能这样变更。" "The template cannot go from its state to this one.";
    CouponCodeTaken 409 "coupons.code_taken" "该券码已被其他模板使用。" "Another template uses this code.";
    CouponNotFound 404 "coupons.not_found" "没有这张优惠券。" "There is no such coupon.";
    CouponRevoked 409 "coupons.revoked" "优惠券已被收回。" "The coupon was taken back.";
    CouponPaused 409 "coupons.paused" "该优惠券暂停使用。" "Coupons of this kind cannot be used for now.";
    CouponNotYetValid 422 "coupons.not_yet_valid" "优惠券尚未到使用时间。" "The coupon's first day has not come.";
    CouponExpired 422 "coupons.expired" "优惠券已过期。" "The coupon has expired.";
    CouponUsed 409 "coupons.used" "优惠券已使用。" "The coupon has been used.";
    CouponReserved 409 "coupons.reserved" "优惠券正被另一笔订单占用。" "Another order holds the coupon.";
    CouponWrongTag 422 "coupons.wrong_tag" "此券仅限部分会员使用。" "The coupon is for some members only.";
    CouponWrongTier 422 "coupons.wrong_tier" "您的会员等级不能使用此券。" "The coupon is for members of other tiers.";
    CouponMemberLimit 422 "coupons.member_limit" "已达到每人使用上限。" "One member cannot use more coupons of this kind.";
    CouponBudgetUsedUp 409 "coupons.budget_used_up" "该优惠券的活动额度已用完。" "What was set aside for this coupon is used up.";
    CouponOutOfScope 422 "coupons.out_of_scope" "没有适用此券的商品。" "Nothing in the cart is what the coupon is for.";
    CouponBelowThreshold 422 "coupons.below_threshold" "未达到使用门槛。" "What the coupon is for costs less than its minimum.";
    CouponNamedTwice 422 "coupons.named_twice" "同一张优惠券重复提交。" "The coupon is named twice.";
    CouponExclusive 422 "coupons.exclusive" "不能与其他优惠券同时使用。" "The coupon cannot be used together with others.";
    CouponSameGroup 422 "coupons.same_group" "同组优惠券只能使用一张。" "Only one coupon of its group can be used.";
    CouponNothingLeft 422 "coupons.nothing_left" "没有可抵扣的金额。" "There is nothing left for the coupon to take off.";
    CouponNotClaimable 404 "coupons.not_claimable" "该优惠券不能自行领取。" "Members cannot take coupons of this template.";
    CouponOver 409 "coupons.over" "该优惠券的有效期已结束。" "The last day of these coupons has passed.";
    CouponClaimLimit 409 "coupons.claim_limit" "已达到每人领取上限。" "You have as many of these coupons as one member can have.";
    CouponAllIssued 409 "coupons.all_issued" "优惠券已领完。" "All of these coupons are issued.";
    CouponsNotUsable 422 "coupons.not_usable" "部分优惠券不能使用，请查看各券原因。" "Some coupons cannot be used; see the reasons of each.";
    CouponSourceTaken 409 "coupons.source_taken" "该来源单号已发给其他会员。" "This source has given its coupon to another member; use a source of its own.";
    CouponCodeUnknown 404 "coupons.code_unknown" "券码无效，请核对后重试。" "There is no such code; check it and try again.";
    CouponCodeMistyped 422 "coupons.code_mistyped" "券码有误，请检查是否输错字符。" "A character of the code is wrong; compare it with the original.";
    CouponCodeUsed 409 "coupons.code_used" "该券码已被使用。" "This code has been used.";
    ReservationNotFound 404 "coupons.reservation_not_found" "没有这个锁定记录。" "There is no such reservation.";
    ReservationEnded 409 "coupons.reservation_ended" "锁定已结束，请重新锁定。" "The reservation has ended; reserve again.";
    CodeBatchNotFound 404 "coupons.batch_not_found" "没有这个券码批次。" "There is no such batch of codes.";
    CodeBatchEnded 409 "coupons.batch_ended" "该批次已结束。" "This batch has ended already.";
    CommunityNotFound 404 "communities.not_found" "没有这个社群。" "There is no such community.";
    CommunityCodeUnknown 404 "communities.code_unknown" "社群邀请码无效。" "There is no community with this code.";
    CommunityClosed 409 "communities.closed" "该社群暂不接受新成员。" "This community takes no new members now.";
    CommunityFull 409 "communities.full" "该社群已满员。" "This community is full.";
    CommunityRemoved 409 "communities.removed" "您已被移出该社群，请联系群主。" "You were removed from this community; ask its manager.";
    CommunityMemberNotFound 404 "communities.member_not_found" "该会员不在社群中。" "This member does not belong to the community.";
    ScenarioNotFound 404 "scenarios.not_found" "没有这份场景清单。" "There is no such scenario list.";
    PushChannelNotFound 404 "scenarios.channel_not_found" "没有这个推送渠道。" "There is no such push channel.";
    WebhookEndpointNotFound 404 "webhooks.not_found" "没有这个 Webhook 地址。" "There is no such webhook endpoint.";
    WebhookDeliveryNotFound 404 "webhooks.delivery_not_found" "这个地址没有这条投递记录。" "The endpoint has no such delivery.";
    WebhookReplayTooLarge 422 "webhooks.replay_too_large" "这段时间的事件超过十万条，请缩短时间范围。" "The time holds more than 100000 events; choose a shorter one.";
    WechatAbsent 404 "wechat.absent" "未配置微信分享。" "Sharing inside WeChat is not set up here.";
    WechatOtherHost 422 "wechat.other_host" "该网址的域名不在微信分享的允许列表中。" "The page's host is not on the list of those that may share inside WeChat.";
    WechatUnavailable 503 "wechat.unavailable" "微信分享暂不可用，请稍后再试。" "Sharing inside WeChat is not available now; try again shortly.";
    SaleNotFound 404 "flash_sales.not_found" "没有这场秒杀。" "There is no such flash sale.";
    SaleProductNotFound 404 "flash_sales.product_not_found" "本场秒杀没有这件商品。" "The sale does not have this product.";
    SaleNotOpen 409 "flash_sales.not_open" "秒杀尚未开始。" "The sale has not opened for you yet.";
    SalePaused 409 "flash_sales.paused" "秒杀暂停，请稍后再试。" "The sale is paused; try again later.";
    SaleEnded 409 "flash_sales.ended" "秒杀已结束。" "The sale has ended.";
    SaleCancelled 409 "flash_sales.cancelled" "秒杀已取消。" "The sale was cancelled.";
    SaleOtherCommunity 409 "flash_sales.other_community" "本场秒杀仅限指定社群成员。" "The sale is for members of other communities.";
    SaleOtherTag 409 "flash_sales.other_tag" "本场秒杀仅限指定人群。" "The sale is for other members.";
    SaleTierTooLow 409 "flash_sales.tier_too_low" "您的会员等级尚未达到要求。" "The sale is for a higher tier than yours.";
    SaleSoldOut 409 "flash_sales.sold_out" "已抢光。" "There is not enough left.";
    SaleMemberLimit 409 "flash_sales.member_limit" "已达到每人限购数量。" "You have as many as one member can have.";
    SaleQuotaUsed 409 "flash_sales.quota_used" "您所在社群的份额已抢光。" "Your community's share is used up.";
    SaleCrowded 429 "flash_sales.crowded" "排队人数过多，请稍后重试。" "Too many are waiting; try again as soon as Retry-After says.";
    SaleStateNotAllowed 409 "flash_sales.state_not_allowed" "秒杀当前状态不能这样变更。" "The sale cannot be changed like this any more.";
    SandboxAbsent 404 "sandbox.absent" "只有演示环境才能调整时间。" "Only a demo's clock can be moved.";
    ImportNotFound 404 "imports.not_found" "没有这次导入。" "There is no such import.";
    ImportEnded 409 "imports.ended" "该导入已结束，不能再停止。" "This import has ended; there is nothing to stop.";
    ImportNotUndoable 409 "imports.not_undoable" "该导入没有可撤销的内容：可能尚未结束、只是试运行或已撤销。" "There is nothing to undo: the import has not ended, was only a trial, or was undone before.";
    ImportTooLate 409 "imports.too_late" "导入结束超过 7 天，不能撤销。" "After seven days an import can no longer be undone.";
    ImportsBusy 409 "imports.too_many" "已有多个导入尚未完成，请等其结束后再试。" "Several imports are still waiting; send this one when they have ended.";
    ImportFileTooLarge 413 "imports.file_too_large" "文件超过大小上限，请拆分后分别导入。" "The file is larger than this server takes; split it and send the parts.";
    ExportsBusy 409 "exports.too_many" "已有多个导出尚未完成，请等其结束后再试。" "Several exports are still being written; ask for this one when they have ended.";
    ExportNotFound 404 "exports.not_found" "没有这次导出。" "There is no such export.";
    ExportNotReady 409 "exports.not_ready" "文件尚未写完，请稍后再试。" "The file is not written yet; try again later.";
    ExportExpired 410 "exports.expired" "文件已超过保留期限并删除，请重新导出。" "The file's time is over and it was deleted; ask for a new export.";
    FlashClaimNotFound 404 "flash_sales.claim_not_found" "没有这条抢购记录。" "There is no such claim.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_spelled_alike() {
        let codes: HashSet<_> = ErrorCode::ALL.iter().map(|it| it.as_str()).collect();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            let text = code.as_str();
            assert!(text.split('.').count() == 2, "{text}");
            assert!(
                text.bytes()
                    .all(|it| it.is_ascii_lowercase() || it == b'.' || it == b'_'),
                "{text}"
            );
            assert!((400..600).contains(&code.status()), "{text}");
        }
    }
}
