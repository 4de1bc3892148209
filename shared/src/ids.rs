//! Typed ids: a prefix that names the kind and a UUIDv7 in 26 Crockford base-32 characters
//! (the TypeID form), so that ids sort by creation time and cannot be mixed up.

use uuid::Uuid;

/// The 32 characters of an id, without the look-alikes i, l, o and u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Length of the part after the prefix: 128 bits at 5 bits a character.
const SUFFIX_LEN: usize = 26;

/// Makes ids. The server gives UUIDv7; tests give a counter.
pub trait IdSource {
    /// The next id, greater than every earlier one of the same source.
    fn next_uuid(&mut self) -> Uuid;
}

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

/// Writes a UUID as 26 base-32 characters.
fn encode(uuid: Uuid) -> [u8; SUFFIX_LEN] {
    let mut bits = uuid.as_u128();
    let mut out = [b'0'; SUFFIX_LEN];
    for place in out.iter_mut().rev() {
        *place = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    out
}

/// Reads 26 base-32 characters back; anything else, or a value over 128 bits, is refused.
fn decode(suffix: &str) -> Result<Uuid, InvalidId> {
    let bytes = suffix.as_bytes();
    if bytes.len() != SUFFIX_LEN || bytes[0] > b'7' {
        return Err(InvalidId);
    }
    let mut bits = 0u128;
    for byte in bytes {
        let value = ALPHABET.iter().position(|it| it == byte).ok_or(InvalidId)?;
        bits = (bits << 5) | value as u128;
    }
    Ok(Uuid::from_u128(bits))
}

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// What the id starts with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Takes the next id of `ids`.
            pub fn generate(ids: &mut (impl IdSource + ?Sized)) -> Self {
                Self(ids.next_uuid())
            }

            /// The id as the database stores it.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let suffix = encode(self.0);
                let suffix = core::str::from_utf8(&suffix).map_err(|_| core::fmt::Error)?;
                write!(f, concat!($prefix, "_{}"), suffix)
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(self, f)
            }
        }

        impl core::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let suffix = text.strip_prefix(concat!($prefix, "_")).ok_or(InvalidId)?;
                decode(suffix).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(|_| {
                    serde::de::Error::custom(concat!("expected an id that starts with ", $prefix, "_"))
                })
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$")))
                    .examples([concat!($prefix, "_01kac5w2h5f8v9t3n7r1m4x6yz")])
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    )*};
}

typed_id! {
    /// A member of the programme.
    MemberId = "mem";
    /// An order of the shop, as Coterie knows it.
    OrderId = "ord";
    /// A row of the ledger.
    EntryId = "ent";
    /// A batch of points or credit with one activation and one expiry.
    LotId = "lot";
    /// A row of the growth record that tiers are decided from.
    GrowthId = "grw";
    /// A recorded change of a member's tier.
    TierChangeId = "tch";
    /// A requested manual adjustment, applied or waiting for approval.
    AdjustmentId = "adj";
    /// A signed-in device of a member or of staff.
    SessionId = "ses";
    /// A person of the shop who works in the console.
    StaffId = "stf";
    /// A key that the shop's systems use.
    ApiKeyId = "key";
    /// A row of the audit trail.
    AuditId = "aud";
    /// A row of the log of requests.
    LoggedRequestId = "lrq";
    /// A message to a member, in the member centre.
    MessageId = "msg";
    /// A view of a list that one of the staff has saved.
    SavedViewId = "viw";
    /// Something that happened, as the outside is told of it.
    EventId = "evt";
    /// An address of the shop that is told of what happens.
    WebhookEndpointId = "whe";
    /// What coupons are issued from.
    CouponTemplateId = "ctp";
    /// A coupon of a member.
    CouponId = "cpn";
    /// Coupons, points and credit that a checkout holds or used.
    ReservationId = "res";
    /// Codes that were made or imported together.
    CodeBatchId = "cbt";
    /// A task of the programme.
    TaskId = "tsk";
    /// One time that a member was rewarded for a task.
    TaskClaimId = "tcl";
    /// What one thing that happened adds to a task.
    ContributionId = "tco";
    /// One reward that was given.
    GrantId = "grt";
    /// A row of a member's make-up cards.
    CardEntryId = "mkc";
    /// Days on which check-in did not work for everyone.
    OutageId = "otg";
    /// A member's own link of a share task.
    ShareLinkId = "shl";
    /// Two members made one.
    MergeId = "mrg";
    /// A friend who was invited by a member.
    ReferralId = "ref";
    /// A visit through a member's link.
    VisitId = "vis";
    /// A milestone that an inviter has reached.
    ReferralMilestoneId = "rms";
    /// A move of a referral.
    ReferralMoveId = "rmv";
    /// Members who live together.
    HouseholdId = "hhd";
    /// A community of members.
    CommunityId = "com";
    /// A member's belonging to a community.
    MembershipId = "mbs";
    /// A flash sale.
    FlashSaleId = "fsl";
    /// Sales of which each came from the one a week before.
    SaleSeriesId = "srs";
    /// What a member holds of a flash sale, or bought there.
    FlashClaimId = "fcl";
    /// A scenario list of a community.
    ScenarioId = "scn";
    /// One appearance of a scenario list.
    PostingId = "pst";
    /// A way by which a community is called.
    PushChannelId = "pch";
    /// A call to a community, by one way.
    PushDeliveryId = "pdl";
    /// A file that came in.
    ImportId = "imp";
    /// A file that goes out.
    ExportId = "exp";
    /// What is to be said of a line of a file.
    ImportErrorId = "ime";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_shows_its_kind() {
        let id = MemberId::from(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string(), "mem_01k0000000e008000000000001");
        assert_eq!(
            "ord_01k0000000e008000000000001".parse::<MemberId>(),
            Err(InvalidId)
        );
    }

    #[test]
    fn wrong_texts_are_refused() {
        for text in [
            "",
            "mem_",
            "mem",
            "mem_01k0000000e00800000000000",
            "mem_01k0000000e0080000000000011",
            "mem_81k0000000e008000000000001",
            "mem_01K0000000E008000000000001",
            "mem_01k0000000e00800000000000l",
            "mem_01k0000000e0080000000000é",
        ] {
            assert_eq!(text.parse::<MemberId>(), Err(InvalidId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_and_order_survive(a: u128, b: u128) {
            let (x, y) = (MemberId::from(Uuid::from_u128(a)), MemberId::from(Uuid::from_u128(b)));
            prop_assert_eq!(x.to_string().parse::<MemberId>(), Ok(x));
            prop_assert_eq!(a.cmp(&b), x.to_string().cmp(&y.to_string()));
        }
    }
}
