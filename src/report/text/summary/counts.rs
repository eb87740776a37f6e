//! What was said, in counts: of the whole input, or where a filter selects sessions, of these and of the rest apart.

use super::super::figures::counted;
use super::Screen;
use crate::report::paint::Ink;

impl Screen<'_> {
    /// Where a filter leaves sessions out: what is counted whatever it selects, and which lines these are.
    pub(super) fn whole_input(&mut self) {
        let Some(all) = self.summary.sessions_all else {
            return;
        };
        let mut facts = self.exchanged();
        facts.extend(self.beside());
        facts.push(counted(all, "session", "sessions"));
        self.facts(&facts);
        if self.summary.cwmp.sessions > 0 {
            self.inked(&[
                (Ink::Bold, "above: the whole input".to_owned()),
                (Ink::Bold, "below: what -Y selects".to_owned()),
            ]);
        }
    }

    /// What stands below the number of sessions.
    pub(super) fn counts(&self) -> Vec<String> {
        if self.summary.sessions_all.is_some() {
            return self.said();
        }
        [self.exchanged(), self.said(), self.beside()].concat()
    }

    /// The verdict where there is no session to judge.
    pub(super) fn verdict_on_none(&self) -> String {
        match self.summary.sessions_all {
            Some(all) => format!("-Y selects none of {}", counted(all, "session", "sessions")),
            None => "no CWMP session in here".to_owned(),
        }
    }

    fn exchanged(&self) -> Vec<String> {
        vec![
            counted(self.summary.http_requests, "HTTP request", "HTTP requests"),
            counted(self.summary.http_responses, "response", "responses"),
        ]
    }

    /// What the sessions hold.
    fn said(&self) -> Vec<String> {
        let cwmp = &self.summary.cwmp;
        noted(&[
            (
                cwmp.messages.values().sum(),
                ["CWMP message", "CWMP messages"],
            ),
            (cwmp.empty_posts, ["empty POST", "empty POSTs"]),
            (cwmp.undecodable, ["unreadable body", "unreadable bodies"]),
        ])
    }

    /// What belongs to no session, or was said beside one.
    fn beside(&self) -> Vec<String> {
        noted(&[
            (self.summary.http_stray_bytes, STRAY_BYTES),
            (
                self.summary.http_connection_requests,
                ["Connection Request", "Connection Requests"],
            ),
            (
                self.summary.datagrams.connection_requests,
                ["UDP Connection Request", "UDP Connection Requests"],
            ),
            (
                self.summary.datagrams.stun,
                ["STUN message", "STUN messages"],
            ),
            (
                self.summary.datagrams.dhcp,
                ["DHCP message", "DHCP messages"],
            ),
            (self.summary.transfers, ["file transfer", "file transfers"]),
        ])
    }
}

/// What is worth a word only where there is any of it.
fn noted(counts: &[(u64, [&str; 2])]) -> Vec<String> {
    counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, [one, many])| counted(*number, one, many))
        .collect()
}

const STRAY_BYTES: [&str; 2] = [
    "stray byte outside any message",
    "stray bytes outside any message",
];
