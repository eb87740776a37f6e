//! URLs that are https, and plain HTTP that goes there (TR-069 Amendment 3 sections 3.1, 3.3 and 3.4.3).

use cwmp::Kind;

use super::intermediary::is_forwarded;
use super::place::Place;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Role, Severity, Side, Transport};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ACS_URL, &FILE_URL];

/// TLS to the ACS.
const ACS_URL: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.1"), a3("3.3")],
    demands: "Where the ACS URL is https the device speaks TLS to the ACS.",
    why: "The device sends its Inform in clear to the port that waits for a handshake: the server answers 400 or closes, no \
          session comes about, and the serial number has been on the wire for anybody to read.",
    mend_cpe: "Take TLS or plain TCP from the scheme of ManagementServer.URL, also after it was changed at run time.",
    bad: "ManagementServer.URL = https://10.0.0.1:7548/acs\nPOST /acs HTTP/1.1 (in clear, to port 7548)",
    good: "ManagementServer.URL = https://10.0.0.1:7548/acs\nClientHello (to port 7548)",
    related: &["HTTP-048", "HTTP-051"],
    wireshark: "http.request && tcp.dstport == 443",
    ..Rule::must("HTTP-039", "tls-to-https-acs", Scope::Session)
};

/// TLS to the file server.
const FILE_URL: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.3")],
    demands: "A file whose URL is https is fetched or sent with TLS.",
    why: "A firmware image that was to come over TLS comes from whoever answers first, and the user name and password of the \
          file server go out in clear.",
    mend_cpe: "Take TLS or plain TCP from the scheme of the URL in the RPC.",
    bad: "Download URL https://10.0.0.9:8443/fw.bin\nGET /fw.bin HTTP/1.1 (in clear, to port 8443)",
    good: "Download URL https://10.0.0.9:8443/fw.bin\nClientHello (to port 8443)",
    related: &["HTTP-039", "HTTP-050"],
    wireshark: "http.request.method == \"GET\" && tcp.dstport == 443",
    ..Rule::must("HTTP-051", "tls-to-https-file-server", Scope::Session)
};

/// The https URLs that a device has been given.
#[derive(Debug, Default)]
pub(super) struct Https {
    acs: Option<Box<Place>>,
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    session: Option<u32>,
    command_key: String,
    at: Place,
    frames: Vec<FrameId>,
}

impl Topic for Https {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let message = seen.message;
        match (message.role, seen.is_request()) {
            (Role::Cwmp, true) if self.acs.is_some() => self.post(seen, findings),
            (Role::Cwmp, false) if seen.is_whole() => self.note(seen),
            (Role::Transfer, true) if !self.files.is_empty() => self.fetch(seen, findings),
            _ => {}
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, _: &mut Findings) {
        let url = closed
            .session
            .learned
            .iter()
            .rev()
            .find(|learned| learned.name.ends_with(".ManagementServer.URL"));
        if let Some(learned) = url {
            let place = Place::of(&learned.value).filter(|place| place.https);
            self.acs = place.map(Box::new);
        }
    }
}

impl Https {
    /// A request of a session, in clear, to the very port of the https URL.
    fn post(&self, seen: &Seen<'_>, findings: &mut Findings) {
        let provenance = &seen.message.provenance;
        let Some(acs) = &self.acs else {
            return;
        };
        if provenance.transport != Transport::Http
            || provenance.destination.port() != acs.port
            || seen.is_forwarded()
        {
            return;
        }
        let there = Place::of_request(seen.message)
            .is_some_and(|at| at.host == acs.host && at.has_target_of(acs));
        if !there {
            return;
        }
        let said = format!(
            "the ACS URL is https, and the device speaks plain HTTP to port {}",
            acs.port
        );
        let draft = seen.breaks(&ACS_URL).because(said);
        // Issue 1 lets a device without SSL fall back to HTTP.
        findings.add(if seen.is_issue_1() {
            draft.at_most(Severity::Info)
        } else {
            draft
        });
    }

    /// A file that is asked for by an https URL.
    fn note(&mut self, seen: &Seen<'_>) {
        for envelope in seen.envelopes() {
            if envelope.kind() != Kind::Request {
                continue;
            }
            let Some(request) = envelope.transfer_request() else {
                continue;
            };
            if let Some(at) = Place::of(&request.url).filter(|at| at.https) {
                if self.files.len() >= FILES_MAX {
                    self.files.remove(0);
                }
                self.files.push(File {
                    session: seen.message.session,
                    command_key: request.command_key.chars().take(KEY_CHARS_MAX).collect(),
                    at,
                    frames: seen.message.provenance.frames(),
                });
            }
        }
    }

    fn fetch(&self, seen: &Seen<'_>, findings: &mut Findings) {
        let message = seen.message;
        let (Some(cause), Side::Cpe) = (&message.caused_by, seen.from()) else {
            return;
        };
        let of_cause = |file: &&File| {
            file.session == Some(cause.session) && cause.command_key.starts_with(&file.command_key)
        };
        let Some(file) = self.files.iter().rev().find(of_cause) else {
            return;
        };
        let there = Place::of_request(message).is_some_and(|at| at.host == file.at.host)
            || file.at.host.parse() == Ok(message.provenance.destination.ip());
        let port = message.provenance.destination.port();
        let clear = message.provenance.transport == Transport::Http;
        if clear && there && port == file.at.port && !is_forwarded(message) {
            let said = format!(
                "the URL of the file is https, and the device speaks plain HTTP to port {port}"
            );
            let draft = seen.breaks(&FILE_URL).shown_in(&file.frames);
            findings.add(draft.because(said));
        }
    }
}

/// Files asked for and not fetched yet.
const FILES_MAX: usize = 8;
/// Characters kept of a CommandKey; cwmp-1-0.xsd allows 32.
const KEY_CHARS_MAX: usize = 64;
