//! Compressed bodies, and bodies that wait for leave to come (TR-069 Amendment 5 section 3.4.7; RFC 2616 section 8.2.3).

use cwmp::schema::Version;
use http1::{Cut, End};

use crate::conformance::rule::{ACS, CPE, cite};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Evidence, LearnedBy, Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&COMPRESSION, &CONTINUE];

/// Compression is a setting.
const COMPRESSION: Rule = Rule {
    blame: CPE,
    versions: "1.4",
    cites: &[cite(
        "TR-181 Issue 2",
        "Device.ManagementServer.HTTPCompression",
    )],
    demands: "The device compresses its requests only as the parameter HTTPCompression says.",
    why: "Few servers take compressed requests: they hand the bytes to the XML parser as they are, and every Inform of the device \
          is answered with 400.",
    mend_cpe: "Send requests uncompressed until ManagementServer.HTTPCompression is set to GZIP or Deflate.",
    bad: "POST /acs HTTP/1.1\nContent-Encoding: gzip",
    good: "POST /acs HTTP/1.1\nContent-Length: 1206",
    wireshark: "http.request && http.content_encoding",
    ..Rule::heuristic("HTTP-042", "compression-as-set", Scope::Message)
};

/// 100 Continue comes at once, or is not waited for.
const CONTINUE: Rule = Rule {
    blame: ACS,
    cites: &[cite("RFC 2616", "8.2.3"), cite("RFC 7231", "5.1.1")],
    demands: "The ACS answers Expect: 100-continue at once, with 100 or with its final status.",
    why: "HTTP libraries add the field to bodies beyond a kilobyte and wait a second for the answer, some for ever: every large \
          message of the device takes a second longer, or the session stands still until one side gives up.",
    mend_acs: "Let the server, and the proxy in front of it, answer 100 Continue; many small servers ignore the field.",
    mend_cpe: "Switch the field off; with libcurl set an empty `Expect:` header.",
    bad: "POST (head, Expect: 100-continue)\n(1.0 s)\nPOST (body)",
    good: "POST (head, Expect: 100-continue)\n100 Continue\nPOST (body)",
    wireshark: "http.request.line contains \"Expect\" || http.response.code == 100",
    ..Rule::heuristic("HTTP-043", "continue-answered", Scope::Session)
};

/// What is known of how a device is to compress.
#[derive(Debug, Default)]
pub(super) struct Compression {
    /// The last value known of HTTPCompression.
    set: Option<String>,
    /// The last value asked for by the ACS, until the session is over.
    asked: bool,
}

impl Topic for Compression {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        if seen.from() == Side::Cpe && seen.message.http.is_coded() {
            self.coded(seen, findings);
        } else {
            self.note(seen);
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, _: &mut Findings) {
        self.asked = false;
        let learned = closed.session.learned.iter().rev();
        for learned in learned.filter(|learned| learned.how != LearnedBy::Inform) {
            if learned.name.ends_with(".ManagementServer.HTTPCompression") {
                self.set = Some(learned.value.clone());
                return;
            }
        }
    }
}

impl Compression {
    fn note(&mut self, seen: &Seen<'_>) {
        let setting = seen.from() == Side::Acs;
        for parameter in seen.managed() {
            if parameter
                .name()
                .ends_with(".ManagementServer.HTTPCompression")
                && let Some(value) = parameter.value()
            {
                self.asked |= setting;
                self.set = Some(value.chars().take(VALUE_CHARS_MAX).collect());
            }
        }
    }

    fn coded(&self, seen: &Seen<'_>, findings: &mut Findings) {
        let coding = seen.message.http.header("Content-Encoding");
        let coding =
            coding.map(|coding| String::from_utf8_lossy(&coding).trim().to_ascii_lowercase());
        let Some(coding) = coding else {
            return;
        };
        let coding = coding.trim_start_matches("x-");
        let said = match self.set.as_deref().map(str::trim) {
            Some(set) if set.eq_ignore_ascii_case(coding) => return,
            // The change may hold from the next session on, or at once.
            Some(_) if self.asked => return,
            Some(set) => format!("HTTPCompression is {set}, and the body is {coding}"),
            // What was set before the capture began is not known; before Amendment 5 there was nothing to set.
            None if seen.version() >= Version::V1_3 => return,
            None if seen
                .session
                .is_some_and(|session| session.version == Some(Version::V1_2)) =>
            {
                return;
            }
            None => format!("the body is {coding}, in CWMP {}", seen.version().name()),
        };
        let draft = seen.breaks(&COMPRESSION).header("Content-Encoding");
        findings.add(draft.because(said).at_most(Severity::Info));
    }
}

/// Interim responses of a session, and what waits for one.
#[derive(Debug, Default)]
pub(super) struct Interim {
    /// The connection that brought one since its last request.
    continued: Option<u64>,
    /// A head that waited for leave to send its body, and never got it.
    waiting: Option<Box<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    connection: u64,
    since_ns: i64,
    draft: Draft,
}

impl Topic for Interim {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        let provenance = &seen.message.provenance;
        if !seen.is_request() {
            let on = provenance.connection;
            // An answer to a head stands behind it, whatever their times.
            self.waiting = self.waiting.take().filter(|one| one.connection != on);
            if seen.message.http.is_interim() {
                self.continued = Some(provenance.connection);
            }
            return;
        }
        let continued = self.continued.take() == Some(provenance.connection);
        let expects = seen.message.http.header("Expect");
        let expects = expects.is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue"));
        if !expects || continued {
            return;
        }
        let took_ns = provenance.time.nanoseconds - provenance.started.nanoseconds;
        if seen.is_whole() && took_ns >= WAIT_NS {
            let seconds = took_ns as f64 / 1e9;
            let draft = seen.breaks(&CONTINUE).header("Expect");
            findings.add(draft.because(format!(
                "no answer came to Expect: 100-continue, and the request took {seconds:.1} s"
            )));
        } else if stalls(seen) {
            self.waiting = Some(Box::new(Waiting {
                connection: provenance.connection,
                since_ns: provenance.time.nanoseconds,
                draft: seen.breaks(&CONTINUE).header("Expect"),
            }));
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let Some(waiting) = self.waiting.take() else {
            return;
        };
        let mut endings = closed.session.endings.iter();
        let first = endings.find(|ending| ending.connection == waiting.connection);
        let Some(first) = first.filter(|_| closed.session.gaps == 0) else {
            return;
        };
        let waited_ns = first.time.nanoseconds.saturating_sub(waiting.since_ns);
        if waited_ns >= WAIT_NS {
            let seconds = waited_ns as f64 / 1e9;
            findings.add(waiting.draft.because(format!(
                "no answer came to Expect: 100-continue, and after {seconds:.1} s the connection was closed without the body"
            )));
        }
    }
}

/// A head whose body was announced and held back until a side ended the connection.
fn stalls(seen: &Seen<'_>) -> bool {
    let message = seen.message;
    let http = &message.http;
    let ended = matches!(http.cut, Some(Cut::End(End::Fin | End::Reset)));
    ended
        && http.head_complete()
        && http.body_bytes == 0
        && !http.body_complete
        && message.provenance.evidence == Evidence::Complete
        && message.exchange.is_some()
}

/// Nanoseconds that clients wait for 100 Continue, libcurl for one, less a little.
const WAIT_NS: i64 = 900_000_000;
/// Characters kept of the value.
const VALUE_CHARS_MAX: usize = 32;
