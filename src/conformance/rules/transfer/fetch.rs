//! The file itself: where it is asked for, by what connection, and whether it may be asked for again
//! (TR-069 Amendment 3 sections 3.4.3 and A.3.2.8).

use super::ledger::{Ledger, some_frames};
use super::operation::{Fetched, Operation, What, named};
use super::units::Change;
use super::upload::BY_PUT;
use super::url::Url;
use super::{start, units};
use crate::conformance::rule::{ACS, CPE, a3};
use crate::conformance::{Draft, Findings, Rule, Scope, Seen};
use crate::session::{Cause, Severity, Transfer, TransferMethod, TransferResult, Transport};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &AGAIN,
    &NO_CREDENTIALS,
    &FOREIGN_HOST,
    &SESSION_CONNECTION,
    &PLAIN,
    &CONDITIONAL,
];

/// A failed transfer is the ACS's to repeat.
pub(super) const AGAIN: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.2.8")],
    demands: "After a transfer has been reported as failed the device does not try it again on its own.",
    why: "The ACS has written the job off and decides what comes next. A phone that goes on trying fetches an image that was withdrawn, \
          or reboots into it at a time that nobody chose.",
    mend_cpe: "Drop the transfer when its failure is reported, by fault or TransferComplete; retry before that, not behind it.",
    bad: "<cwmp:TransferComplete>...<FaultCode>9010</FaultCode>\nGET /fw.bin HTTP/1.1 two minutes later",
    good: "<cwmp:TransferComplete>...<FaultCode>9010</FaultCode>\na new <cwmp:Download>, then GET /fw.bin HTTP/1.1",
    related: &["CWMP-DL-005", "CWMP-DU-010", "CWMP-UL-004"],
    wireshark: "http.request.method == \"GET\" || xml contains \"TransferComplete\"",
    ..Rule::must(
        "CWMP-DL-009",
        "no-retry-behind-a-reported-failure",
        Scope::Device,
    )
};

/// Who asks for a transfer gives the credentials for it.
const NO_CREDENTIALS: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.4.3")],
    demands: "If the file server asks for authentication, the RPC that named the file has given Username and Password.",
    why: "The device has nothing to answer the challenge with: it gives up and reports 9012 or 9016, and the log of the file server \
          shows a 401 for every phone while the ACS shows a failed firmware.",
    mend_acs: "Fill Username and Password in the Download, or let the file server give the file without a challenge.",
    bad: "<URL>http://files.example/fw.bin</URL><Username></Username><Password></Password>\nHTTP/1.1 401 Unauthorized",
    good: "<URL>http://files.example/fw.bin</URL><Username>fw</Username><Password>...</Password>\nHTTP/1.1 401 Unauthorized, then 200 OK",
    related: &["CWMP-DL-009"],
    wireshark: "http.response.code == 401",
    ..Rule::must(
        "CWMP-DL-013",
        "credentials-for-the-file-server",
        Scope::Device,
    )
};

/// The ACS's connection carries files of the ACS's own place only.
pub(super) const FOREIGN_HOST: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.3")],
    demands: "A file at another host or port than the ACS's is fetched over a connection of its own.",
    why: "The ACS gets a request for a file it does not have, answers 404 or takes it for a broken session, and the upgrade fails \
          although the file server was never asked.",
    mend_cpe: "Open a connection to the host and port of the URL; use the session's only where both are those of the ACS URL.",
    bad: "POST /acs HTTP/1.1\nHost: acs.example\n\nGET /fw.bin HTTP/1.1 on the same connection\nHost: files.example",
    good: "GET /fw.bin HTTP/1.1 on a new connection to files.example\nHost: files.example",
    related: &["CWMP-DL-016"],
    wireshark: "http.request.method == \"GET\" || http.request.method == \"PUT\"",
    ..Rule::must(
        "CWMP-DL-015",
        "file-of-another-host-over-its-own-connection",
        Scope::Device,
    )
};

/// What comes later has its own connection.
pub(super) const SESSION_CONNECTION: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("3.4.3")],
    demands: "The file of a ScheduleDownload or ChangeDUState is never fetched over the session's connection.",
    why: "These transfers have their own time, behind the session. A GET between the POSTs comes where the ACS expects the session to \
          go on: servers that tie one connection to one session close it, and the session has to be repeated.",
    mend_cpe: "Fetch the file over a new connection, once the session has ended.",
    bad: "POST /acs HTTP/1.1 (ScheduleDownloadResponse)\nGET /fw.bin HTTP/1.1 on the same connection",
    good: "POST /acs HTTP/1.1 (ScheduleDownloadResponse), the session ends\nGET /fw.bin HTTP/1.1 on a new connection, within the window",
    related: &["CWMP-DL-015"],
    wireshark: "http.request.method == \"GET\"",
    ..Rule::must(
        "CWMP-DL-016",
        "scheduled-file-over-its-own-connection",
        Scope::Device,
    )
};

