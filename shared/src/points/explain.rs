//! Why a balance or an entry is what it is, in both languages.

use super::api::{AssetBalance, Entry, Explanation, ExplanationStep, LotView};
use super::{Asset, EntryKind, SourceKind};
use crate::text::Text;
use crate::time::Timestamp;
