//! The RPCs of a body: every one that any parser could find there.

use std::collections::BTreeMap;

use cwmp::schema;
use cwmp::{Anomaly, AnomalyKind, Document, Element, Hints, Limits};

use super::http::{Payload, Receiver};
use super::tags::{self, Tags};
use super::{Classified, arguments, methods, pages, paths, worst};

/// The class of what a message carries.
pub(super) fn classify(payload: &Payload<'_>) -> Classified {
    let body = payload.body;
    if body.trim_ascii().is_empty() {
        return Classified::read(None, "no body");
    }
    if memchr::memchr(0, body).is_some() {
        return Classified::uncertain("a NUL stands in the body");
    }
    let hints = Hints {
        charset: payload.charset.as_deref(),
        complete: true,
    };
    let document = cwmp::parse(body.to_vec(), &hints, &LIMITS);
    if !is_plain(document.encoding(), body) {
        let why = format!("its text is in {}", document.encoding());
        return Classified::uncertain(&why);
    }
    let found = tags::scan(document.text());
    if pages::is_page(payload, &document, &found) {
        return Classified::read(None, "a page for people");
    }
    match read(&document, payload) {
        Ok(read) => with_hidden(read, &document, &found, payload),
        Err(why) => Classified::uncertain(&why),
    }
}

/// Markup is written in ASCII, whatever the text.
fn is_plain(encoding: &str, body: &[u8]) -> bool {
    let of_bytes = || {
        encoding == "UTF-8"
            || encoding.starts_with("windows-125")
            || encoding.starts_with("ISO-8859-")
    };
    let shifts = || encoding == "ISO-2022-JP" || encoding.starts_with("UTF-16");
    of_bytes() || body.is_ascii() && !shifts()
}

/// Why a head cannot be what it seems: a tag of a message stands in it.
pub(super) fn in_head(head: &[u8]) -> Option<&'static str> {
    let found = tags::scan(head);
    let counts = [
        found.envelopes,
        found.bodies,
        found.vendors,
        found.harmful.len(),
    ];
    let is_there = found.torn || counts.into_iter().sum::<usize>() > 0;
    is_there.then_some("a tag of a message stands in its head")
}

/// What was read of a document.
struct Read {
    classified: Classified,
    /// Tags that it accounts for.
    told: Tags,
}

/// All messages of all envelopes, where the document can be read in one way.
fn read(document: &Document, payload: &Payload<'_>) -> Result<Read, String> {
    certain(document, payload)?;
    let to = payload.to;
    let mut told = Tags::default();
    let mut messages = Vec::new();
    for element in document.elements() {
        told.note_strange(element.name().as_bytes());
    }
    for root in document.roots() {
        if root.name() != "Envelope" {
            return Err("something else than an Envelope is outermost".to_owned());
        }
        told.envelopes += 1;
        let body = body(root, to)?;
        told.bodies += usize::from(body.is_some());
        for message in body.iter().flat_map(Element::children) {
            if to == Receiver::Cpe && message.descendants().any(is_strange) {
                return Err("a message holds an element that TR-069 does not have there".to_owned());
            }
            told.note_name(message.name().as_bytes());
            messages.push(classify_message(message, to));
        }
    }
    Ok(Read {
        classified: worst(messages),
        told,
    })
}

/// No argument of TR-069 has this name: to a parser that looks everywhere it may be a method.
fn is_strange(element: Element<'_>) -> bool {
    !arguments::is_argument(element.name())
}

/// The Body of an envelope that holds nothing but a Header and a Body.
fn body(envelope: Element<'_>, to: Receiver) -> Result<Option<Element<'_>>, String> {
    let mut body = None;
    for part in envelope.children() {
        match part.name() {
            // An ACS finds no method there, whatever vendors' entries there are.
            "Header" if to == Receiver::Acs => {}
            "Header" => header(part)?,
            "Body" if body.is_none() => body = Some(part),
            "Body" => return Err("an Envelope has several Bodies".to_owned()),
            _ => return Err("an Envelope holds more than Header and Body".to_owned()),
        }
    }
    Ok(body)
}

/// Its entries are those of CWMP, or such as the libraries of servers add.
fn header(header: Element<'_>) -> Result<(), String> {
    let of_cwmp = |entry: Element<'_>| {
        schema::HEADERS.contains(&entry.name()) && entry.children().next().is_none()
    };
    let of_library = |entry: Element<'_>| {
        let mut all = std::iter::once(entry).chain(entry.descendants());
        all.all(|element| arguments::is_of_library(element.name()))
    };
    if header
        .children()
        .any(|entry| !of_cwmp(entry) && !of_library(entry))
    {
        return Err("its Header has an entry that TR-069 does not have".to_owned());
    }
    Ok(())
}