/// https is TLS.
const PLAIN: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.3")],
    demands: "A file at an https URL is fetched over TLS.",
    why: "The image and the credentials for it cross the network in the clear, and a server that expects a TLS handshake on its port \
          answers 400 or closes: the log reads `plain HTTP request was sent to HTTPS port`.",
    mend_cpe: "Begin the connection to the host and port of an https URL with a TLS handshake, or answer the Download with 9013 if TLS is not supported.",
    bad: "<URL>https://files.example/fw.bin</URL>\nGET /fw.bin HTTP/1.1 in the clear to port 443",
    good: "<URL>https://files.example/fw.bin</URL>\nClientHello to port 443",
    related: &["CWMP-DL-015"],
    wireshark: "tcp.dstport == 443 && http.request",
    ..Rule::must("CWMP-DL-017", "https-file-over-tls", Scope::Device)
};

/// Each request for a URL is a transfer.
pub(super) const CONDITIONAL: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 30")],
    demands: "A URL that is asked for twice is fetched twice and reported twice, as if the two had nothing to do with each other.",
    why: "The ACS sends the same URL again because the file behind it has changed, or because the first application went wrong. A phone \
          that takes the file from its cache reports success and runs the old configuration.",
    mend_cpe: "Fetch the whole file for each Download, without If-None-Match and If-Modified-Since, and report each.",
    bad: "a second <cwmp:Download> with the same URL\n<cwmp:DownloadResponse><Status>0</Status>... without a GET",
    good: "a second <cwmp:Download> with the same URL\nGET /phone.cfg HTTP/1.1 again, then the report",
    related: &["CWMP-DL-005"],
    wireshark: "http.request.line contains \"If-None-Match\" || http.request.line contains \"If-Modified-Since\"",
    of_absence: true,
    ..Rule::must("CWMP-DL-018", "same-url-fetched-again", Scope::Device)
};

/// A request for a file that an RPC named, or the answer.
pub(super) fn look(ledger: &mut Ledger, seen: &Seen<'_>, findings: &mut Findings) {
    let Some(cause) = &seen.message.caused_by else {
        return;
    };
    if !seen.is_request() {
        answered(ledger, cause, seen, findings);
    } else if let Some(at) = operation_of(ledger, cause, seen) {
        requested(ledger, at, seen, findings);
    } else {
        unit_requested(ledger, cause, seen, findings);
    }
}

/// A file that FTP or TFTP moved. It may be told before the messages around it.
pub(super) fn moved(ledger: &mut Ledger, transfer: &Transfer, findings: &mut Findings) {
    let (Some(cause), Some(first)) = (&transfer.caused_by, transfer.steps.first()) else {
        return;
    };
    if transfer.method == TransferMethod::Http
        || ledger.visit.address != Some(transfer.source.ip())
        || !ledger.visit.own_address
    {
        return;
    }
    let mut fitting = ledger.operations.iter().enumerate().filter(|(_, one)| {
        one.session == cause.session && *one.key == *cause.command_key && one.fetched.is_none()
    });
    let (Some((at, _)), None) = (fitting.next(), fitting.next()) else {
        return;
    };
    let done = transfer.result == TransferResult::Complete;
    let fetched = Fetched {
        first_ns: first.time.nanoseconds,
        done_ns: transfer.end().map(|end| end.nanoseconds).filter(|_| done),
        frames: first.frames.iter().take(4).copied().collect(),
    };
    if let Some(operation) = ledger.operations.get_mut(at) {
        operation.fetched = Some(fetched);
    }
    if let Some(operation) = ledger.operations.get(at) {
        start::fetched(ledger, operation, findings);
    }
}

/// The operation that a request for a file carries out, if there is but one.
fn operation_of(ledger: &Ledger, cause: &Cause, seen: &Seen<'_>) -> Option<usize> {
    let target = String::from_utf8_lossy(seen.message.http.target());
    let of_cause = |one: &Operation| one.session == cause.session && *one.key == *cause.command_key;
    let named = |one: &Operation| {
        Url::parse(&one.url).is_some_and(|url| match one.what {
            What::Upload => target.contains(url.target.trim_end_matches('/')),
            _ => target.ends_with(&url.target),
        })
    };
    let mut fitting = ledger.operations.iter().enumerate();
    let mut fitting = fitting
        .by_ref()
        .filter(|(_, one)| of_cause(one) && named(one));
    let found = fitting.next();
    found.filter(|_| fitting.next().is_none()).map(|(at, _)| at)
}

