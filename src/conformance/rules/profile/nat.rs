//! Connection Requests through a NAT (TR-111 part II), with phones whose document says that they have none of it.

use super::{its_document, profile_of};
use crate::conformance::rule::{ACS, CPE, cite};
use crate::conformance::{Chosen, Draft, Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::model::profile::Profile;
use crate::session::{Blame, Datagram, DatagramKind, Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&BINDS, &CALLED];

/// A phone documented without STUN sends none.
const BINDS: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[cite(
        "snom, TR-069 on snom VoIP phones (October 14th 2009)",
        "TR-111 Part II",
    )],
    demands: "A device whose document says that it has no UDP Connection Requests sends no Binding Requests with the attributes of TR-111.",
    why: "Either this firmware is newer than the document, and the ACS could reach the phone behind its NAT and never tries, or \
          something else on the phone's address speaks TR-111, and its UDP Connection Requests reach the wrong device.",
    mend_cpe: "Ask the vendor since which firmware it has TR-111 part II, and tell the ACS; check that it is the phone that sends.",
    bad: "(a snom) STUN Binding Request with CONNECTION-REQUEST-BINDING",
    good: "(a snom) no Binding Requests; Connection Requests by HTTP through a port of the gateway",
    related: &["PROFILE-011"],
    wireshark: "stun.att.type == 0xc001",
    ..Rule::heuristic("PROFILE-010", "stun-against-the-document", Scope::Device)
};

/// A phone documented without UDP Connection Requests is not called so.
const CALLED: Rule = Rule {
    blame: ACS,
    severity: Some(Severity::Warning),
    cites: &[cite(
        "snom, TR-069 on snom VoIP phones (October 14th 2009)",
        "TR-111 Part II",
    )],
    demands: "An ACS neither switches STUN on at a device nor calls it by UDP where the device's document says that it has none of it.",
    why: "The phone does not listen: every such call is in vain, and a task that waits for it runs only with the next periodic Inform, a \
          day later.",
    mend_acs: "Reach such phones by HTTP: let the ACS, which knows their gateway by TR-111 part I, open a port there, or shorten the \
               periodic interval.",
    bad: "(to a snom) UDP: GET http://192.0.2.7:16003?ts=...&sig=... HTTP/1.1",
    good: "(to a snom) TCP: GET /x HTTP/1.1 through the gateway's forwarded port",
    related: &["PROFILE-010"],
    wireshark: "udp contains \"?ts=\"",
    ..Rule::heuristic(
        "PROFILE-011",
        "udp-request-against-the-document",
        Scope::Device,
    )
};

/// A device's profile, for datagrams.
#[derive(Debug, Default)]
pub(super) struct Nat {
    without: Option<Without>,
}

/// Its document says that it has no UDP Connection Requests.
#[derive(Debug, Clone, Copy)]
struct Without {
    profile: &'static Profile,
    at: &'static str,
}

impl Topic for Nat {
    fn message(&mut self, seen: &Seen<'_>, _findings: &mut Findings) {
        if let Some(chosen) = seen.session.and_then(|session| session.profile) {
            self.without = without(chosen);
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if exchange.method() != "SetParameterValues" || exchange.asked.message.from != Side::Acs {
            return;
        }
        let profile = profile_of(exchange.answer.session);
        let (Some(_), Some(without), Some(request)) = (profile, self.without, exchange.request())
        else {
            return;
        };
        for parameter in request.parameters() {
            let name = parameter.name();
            let on = parameter.value();
            let on = on.is_some_and(|value| matches!(value.trim(), "1" | "true"));
            if on && name.ends_with(".ManagementServer.STUNEnable") {
                let said = format!("{name} is set to true, and {}", without.told());
                let draft = exchange.breaks(&CALLED).path(&name).because(said);
                let draft = draft.foretold_by(without.profile.document);
                findings.add(draft.blame(Blame::Acs));
            }
        }
    }

    fn datagram(&mut self, datagram: &Datagram, findings: &mut Findings) {
        let Some(without) = self.without else {
            return;
        };
        match datagram.kind {
            DatagramKind::Stun
                if datagram.from == Side::Cpe
                    && datagram.stun().is_some_and(|message| message.is_tr111()) =>
            {
                let said = format!("a Binding Request of TR-111, and {}", without.told());
                findings.add(Draft::of_datagram(&BINDS, datagram).because(said));
            }
            DatagramKind::ConnectionRequest if datagram.copy_of.is_none() => {
                let said = format!("a Connection Request by UDP, and {}", without.told());
                let draft = Draft::of_datagram(&CALLED, datagram).because(said);
                let draft = draft.foretold_by(without.profile.document);
                findings.add(draft.blame(Blame::Acs));
            }
            _ => {}
        }
    }
}

impl Without {
    fn told(&self) -> String {
        format!(
            "{} says that its devices do not have TR-111 part II",
            its_document(self.profile, self.at)
        )
    }
}

fn without(chosen: Chosen) -> Option<Without> {
    let fact = chosen.profile.udp_requests?;
    (chosen.covered && !fact.is).then_some(Without {
        profile: chosen.profile,
        at: fact.at,
    })
}
