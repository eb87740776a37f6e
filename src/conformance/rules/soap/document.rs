//! The document: XML, the Envelope, what stands in it, and the namespaces of its parts.

use std::ops::Range;

use cwmp::schema::{self, Version};
use cwmp::{Anomaly, AnomalyKind, Document, Element, EnvelopeRef, Kind, SOAP, SOAP_ENCODING};

use crate::conformance::rule::{BOTH, a3, cite};
use crate::conformance::{Draft, Findings, Rule, Scope, Seen};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &WELL_FORMED,
    &ENVELOPE,
    &ONE_BODY,
    &ORDER,
    &ONE_MESSAGE,
    &CWMP_NAMESPACE,
    &OLD_SCHEMA,
    &DOCTYPE,
    &INSTRUCTION,
    &ENCODING_STYLE,
    &RAW_CHARACTER,
    &BARE_HEADER,
];

/// A body is well-formed XML.
const WELL_FORMED: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.7.1.4"), a3("3.7.2.4"), cite("XML 1.0", "2.1")],
    demands: "The body of a message is well-formed XML.",
    why: "A conforming parser stops at the first error and delivers nothing: the ACS answers 400 or 500, or \
          the device ends the session without a word. An unescaped `&` in a Wi-Fi name or URL is the classic.",
    mend_cpe: "Escape `&`, `<` and control characters in every value; send UTF-8 where UTF-8 is announced.",
    mend_acs: "Escape `&`, `<` and control characters in every value; build the message with an XML library, not \
          with string templates.",
    bad: "<URL>http://files/fw?a=1&b=2</URL>",
    good: "<URL>http://files/fw?a=1&amp;b=2</URL>",
    wireshark: "_ws.malformed || xml.unknown",
    ..Rule::must("SOAP-001", "well-formed-xml", Scope::Message)
};

/// The root is the Envelope of SOAP 1.1.
const ENVELOPE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "The root element is Envelope in the namespace of SOAP 1.1, \
          http://schemas.xmlsoap.org/soap/envelope/.",
    why: "A SOAP 1.1 stack answers any other namespace with the fault VersionMismatch before it looks at the \
          message.",
    mend_cpe: "Use SOAP 1.1 in the toolkit, and declare the prefix of the Envelope.",
    mend_acs: "Use SOAP 1.1 in the toolkit, and declare the prefix of the Envelope.",
    bad: "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\">",
    good: "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">",
    wireshark: "xml.attribute contains \"2003/05/soap-envelope\"",
    ..Rule::must("SOAP-002", "soap-1-1-envelope", Scope::Message)
};

/// An Envelope has one Body.
const ONE_BODY: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), cite("SOAP 1.1", "4")],
    demands: "An Envelope has exactly one Body.",
    why: "A parser takes the first Body, or none at all: what stands in the second is lost without an error.",
    mend_cpe: "Write one Body.",
    mend_acs: "Write one Body.",
    bad: "<soap:Body>...</soap:Body>\n<soap:Body>...</soap:Body>",
    good: "<soap:Body>...</soap:Body>",
    wireshark: "xml.tag contains \":Body\"",
    ..Rule::must("SOAP-003", "one-body", Scope::Message)
};

/// Header stands once, before Body.
const ORDER: Rule = Rule {
    blame: BOTH,
    cites: &[cite("SOAP 1.1", "4")],
    demands: "Header, where there is one, stands once and before Body; what else stands in the Envelope comes \
          behind Body, in a namespace.",
    why: "A streaming parser has handed the body on by the time it meets the header: the ID is not echoed, \
          and the peer cannot match the answer.",
    mend_cpe: "Write Header first.",
    mend_acs: "Write Header first.",
    bad: "<soap:Body>...</soap:Body>\n<soap:Header>...</soap:Header>",
    good: "<soap:Header>...</soap:Header>\n<soap:Body>...</soap:Body>",
    wireshark: "xml.tag contains \":Header\"",
    ..Rule::must("SOAP-004", "header-before-body", Scope::Message)
};

/// A Body holds one request, response or fault.
const ONE_MESSAGE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.7.1.3"), a3("3.7.2.3"), cite("SOAP 1.1", "7.1")],
    demands: "A Body holds exactly one element: a request, a response or a fault.",
    why: "The peer answers the first element and never sees the second; with an empty Body it finds nothing \
          to answer, and one side waits until the session times out.",
    mend_cpe: "Send one message in one Envelope; send an HTTP body of no bytes where there is nothing to say.",
    mend_acs: "Send one message in one Envelope; answer 204 where there is nothing to say.",
    bad: "<soap:Body></soap:Body>",
    good: "HTTP/1.1 204 No Content",
    wireshark: "xml.tag contains \":Body/>\"",
    ..Rule::must("SOAP-005", "one-message-in-body", Scope::Message)
};

