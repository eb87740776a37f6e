//! What a recorded device did with the cookies of its ACS: what it never returned, its replay does not wait for.

use std::collections::BTreeSet;

use super::order::Turns;
use crate::replay::player::cookies::Jar;

/// The place as comparisons name it.
pub(super) const PLACE: &str = "header Cookie";

/// The requests that came without a cookie that they had to bring.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    /// By their number among the turns of all sessions.
    lacking: BTreeSet<usize>,
    /// One of them came.
    returned: bool,
}

impl Cookies {
    pub fn of(sessions: &[Turns<'_>]) -> Self {
        let mut cookies = Self::default();
        let mut number = 0;
        for session in sessions {
            // A session is known by cookies of its own.
            let mut jar = Jar::default();
            let mut target = Vec::new();
            for turn in &session.kept {
                let http = &turn.message.http;
                if turn.is_request() {
                    let https = turn.message.provenance.tls.is_some();
                    target = http.target().to_vec();
                    cookies.returned |= jar.is_brought(http, https);
                    if !jar.missing(http, https).is_empty() {
                        cookies.lacking.insert(number);
                    }
                } else {
                    jar.take(http, &target, turn.message.provenance.time);
                }
                number += 1;
            }
        }
        cookies
    }

    /// The device returned none of all that were set.
    pub fn never_returned(&self) -> bool {
        !self.returned && !self.lacking.is_empty()
    }

    /// What is passed over in this turn alone.
    pub fn ignored(&self, turn: usize) -> Vec<String> {
        let is_ignored = self.returned && self.lacking.contains(&turn);
        is_ignored.then(|| PLACE.to_owned()).into_iter().collect()
    }
}
