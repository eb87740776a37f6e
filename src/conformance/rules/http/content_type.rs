//! The Content-Type of messages, and whether all that names the encoding agrees (TR-069 Amendment 3 section 3.4.1).

use cwmp::AnomalyKind;

use super::soap_action::is_empty_post;
use crate::conformance::rule::{BOTH, CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&TEXT_XML, &ON_EMPTY, &CHARSET];

/// An envelope is text/xml.
const TEXT_XML: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.4.1")],
    demands: "A message that contains a SOAP envelope has the Content-Type text/xml; parameters such as charset are free.",
    why: "A SOAP stack told application/soap+xml expects SOAP 1.2 and answers 415 or a VersionMismatch fault; told text/html or \
          nothing, some devices do not look at the body at all and retry the session for ever.",
    mend_cpe: "Send `Content-Type: text/xml; charset=utf-8` with every envelope.",
    mend_acs: "Send `Content-Type: text/xml; charset=utf-8` with every envelope.",
    bad: "HTTP/1.1 200 OK\nContent-Type: application/soap+xml\n\n<soap:Envelope>",
    good: "HTTP/1.1 200 OK\nContent-Type: text/xml; charset=utf-8\n\n<soap:Envelope>",
    related: &["HTTP-007", "HTTP-045"],
    wireshark: "xml && http && !(http.content_type contains \"text/xml\")",
    ..Rule::must("HTTP-003", "envelope-is-text-xml", Scope::Message)
};

/// An empty POST has no Content-Type.
const ON_EMPTY: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.1")],
    demands: "An empty POST has no Content-Type header field.",
    why: "Servers hand a POST of type text/xml to their XML parser, which fails on nothing: the empty request that gives the turn \
          to the ACS is answered with 400 or 500 in place of the next RPC.",
    mend_cpe: "Leave Content-Type out where Content-Length is 0; HTTP libraries often add it by themselves.",
    bad: "POST /acs HTTP/1.1\nContent-Type: text/xml\nContent-Length: 0",
    good: "POST /acs HTTP/1.1\nContent-Length: 0",
    related: &["HTTP-006"],
    wireshark: "http.request.method == \"POST\" && http.content_length == 0 && http.content_type",
    ..Rule::must("HTTP-007", "no-content-type-on-empty", Scope::Message)
};

/// What names the encoding agrees.
const CHARSET: Rule = Rule {
    blame: BOTH,
    cites: &[cite("RFC 3023", "3.1"), cite("RFC 7303", "3")],
    demands: "The charset of the Content-Type, the encoding of the XML declaration and the byte-order mark name the same encoding.",
    why: "One side believes the header, the other the declaration: an umlaut in a name or a description arrives as two odd \
          characters, or the parser stops there and the whole message counts as broken.",
    mend_cpe: "Write UTF-8 and say so in both places, or leave the charset parameter out.",
    mend_acs: "Write UTF-8 and say so in both places, or leave the charset parameter out.",
    bad: "Content-Type: text/xml; charset=iso-8859-1\n\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    good: "Content-Type: text/xml; charset=utf-8\n\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    wireshark: "http.content_type contains \"charset\" && !(http.content_type contains \"utf-8\")",
    ..Rule::heuristic("HTTP-045", "encodings-agree", Scope::Message)
};

/// Looks at the type of a session's message.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || !seen.is_whole() {
        return;
    }
    if is_empty_post(seen) {
        if let Some(value) = seen.message.http.header("Content-Type") {
            let value = String::from_utf8_lossy(&value).into_owned();
            let draft = seen.breaks(&ON_EMPTY).header("Content-Type");
            findings.add(draft.because(format!("an empty POST has the Content-Type {value}")));
        }
        return;
    }
    let Some(document) = seen.document() else {
        return;
    };
    if seen
        .envelope()
        .and_then(|envelope| envelope.soap_namespace())
        == Some(SOAP_1_1)
    {
        envelope_type(seen, findings);
    }
    let conflict = |anomaly: &&cwmp::Anomaly| anomaly.kind == AnomalyKind::CharsetConflict;
    if document
        .anomalies()
        .iter()
        .any(|anomaly| conflict(&anomaly))
    {
        let charset = seen.message.http.charset();
        let charset = charset.map(|charset| String::from_utf8_lossy(&charset).into_owned());
        let said = format!(
            "the Content-Type says {}, the body {}",
            charset.as_deref().unwrap_or("no charset"),
            declared(document.text()).unwrap_or_else(|| document.encoding().to_owned()),
        );
        let draft = seen.breaks(&CHARSET).header("Content-Type");
        findings.add(draft.because(said));
    }
}

fn envelope_type(seen: &Seen<'_>, findings: &mut Findings) {
    let kind = seen.message.http.content_type();
    let said = match kind.as_deref() {
        Some(kind) if kind.eq_ignore_ascii_case(b"text/xml") => return,
        Some(kind) => format!(
            "an envelope has the Content-Type {}",
            String::from_utf8_lossy(kind)
        ),
        None => "an envelope has no Content-Type".to_owned(),
    };
    findings.add(seen.breaks(&TEXT_XML).header("Content-Type").because(said));
}

/// The encoding that an XML declaration names.
fn declared(text: &[u8]) -> Option<String> {
    let end = memchr::memmem::find(text.get(..DECLARATION_BYTES_MAX.min(text.len()))?, b"?>")?;
    let declaration = text.get(..end)?;
    let at = memchr::memmem::find(declaration, b"encoding")?;
    let rest = String::from_utf8_lossy(declaration.get(at..)?).into_owned();
    rest.split(['"', '\'']).nth(1).map(str::to_owned)
}

const SOAP_1_1: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// An XML declaration has fewer.
const DECLARATION_BYTES_MAX: usize = 200;
