//! What can be wrong with a line, and why a line was not taken back, in both languages.

use crate::text::Text;

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident $code:literal $zh:literal $en:literal;)*) => {
        /// What is to be said of a line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Fault {
            $(#[doc = $en] $variant,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What is wrong and what to do.
            #[must_use]
            pub fn message(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en),)* }
            }
        }
    };
}

faults! {
    Required "required" "此列必填。" "This column must be filled in.";
    TooLong "too_long" "内容过长。" "This is too long.";
    NotAnId "not_an_id" "应为 1 至 100 个可见字符。" "Expected 1 to 100 visible characters.";
    NotAName "not_a_name" "应为 1 至 60 个字符。" "Expected 1 to 60 characters.";
    NotAnEmail "not_an_email" "应为邮箱地址，例如 li@example.com。" "Expected an address such as li@example.com.";
    NotAPhone "not_a_phone" "应为手机号，例如 +86 138 0013 8000。" "Expected a number such as +86 138 0013 8000.";
    NotABirthday "not_a_birthday" "应为过去的日期，例如 1990-04-30。" "Expected a day in the past such as 1990-04-30.";
    NotALanguage "not_a_language" "应为 zh-CN 或 en。" "Expected zh-CN or en.";
    NotAZone "not_a_zone" "应为 IANA 时区，例如 Asia/Shanghai。" "Expected an IANA time zone such as Asia/Shanghai.";
    NotATime "not_a_time" "应为日期或时间，例如 2026-01-31 或 2026-01-31T08:00:00Z。" "Expected a day or a time such as 2026-01-31 or 2026-01-31T08:00:00Z.";
    NotTags "not_tags" "应为至多 50 个标签，以 ; 分隔，每个 1 至 100 个可见字符。" "Expected at most 50 tags separated by ;, each of 1 to 100 visible characters.";
    NotYesOrNo "not_yes_or_no" "应为 yes 或 no。" "Expected yes or no.";
    NotPoints "not_points" "应为 1 至 1000000000000 的整数。" "Expected a whole number from 1 to 1000000000000.";
    InThePast "in_the_past" "时间已过，应为将来的时间。" "This time has passed; expected one ahead.";
    EndsTooSoon "ends_too_soon" "有效期早于生效时间。" "This ends before it begins.";
    Twice "twice" "文件前面已有一行使用了相同的值。" "An earlier line of the file has the same value.";
    NotJson "not_json" "应为每行一个 JSON 对象，且只含已知的列。" "Expected one JSON object a line, with known columns only.";
    NotText "not_text" "此行不是 UTF-8 文本，请以 UTF-8 编码保存文件。" "The line is not UTF-8 text; save the file as UTF-8.";
    WrongCells "wrong_cells" "列数与首行不一致。" "The line has more or fewer cells than the first line.";
    Ambiguous "ambiguous" "有多个模板使用此名称，请改用模板编号。" "Several templates have this name; use the template's id.";
    NeedsApproval "needs_approval" "超过积分规则中需要第二人审批的数额，请在管理后台调整积分，由第二人审批。" "This is above the limit of the points rules; adjust the points in the console, where a second person approves.";
    Failed "failed" "服务器多次未能处理此行起的内容，导入已停止；原因见服务器日志。请排除后重新导入该文件：已处理的行不会重复处理。" "The server could not take this line and those after it, and gave up; its log says why. Mend that and send the file again: what was taken is not taken twice.";
    Erased "erased" "该会员已注销，此行未处理。" "The member was erased; this line was left out.";
    Order "order" "订单内容有误。" "The order is wrong.";
    KeptActive "kept_active" "导入后该会员已有其他活动，予以保留。" "The member has been active since, and was kept.";
    KeptChanged "kept_changed" "导入后资料又被修改，这些字段保持现状。" "The record was changed since; what was changed stays as it is.";
    KeptGone "kept_gone" "该会员已注销或合并，或原资料已随注销删除，未作更改。" "The member was erased or merged since, or what was there before went with an erasure; nothing was changed.";
    KeptTaken "kept_taken" "原手机号或邮箱已属于其他会员，未能恢复。" "The former phone or e-mail belongs to another member now; it was not put back.";
    KeptUsed "kept_used" "优惠券已使用或已为订单占用，予以保留。" "The coupon has been used or is held for an order, and was kept.";
    KeptMissing "kept_missing" "优惠券已不存在，无需收回。" "The coupon is no longer there; nothing was left to take back.";
    KeptSettled "kept_settled" "订单已取消，无需再撤销。" "The order was cancelled before; nothing was left to take back.";
    KeptRefused "kept_refused" "订单规则不允许取消该订单，请在商城中取消后由商城通知。" "The rules did not let the order be cancelled; cancel it in the shop, which then says so.";
    PartlyTaken "partly_taken" "部分积分已使用或过期，按积分规则只扣回了剩余部分。" "Some of the points were spent or had ended; by the points rules only the rest was taken back.";
    Owed "owed" "积分已使用，扣回后该会员欠分，将由之后获得的积分抵扣。" "The points had been spent; taking them back leaves the member owing, which later points settle.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_all_different() {
        let codes: HashSet<_> = Fault::ALL.iter().map(|it| it.code()).collect();
        assert_eq!(codes.len(), Fault::ALL.len());
    }
}
