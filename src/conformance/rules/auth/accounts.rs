//! Accounts over several sessions and devices (TR-069 Amendment 3 sections 3.4.4 and 3.4.5).

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use http1::auth::{Algorithm, Authorization, Challenge, DigestChallenge, Hash};

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Blame, Side, StepKind};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&UNIQUE, &BOTH_SCHEMES];

/// A password for each device.
const UNIQUE: Rule = Rule {
    blame: &[Blame::Undetermined],
    cites: &[a3("3.4.4")],
    demands: "Each device has a password of its own.",
    why: "Whoever reads the password out of one phone, bought or stolen, can be any phone of the operator, and a leak cannot be \
          mended by changing one account.",
    mend_cpe: "Give each device a random password in the factory, or derive it from a secret that is not on the device.",
    mend_acs: "Set ManagementServer.Password for each device in its first session.",
    bad: "012345-Phone-0001: Basic password p\n012345-Phone-0002: Basic password p",
    good: "012345-Phone-0001: Basic password p\n012345-Phone-0002: Basic password q",
    wireshark: "http.authbasic",
    ..Rule::should("AUTH-017", "password-of-its-own", Scope::Device)
};

/// Any challenge that the text names is answered.
const BOTH_SCHEMES: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.4"), a3("3.4.5")],
    demands: "The device answers a Digest challenge of the ACS, with MD5 as with MD5-sess.",
    why: "After a change of the ACS, or of the proxy in front of it, a device that knows one kind alone stays out: it gets its 401, \
          says nothing more, and appears in no list but that of the devices that were lost.",
    mend_cpe: "Implement MD5-sess: the key is hashed once more with nonce and cnonce.",
    bad: "401 Digest algorithm=MD5-sess\n(closed), though other sessions carry an Authorization",
    good: "401 Digest algorithm=MD5-sess\nPOST with Authorization: Digest algorithm=MD5-sess",
    related: &["AUTH-007", "HTTP-052"],
    wireshark: "http.response.code == 401",
    of_absence: true,
    ..Rule::must("AUTH-021", "known-challenge-answered", Scope::Session)
};

/// Passwords that were seen, and whose they are.
#[derive(Debug, Default)]
pub(super) struct Passwords {
    hasher: foldhash::quality::RandomState,
    owners: HashMap<u64, Arc<str>, foldhash::fast::RandomState>,
}

impl Topic for Passwords {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() || !seen.is_request() {
            return;
        }
        let authorization = seen.authorization();
        let (Some(Authorization::Basic(basic)), Some(device)) =
            (authorization, &seen.message.device)
        else {
            return;
        };
        if basic.password.is_empty() {
            return;
        }
        let mut hasher = self.hasher.build_hasher();
        hasher.write(&basic.password);
        let hash = hasher.finish();
        match self.owners.get(&hash) {
            Some(owner) if owner != device => {
                let said = format!("the password is that of the device {owner}");
                let draft = seen.breaks(&UNIQUE).header("Authorization");
                findings.add(draft.because(said));
            }
            Some(_) => {}
            None if self.owners.len() < PASSWORDS_MAX => {
                self.owners.insert(hash, Arc::clone(device));
            }
            None => {}
        }
    }
}

/// What a device makes of challenges, over its sessions.
#[derive(Debug, Default)]
pub(super) struct Challenged {
    /// A session in which it sent credentials.
    able: bool,
    session: Option<u32>,
    /// In that session it was challenged in a way that it has to know, and sent credentials.
    offered: Option<&'static str>,
    sent: bool,
    /// A challenge that it left unanswered, until it is known to have credentials.
    left: Option<Box<Draft>>,
}

impl Topic for Challenged {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let (true, Some(session)) = (seen.is_cwmp(), seen.message.session) else {
            return;
        };
        if self.session != Some(session) {
            self.session = Some(session);
            (self.offered, self.sent) = (None, false);
        }
        if seen.from() == Side::Cpe && seen.authorization().is_some() {
            self.sent = true;
            self.able = true;
            if let Some(draft) = self.left.take() {
                findings.add(*draft);
            }
        } else if seen.status() == 401 && seen.is_whole() {
            self.offered = known(seen);
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        if self.session != Some(session.number) || self.sent {
            return;
        }
        let last = session.steps.last();
        let challenged = last.filter(|last| last.kind == StepKind::Challenge);
        let by_cpe = session.endings.iter().any(|ending| {
            ending.by == Side::Cpe
                && challenged.is_some_and(|last| last.connection == ending.connection)
        });
        let (Some(algorithm), Some(last), true) = (self.offered, challenged, by_cpe) else {
            return;
        };
        if !closed.is_whole() {
            return;
        }
        let said = format!(
            "the challenge of Digest with {algorithm} is not answered, and in another session the device sent credentials"
        );
        let draft = closed
            .breaks(&BOTH_SCHEMES)
            .only_in(&last.frames)
            .because(said);
        if self.able {
            findings.add(draft);
        } else {
            self.left = Some(Box::new(draft));
        }
    }
}

/// The algorithm of a Digest challenge that every device knows.
fn known(seen: &Seen<'_>) -> Option<&'static str> {
    let digests = seen.challenges().iter().filter_map(Challenge::digest);
    let known = digests.filter_map(DigestChallenge::algorithm);
    let mut known = known.filter(|algorithm| algorithm.hash == Hash::Md5);
    known.next_back().map(Algorithm::name)
}

/// Passwords remembered; keyed hashes.
const PASSWORDS_MAX: usize = 1 << 16;
