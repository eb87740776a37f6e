//! Are two requests copies of one? The ACS sends several, since UDP may lose some (TR-111 section 2.2.2.3).

use super::Request;
use super::query::Name;

/// What two requests have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Likeness {
    /// Two requests.
    Distinct,
    /// The same `ts` and `id`, but another `un`, `cn` or `sig`: a device takes one for a copy of the other (TR-111
    /// section 2.2.1.4), though copies have to be identical.
    SameTimestampAndId,
    /// All five values are the same, the bytes around them are not.
    SameValues,
    /// The same bytes.
    Identical,
}

impl Request {
    /// What this request has in common with another; where both are to the same device is for the caller to know.
    pub fn likeness(&self, other: &Self) -> Likeness {
        if self.bytes() == other.bytes() && self.wire_bytes() == other.wire_bytes() {
            return Likeness::Identical;
        }
        let same = |name: Name| self.value(name) == other.value(name);
        if Name::ALL.into_iter().all(same) {
            return Likeness::SameValues;
        }
        let known = self.parameter(Name::Timestamp).is_some() && self.parameter(Name::Id).is_some();
        if known && same(Name::Timestamp) && same(Name::Id) {
            return Likeness::SameTimestampAndId;
        }
        Likeness::Distinct
    }

    /// Whether this request is a copy of another: a device that served one must not serve the other.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        self.likeness(other) >= Likeness::SameValues
    }
}
