//! Values of an HTTP message, and what the records of one have in common.

use super::came_of::of_came_of;
use super::value::{Ask, PartOfDevice, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Used};
use crate::session::{Message, OverlapConflict};

/// An HTTP message as a record of its own.
pub(in crate::filter) struct HttpRecord<'a>(pub &'a Message);

impl Record for HttpRecord<'_> {
    const KIND: RecordKind = RecordKind::Http;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        let Self(message) = self;
        let http = &message.http;
        let is_request = http.kind() == http1::Kind::Request;
        match name.name.field {
            Field::Protocol => ask.text("http"),
            Field::Kind => ask.text(if is_request { "request" } else { "response" }),
            Field::Method => is_request && ask.bytes(http.method()),
            Field::Target => is_request && ask.bytes(http.target()),
            Field::Status => !is_request && ask.whole(http.status()),
            Field::Version => ask.bytes(http.version()),
            Field::Headers => http.headers().any(|header| ask.bytes(&line(&header))),
            Field::HeaderNamed => named(http, &name.path, ask),
            Field::BodyBytes => ask.whole(http.body_bytes),
            Field::BodyComplete => ask.boolean(http.body_complete),
            Field::Connection => ask.whole(message.provenance.connection),
            Field::Role => ask.text(message.role.name()),
            Field::Authorization
            | Field::AuthorizationScheme
            | Field::AuthorizationUser
            | Field::AuthorizationValid => of_authorization(message, name.name.field, ask),
            field @ (Field::Result | Field::Reasons(_)) => {
                of_came_of(message.came_of.as_deref(), field, ask)
            }
            Field::Lossy => is_lossy(message) && ask.boolean(true),
            Field::Anomalies => ask.group(!http.anomalies.is_empty()),
            Field::AnomalyKind => http.anomalies.iter().any(|odd| ask.text(odd.kind.name())),
            Field::AnomalyOffset => http.anomalies.iter().any(|odd| ask.whole(odd.offset)),
            field => {
                message
                    .provenance
                    .overlaps
                    .iter()
                    .any(|overlap| of_overlap(overlap, field, ask))
                    || of_message(message, field, ask)
            }
        }
    }
}

/// Values of an Authorization header.
fn of_authorization(message: &Message, field: Field, ask: &mut Ask<'_>) -> bool {
    let Some(given) = message.authorization() else {
        return false;
    };
    match field {
        Field::AuthorizationScheme => ask.text(given.scheme.name()),
        Field::AuthorizationUser => ask.maybe(given.user_name.as_deref()),
        Field::AuthorizationValid => given.valid.is_some_and(|valid| ask.boolean(valid)),
        _ => ask.group(true),
    }
}

/// Values of bytes that came twice and were not the same.
fn of_overlap(overlap: &OverlapConflict, field: Field, ask: &mut Ask<'_>) -> bool {
    let frames = [overlap.kept_frame, overlap.other_frame];
    match field {
        Field::Overlaps => ask.group(true),
        Field::OverlapOffset => ask.whole(overlap.offset),
        Field::OverlapBytes => ask.whole(overlap.length),
        Field::OverlapFrames => ask.frames(frames),
        Field::OverlapFrameFiles => ask.frame_files(frames),
        Field::OverlapKept => ask.bytes(&overlap.kept),
        Field::OverlapOther => ask.bytes(&overlap.other),
        _ => false,
    }
}

/// Values that every record of an HTTP message has.
pub(super) fn of_message(message: &Message, field: Field, ask: &mut Ask<'_>) -> bool {
    let provenance = &message.provenance;
    let device = message.device.as_deref();
    let mut frames = provenance.carried.iter().map(|carried| carried.frame);
    match field {
        Field::Record => ask.text("message"),
        Field::Time => ask.time(provenance.time),
        Field::Frames => ask.frames(frames.by_ref()),
        Field::FrameFiles => ask.frame_files(frames.by_ref()),
        Field::From => ask.text(message.from.name()),
        Field::Source => ask.text(&provenance.source.to_string()),
        Field::Destination => ask.text(&provenance.destination.to_string()),
        Field::Session => message.session.is_some_and(|session| ask.whole(session)),
        field => of_device_id(device, field, ask),
    }
}

/// What a device's id tells.
pub(super) fn of_device_id(device: Option<&str>, field: Field, ask: &mut Ask<'_>) -> bool {
    match field {
        Field::Device => ask.maybe(device),
        Field::Oui => ask.part_of_device(device, PartOfDevice::Oui),
        Field::ProductClass => ask.part_of_device(device, PartOfDevice::ProductClass),
        Field::SerialNumber => ask.part_of_device(device, PartOfDevice::SerialNumber),
        _ => false,
    }
}

pub(super) fn line(header: &http1::Header<'_>) -> Vec<u8> {
    [header.name, b": ", &header.value].concat()
}

/// Names of header fields know no case (RFC 9110 section 5.1).
pub(super) fn named(http: &http1::Message, path: &[String], ask: &mut Ask<'_>) -> bool {
    let Some(name) = path.first() else {
        return false;
    };
    http.header_all(name).any(|value| ask.bytes(&value))
}

fn is_lossy(message: &Message) -> bool {
    let http = &message.http;
    let is_no_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_err();
    is_no_text(http.method())
        || is_no_text(http.target())
        || is_no_text(http.version())
        || http
            .headers()
            .any(|header| is_no_text(header.name) || is_no_text(&header.value))
        || message
            .provenance
            .overlaps
            .iter()
            .any(|overlap| is_no_text(&overlap.kept) || is_no_text(&overlap.other))
}
