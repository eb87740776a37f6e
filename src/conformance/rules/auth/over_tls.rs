//! How the ACS makes sure of the device inside TLS: by its certificate, or by HTTP (TR-069 Amendment 3 sections 3.3 and 3.4.4).

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use super::super::http::intermediary::{is_forwarded, stays_on_host};
use crate::conformance::rule::{ACS, a3};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope, Topic};
use crate::session::{Message, Outcome, Severity, StepKind, TlsConnection};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&AUTHENTICATES, &GENERIC];

/// Without a client certificate, HTTP.
const AUTHENTICATES: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.4.4")],
    demands: "Over TLS without a client certificate the ACS authenticates the device by HTTP Basic or Digest.",
    why: "TLS says who the ACS is, not who the device is: anybody who knows the URL and a serial number sends an Inform in its name \
          and is given the configuration of that line, SIP passwords included.",
    mend_acs: "Ask devices for a certificate of their own in the handshake, or challenge the first Inform with 401.",
    bad: "TLS handshake (no client certificate)\nPOST (Inform)\n200 (InformResponse)",
    good: "TLS handshake (no client certificate)\nPOST (Inform)\n401 WWW-Authenticate: Digest\nPOST (Inform) with Authorization\n200 (InformResponse)",
    related: &["AUTH-001", "AUTH-022"],
    wireshark: "tls && http.request.method == \"POST\" && !http.authorization",
    of_absence: true,
    ..Rule::must(
        "AUTH-020",
        "acs-authenticates-device-over-tls",
        Scope::Session,
    )
};

/// One certificate for all proves nobody.
const GENERIC: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.3")],
    demands: "Where the client certificate is the same for many devices the ACS authenticates them by HTTP too.",
    why: "A certificate that every phone of a model has proves the model, not the phone: its key is in each of them, and whoever takes \
          it out of one gets the configuration of all lines.",
    mend_acs: "Challenge the first Inform with 401 unless the common name of the certificate names the device.",
    mend_cpe: "Give each device a certificate whose common name is its user name.",
    bad: "001122-Phone-1: client certificate CN=Phone\n001122-Phone-2: client certificate CN=Phone\n200 (InformResponse), no 401",
    good: "001122-Phone-1: client certificate CN=Phone\n401 WWW-Authenticate: Digest",
    related: &["AUTH-020", "AUTH-023"],
    wireshark: "tls.handshake.type == 11 || http.response.code == 401",
    of_absence: true,
    ..Rule::should("AUTH-022", "generic-certificate-and-http", Scope::Device)
};

/// Whether a session is authenticated at all.
#[derive(Debug, Default)]
pub(super) struct OverTls;

impl Topic for OverTls {
    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let Some((inform, tls)) = without_http(closed) else {
            return;
        };
        if tls.client_chain.as_ref().is_none_or(Vec::is_empty) {
            let said = "the session was complete, the device showed no certificate, and no request of it was authenticated";
            findings.add(draft(&AUTHENTICATES, closed, inform).because(said));
        }
    }
}

/// Common names of client certificates, and whose they are.
#[derive(Debug, Default)]
pub(super) struct Generic {
    hasher: foldhash::quality::RandomState,
    owners: HashMap<u64, Arc<str>, foldhash::fast::RandomState>,
}

impl Topic for Generic {
    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let Some(device) = &closed.session.device else {
            return;
        };
        let inform = closed.facts.inform.as_ref();
        let Some(name) = inform
            .and_then(|inform| common_name(inform))
            .filter(|name| !names_device(name, closed))
        else {
            return;
        };
        let hash = self.hasher.hash_one(name);
        match self.owners.get(&hash) {
            Some(owner) if owner != device => {
                if let Some((inform, _)) = without_http(closed) {
                    let said = format!(
                        "the client certificate is for {}, as that of the device {owner}, and no request was authenticated",
                        name.chars().take(NAME_CHARS_MAX).collect::<String>()
                    );
                    findings.add(draft(&GENERIC, closed, inform).because(said));
                }
            }
            Some(_) => {}
            None if self.owners.len() < NAMES_MAX => {
                self.owners.insert(hash, Arc::clone(device));
            }
            None => {}
        }
    }
}

/// The common name of the client certificate with which a message came.
pub(super) fn common_name(message: &Message) -> Option<&str> {
    let tls = message.provenance.tls.as_deref();
    let chain = tls?.client_chain.as_deref()?;
    let name = chain.first()?.common_names.first()?;
    Some(name.as_str())
}

/// The name begins as the user name of this device does.
fn names_device(name: &str, closed: &Closed<'_>) -> bool {
    let oui = closed.session.cpe.oui.as_deref().unwrap_or_default();
    super::user_name::behind_oui(name, oui.trim()).is_some()
}

/// The Inform of a whole session that came to its end with nothing but TLS to say who the device is; with what was seen of that.
fn without_http<'a>(closed: &Closed<'a>) -> Option<(&'a Arc<Message>, &'a TlsConnection)> {
    let session = closed.session;
    let done = matches!(session.outcome, Outcome::Complete | Outcome::Faulted);
    let inform = closed.facts.inform.as_ref()?;
    let tls = inform.provenance.tls.as_deref()?;
    // Behind the server's certificate it is known whether one was asked for, and then what came.
    let came = !tls.certificate_asked || tls.client_chain.is_some();
    let seen = tls.complete && !tls.resumed && !tls.server_chain.is_empty() && came;
    let own = tls.client == inform.provenance.source && !is_forwarded(inform);
    let steps = &session.steps;
    let challenged = steps.iter().any(|step| step.kind == StepKind::Challenge);
    let authorized = inform.http.header("Authorization").is_some();
    let is_plain = !challenged && !authorized;
    (done && closed.is_whole() && seen && own && is_plain).then_some((inform, tls))
}

fn draft(rule: &'static Rule, closed: &Closed<'_>, inform: &Arc<Message>) -> Draft {
    let draft = closed.breaks(rule).only_in(&inform.provenance.frames());
    if stays_on_host(inform) {
        draft.at_most(Severity::Info)
    } else {
        draft
    }
}

/// Common names remembered; keyed hashes.
const NAMES_MAX: usize = 1 << 16;
/// Characters shown of a name.
const NAME_CHARS_MAX: usize = 64;