/// The device asks, and no other host behind its address.
fn is_by_device(ledger: &Ledger, seen: &Seen<'_>) -> bool {
    let source = seen.message.provenance.source.ip();
    ledger.visit.own_address && ledger.visit.address == Some(source)
}

fn requested(ledger: &mut Ledger, at: usize, seen: &Seen<'_>, findings: &mut Findings) {
    let by_device = is_by_device(ledger, seen);
    let now_ns = seen.message.provenance.time.nanoseconds;
    let connection = seen.message.provenance.connection;
    if by_device && let Some(operation) = ledger.operations.get(at) {
        put(operation, seen, findings);
        if let Some(url) = Url::parse(&operation.url) {
            let scheduled = operation.what == What::ScheduleDownload;
            let place = Place {
                url: &url,
                scheduled,
            };
            let concern = |draft| operation.concern(draft);
            place.look(ledger, seen, &concern, findings);
        }
        again(ledger, operation, seen, findings);
        conditional(ledger, operation, seen, findings);
        super::schedule::fetched(operation, seen, findings);
    }
    let Some(operation) = ledger.operations.get_mut(at) else {
        return;
    };
    operation.asking = Some(connection);
    if operation.fetched.is_some() || !by_device {
        return;
    }
    operation.fetched = Some(Fetched {
        first_ns: now_ns,
        done_ns: None,
        frames: some_frames(seen),
    });
    if let Some(operation) = ledger.operations.get(at) {
        start::fetched(ledger, operation, findings);
    }
}

/// The file of an operation within a ChangeDUState.
fn unit_requested(ledger: &Ledger, cause: &Cause, seen: &Seen<'_>, findings: &mut Findings) {
    let target = String::from_utf8_lossy(seen.message.http.target());
    let Some((change, url)) = units::of_file(ledger, cause, &target) else {
        return;
    };
    if !is_by_device(ledger, seen) {
        return;
    }
    let place = Place {
        url: &url,
        scheduled: true,
    };
    place.look(ledger, seen, &|draft| change.concern(draft), findings);
    units::fetched_again(ledger, change, &url, seen, findings);
}

fn put(operation: &Operation, seen: &Seen<'_>, findings: &mut Findings) {
    let http = &seen.message.http;
    if operation.what == What::Upload && http.method() == b"POST" && http.body_bytes > 0 {
        let line = 0..http
            .view()
            .raw()
            .iter()
            .position(|byte| *byte == b'\r')
            .unwrap_or(0);
        let draft = seen.breaks(&BY_PUT).head(line);
        findings.add(
            operation
                .concern(draft)
                .because(format!("the file of {} is sent by POST", operation.named())),
        );
    }
}

/// Where a file is, and by what it was named.
struct Place<'p> {
    url: &'p Url,
    /// By ScheduleDownload or ChangeDUState.
    scheduled: bool,
}

impl Place<'_> {
    fn look(
        &self,
        ledger: &Ledger,
        seen: &Seen<'_>,
        concern: &dyn Fn(Draft) -> Draft,
        findings: &mut Findings,
    ) {
        let provenance = &seen.message.provenance;
        let visit = &ledger.visit;
        let on_acs_port = visit
            .acs
            .as_ref()
            .is_some_and(|(_, ports)| ports.contains(&self.url.port));
        let plain = provenance.transport == Transport::Http;
        if self.url.scheme == "https"
            && plain
            && provenance.destination.port() == self.url.port
            && !on_acs_port
        {
            let draft = seen.breaks(&PLAIN).header("Host");
            findings.add(concern(draft).because(format!(
                "the file at https://{} is asked for without TLS, at port {}",
                self.url.host, self.url.port
            )));
        }
        // A proxy carries all in one connection, and is asked by whole URLs.
        let proxied = !seen.message.http.target().starts_with(b"/");
        if provenance.connection != visit.connection || proxied {
            return;
        }
        if self.scheduled {
            let draft = seen.breaks(&SESSION_CONNECTION);
            findings.add(
                concern(draft).because("the file is asked for over the connection of the session"),
            );
        } else if self.is_elsewhere(ledger, seen) {
            let draft = seen.breaks(&FOREIGN_HOST).header("Host");
            findings.add(concern(draft).because(format!(
                "the file is at {} port {}, and is asked for over the connection to the ACS",
                self.url.host, self.url.port
            )));
        }
    }

    /// The URL names another host or port than that of the session. A name and an address may be the same place.
    fn is_elsewhere(&self, ledger: &Ledger, seen: &Seen<'_>) -> bool {
        let Some((host, ports)) = &ledger.visit.acs else {
            return false;
        };
        // A port may be forwarded on the way.
        if !ports.contains(&self.url.port) {
            return true;
        }
        let is_address = |host: &str| host.parse::<std::net::IpAddr>().ok();
        let destination = seen.message.provenance.destination.ip();
        match (is_address(&self.url.host), is_address(host)) {
            (Some(address), _) => address != destination,
            (None, None) => self.url.host != **host,
            (None, Some(_)) => false,
        }
    }
}