/// One element of a Body.
fn classify_message(message: Element<'_>, to: Receiver) -> Classified {
    let name = message.name();
    if name == "Fault" {
        return Classified::read(Some(name), "a fault");
    }
    if let Some(method) = name
        .strip_suffix("Response")
        .filter(|name| !name.is_empty())
    {
        return match to {
            Receiver::Cpe if !methods::is_asked_by_cpe(method) => {
                Classified::destroy(Some(name), "an answer that no ACS has to give")
            }
            _ => Classified::read(Some(name), "an answer"),
        };
    }
    let Some(class) = methods::class_of(name) else {
        return Classified::destroy(Some(name), "a method that TR-069 does not have");
    };
    if is_foreign(message) {
        return Classified::destroy(Some(name), "a method of another namespace than CWMP's");
    }
    let stake = paths::WRITING
        .contains(&name)
        .then(|| paths::at_stake(message))
        .flatten();
    match stake.filter(|stake| stake.class > class) {
        Some(stake) => Classified::new(stake.class, Some(name), &stake.why),
        None => Classified::new(class, Some(name), ""),
    }
}

/// In a namespace that is declared and not CWMP's.
fn is_foreign(message: Element<'_>) -> bool {
    message.namespace().is_some_and(|namespace| {
        let namespace = namespace.to_ascii_lowercase();
        !namespace.is_empty()
            && !namespace.contains("dslforum-org:cwmp")
            && !namespace.contains("broadband-forum-org:cwmp")
    })
}

/// What was read, unless tags stand there that it does not account for.
fn with_hidden(read: Read, document: &Document, found: &Tags, payload: &Payload<'_>) -> Classified {
    if let Some(hidden) = unaccounted(&found.harmful, &read.told.harmful) {
        return Classified::destroy(Some(hidden), "its tag stands where no message belongs");
    }
    if found.envelopes != read.told.envelopes || found.bodies != read.told.bodies {
        return Classified::uncertain("an Envelope or a Body stands where none belongs");
    }
    if payload.to == Receiver::Cpe {
        if found.strange > read.told.strange {
            let why = "a tag that may be a vendor's method stands where no element is";
            return Classified::destroy(None, why);
        }
        if let Some(hidden) = coded(document) {
            return Classified::destroy(Some(hidden), "its tag stands in a text, coded");
        }
    }
    if document.is_converted() || payload.coded.is_some() {
        let wire = tags::scan(payload.coded.unwrap_or(payload.body));
        if let Some(hidden) = unaccounted(&wire.harmful, &read.told.harmful) {
            return Classified::destroy(Some(hidden), "its tag stands in the coded bytes alone");
        }
    }
    read.classified
}

/// A method whose tag stands in a text once that is decoded.
fn coded(document: &Document) -> Option<&'static str> {
    let in_bytes = tags::scan_decoded(document.text());
    let in_bytes = in_bytes.and_then(|tags| tags.harmful.into_keys().next());
    in_bytes.or_else(|| {
        let texts = document.elements().map(|element| element.text());
        let mut marked = texts.filter(|text| text.contains('<'));
        marked.find_map(|text| tags::scan(text.as_bytes()).harmful.into_keys().next())
    })
}

/// A method whose tag was found more often than it was read.
fn unaccounted(
    found: &BTreeMap<&'static str, usize>,
    told: &BTreeMap<&'static str, usize>,
) -> Option<&'static str> {
    found
        .iter()
        .find(|(method, count)| told.get(*method) < Some(count))
        .map(|(method, _)| *method)
}

