//! Who something is for: everyone, or members of some tiers and with some tags.

use crate::orders::rules::is_reference;
use crate::problem::FieldError;
use serde::{Deserialize, Serialize};

/// Most tiers or tags that one audience names.
pub const MAX_NAMED: usize = 50;
/// Most tags of a member.
pub const MAX_TAGS: usize = 50;

/// Who something is for. An empty list does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Audience {
    /// Codes of tiers; a member must be in one of them.
    pub tiers: Vec<String>,
    /// Tags; a member must have at least one of them.
    pub tags: Vec<String>,
}

/// Why something is not for a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Outside {
    /// The member's tier is not among those that it is for.
    Tier,
    /// The member has none of the tags that it is for.
    Tag,
}

/// What a member belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// Code of the tier.
    pub tier: String,
    /// The tags.
    pub tags: Vec<String>,
}

impl Audience {
    /// Why it is not for a member of these groups; `None` when it is.
    #[must_use]
    pub fn leaves_out(&self, groups: &Groups) -> Option<Outside> {
        self.excludes(&groups.tier, &groups.tags)
    }

    /// Why it is not for a member of this tier with these tags; `None` when it is.
    #[must_use]
    pub fn excludes(&self, tier: &str, tags: &[String]) -> Option<Outside> {
        if !self.tiers.is_empty() && self.tiers.iter().all(|it| it != tier) {
            Some(Outside::Tier)
        } else if !self.tags.is_empty() && !self.tags.iter().any(|it| tags.contains(it)) {
            Some(Outside::Tag)
        } else {
            None
        }
    }

    /// Checks an audience before it is kept; `tiers` are the codes of the ladder.
    #[must_use]
    pub fn check(&self, pointer: &str, tiers: &[&str]) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.tiers.len() > MAX_NAMED || self.tags.len() > MAX_NAMED {
            errors.push(FieldError::new(
                pointer,
                "out_of_range",
                "expected at most 50 tiers and 50 tags",
            ));
        }
        for (place, tier) in self.tiers.iter().enumerate() {
            if !tiers.contains(&tier.as_str()) {
                let pointer = format!("{pointer}/tiers/{place}");
                errors.push(FieldError::new(
                    pointer,
                    "invalid",
                    "expected the code of a tier of the ladder",
                ));
            }
        }
        for (place, tag) in self.tags.iter().enumerate() {
            if !is_reference(tag) {
                let pointer = format!("{pointer}/tags/{place}");
                errors.push(FieldError::new(
                    pointer,
                    "invalid",
                    "expected 1 to 100 visible characters",
                ));
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_that_is_named_must_fit() {
        let texts = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        for (tiers, tags, why) in [
            (&[][..], &[][..], None),
            (&["gold"][..], &[][..], None),
            (&["silver"][..], &[][..], Some(Outside::Tier)),
            (&[][..], &["parents", "office"][..], None),
            (&[][..], &["office"][..], Some(Outside::Tag)),
            (&["gold"][..], &["office"][..], Some(Outside::Tag)),
            (&["silver"][..], &["parents"][..], Some(Outside::Tier)),
        ] {
            let audience = Audience {
                tiers: texts(tiers),
                tags: texts(tags),
            };
            assert_eq!(
                audience.excludes("gold", &texts(&["parents"])),
                why,
                "{audience:?}"
            );
        }
    }

    #[test]
    fn unknown_tiers_and_blank_tags_are_named() {
        let audience = Audience {
            tiers: vec!["gold".into(), "tin".into()],
            tags: vec![" ".into()],
        };
        let errors = audience.check("/audience", &["gold"]);
        let pointers: Vec<_> = errors.iter().map(|it| it.pointer.as_str()).collect();
        assert_eq!(pointers, ["/audience/tiers/1", "/audience/tags/0"]);
    }
}