/// RPC elements and CWMP's headers are in its namespace.
const CWMP_NAMESPACE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), cite("cwmp-1-2.xsd", "targetNamespace")],
    demands: "The element of an RPC and the headers of CWMP stand in a namespace of CWMP, with a prefix that is \
          declared.",
    why: "To the peer it is an unknown method: it answers 9000 or 8000, or, where it cannot parse it at all, \
          with an empty POST, and nothing in its log says why.",
    mend_cpe: "Declare `xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"` (or -1-1, -1-2) on the Envelope and write \
          `cwmp:` before the RPC and the headers.",
    mend_acs: "Declare `xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"` (or -1-1, -1-2) on the Envelope and write \
          `cwmp:` before the RPC and the headers.",
    bad: "<soap:Body><Reboot/></soap:Body>",
    good: "<soap:Body><cwmp:Reboot/></soap:Body>",
    related: &["SOAP-007"],
    wireshark: "xml.tag == \"<Reboot/>\" || xml.tag == \"<Inform>\"",
    ..Rule::must("SOAP-006", "message-in-the-cwmp-namespace", Scope::Message)
};

/// XML Schema is that of 2001.
const OLD_SCHEMA: Rule = Rule {
    blame: BOTH,
    versions: "all but Issue 1",
    cites: &[a3("3.5")],
    demands: "The namespaces of XML Schema are those of 2001.",
    why: "xsi:type of the draft of 1999 is another attribute: a current parser sees values without a type, \
          and the device answers 9006 or takes a number for text.",
    mend_cpe: "Declare http://www.w3.org/2001/XMLSchema and http://www.w3.org/2001/XMLSchema-instance.",
    mend_acs: "Declare http://www.w3.org/2001/XMLSchema and http://www.w3.org/2001/XMLSchema-instance.",
    bad: "xmlns:xsi=\"http://www.w3.org/1999/XMLSchema-instance\"",
    good: "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
    wireshark: "xml.attribute contains \"1999/XMLSchema\"",
    ..Rule::must("SOAP-018", "schema-namespaces-of-2001", Scope::Message)
};

/// No document type declaration.
const DOCTYPE: Rule = Rule {
    blame: BOTH,
    cites: &[cite("SOAP 1.1", "3")],
    demands: "A SOAP message holds no document type declaration.",
    why: "A DTD lets entities be defined that fill the memory of the receiver: hardened parsers refuse the \
          message outright, others can be brought down by it.",
    mend_cpe: "Leave the DOCTYPE out.",
    mend_acs: "Leave the DOCTYPE out.",
    bad: "<!DOCTYPE x [<!ENTITY a \"b\">]>\n<soap:Envelope ...>",
    good: "<soap:Envelope ...>",
    wireshark: "xml.doctype",
    ..Rule::must("SOAP-038", "no-doctype", Scope::Message)
};

/// No processing instructions.
const INSTRUCTION: Rule = Rule {
    blame: BOTH,
    cites: &[cite("SOAP 1.1", "3"), a3("3.5")],
    demands: "A SOAP message holds no processing instructions; the XML declaration is none.",
    why: "SOAP 1.1 forbids them and some toolkits refuse the message; others pass them over.",
    mend_cpe: "Leave them out.",
    mend_acs: "Leave them out; a server page that is not executed shows as `<?php`.",
    bad: "<?php echo $x ?>",
    good: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    wireshark: "xml.xmlpi",
    ..Rule::should("SOAP-039", "no-processing-instruction", Scope::Message)
};

/// encodingStyle names SOAP 1.1 encoding.
const ENCODING_STYLE: Rule = Rule {
    blame: BOTH,
    cites: &[cite("SOAP 1.1", "4.1.1")],
    demands: "encodingStyle, where it stands, names the encoding of SOAP 1.1, \
          http://schemas.xmlsoap.org/soap/encoding/.",
    why: "A toolkit that finds another encoding may refuse the message with an error about an unknown \
          encoding style.",
    mend_cpe: "Name the encoding of SOAP 1.1, or leave the attribute out.",
    mend_acs: "Name the encoding of SOAP 1.1, or leave the attribute out.",
    bad: "soap:encodingStyle=\"http://www.w3.org/2003/05/soap-encoding\"",
    good: "soap:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"",
    wireshark: "xml.attribute contains \"encodingStyle\"",
    ..Rule::heuristic("SOAP-040", "encoding-style-of-soap-1-1", Scope::Message)
};

