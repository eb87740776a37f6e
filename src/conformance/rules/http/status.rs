//! The status of the ACS's answers, and what an empty message is (TR-069 Amendment 3 sections 3.4.1, 3.4.2, 3.4.6, 3.7.2.4).

use super::soap_action::is_empty_post;
use crate::conformance::rule::{ACS, CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &STATUS_200,
    &EMPTY_IS_204,
    &EMPTY_IS_EMPTY,
    &REDIRECT_WITHOUT_BODY,
    &LOCATION,
    &NO_SOAP_IN_400,
];

/// An envelope comes with 200.
const STATUS_200: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.4.1")],
    demands: "A response with a SOAP envelope in it, a SOAP fault too, has the status 200.",
    why: "SOAP 1.1 over HTTP sends faults with 500, and generic SOAP servers do so by habit: a device takes any 4xx or 5xx for a \
          failed session, drops the body unread, and comes back with a growing RetryCount in place of handling the fault.",
    mend_acs: "Send SOAP faults with `HTTP/1.1 200 OK`.",
    bad: "HTTP/1.1 500 Internal Server Error\nContent-Type: text/xml\n\n<soap:Fault>",
    good: "HTTP/1.1 200 OK\nContent-Type: text/xml\n\n<soap:Fault>",
    related: &["HTTP-037"],
    wireshark: "http.response.code != 200 && xml",
    ..Rule::must("HTTP-008", "envelope-in-200", Scope::Message)
};

/// Empty is 204.
const EMPTY_IS_204: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.4.6")],
    demands: "An empty response of the ACS in a session has the status 204.",
    why: "Some devices parse the body of every 200 as XML: an empty one is an error to them, the session counts as failed though \
          it was complete, and the same events come again in the next Inform.",
    mend_acs: "End the session with `HTTP/1.1 204 No Content`.",
    bad: "HTTP/1.1 200 OK\nContent-Length: 0",
    good: "HTTP/1.1 204 No Content",
    wireshark: "http.response.code == 200 && http.content_length == 0",
    ..Rule::must("HTTP-009", "empty-response-is-204", Scope::Message)
};

/// Empty is empty.
const EMPTY_IS_EMPTY: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.6")],
    demands: "An empty request has a body of zero bytes.",
    why: "An ACS gives any body to its XML parser, and a line end or a blank is no XML: it answers 400, and the device never \
          gets what the ACS had for it.",
    mend_cpe: "Send `Content-Length: 0` and nothing behind the head.",
    bad: "POST /acs HTTP/1.1\nContent-Length: 2\n\n\\r\\n",
    good: "POST /acs HTTP/1.1\nContent-Length: 0",
    wireshark: "http.request.method == \"POST\" && http.content_length > 0 && http.content_length < 5",
    ..Rule::must("HTTP-010", "empty-request-has-no-bytes", Scope::Message)
};

/// A redirect has no body.
const REDIRECT_WITHOUT_BODY: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.4.2")],
    demands: "The body of a redirect is empty.",
    why: "Web servers add a page of HTML to every redirect. A small HTTP client that does not read it finds the page where it \
          looks for the next response, and the session breaks one message later.",
    mend_acs: "Send redirects with `Content-Length: 0`; in the web server switch its pages for 301, 302 and 307 off.",
    bad: "HTTP/1.1 302 Found\nLocation: http://acs2.example/\nContent-Length: 154\n\n<html>...",
    good: "HTTP/1.1 302 Found\nLocation: http://acs2.example/\nContent-Length: 0",
    related: &["HTTP-049"],
    wireshark: "http.response.code in {301, 302, 307} && http.content_length > 0",
    ..Rule::must("HTTP-032", "redirect-without-body", Scope::Message)
};

