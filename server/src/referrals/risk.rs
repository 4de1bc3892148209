//! What speaks against paying for a referral: signals, a score with reasons, a verdict.
//!
//! Weights and limits stay on the server: `shared` goes to browsers, and whoever knows them walks
//! around them. No single weak sign is enough: families share addresses and networks.

use shared::referrals::api::Evidence;
use shared::referrals::rules::Verdict;
use shared::text::Text;

/// From this score on a person looks at it.
const HOLD: u32 = 40;
/// From this score on nothing is paid.
const BLOCK: u32 = 80;

/// What was found about a referral. Counts are of other friends of the same inviter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Findings {
    /// Inviter and friend use one device.
    pub same_device: bool,
    /// Inviter and friend have one delivery address.
    pub same_address: bool,
    /// Inviter and friend pay with the same thing.
    pub same_payment: bool,
    /// Their e-mail addresses or phone numbers are nearly alike.
    pub similar_contact: bool,
    /// Friends who share the friend's device.
    pub cluster_device: u32,
    /// Friends who share the friend's address.
    pub cluster_address: u32,
    /// Friends who share the friend's means of payment.
    pub cluster_payment: u32,
    /// Friends who were bound within a day of this one.
    pub friends_within_day: u32,
    /// Friends who came from the same network within a day of this one.
    pub network_within_day: u32,
    /// Friends whose counted order was ever rewarded or refunded.
    pub settled: u32,
    /// Of those, friends whose order was refunded.
    pub refunded: u32,
}

/// Scores what was found, with the reasons.
#[must_use]
pub fn judge(findings: &Findings) -> (Verdict, Vec<Evidence>) {
    let mut score = 0;
    let mut evidence = Vec::new();
    for (weight, signal, text) in signals(findings) {
        score += weight;
        evidence.push(Evidence {
            signal: signal.to_owned(),
            text,
        });
    }
    let verdict = match score {
        BLOCK.. => Verdict::Block,
        HOLD.. => Verdict::Hold,
        _ => Verdict::Allow,
    };
    (verdict, evidence)
}

/// A weight, a short word, and what was found.
type Signal = (u32, &'static str, Text);

fn signals(it: &Findings) -> Vec<Signal> {
    let mut found = shared(it);
    found.extend(clusters(it));
    found.extend(conduct(it));
    found
}

/// What inviter and friend have in common.
fn shared(it: &Findings) -> Vec<Signal> {
    let all = [
        (
            it.same_payment,
            60,
            "same_payment",
            "邀请人与好友使用同一支付方式",
            "Inviter and friend pay with the same thing",
        ),
        (
            it.same_device,
            50,
            "same_device",
            "邀请人与好友使用同一设备",
            "Inviter and friend use one device",
        ),
        (
            it.same_address,
            25,
            "same_address",
            "邀请人与好友收货地址相同",
            "Inviter and friend have one delivery address",
        ),
        (
            it.similar_contact,
            20,
            "similar_contact",
            "邀请人与好友的邮箱或手机号相近",
            "Their e-mail addresses or phone numbers are nearly alike",
        ),
    ];
    let applying = all.into_iter().filter(|it| it.0);
    applying
        .map(|(_, weight, signal, zh, en)| (weight, signal, Text::new(zh, en)))
        .collect()
}

/// What friends of one inviter have in common.
fn clusters(it: &Findings) -> Vec<Signal> {
    let all = [
        (it.cluster_device, "shared_device", "设备", "device"),
        (
            it.cluster_payment,
            "shared_payment",
            "支付方式",
            "means of payment",
        ),
        (
            it.cluster_address,
            "shared_address",
            "收货地址",
            "delivery address",
        ),
    ];
    let applying = all.into_iter().filter(|it| it.0 >= 1);
    let signal = |(count, signal, zh, en)| {
        let text = Text::new(
            format!("该邀请人的另外 {count} 位好友使用同一{zh}"),
            format!("{count} other friends of the inviter share the friend's {en}"),
        );
        (if count >= 3 { 80 } else { 30 }, signal, text)
    };
    applying.map(signal).collect()
}

/// How fast friends came, and what became of their orders.
fn conduct(it: &Findings) -> Vec<Signal> {
    let mut found = Vec::new();
    let day = it.friends_within_day;
    if day >= 5 {
        let text = Text::new(
            format!("一天内另有 {day} 位好友加入"),
            format!("{day} other friends joined within a day"),
        );
        found.push((if day >= 20 { 40 } else { 20 }, "velocity", text));
    }
    let network = it.network_within_day;
    if network >= 5 {
        let text = Text::new(
            format!("一天内另有 {network} 位好友来自同一网络"),
            format!("{network} other friends came from one network within a day"),
        );
        found.push((20, "same_network", text));
    }
    let (settled, refunded) = (it.settled, it.refunded);
    if settled >= 5 && refunded * 5 >= settled * 2 {
        let text = Text::new(
            format!("已结算的 {settled} 位好友中有 {refunded} 位退款"),
            format!("{refunded} of {settled} settled friends had refunds"),
        );
        found.push((40, "refund_rate", text));
    }
    found
}

/// Whether two e-mail addresses are nearly alike: the same mailbox with a tag or dots, or names
/// that differ in digits alone at the same host.
#[must_use]
pub fn similar_email(a: &str, b: &str) -> bool {
    let plain = |it: &str| {
        let (name, host) = it.split_once('@')?;
        let name = name.split('+').next().unwrap_or(name);
        let letters: String = name.chars().filter(|it| it.is_alphabetic()).collect();
        Some((letters.to_lowercase(), host.to_lowercase()))
    };
    match (plain(a), plain(b)) {
        (Some(a), Some(b)) => a == b && a.0.chars().count() >= 3,
        _ => false,
    }
}

/// Whether two phone numbers follow each other within ten.
#[must_use]
pub fn similar_phone(a: &str, b: &str) -> bool {
    let number = |it: &str| it.trim_start_matches('+').parse::<u64>().ok();
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.abs_diff(b) <= 10,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_weak_sign_is_not_enough_and_strong_ones_are() {
        let none = Findings::default();
        let family = Findings {
            same_address: true,
            network_within_day: 1,
            ..none
        };
        let one_device = Findings {
            same_device: true,
            ..none
        };
        let farm = Findings {
            cluster_device: 12,
            ..none
        };
        let one_purse = Findings {
            same_payment: true,
            same_address: true,
            ..none
        };
        let popular = Findings {
            friends_within_day: 30,
            ..none
        };
        let returns = Findings {
            settled: 5,
            refunded: 2,
            ..none
        };
        let cases = [
            (none, Verdict::Allow, 0),
            (family, Verdict::Allow, 1),
            (one_device, Verdict::Hold, 1),
            (farm, Verdict::Block, 1),
            (one_purse, Verdict::Block, 2),
            (popular, Verdict::Hold, 1),
            (returns, Verdict::Hold, 1),
        ];
        for (findings, verdict, reasons) in cases {
            let (found, evidence) = judge(&findings);
            assert_eq!((found, evidence.len()), (verdict, reasons), "{findings:?}");
        }
    }

    #[test]
    fn contacts_that_look_alike() {
        assert!(similar_email("li.na+1@example.com", "lina2@Example.com"));
        assert!(!similar_email("li@example.com", "li@example.org"));
        assert!(!similar_email("a1@example.com", "a2@example.com"));
        assert!(!similar_email("lina@example.com", "wang@example.com"));
        assert!(similar_phone("+8613800138000", "+8613800138007"));
        assert!(!similar_phone("+8613800138000", "+8613900138000"));
    }
}