/// Characters beyond ASCII are written as references.
const RAW_CHARACTER: Rule = Rule {
    blame: BOTH,
    versions: "1.2 and later",
    cites: &[cite("TR-106 Amendment 7", "3.2.1")],
    demands: "Characters beyond printable ASCII in a value are written as character references.",
    why: "A device or ACS that gets the encoding wrong shows `Ã¼` for `ü`, and an SSID written back so is \
          another network. A reference means the same in every encoding.",
    mend_cpe: "Write `&#xFC;` for ü.",
    mend_acs: "Write `&#xFC;` for ü.",
    bad: "<Value xsi:type=\"xsd:string\">Küche</Value>",
    good: "<Value xsi:type=\"xsd:string\">K&#xFC;che</Value>",
    ..Rule::should("SOAP-041", "characters-escaped", Scope::Message)
};

/// Each header is in a namespace.
const BARE_HEADER: Rule = Rule {
    blame: BOTH,
    cites: &[cite("SOAP 1.1", "4.2")],
    demands: "Each element within Header is in a namespace.",
    why: "A SOAP stack looks its headers up by namespace: an ID without one is not found, so the answer \
          comes without it and cannot be matched.",
    mend_cpe: "Write `cwmp:ID`.",
    mend_acs: "Write `cwmp:ID`.",
    bad: "<soap:Header><ID soap:mustUnderstand=\"1\">1</ID></soap:Header>",
    good: "<soap:Header><cwmp:ID soap:mustUnderstand=\"1\">1</cwmp:ID></soap:Header>",
    related: &["SOAP-006"],
    wireshark: "xml.tag contains \"<ID \"",
    ..Rule::must("SOAP-046", "header-block-in-a-namespace", Scope::Message)
};

/// Looks at the document and at the frame of each of its envelopes.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || seen.from() == Side::Other || !seen.is_whole() {
        return;
    }
    let Some(document) = seen.document() else {
        return;
    };
    if is_of_another_protocol(seen, document) {
        return;
    }
    xml(seen, document, findings);
    raw_characters(seen, document, findings);
    if is_tangled(document) {
        return;
    }
    for envelope in seen.envelopes() {
        frame(seen, &envelope, findings);
        body(seen, &envelope, findings);
        namespaces(seen, &envelope, findings);
        encoding_style(seen, &envelope, findings);
    }
}

/// SOAP that somebody else speaks to the port of CWMP, such as TR-064 in the attacks of 2016: in the namespace of another
/// service, and in no session that an Inform began.
fn is_of_another_protocol(seen: &Seen<'_>, document: &Document) -> bool {
    let informed = seen.session.is_some_and(|facts| facts.inform.is_some());
    let mut messages = document
        .envelope_refs()
        .filter_map(|envelope| envelope.message())
        .peekable();
    !informed && messages.peek().is_some() && messages.all(is_foreign)
}

fn is_foreign(message: Element<'_>) -> bool {
    let namespace = message.namespace();
    namespace.is_some_and(|namespace| !is_cwmp(namespace) && namespace != SOAP)
}

/// Its tags do not nest, or it was not read to its end: nothing can be said of what stands in it.
pub(in crate::conformance::rules) fn is_tangled(document: &Document) -> bool {
    let mut anomalies = document.anomalies().iter();
    document.anomalies_omitted() > 0 || anomalies.any(|anomaly| tangles(anomaly.kind))
}

fn tangles(kind: AnomalyKind) -> bool {
    use AnomalyKind as K;
    matches!(
        kind,
        K::BodyTooLong
            | K::Truncated
            | K::TooDeep
            | K::TooManyElements
            | K::TooManyNamespaces
            | K::UnknownMarkup
            | K::UnterminatedMarkup
            | K::UnexpectedEndTag
            | K::UnclosedElement
            | K::UnclosedRoot
            | K::BareLessThan
            | K::AttributeWithoutValue
            | K::UnquotedAttribute
            | K::InvalidName
            | K::NoElement
    )
}

/// The document is well-formed, as far as it was read.
pub(in crate::conformance::rules) fn is_well_formed(document: &Document) -> bool {
    let anomalies = document.anomalies();
    let has_dtd = anomalies
        .iter()
        .any(|anomaly| anomaly.kind == AnomalyKind::Doctype);
    !anomalies
        .iter()
        .any(|anomaly| is_malformed(anomaly.kind, has_dtd))
}

