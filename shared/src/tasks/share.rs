//! Shared links: what counts as a visit, and what may be paid for, by channel.
//!
//! Nothing is ever paid for the act of sharing: no event says that a link was sent. A visit counts
//! once for each distinct person, and messengers that forbid paying for visits pay for outcomes
//! only.

use serde::{Deserialize, Serialize};

/// Days for which the trace of a visitor is kept, for telling repeats.
pub const VISITOR_DAYS: i64 = 30;

/// Where a link was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Channel {
    /// Inside WeChat.
    Wechat,
    /// Inside QQ.
    Qq,
    /// Inside Weibo.
    Weibo,
    /// Inside Douyin.
    Douyin,
    /// Anywhere else.
    Web,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 5] = [Self::Wechat, Self::Qq, Self::Weibo, Self::Douyin, Self::Web];

    /// The channel that a browser's name for itself gives away.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let name = user_agent.to_ascii_lowercase();
        for (sign, channel) in [
            ("micromessenger", Self::Wechat),
            ("wxwork", Self::Wechat),
            ("qq/", Self::Qq),
            ("weibo", Self::Weibo),
            ("aweme", Self::Douyin),
        ] {
            if name.contains(sign) {
                return channel;
            }
        }
        Self::Web
    }
}

impl Channel {
    /// Whether the messenger bans links that pay for being opened.
    #[must_use]
    pub const fn forbids_paid_visits(self) -> bool {
        matches!(self, Self::Wechat | Self::Qq)
    }
}

/// What may be paid for on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelPolicy {
    /// Where.
    pub channel: Channel,
    /// Visits of distinct people.
    pub visit: bool,
    /// Outcomes: someone became a member.
    pub outcome: bool,
}

/// What may be paid for on each channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SharePolicy {
    /// One row a channel; a channel without a row pays for nothing.
    pub channels: Vec<ChannelPolicy>,
}

impl Default for SharePolicy {
    /// Outcomes everywhere; visits wherever the messenger does not forbid it.
    fn default() -> Self {
        let row = |channel: Channel| ChannelPolicy {
            channel,
            visit: !channel.forbids_paid_visits(),
            outcome: true,
        };
        Self {
            channels: Channel::ALL.map(row).to_vec(),
        }
    }
}

impl SharePolicy {
    /// The policy with a row for every channel, in their order; one that was not named pays for
    /// nothing, as before.
    #[must_use]
    pub fn complete(&self) -> Self {
        let row = |channel| {
            self.of(channel).unwrap_or(ChannelPolicy {
                channel,
                visit: false,
                outcome: false,
            })
        };
        Self {
            channels: Channel::ALL.map(row).to_vec(),
        }
    }

    fn of(&self, channel: Channel) -> Option<ChannelPolicy> {
        self.channels
            .iter()
            .copied()
            .find(|it| it.channel == channel)
    }

    /// Whether a visit on this channel may be paid for.
    #[must_use]
    pub fn pays_visit(&self, channel: Channel) -> bool {
        self.of(channel).is_some_and(|it| it.visit)
    }

    /// Whether an outcome of a visit on this channel may be paid for.
    #[must_use]
    pub fn pays_outcome(&self, channel: Channel) -> bool {
        self.of(channel).is_some_and(|it| it.outcome)
    }
}

/// Whether a browser's name for itself is that of a robot, or of a messenger that looks at a link
/// to show a preview.
#[must_use]
pub fn is_robot(user_agent: &str) -> bool {
    let name = user_agent.to_ascii_lowercase();
    let signs = [
        "bot",
        "crawl",
        "spider",
        "slurp",
        "preview",
        "fetch",
        "scan",
        "monitor",
        "headless",
        "python",
        "curl",
        "wget",
        "http-client",
        "okhttp",
        "java/",
        "go-http",
        "libwww",
        "facebookexternalhit",
        "whatsapp",
        "embedly",
        "scrapy",
    ];
    name.trim().is_empty() || signs.iter().any(|it| name.contains(it))
}

/// Who opened a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit<'a> {
    /// The browser's name for itself.
    pub user_agent: &'a str,
    /// Whether the browser only looks ahead.
    pub is_prefetch: bool,
    /// Whether the visitor kept the mark that the first answer gave: programs seldom do.
    pub has_mark: bool,
    /// Whether it is the member whose link it is.
    pub is_owner: bool,
    /// Whether the visitor has come by this link before.
    pub is_repeat: bool,
}

impl Visit<'_> {
    /// Whether this is a new, real person.
    #[must_use]
    pub fn is_distinct(&self) -> bool {
        self.has_mark
            && !self.is_prefetch
            && !self.is_owner
            && !self.is_repeat
            && !is_robot(self.user_agent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WECHAT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.47";
    const CHROME: &str =
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36";

    #[test]
    fn wechat_pays_for_outcomes_only_unless_told_otherwise() {
        let policy = SharePolicy::default();
        assert_eq!(Channel::of(WECHAT), Channel::Wechat);
        assert!(!policy.pays_visit(Channel::Wechat) && policy.pays_outcome(Channel::Wechat));
        assert_eq!(Channel::of(CHROME), Channel::Web);
        assert!(policy.pays_visit(Channel::Web) && policy.pays_outcome(Channel::Web));
        let none = SharePolicy {
            channels: Vec::new(),
        };
        assert!(!none.pays_visit(Channel::Web) && !none.pays_outcome(Channel::Web));
    }

    #[test]
    fn a_complete_policy_names_every_channel_and_pays_for_no_more() {
        let mut some = SharePolicy::default();
        some.channels.truncate(2);
        let whole = some.complete();
        let named: Vec<Channel> = whole.channels.iter().map(|it| it.channel).collect();
        assert_eq!(named, Channel::ALL);
        for channel in Channel::ALL {
            assert_eq!(whole.pays_visit(channel), some.pays_visit(channel));
            assert_eq!(whole.pays_outcome(channel), some.pays_outcome(channel));
        }
    }

    #[test]
    fn only_new_people_count() {
        let person = Visit {
            user_agent: CHROME,
            is_prefetch: false,
            has_mark: true,
            is_owner: false,
            is_repeat: false,
        };
        assert!(person.is_distinct());
        for visit in [
            Visit {
                user_agent: "Googlebot/2.1",
                ..person
            },
            Visit {
                user_agent: "curl/8.0",
                ..person
            },
            Visit {
                user_agent: "",
                ..person
            },
            Visit {
                is_prefetch: true,
                ..person
            },
            Visit {
                has_mark: false,
                ..person
            },
            Visit {
                is_owner: true,
                ..person
            },
            Visit {
                is_repeat: true,
                ..person
            },
        ] {
            assert!(!visit.is_distinct(), "{visit:?}");
        }
    }
}