/// It was reported as failed before.
fn again(ledger: &Ledger, operation: &Operation, seen: &Seen<'_>, findings: &mut Findings) {
    let now_ns = seen.message.provenance.started.nanoseconds;
    let failed = operation.failed_ns().filter(|failed| *failed < now_ns);
    if failed.is_none() || operation.holes != ledger.holes || !start::alone(ledger, operation) {
        return;
    }
    let draft = operation.concern(seen.breaks(operation.rule(&AGAIN)));
    let draft = draft.because(format!(
        "{} has been reported as failed, and its file is asked for again",
        operation.named()
    ));
    // A device may fetch its configuration for reasons of its own.
    findings.add(if operation.configuration {
        draft.at_most(Severity::Warning)
    } else {
        draft
    });
}

/// An earlier request named the same URL, and the file was fetched for it.
fn conditional(ledger: &Ledger, operation: &Operation, seen: &Seen<'_>, findings: &mut Findings) {
    let head = seen.message.http.view();
    let fields = ["If-None-Match", "If-Modified-Since"];
    let Some(field) = fields.iter().find(|field| head.header(field).is_some()) else {
        return;
    };
    let earlier = ledger.operations.iter().any(|other| {
        other.url == operation.url && other.asked_ns < operation.asked_ns && other.fetched.is_some()
    });
    if earlier && operation.what != What::Upload {
        let draft = operation.concern(seen.breaks(&CONDITIONAL).header(field));
        findings.add(draft.at_most(Severity::Warning).because(format!(
            "the file of {} has been fetched before, and is asked for with {field}",
            operation.named()
        )));
    }
}

/// The file server answers.
fn answered(ledger: &mut Ledger, cause: &Cause, seen: &Seen<'_>, findings: &mut Findings) {
    let connection = seen.message.provenance.connection;
    let at = ledger.operations.iter().position(|one| {
        one.session == cause.session
            && *one.key == *cause.command_key
            && one.asking == Some(connection)
    });
    let now_ns = seen.message.provenance.time.nanoseconds;
    let done = (200..=299).contains(&seen.status()) && seen.is_whole();
    if let Some(operation) = at.and_then(|at| ledger.operations.get_mut(at)) {
        if let Some(fetched) = operation.fetched.as_mut().filter(|_| done) {
            fetched.done_ns = Some(now_ns);
        }
        if seen.status() == 401 && !operation.credentials && !has_user(&operation.url) {
            challenged(
                &operation.named(),
                seen,
                &|draft| operation.concern(draft),
                findings,
            );
        }
        return;
    }
    if seen.status() == 401
        && let Some(change) = units::without_credentials(ledger, cause)
    {
        let name = named("ChangeDUState", &change.key);
        challenged(
            &name,
            seen,
            &|draft| Change::concern(change, draft),
            findings,
        );
    }
}

fn challenged(
    name: &str,
    seen: &Seen<'_>,
    concern: &dyn Fn(Draft) -> Draft,
    findings: &mut Findings,
) {
    if seen
        .message
        .http
        .view()
        .header("WWW-Authenticate")
        .is_none()
    {
        return;
    }
    let draft = seen.breaks(&NO_CREDENTIALS).header("WWW-Authenticate");
    findings.add(concern(draft).because(format!(
        "the file server asks for authentication, and {name} gave neither Username nor Password"
    )));
}

/// The URL itself holds a user name: forbidden, but enough to answer a challenge.
fn has_user(url: &str) -> bool {
    let authority = url.split("://").nth(1).unwrap_or_default();
    authority
        .split('/')
        .next()
        .is_some_and(|authority| authority.contains('@'))
}