/// What makes a document not well-formed. An entity is unknown only where no DTD could define it; several roots are Issue 1's way
/// of sending several envelopes, of which other rules speak.
fn is_malformed(kind: AnomalyKind, has_dtd: bool) -> bool {
    use AnomalyKind as K;
    match kind {
        K::UnknownEntity => !has_dtd,
        K::UnknownMarkup
        | K::UnterminatedMarkup
        | K::UnexpectedEndTag
        | K::UnclosedElement
        | K::UnclosedRoot
        | K::BareLessThan
        | K::AttributeWithoutValue
        | K::UnquotedAttribute
        | K::InvalidName
        | K::InvalidUtf8
        | K::UndecodableBytes
        | K::ControlCharacter
        | K::BareAmpersand
        | K::InvalidCharacterReference
        | K::LessThanInAttribute
        | K::AttributesNotSeparated
        | K::DuplicateAttribute
        | K::MisplacedDeclaration
        | K::DoubleHyphenInComment
        | K::MismatchedEndTag
        | K::TextBeforeRoot
        | K::TextAfterRoot => true,
        _ => false,
    }
}

fn xml(seen: &Seen<'_>, document: &Document, findings: &mut Findings) {
    if let Some(instruction) = document.processing_instructions().next() {
        let draft = seen.breaks(&INSTRUCTION).body(instruction);
        findings.add(draft.because("there is a processing instruction"));
    }
    let anomalies = document.anomalies();
    if anomalies.is_empty() {
        return;
    }
    let of = |wanted: AnomalyKind| anomalies.iter().find(|anomaly| anomaly.kind == wanted);
    // Where the limits of this program cut the document, its end is no breach of anybody's.
    let cut = [
        AnomalyKind::BodyTooLong,
        AnomalyKind::Truncated,
        AnomalyKind::TooManyElements,
        AnomalyKind::TooDeep,
    ];
    if cut.into_iter().any(|kind| of(kind).is_some()) {
        return;
    }
    let doctype = of(AnomalyKind::Doctype);
    if let Some(doctype) = doctype {
        let draft = at(seen, &DOCTYPE, doctype);
        findings.add(draft.because("there is a document type declaration"));
    }
    if let Some(old) = of(AnomalyKind::OldSchemaNamespace).filter(|_| !seen.is_issue_1()) {
        let draft = at(seen, &OLD_SCHEMA, old);
        findings.add(draft.because("a namespace of XML Schema from before 2001 is declared"));
    }
    let malformed = |anomaly: &&Anomaly| is_malformed(anomaly.kind, doctype.is_some());
    let count = anomalies.iter().filter(malformed).count();
    if let Some(first) = anomalies.iter().find(malformed) {
        let position = document.position(first.offset);
        let more = if count > 1 {
            format!(", and {} more", count - 1)
        } else {
            String::new()
        };
        findings.add(at(seen, &WELL_FORMED, first).because(format!(
            "line {}, column {}: {}{more}",
            position.line,
            position.column,
            first.kind.name().replace('-', " ")
        )));
    }
    if let Some(root) = of(AnomalyKind::NotAnEnvelope).filter(|_| seen.status() < 400) {
        let name = document
            .roots()
            .map(|root| root.name())
            .find(|name| *name != "Envelope");
        let draft = at(seen, &ENVELOPE, root);
        findings.add(draft.because(format!("the root element is {}", name.unwrap_or_default())));
    }
}

fn at(seen: &Seen<'_>, rule: &'static Rule, anomaly: &Anomaly) -> Draft {
    seen.breaks(rule).body(anomaly.offset..anomaly.offset + 1)
}

fn frame(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, findings: &mut Findings) {
    let element = envelope.element();
    if element.namespace() != Some(SOAP) {
        let namespace = element.namespace().unwrap_or("none that is declared");
        let draft = seen.breaks_at(&ENVELOPE, element);
        findings.add(draft.because(format!("the namespace of Envelope is {namespace}")));
    }
    let (mut bodies, mut headers) = (0, 0);
    let mut misplaced = None;
    for child in element.children() {
        let odd = match child.name() {
            "Header" => {
                headers += 1;
                headers > 1 || bodies > 0
            }
            "Body" => {
                bodies += 1;
                false
            }
            _ => bodies == 0 || !child.is_qualified(),
        };
        if odd && misplaced.is_none() {
            misplaced = Some(child);
        }
    }
    if bodies != 1 {
        let draft = seen.breaks_at(&ONE_BODY, element);
        findings.add(draft.because(format!("the Envelope has {bodies} Body elements")));
    }
    if let Some(child) = misplaced {
        let draft = seen.breaks_at(&ORDER, child);
        findings.add(draft.because(format!("{} stands where it does not belong", child.name())));
    }
}

