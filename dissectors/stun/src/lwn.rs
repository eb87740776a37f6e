//! Lightweight notifications: one datagram in which a device tells changed values without a session.
//!
//! The body is XML of cwmp-UDPLightweightNotification-1-0.xsd. Annex M of TR-069 Amendment 5 sends it by UDP behind an
//! HTTP-like head with a `Signature` header, the HMAC-SHA1 of the body keyed with ManagementServer.Password; real
//! senders bend that head badly. With and without head, bare or in a SOAP envelope, all is read.

mod body;
mod schema;

use crate::anomaly::{Anomalies, Anomaly, AnomalyKind};
use crate::head::{self, Head, Header};
use crate::signature::{Signature, SignedText, check};
use crate::span::Span;

pub use body::{Parameter, Text};

/// A lightweight notification, as far as the capture has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notification {
    /// The first line of the head; empty if there is none.
    pub first_line: Span,
    /// The head's lines.
    pub headers: Vec<Header>,
    /// The XML.
    pub body: Span,
    /// Whether the XML is a SOAP envelope.
    pub envelope: bool,
    /// `TS`: seconds since 1970.
    pub timestamp: Option<Text>,
    /// `UN`: ManagementServer.Username.
    pub username: Option<Text>,
    /// `CN`: a random text.
    pub cnonce: Option<Text>,
    /// `OUI` of the device.
    pub oui: Option<Text>,
    /// `ProductClass` of the device.
    pub product_class: Option<Text>,
    /// `SerialNumber` of the device.
    pub serial_number: Option<Text>,
    /// The parameters and their values, in their order.
    pub parameters: Vec<Parameter>,
    /// What was odd.
    pub anomalies: Vec<Anomaly>,
    bytes: Vec<u8>,
    wire_bytes: usize,
}

/// Whether a UDP payload is a lightweight notification: XML or a POST, with the notification's namespace in it.
///
/// Only payloads that begin with `<`, `POST`, blanks or a byte order mark are searched.
pub fn recognise(payload: &[u8]) -> bool {
    let text = payload.strip_prefix(BYTE_ORDER_MARK).unwrap_or(payload);
    let text = text.trim_ascii_start();
    let begins = text.first() == Some(&b'<')
        || text
            .get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"POST "));
    begins && memchr::memmem::find(text, NAMESPACE_START).is_some()
}

/// Reads a UDP payload of `wire_bytes` on the wire; `None` if it is no lightweight notification at all.
///
/// To fuzz it, take the first two input bytes as what to add to the length of the rest for `wire_bytes`, and assert that
/// every offset that comes out is inside the payload and that [`Notification::verify`] returns.
pub fn parse(payload: &[u8], wire_bytes: usize) -> Option<Notification> {
    if !recognise(payload) {
        return None;
    }
    let mut notification = Notification {
        bytes: payload.to_vec(),
        wire_bytes: wire_bytes.max(payload.len()),
        ..Notification::default()
    };
    let mut anomalies = Anomalies::default();
    notification.read_head(&mut anomalies);
    body::read(&mut notification, payload, &mut anomalies);
    schema::check(&notification, &mut anomalies);
    notification.anomalies = anomalies.list;
    notification.anomalies.sort_by_key(|anomaly| anomaly.offset);
    Some(notification)
}

impl Notification {
    /// The UDP payload as far as the capture has it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the UDP payload on the wire.
    pub fn wire_bytes(&self) -> usize {
        self.wire_bytes
    }

    /// Whether the capture has less of the payload than there was on the wire.
    pub fn is_truncated(&self) -> bool {
        self.bytes.len() < self.wire_bytes
    }

    /// The bytes of a range.
    pub fn raw(&self, span: Span) -> &[u8] {
        span.of(&self.bytes)
    }

    /// The first header of a name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let header = Head::find(&self.headers, &self.bytes, name)?;
        Some(self.raw(header.value))
    }

    /// `TS` as a number.
    pub fn timestamp_s(&self) -> Option<u64> {
        self.timestamp.as_ref()?.value.trim().parse().ok()
    }

    /// Checks the `Signature` header with ManagementServer.Password.
    pub fn verify(&self, password: &[u8]) -> Signature {
        let Some(signature) = self.header("Signature") else {
            return Signature::Absent;
        };
        if self.is_truncated() {
            return Signature::Truncated;
        }
        let body = self.raw(self.body);
        let texts = [
            (SignedText::Decoded, body.to_vec()),
            (SignedText::Trimmed, body.trim_ascii().to_vec()),
        ];
        check(signature, password, &texts)
    }

    /// The head, if the XML does not begin at once.
    fn read_head(&mut self, anomalies: &mut Anomalies) {
        let all = Span::new(0, self.bytes.len());
        let begins = self
            .bytes
            .strip_prefix(BYTE_ORDER_MARK)
            .unwrap_or(&self.bytes);
        if begins.trim_ascii_start().first() == Some(&b'<') {
            self.body = all;
            return;
        }
        let head = head::read(&self.bytes, !self.is_truncated(), anomalies);
        self.first_line = head.first_line.trimmed(&self.bytes);
        self.headers = head.headers;
        self.body = head.body;
        self.check_head(anomalies);
    }

    fn check_head(&self, anomalies: &mut Anomalies) {
        let line = self.raw(self.first_line);
        if !line.starts_with(b"POST ") {
            anomalies.add(AnomalyKind::MethodOdd, self.first_line.start);
        }
        if !line.ends_with(b" HTTP/1.1") {
            anomalies.add(AnomalyKind::VersionOdd, self.first_line.start);
        }
        if self.header("Host").is_none() {
            anomalies.add(AnomalyKind::HostMissing, self.first_line.start);
        }
        let body = self.wire_bytes.saturating_sub(self.body.start).to_string();
        if let Some(length) = Head::find(&self.headers, &self.bytes, "Content-Length")
            && self.raw(length.value) != body.as_bytes()
        {
            anomalies.add(AnomalyKind::ContentLengthOdd, length.value.start);
        }
    }
}

/// What the XML's namespace begins with, whatever its version.
const NAMESPACE_START: &[u8] = b"urn:broadband-forum-org:cwmp:lwnotif-1-";

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

#[cfg(test)]
mod tests;
