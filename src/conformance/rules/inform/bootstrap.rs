//! First contact: 0 BOOTSTRAP at another ACS, and an ACS that refuses strangers (TR-069 Amendment 3 Table 7).

use super::{events_of, informed_of};
use crate::conformance::rule::{ACS, CPE, a3};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, SessionFacts, Topic};
use crate::session::{Message, Side};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&BOOTSTRAP, &REFUSED];

const BOOTSTRAP: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 7"), a3("3.7.1.5")],
    demands: "The first Inform after the ACS URL has changed has 0 BOOTSTRAP, as after a factory reset.",
    why: "The new ACS knows the device only by 0 BOOTSTRAP: without it the Inform of a stranger is refused with 8003, or the device is \
          taken for one that has its settings already and gets none.",
    mend_cpe: "Remember to which URL 0 BOOTSTRAP was delivered, and send it whenever ManagementServer.URL is another.",
    bad: "SetParameterValues ManagementServer.URL = http://acs2.example/cwmp\nthe first Inform there: 2 PERIODIC",
    good: "SetParameterValues ManagementServer.URL = http://acs2.example/cwmp\nthe first Inform there: 0 BOOTSTRAP, 4 VALUE CHANGE",
    related: &["CWMP-FR-001", "INF-027"],
    wireshark: "xml.cdata contains \"ManagementServer.URL\" || xml.cdata contains \"0 BOOTSTRAP\"",
    of_absence: true,
    ..Rule::must("INF-026", "bootstrap-at-new-acs", Scope::Device)
};

const REFUSED: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.3.1")],
    demands: "An ACS may refuse, with 8003, the Inform of a device that it does not know and that does not send 0 BOOTSTRAP.",
    why: "The device tries again with the same events for ever, because from its side nothing has changed since it was accepted last. A \
          device that was deleted from the ACS by mistake comes back only after a factory reset.",
    mend_cpe: "Have the device send 0 BOOTSTRAP: reset it, or set its ACS URL once more.",
    mend_acs: "Register unknown devices at any Inform, or add this one by hand.",
    bad: "Inform 2 PERIODIC\nFault 8003 Invalid arguments",
    good: "Inform 2 PERIODIC\nInformResponse",
    related: &["INF-026"],
    wireshark: "xml.cdata == \"8003\"",
    ..Rule::may("INF-027", "stranger-refused", Scope::Session)
};

/// Looks at the answer to an Inform.
pub(super) fn refused(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "Inform" || exchange.fault_code() != Some(8003) {
        return;
    }
    let Some(inform) = exchange.request().and_then(|request| request.inform()) else {
        return;
    };
    if !events_of(&inform)
        .iter()
        .any(|event| event == "0 BOOTSTRAP")
    {
        let draft = exchange.breaks(&REFUSED);
        findings.add(draft.because("an Inform without 0 BOOTSTRAP is refused with 8003"));
    }
}

/// The ACS that the device was sent to.
#[derive(Debug, Default)]
pub struct Moved {
    to: Option<Box<To>>,
}

#[derive(Debug)]
struct To {
    /// Host, port and path.
    place: String,
    url: String,
    frames: Vec<FrameId>,
}

impl Topic for Moved {
    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        if exchange.method() != "SetParameterValues"
            || exchange.is_fault()
            || exchange.answer.from() != Side::Cpe
        {
            return;
        }
        let Some(request) = exchange.request() else {
            return;
        };
        let mut parameters = request.parameters();
        let url = parameters.find(|one| {
            let name = one.name();
            matches!(
                &*name,
                "Device.ManagementServer.URL" | "InternetGatewayDevice.ManagementServer.URL"
            )
        });
        let Some(url) = url.and_then(|url| url.value()) else {
            return;
        };
        let url = url.trim();
        let session = exchange.answer.session;
        self.to = None;
        if let Some(place) = place(url)
            && session.and_then(|facts| is_in_use(facts, url)) == Some(false)
            && url.len() <= URL_BYTES_MAX
        {
            let mut frames = exchange.asked.message.provenance.frames();
            frames.truncate(FRAMES_KEPT);
            self.to = Some(Box::new(To {
                place,
                // What stands before the host may be a password.
                url: url.rsplit('@').next().unwrap_or_default().to_owned(),
                frames,
            }));
        }
    }

    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if self.to.is_none() {
            return;
        }
        let Some(inform) = informed_of(seen) else {
            return;
        };
        let to = self.to.as_ref();
        if !to.is_some_and(|to| used_by(seen.message).contains(&to.place)) {
            return;
        }
        let Some(to) = self.to.take() else { return };
        if inform.has("0 BOOTSTRAP") {
            return;
        }
        let draft = match inform.inform.element().child("Event") {
            Some(list) => seen.breaks_at(&BOOTSTRAP, list),
            None => seen.breaks(&BOOTSTRAP),
        };
        let said = format!(
            "the first Inform to {} since the ACS URL was set to it has no 0 BOOTSTRAP",
            to.url
        );
        findings.add(draft.shown_in(&to.frames).because(said));
    }
}

/// Whether this is the ACS URL that the device of a session has; `None` where that cannot be told.
pub(in crate::conformance::rules) fn is_in_use(facts: &SessionFacts, url: &str) -> Option<bool> {
    let inform = match facts.redirected {
        true => facts.first_inform.as_ref(),
        false => facts.inform.as_ref(),
    };
    let inform = inform.filter(|_| facts.from_its_start)?;
    let used = used_by(inform);
    let wanted = place(url)?;
    (!used.is_empty()).then(|| used.contains(&wanted))
}

/// Where a message was posted to: as its Host says and, where that names no port, with the port on the wire.
fn used_by(message: &Message) -> Vec<String> {
    let Some(host) = message.http.header("Host").filter(|host| !host.is_empty()) else {
        return Vec::new();
    };
    let host = String::from_utf8_lossy(&host);
    let target = message.http.view().target().to_vec();
    let target = String::from_utf8_lossy(&target);
    let port = message.provenance.destination.port();
    let behind_address = host.rsplit(']').next().unwrap_or_default();
    let on_the_wire =
        (!behind_address.contains(':')).then(|| format!("http://{host}:{port}{target}"));
    let said = format!("http://{host}{target}");
    let all = std::iter::once(said).chain(on_the_wire);
    all.filter_map(|url| place(&url)).collect()
}

/// Host, port and path of a URL, in one spelling; the scheme is left out, since TLS may end before the ACS.
pub(in crate::conformance::rules) fn place(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next()?;
    let plain = host.strip_suffix(":80").or(host.strip_suffix(":443"));
    let host = plain.unwrap_or(host).to_ascii_lowercase();
    (!host.is_empty()).then(|| format!("{host}/{}", path.trim_end_matches('/')))
}

/// Bytes of a URL that are kept.
const URL_BYTES_MAX: usize = 1024;
const FRAMES_KEPT: usize = 4;