fn body(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, findings: &mut Findings) {
    let Some(body) = envelope.body() else {
        return;
    };
    let entries = body.children().count();
    if entries == 1 {
        return;
    }
    let of_1_0 = envelope
        .version_hint()
        .is_none_or(|version| version == Version::V1_0);
    let holds = envelope.header_text("HoldRequests").is_some();
    let mut draft = seen.breaks_at(&ONE_MESSAGE, body);
    if entries == 0 && holds && of_1_0 {
        // Issue 1 lets the ACS change HoldRequests with an envelope that says nothing else.
        draft = draft.at_most(Severity::Info);
    } else if entries > 1 && of_1_0 && seen.is_issue_1() {
        draft = draft.at_most(Severity::Warning);
    }
    let because = if entries == 0 {
        "the Body is empty".to_owned()
    } else {
        format!("the Body holds {entries} elements")
    };
    findings.add(draft.because(because));
}

fn namespaces(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, findings: &mut Findings) {
    let is_cwmp = |element: Element<'_>| element.namespace().is_some_and(is_cwmp);
    if let Some(message) = envelope.message()
        && matches!(envelope.kind(), Kind::Request | Kind::Response)
        && schema::message(message.name()).is_some()
        && !is_cwmp(message)
    {
        findings.add(misplaced(seen, message));
    }
    let headers = envelope
        .header()
        .into_iter()
        .flat_map(|header| header.children());
    for header in headers.take(HEADERS_MAX) {
        if !header.is_qualified() {
            let draft = seen.breaks_at(&BARE_HEADER, header);
            findings.add(draft.because(format!("the header {} is in no namespace", header.name())));
        } else if schema::HEADERS.contains(&header.name()) && !is_cwmp(header) {
            findings.add(misplaced(seen, header));
        }
    }
}

fn misplaced(seen: &Seen<'_>, element: Element<'_>) -> Draft {
    let name = element.name();
    let said = match (element.prefix(), element.namespace()) {
        (_, Some(namespace)) => format!("{name} is in the namespace {namespace}"),
        (Some(prefix), None) => format!("the prefix {prefix} of {name} is not declared"),
        (None, None) => format!("{name} is in no namespace"),
    };
    seen.breaks_at(&CWMP_NAMESPACE, element).because(said)
}

/// A namespace of CWMP, whatever its version is written as; of that, other rules speak.
fn is_cwmp(namespace: &str) -> bool {
    namespace.starts_with("urn:dslforum-org:cwmp")
}

fn encoding_style(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, findings: &mut Findings) {
    let parts = [
        Some(envelope.element()),
        envelope.header(),
        envelope.body(),
        envelope.message(),
    ];
    for element in parts.into_iter().flatten() {
        let Some(style) = element.attribute("encodingStyle") else {
            continue;
        };
        let value = style.value();
        let mut styles = value.split_whitespace().peekable();
        let known = styles.peek().is_none() || styles.any(|style| style.starts_with(SOAP_ENCODING));
        if !known {
            let draft = seen.breaks_at(&ENCODING_STYLE, element);
            findings.add(draft.because(format!("encodingStyle is {value}")));
            return;
        }
    }
}

/// The first character beyond ASCII in a value: in an element without elements.
fn raw_characters(seen: &Seen<'_>, document: &Document, findings: &mut Findings) {
    let text = document.text();
    if text.is_ascii() || seen.version() < Version::V1_2 {
        return;
    }
    let in_value = |element: &Element<'_>| element.is_leaf() && !element.content().is_ascii();
    let Some(element) = document.elements().find(in_value) else {
        return;
    };
    let content = element.content();
    let within = content.iter().position(|byte| !byte.is_ascii());
    let start = element.content_offset() + within.unwrap_or_default();
    let range: Range<usize> = start..start + 1;
    let draft = seen.breaks(&RAW_CHARACTER).body(range);
    findings.add(draft.because(format!(
        "{} holds characters beyond ASCII as they are",
        element.name()
    )));
}

/// Headers looked at in one message; CWMP has six.
const HEADERS_MAX: usize = 64;
