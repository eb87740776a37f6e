//! Files over HTTP: on which connection, and with which credentials (TR-069 Amendment 3 section 3.4.3).

use cwmp::Kind;
use http1::auth::{Algorithm, Challenge, Hash};

use super::place::{Place, Unread};
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::{AuthorizationScheme, Role, Side};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&SHARED_CONNECTION, &CREDENTIALS];

/// The session's connection is for files of the ACS's own server.
const SHARED_CONNECTION: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.3")],
    demands: "A file goes over the connection of the session only if its URL is http on the same host and port as the ACS, and a \
              Download or Upload, not a ScheduleDownload or ChangeDUState, asked for it.",
    why: "The ACS's server has no such file: it answers 404 for a firmware image that lies elsewhere, the device reports 9010 or \
          9016, and the file server's log shows no request at all.",
    mend_cpe: "Open a connection of its own to the host and port of the file's URL.",
    bad: "Download URL http://10.0.0.9/fw.bin\nGET /fw.bin HTTP/1.1 (on the connection to 10.0.0.1:7547)",
    good: "Download URL http://10.0.0.9/fw.bin\nGET /fw.bin HTTP/1.1 (on a connection to 10.0.0.9:80)",
    related: &["HTTP-002", "HTTP-051"],
    wireshark: "http.request.method in {\"GET\", \"PUT\"}",
    ..Rule::must("HTTP-050", "files-on-own-connection", Scope::Session)
};

/// Basic and Digest alike.
const CREDENTIALS: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.3")],
    demands: "The device answers a Basic or Digest challenge of a file server with the user name and password of the RPC.",
    why: "File servers ask for Digest or Basic as their administrator likes it: a device that knows one of the two, or sends the \
          credentials of its ACS account, reports 9012 and stays on the old firmware.",
    mend_cpe: "Answer the 401 of a file server with Username and Password of the Download or Upload, in the scheme it asks for.",
    bad: "GET /fw.bin, 401 Digest\nTransferComplete FaultCode 9012",
    good: "GET /fw.bin, 401 Digest\nGET /fw.bin with Authorization: Digest, 200",
    related: &["AUTH-021"],
    wireshark: "http.response.code == 401 || http.authorization",
    of_absence: true,
    ..Rule::must("HTTP-052", "file-server-challenge-answered", Scope::Session)
};

/// Connections that carry sessions, so that a file on one of them is noticed.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Of a device, the connection of its session and where its requests go.
    connection: Option<u64>,
    acs: Option<Unread>,
    /// Files that may come over it: targets asked for by Download or Upload on this very server.
    files: Vec<File>,
    challenged: Vec<Challenged>,
}

/// A file that an RPC asked for.
#[derive(Debug)]
struct File {
    session: Option<u32>,
    command_key: String,
    /// `None` where the URL is no HTTP.
    at: Option<Place>,
    user_name: String,
    /// Download or Upload.
    plain: bool,
    frames: Vec<FrameId>,
}

/// A file server's challenge that waits for its answer.
#[derive(Debug)]
struct Challenged {
    session: u32,
    command_key: String,
    schemes: &'static str,
    frames: Vec<FrameId>,
}

impl Topic for Shared {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        match seen.message.role {
            Role::Cwmp => self.session(seen, findings),
            Role::Transfer if seen.is_request() => {
                self.on_session_connection(seen, findings);
                self.with_credentials(seen, findings);
            }
            Role::Transfer => self.challenge(seen),
            Role::ConnectionRequest | Role::Other => {}
        }
    }
}

impl Shared {
    fn session(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if seen.from() == Side::Cpe {
            let connection = seen.message.provenance.connection;
            if self.connection != Some(connection) {
                self.connection = Some(connection);
                self.acs = Some(Unread::of_request(seen.message));
            }
            if !self.challenged.is_empty() && seen.is_whole() {
                self.reported(seen, findings);
            }
            return;
        }
        if !seen.is_whole() {
            return;
        }
        for envelope in seen.envelopes() {
            if envelope.kind() != Kind::Request {
                continue;
            }
            let Some(request) = envelope.transfer_request() else {
                continue;
            };
            if self.files.len() >= FILES_MAX {
                self.files.remove(0);
            }
            self.files.push(File {
                session: seen.message.session,
                command_key: request.command_key.chars().take(KEY_CHARS_MAX).collect(),
                at: Place::of(&request.url),
                user_name: request.username.chars().take(KEY_CHARS_MAX).collect(),
                plain: matches!(request.method, "Download" | "Upload"),
                frames: seen.message.provenance.frames(),
            });
        }
    }

