//! How soon one notification of a new address follows another (TR-069 Amendment 3 section G.2.1.3).

use cwmp::Inform;

use super::period::{SECOND_NS, seconds};
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Closed, Findings, Rule, Scope, Seen, Topic};
use crate::session::Side;
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&TOO_SOON];

const TOO_SOON: Rule = Rule {
    blame: CPE,
    cites: &[
        a3("G.2.1.3"),
        cite(
            "TR-111",
            "2.2.4.1 table 6 UDPConnectionRequestAddressNotificationLimit",
        ),
    ],
    demands: "Two notifications of a changed UDPConnectionRequestAddress are at least UDPConnectionRequestAddressNotificationLimit seconds apart.",
    why: "A NAT that changes its mapping with every packet makes a device open a session every few seconds; a hundred of them behind one \
          such gateway occupy the ACS.",
    mend_cpe: "Wait until the limit has passed since the last notification, then report the address that holds by then.",
    bad: "12:00:00 Inform: 4 VALUE CHANGE, UDPConnectionRequestAddress = 203.0.113.9:40000\n12:00:05 Inform: 4 VALUE CHANGE, UDPConnectionRequestAddress = 203.0.113.9:40001        limit 60",
    good: "12:00:00 Inform: 4 VALUE CHANGE, UDPConnectionRequestAddress = 203.0.113.9:40000\n12:01:00 Inform: 4 VALUE CHANGE, UDPConnectionRequestAddress = 203.0.113.9:40007",
    related: &["STUN-047"],
    wireshark: "xml contains \"4 VALUE CHANGE\"",
    ..Rule::must("STUN-040", "udp-address-notified-too-soon", Scope::Device)
};

/// The notifications of one device about one parameter with a limit.
#[derive(Debug, Default)]
pub struct Addresses {
    notified: Notified,
}

impl Topic for Addresses {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let names = ["UDPConnectionRequestAddress", "NATDetected"];
        self.notified.message(seen, &names, &TOO_SOON, findings);
    }

    fn closed(&mut self, closed: &Closed<'_>, _: &mut Findings) {
        let name = "UDPConnectionRequestAddressNotificationLimit";
        self.notified.limit(closed, name);
    }
}

/// What is remembered for it.
#[derive(Debug, Default)]
pub(in crate::conformance::rules) struct Notified {
    limit_s: Option<i64>,
    /// The value last reported, and a fingerprint of all else in that Inform.
    value: Option<String>,
    others: u64,
    /// The last notification of a change of it alone.
    last: Option<(i64, Vec<FrameId>)>,
    session: Option<u32>,
}

impl Notified {
    /// An Inform with the value that is meant, the first of `names`; the others change with it.
    pub fn message(
        &mut self,
        seen: &Seen<'_>,
        names: &[&str],
        rule: &'static Rule,
        findings: &mut Findings,
    ) {
        if seen.from() != Side::Cpe || !seen.is_request() || !seen.is_cwmp() || !seen.is_whole() {
            return;
        }
        let Some(inform) = seen.envelope().and_then(|envelope| envelope.inform()) else {
            return;
        };
        let meant = names.first().map_or(&b""[..], |name| name.as_bytes());
        if !seen
            .document()
            .is_some_and(|document| document.may_hold(meant))
        {
            self.value = None;
            return;
        }
        let session = seen.message.session;
        if seen.replay || session.is_some() && session == self.session {
            return;
        }
        self.session = session;
        let (value, others) = taken_apart(&inform, names);
        let Some(value) = value else {
            self.value = None;
            return;
        };
        let before = self.value.replace(value.clone());
        let same = std::mem::replace(&mut self.others, others) == others;
        let Some(before) = before else { return };
        let events = inform.events();
        let alone = matches!(&events[..], [event] if event.code.trim() == "4 VALUE CHANGE");
        let first_try = inform.retry_count() == Some(0);
        // Whatever else changed may have been the reason.
        if !(alone && first_try && same && before != value) {
            return;
        }
        let now_ns = seen.message.provenance.time.nanoseconds;
        let frames = seen.message.provenance.frames();
        let last = self.last.replace((now_ns, frames));
        let (Some((last_ns, frames)), Some(limit_s)) = (last, self.limit_s) else {
            return;
        };
        let since_ns = now_ns.saturating_sub(last_ns);
        if since_ns < limit_s.saturating_mul(SECOND_NS).saturating_sub(SECOND_NS) {
            let said = format!(
                "{} after the last notification, and the limit is {limit_s} s",
                seconds(since_ns)
            );
            let draft = seen.breaks(rule).shown_in(&frames);
            let path = inform.parameters().map(|one| one.name().into_owned());
            let path = path.into_iter().find(|path| ends_with(path, names[0]));
            findings.add(draft.path(&path.unwrap_or_default()).because(said));
        }
    }

    /// The limit, where a session told it.
    pub fn limit(&mut self, closed: &Closed<'_>, name: &str) {
        for learned in &closed.session.learned {
            if ends_with(&learned.name, name) {
                self.limit_s = learned.value.trim().parse().ok();
            }
        }
    }
}

/// The value that is meant, and a fingerprint of those of other parameters.
fn taken_apart(inform: &Inform<'_>, names: &[&str]) -> (Option<String>, u64) {
    let mut meant = None;
    let mut others = 0_u64;
    for parameter in inform.parameters() {
        let name = parameter.name();
        let value = parameter.value().unwrap_or_default();
        match names.iter().position(|one| ends_with(&name, one)) {
            Some(0) => meant = Some(value.into_owned()),
            Some(_) => {}
            None if ends_with(&name, "ParameterKey") => {}
            // The order is of no meaning.
            None => others = others.wrapping_add(fingerprint(&name, &value)),
        }
    }
    (meant, others)
}

fn fingerprint(name: &str, value: &str) -> u64 {
    let bytes = name.bytes().chain([0]).chain(value.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn ends_with(path: &str, name: &str) -> bool {
    path.strip_suffix(name)
        .is_some_and(|before| before.ends_with('.'))
}