/// A document that has one reading: its markup is as XML wants it, whatever its values are.
fn certain(document: &Document, payload: &Payload<'_>) -> Result<(), String> {
    let to = payload.to;
    if document.anomalies_omitted() > 0 {
        return Err("its XML is bent in too many places".to_owned());
    }
    let odd = document
        .anomalies()
        .iter()
        .find(|odd| !is_harmless(odd.kind, to) && !is_cut_end_tag(document, odd));
    if let Some(odd) = odd {
        let at = document.position(odd.offset);
        return Err(format!(
            "XML: {} at line {}, column {}",
            odd.kind.name(),
            at.line,
            at.column
        ));
    }
    let has = |kind| document.anomalies().iter().any(|odd| odd.kind == kind);
    if has(AnomalyKind::InvalidUtf8) && pages::has_overlong(document.text()) {
        return Err("bytes that an old parser takes for other characters".to_owned());
    }
    if has(AnomalyKind::CharsetConflict) && !reads_alike(document, payload.body) {
        return Err("its labels name different charsets".to_owned());
    }
    if has(AnomalyKind::MisplacedDeclaration) && names_other_encoding(document.text()) {
        return Err("a second XML declaration names another encoding".to_owned());
    }
    Ok(())
}

/// The end cuts an end tag: simulators of phones that count characters for bytes leave some of their last tag out.
fn is_cut_end_tag(document: &Document, odd: &Anomaly) -> bool {
    let cut = document.text().get(odd.offset..).unwrap_or_default();
    odd.kind == AnomalyKind::UnterminatedMarkup && cut.starts_with(b"</")
}

/// Oddities of values, of namespaces and of what the schema says: none moves where an element begins or ends.
fn is_harmless(kind: AnomalyKind, to: Receiver) -> bool {
    use AnomalyKind as Kind;
    // An element that a message does not have may be a method to a parser that looks everywhere; no ACS has such methods.
    let is_strange = matches!(kind, Kind::UnknownArgument | Kind::ElementsInScalar);
    if is_strange {
        return to == Receiver::Acs;
    }
    matches!(
        kind,
        Kind::ByteOrderMark
            // Looked at on its own: most labels read ASCII alike.
            | Kind::CharsetConflict
            | Kind::InvalidUtf8
            | Kind::ControlCharacter
            | Kind::BareAmpersand
            | Kind::UnknownEntity
            | Kind::InvalidCharacterReference
            | Kind::MisplacedDeclaration
            // What the end closes holds what it held.
            | Kind::UnclosedRoot
            | Kind::UndeclaredPrefix
            | Kind::OldSchemaNamespace
            | Kind::SecondRoot
            | Kind::EnvelopeNamespace
            | Kind::SeveralMessagesInBody
            | Kind::MissingHeader
            | Kind::MissingId
            | Kind::MessageNamespace
            | Kind::QualifiedArgument
            | Kind::MissingArgument
            | Kind::ArgumentOutOfOrder
            | Kind::RepeatedArgument
            | Kind::MissingXsiType
            | Kind::MissingArrayType
            | Kind::ArrayTypeNamespace
            | Kind::ArrayCountMismatch
            | Kind::ArrayCountPadded
            | Kind::ArrayCountMissing
            | Kind::ArrayItemName
            | Kind::MixedContent
            | Kind::InvalidValue
            | Kind::DateTimeWithoutZone
    )
}

/// Whatever label is believed, the same tags stand there.
fn reads_alike(document: &Document, body: &[u8]) -> bool {
    let shifts = |byte: &u8| matches!(byte, 0x0E | 0x0F | 0x1B);
    body.is_ascii() && !body.iter().any(shifts) || !names_other_encoding(document.text())
}

/// An XML declaration, wherever it stands, names something else than an encoding of ASCII's kind.
fn names_other_encoding(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, b"<?").any(|at| {
        let rest = text.get(at..).unwrap_or_default();
        let rest = rest.get(..DECLARATION_BYTES_MAX).unwrap_or(rest);
        let Some(end) = memchr::memmem::find(rest, b"?>") else {
            return true;
        };
        let inside = rest.get(..end).unwrap_or_default().to_ascii_lowercase();
        memchr::memmem::find(&inside, b"encoding").is_some()
            && !ENCODINGS
                .iter()
                .any(|known| memchr::memmem::find(&inside, known).is_some())
    })
}

/// Of encodings in which each byte of ASCII is itself; `utf-7` has none of them in it.
const ENCODINGS: [&[u8]; 7] = [
    b"utf-8",
    b"utf8",
    b"ascii",
    b"iso-8859-",
    b"latin",
    b"windows-125",
    b"cp125",
];
const DECLARATION_BYTES_MAX: usize = 512;
const LIMITS: Limits = Limits {
    depth_max: 128,
    elements_max: 1_000_000,
    body_bytes_max: 16 << 20,
    anomalies_max: 100_000,
};