    fn file_of(&self, seen: &Seen<'_>) -> Option<&File> {
        let cause = seen.message.caused_by.as_ref()?;
        self.files.iter().rev().find(|file| {
            file.session == Some(cause.session) && cause.command_key.starts_with(&file.command_key)
        })
    }

    fn on_session_connection(&self, seen: &Seen<'_>, findings: &mut Findings) {
        let acs = || self.acs.as_ref()?.read();
        let Some((file, acs)) = self.file_of(seen).and_then(|file| Some((file, acs()?))) else {
            return;
        };
        if self.connection != Some(seen.message.provenance.connection) || seen.from() != Side::Cpe {
            return;
        }
        let said = match &file.at {
            None => "the URL of the file is no HTTP".to_owned(),
            Some(at) if at.https != acs.https || !at.is_on_server_of(&acs) => {
                format!(
                    "the file lies on {}:{}, the ACS on {}:{}",
                    at.host, at.port, acs.host, acs.port
                )
            }
            Some(_) if !file.plain => {
                "neither a Download nor an Upload asked for the file".to_owned()
            }
            Some(_) => return,
        };
        let draft = seen
            .breaks(&SHARED_CONNECTION)
            .header("")
            .shown_in(&file.frames);
        findings.add(draft.because(said));
    }

    fn with_credentials(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(cause) = &seen.message.caused_by else {
            return;
        };
        let Some(given) = seen.message.authorization() else {
            return;
        };
        let expected = self.file_of(seen).map(|file| file.user_name.clone());
        if let (Some(expected), Some(name)) = (expected, &given.user_name)
            && !expected.is_empty()
            && given.scheme != AuthorizationScheme::Other
            && name.chars().take(KEY_CHARS_MAX).collect::<String>() != expected
        {
            let said = format!("the user name is {name}, and that of the RPC {expected}");
            let draft = seen.breaks(&CREDENTIALS).header("Authorization");
            findings.add(draft.because(said));
        }
        self.challenged.retain(|one| {
            (one.session, one.command_key.as_str()) != (cause.session, cause.command_key.as_str())
        });
    }

    fn challenge(&mut self, seen: &Seen<'_>) {
        if seen.status() != 401 || !seen.is_whole() {
            return;
        }
        let (Some(cause), Some(file)) = (&seen.message.caused_by, self.file_of(seen)) else {
            return;
        };
        let Some(schemes) = known_scheme(seen).filter(|_| !file.user_name.is_empty()) else {
            return;
        };
        let challenged = Challenged {
            session: cause.session,
            command_key: cause.command_key.clone(),
            schemes,
            frames: seen.message.provenance.frames(),
        };
        if self.challenged.len() < FILES_MAX {
            self.challenged.push(challenged);
        }
    }

    /// A TransferComplete says that the transfer failed.
    fn reported(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        for envelope in seen.envelopes() {
            let Some(report) = envelope.transfer_complete() else {
                continue;
            };
            let of_report = |one: &Challenged| one.command_key == report.command_key;
            let Some(at) = self.challenged.iter().position(of_report) else {
                continue;
            };
            let challenged = self.challenged.remove(at);
            let code = report.fault_code.trim();
            if code != "0" && !code.is_empty() {
                let said = format!(
                    "the file server asked for {}, no credentials were sent, and the transfer is reported with {code}",
                    challenged.schemes
                );
                let draft = seen.breaks(&CREDENTIALS).shown_in(&challenged.frames);
                findings.add(draft.because(said));
            }
        }
    }
}

/// A scheme among those offered that every device knows.
fn known_scheme(seen: &Seen<'_>) -> Option<&'static str> {
    let mut known = None;
    for challenge in seen.challenges() {
        match challenge {
            Challenge::Basic(_) => known = known.or(Some("Basic")),
            Challenge::Digest(digest)
                if digest.algorithm() == Some(Algorithm::of(Hash::Md5, false)) =>
            {
                known = Some("Digest");
            }
            _ => {}
        }
    }
    known
}

/// Files of one device that are under way.
const FILES_MAX: usize = 8;
/// Characters kept of a CommandKey or a user name.
const KEY_CHARS_MAX: usize = 256;