/// A redirect says where to.
const LOCATION: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.4.2"), cite("RFC 2616", "14.30")],
    demands: "A redirect with 302 or 307 has a Location header field with an absolute http or https URL.",
    why: "Without a Location the device has nowhere to go and counts the session as failed; clients that follow RFC 2616 to the \
          letter do not resolve a relative one either.",
    mend_acs: "Write the whole URL into Location: scheme, host, port and path.",
    bad: "HTTP/1.1 302 Found\nContent-Length: 0",
    good: "HTTP/1.1 302 Found\nLocation: http://acs2.example:7547/acs\nContent-Length: 0",
    wireshark: "http.response.code in {302, 307} && !http.location",
    ..Rule::must("HTTP-035", "redirect-has-location", Scope::Message)
};

/// No SOAP in 400.
const NO_SOAP_IN_400: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.7.2.4")],
    demands: "A response with the status 400 holds no SOAP.",
    why: "With 400 the ACS says that it could not read the request as SOAP at all, and the device ends the session: a fault \
          inside is read by nobody, and whoever debugs the device looks for a fault that it never saw.",
    mend_acs: "Send the fault with 200 where the request was SOAP, or 400 with an empty body where it was not.",
    bad: "HTTP/1.1 400 Bad Request\nContent-Type: text/xml\n\n<soap:Fault>",
    good: "HTTP/1.1 400 Bad Request\nContent-Length: 0",
    related: &["HTTP-008", "HTTP-036"],
    wireshark: "http.response.code == 400 && xml",
    ..Rule::must("HTTP-037", "no-soap-in-400", Scope::Message)
};

/// Looks at an answer of the ACS, or at a POST that is nearly empty.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || !seen.is_whole() {
        return;
    }
    if seen.is_request() {
        nearly_empty(seen, findings);
        return;
    }
    let status = seen.status();
    // Interim responses, and what is no status.
    if status < 200 {
        return;
    }
    let empty = seen.message.http.body_bytes == 0;
    if seen.envelope().is_some() && status != 200 {
        let rule = if status == 400 {
            &NO_SOAP_IN_400
        } else {
            &STATUS_200
        };
        let draft = seen.breaks(rule).header("");
        findings.add(draft.because(format!("an envelope comes with the status {status}")));
    }
    match status {
        200..=203 | 205..=299 if empty => {
            let draft = seen.breaks(&EMPTY_IS_204).header("");
            findings.add(draft.because(format!("an empty response has the status {status}")));
        }
        301 | 302 | 307 => redirect(seen, findings),
        _ => {}
    }
}

fn nearly_empty(seen: &Seen<'_>, findings: &mut Findings) {
    let http = &seen.message.http;
    if is_empty_post(seen) || http.body_bytes > BLANKS_MAX || seen.envelope().is_some() {
        return;
    }
    let body = http.body();
    if http.method() == b"POST" && !body.is_empty() && body.iter().all(u8::is_ascii_whitespace) {
        let said = format!("the body is {} bytes of blanks and line ends", body.len());
        let draft = seen.breaks(&EMPTY_IS_EMPTY).header("Content-Length");
        findings.add(draft.because(said));
    }
}

fn redirect(seen: &Seen<'_>, findings: &mut Findings) {
    let (status, http) = (seen.status(), &seen.message.http);
    if http.body_bytes > 0 {
        let said = format!(
            "the response with {status} has a body of {} bytes",
            http.body_bytes
        );
        let draft = seen.breaks(&REDIRECT_WITHOUT_BODY).header("Content-Length");
        findings.add(draft.because(said));
    }
    if status == 301 {
        return;
    }
    let draft = seen.breaks(&LOCATION).header("Location");
    let draft = match http.header("Location") {
        None => draft.because(format!("the response with {status} has no Location")),
        Some(location) => {
            let location = String::from_utf8_lossy(&location).trim().to_owned();
            if super::place::Place::of(&location).is_some() {
                return;
            }
            let said = format!("the Location of the response with {status} is {location}");
            let relative = !location.is_empty() && !location.contains("://");
            let draft = draft.because(said);
            // RFC 7231 section 7.1.2, which later amendments rest on, has relative ones.
            if relative {
                draft.at_most(Severity::Warning)
            } else {
                draft
            }
        }
    };
    findings.add(draft);
}

/// Bytes of a body that is still looked through for anything but blanks.
const BLANKS_MAX: u64 = 4096;
