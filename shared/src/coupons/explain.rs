//! Why a coupon is what it is.

use super::api::{CouponDetail, Redemption, UseState};
use super::{CouponSource, CouponSourceKind, CouponState};
use crate::points::api::{Explanation, ExplanationStep};
use crate::quantity::Currency;
use crate::text::Text;
use crate::time::Timestamp;

/// How a coupon came about, when it can be used, what became of each use, and what keeps it from
/// being used now.
#[must_use]
pub fn explain(
    detail: &CouponDetail,
    version: i32,
    uses: &[Redemption],
    revoked_at: Option<Timestamp>,
    currency: Currency,
) -> Explanation {
    let coupon = &detail.coupon;
    let mut steps = vec![
        step(issued(&coupon.source, version), Some(coupon.issued_at)),
        step(
            Text::new("此时起可用。", "Usable from here on."),
            Some(coupon.valid_from),
        ),
    ];
    for it in uses {
        steps.push(ExplanationStep {
            amount: Some(it.amount),
            ..step(use_text(it, currency), Some(it.at))
        });
    }
    if let Some(at) = revoked_at {
        steps.push(step(Text::new("已被收回。", "Taken back."), Some(at)));
    }
    steps.push(step(
        Text::new(
            "有效期至此时（含当天）。",
            "The last moment of its last day.",
        ),
        Some(coupon.expires_at),
    ));
    if coupon.source.kind == CouponSourceKind::Task
        && !coupon.source.is_check_in()
        && revoked_at.is_none()
        && uses.is_empty()
    {
        steps.push(step(
            Text::new(
                "若退款使任务不再达成，未使用的这张券会被收回。",
                "If refunds undo the task, this coupon is taken back unless it was used.",
            ),
            None,
        ));
    }
    for reason in &detail.reasons {
        steps.push(step(reason.text.clone(), reason.at));
    }
    Explanation {
        summary: summary(coupon.state),
        steps,
    }
}

const fn empty() -> ExplanationStep {
    ExplanationStep {
        text: Text {
            zh_cn: String::new(),
            en: String::new(),
        },
        amount: None,
        entry_id: None,
        lot_id: None,
        rule_version: None,
        at: None,
    }
}

fn step(text: Text, at: Option<Timestamp>) -> ExplanationStep {
    ExplanationStep {
        text,
        at,
        ..empty()
    }
}

fn issued(source: &CouponSource, version: i32) -> Text {
    let (zh, en) = match source.kind {
        CouponSourceKind::Claim => ("在领券中心领取", "Taken in the claim centre"),
        CouponSourceKind::Grant => ("由商家发放", "Given by the shop's staff"),
        CouponSourceKind::Publication => ("由商城系统发放", "Given by the shop's systems"),
        CouponSourceKind::Code => ("凭券码兑换", "Had by a code"),
        CouponSourceKind::Task if source.is_check_in() => ("签到奖励", "Reward of a check-in"),
        CouponSourceKind::Task => ("任务奖励", "Reward of a task"),
        CouponSourceKind::Referral => ("邀请奖励", "Reward of an invitation"),
        CouponSourceKind::FlashSale => ("秒杀致歉", "Apology for a flash sale"),
        CouponSourceKind::Import => ("由文件导入", "Brought in with a file"),
    };
    Text::new(
        format!("{zh}，按模板第 {version} 版规则。"),
        format!("{en}, by version {version} of its terms."),
    )
}

fn use_text(it: &Redemption, currency: Currency) -> Text {
    let amount = currency.format(it.amount);
    let order = it.order_id.as_deref().unwrap_or("–");
    match it.state {
        UseState::Held => Text::new(
            format!("结算中锁定，抵扣 {amount}。"),
            format!("Held for a checkout, {amount} off."),
        ),
        UseState::Redeemed => Text::new(
            format!("订单 {order} 使用，抵扣 {amount}。"),
            format!("Used on order {order}, {amount} off."),
        ),
        UseState::Released => Text::new(
            "锁定已释放，未使用。",
            "The checkout let it go; it was not used.",
        ),
        UseState::Returned => Text::new(
            format!("订单 {order} 已取消或退款，优惠券退回。"),
            format!("Order {order} was cancelled or refunded; the coupon came back."),
        ),
    }
}

fn summary(state: CouponState) -> Text {
    match state {
        CouponState::Upcoming => Text::new("尚未到使用时间。", "Its first day has not come."),
        CouponState::Available => Text::new("可以使用。", "It can be used."),
        CouponState::Reserved => Text::new("正被一笔订单占用。", "An order holds it."),
        CouponState::Used => Text::new("已使用。", "It was used."),
        CouponState::Expired => Text::new("已过期。", "It has expired."),
        CouponState::Revoked => Text::new("已被收回。", "It was taken back."),
    }
}
