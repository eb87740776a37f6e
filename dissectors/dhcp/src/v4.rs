//! DHCPv4 and BOOTP (RFC 951, RFC 2131, RFC 2132, RFC 3396).

mod header;
mod identity;
mod lease;
mod message_type;
mod options;
mod provisioning;
mod recognise;
mod vendor;
mod write;

pub use header::Header;
pub(crate) use identity::holds_announcement;
pub use identity::{ClientFqdn, ClientId};
pub use message_type::MessageType;
pub use options::{Opt, Place, Value};
pub use provisioning::{Provisioning, ServerName};
pub use recognise::recognise;
pub use vendor::{VendorForm, VendorSpecific};
pub use write::{Fields, OptionField, enterprise_blocks};

use std::ops::Range;

use crate::anomaly::Anomalies;
use crate::{Anomaly, AnomalyKind, Limits};
use options::Options;

/// One datagram: its fixed fields, and its options where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    bytes: &'a [u8],
    wire_bytes: usize,
    header: Header,
    has_cookie: bool,
    options: Options,
    /// The bytes behind END of the `options` field, where it has one; without a cookie, those behind the fixed fields.
    behind_end: Option<Range<usize>>,
    anomalies: Anomalies,
}

impl<'a> Message<'a> {
    /// Reads a UDP payload that was `wire_bytes` long on the wire, of which the capture kept `bytes`.
    ///
    /// Reads whatever it is given; whether it is DHCP is for [`recognise`] or the ports to say.
    pub fn parse(bytes: &'a [u8], wire_bytes: usize, limits: &Limits) -> Self {
        let wire_bytes = wire_bytes.max(bytes.len());
        let mut anomalies = Anomalies::new(limits.anomalies_max);
        let header = Header::parse(bytes);
        note_header(&header, wire_bytes, &mut anomalies);
        let has_cookie = bytes.get(COOKIE_AT..OPTIONS_AT) == Some(&COOKIE);
        let mut message = Self {
            bytes,
            wire_bytes,
            header,
            has_cookie,
            options: Options::default(),
            behind_end: None,
            anomalies,
        };
        if has_cookie {
            message.read_options(limits);
        } else {
            message.note_other_cookie();
        }
        message
    }

    /// The bytes that it was read from; every range counts from their first.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Did the capture keep less than the wire had?
    pub fn is_cut(&self) -> bool {
        self.bytes.len() < self.wire_bytes
    }

    /// The fixed fields.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Does the magic cookie stand before the options? Without it this is BOOTP, and its 64 bytes of vendor's use are not read.
    pub fn has_cookie(&self) -> bool {
        self.has_cookie
    }

    /// What was odd, up to the limit.
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies.listed
    }

    /// How many anomalies are not listed.
    pub fn unlisted_anomalies(&self) -> usize {
        self.anomalies.unlisted
    }

    /// The options where they stand, in the order in which they are joined: `options`, `file`, `sname`.
    pub fn options(&self) -> &[Opt] {
        &self.options.listed
    }

    /// The values by code, the pieces of each joined (RFC 3396 section 7).
    pub fn values(&self) -> impl Iterator<Item = Value<'_>> {
        self.options.values(self.bytes)
    }

    /// The value of a code, its pieces joined (RFC 3396 section 7).
    pub fn value(&self, code: u8) -> Option<&[u8]> {
        self.options.value(self.bytes, code)
    }

    /// The value of the first option with this code, for options that have one piece by definition.
    pub fn first_value(&self, code: u8) -> Option<&'a [u8]> {
        let first = self.options.first(code)?;
        self.bytes.get(first.value.clone())
    }

    /// Where a byte of a code's value stands in the payload, be the value joined or not.
    pub fn offset_in_value(&self, code: u8, value_offset: usize) -> Option<usize> {
        self.options.offset_in_value(code, value_offset)
    }

    /// The bytes behind END of the `options` field, mostly pad; of BOOTP without a cookie, the area for vendors.
    pub fn behind_end(&self) -> &'a [u8] {
        let behind = self.behind_end.clone().unwrap_or_default();
        self.bytes.get(behind).unwrap_or_default()
    }

    fn note_other_cookie(&mut self) {
        self.behind_end = Some(COOKIE_AT.min(self.bytes.len())..self.bytes.len());
        let place = self.bytes.get(COOKIE_AT..OPTIONS_AT);
        if place.is_some_and(|bytes| bytes.iter().any(|byte| *byte != 0)) {
            self.anomalies.note(AnomalyKind::MissingCookie, COOKIE_AT);
        }
    }

    fn read_options(&mut self, limits: &Limits) {
        let bytes = self.bytes;
        let walked = Options::read(bytes, self.wire_bytes, limits, &mut self.anomalies);
        self.options = walked.options;
        self.behind_end = walked.behind_end;
        vendor::note_misfits(self);
    }
}

fn note_header(header: &Header, wire_bytes: usize, anomalies: &mut Anomalies) {
    if wire_bytes < COOKIE_AT {
        anomalies.note(AnomalyKind::ShortHeader, wire_bytes);
    }
    if !matches!(header.operation, 1 | 2) {
        anomalies.note(AnomalyKind::OddOperation, 0);
    }
    if header.hardware_length > 16 {
        anomalies.note(AnomalyKind::OddHardwareLength, 2);
    }
}

/// RFC 2131 section 3: 99.130.83.99.
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Where `sname` stands (RFC 2131 section 2).
const SNAME: Range<usize> = 44..108;
/// Where `file` stands.
const FILE: Range<usize> = 108..236;
/// Where the magic cookie stands.
const COOKIE_AT: usize = 236;
/// Where the options begin.
const OPTIONS_AT: usize = 240;
