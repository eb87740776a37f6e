//! The document of `summary -T json`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::{CountsRecord, time};
use crate::conformance::Counts;
use crate::report::escape;
use crate::session::{Device, Summary};
use crate::source::{FileFacts, FileFormat};

/// What a whole capture came to.
#[derive(Debug, Serialize)]
pub struct SummaryRecord<'a> {
    files: Vec<FileRecord<'a>>,
    packets: Packets<'a>,
    tcp: Tcp,
    http: Http,
    cwmp: Cwmp<'a>,
    stun: Stun,
    udp_connection_requests: u64,
    http_connection_requests: u64,
    dhcp: Dhcp,
    tls: Tls<'a>,
    devices: Vec<DeviceRecord<'a>>,
    findings: Option<CountsRecord>,
    limits_reached: &'a BTreeMap<&'static str, u64>,
}

impl<'a> SummaryRecord<'a> {
    /// The document of a summary of these inputs.
    #[must_use]
    pub fn new(summary: &'a Summary, paths: &'a [PathBuf]) -> Self {
        let (packets, tcp, cwmp) = (&summary.packets, &summary.tcp, &summary.cwmp);
        let datagrams = &summary.datagrams;
        Self {
            files: summary
                .files
                .iter()
                .enumerate()
                .map(|(at, file)| FileRecord::new(file, paths.get(at)))
                .collect(),
            packets: Packets {
                unread_protocols: &packets.unread,
                unsupported_link_types: &packets.unsupported_link,
                ip: packets.ip,
                tcp: packets.tcp,
                udp: packets.udp,
                fragments: packets.fragments,
                fragment_conflicts: packets.fragment_conflicts,
                malformed: packets.malformed,
                unsupported_link: packets.unsupported_link.values().sum(),
            },
            tcp: Tcp {
                connections: tcp.connections,
                gaps: tcp.gaps,
                retransmissions: tcp.retransmissions,
                out_of_order: tcp.out_of_order,
                overlap_conflicts: tcp.overlap_conflicts,
                copies: tcp.copies,
            },
            http: Http {
                requests: summary.http_requests,
                responses: summary.http_responses,
                stray_bytes: summary.http_stray_bytes,
            },
            cwmp: Cwmp {
                sessions: cwmp.sessions,
                messages: &cwmp.messages,
                empty_posts: cwmp.empty_posts,
                faults: &cwmp.faults,
                undecodable: cwmp.undecodable,
            },
            stun: Stun {
                messages: datagrams.stun,
                tr111: datagrams.stun_tr111,
            },
            udp_connection_requests: datagrams.connection_requests,
            http_connection_requests: summary.http_connection_requests,
            dhcp: Dhcp {
                messages: datagrams.dhcp,
                option_125: datagrams.dhcp_option_125,
            },
            tls: Tls {
                connections: summary.tls.connections,
                decrypted: summary.tls.decrypted,
                undecrypted: &summary.tls.undecrypted,
            },
            devices: summary.devices.iter().map(DeviceRecord::new).collect(),
            findings: None,
            limits_reached: &summary.limits_reached,
        }
    }

    /// The same with how many findings there are, where that is known.
    #[must_use]
    pub fn with_findings(mut self, counts: Option<Counts>) -> Self {
        self.findings = counts.map(CountsRecord::new);
        self
    }
}

#[derive(Debug, Serialize)]
struct Stun {
    messages: u64,
    tr111: u64,
}

#[derive(Debug, Serialize)]
struct Dhcp {
    messages: u64,
    option_125: u64,
}

#[derive(Debug, Serialize)]
struct Tls<'a> {
    connections: u64,
    decrypted: u64,
    undecrypted: &'a BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
struct FileRecord<'a> {
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lossy: bool,
    format: Option<&'static str>,
    link_types: Vec<String>,
    frames: u64,
    bytes: u64,
    first: Option<String>,
    last: Option<String>,
    truncated: bool,
}

impl<'a> FileRecord<'a> {
    /// A path is bytes, not all of which are text.
    fn new(file: &'a FileFacts, path: Option<&'a PathBuf>) -> Self {
        let (path, lossy) = path.map_or((Cow::Borrowed(file.path.as_str()), false), |path| {
            escape::lossy(path.as_os_str().as_encoded_bytes())
        });
        Self {
            path,
            lossy,
            format: file.format.map(FileFormat::name),
            link_types: file
                .link_types
                .iter()
                .map(|link_type| link_type.name().to_string())
                .collect(),
            frames: file.frames,
            bytes: file.bytes,
            first: time(file.first),
            last: time(file.last),
            truncated: file.truncated,
        }
    }
}

#[derive(Debug, Serialize)]
struct Packets<'a> {
    ip: u64,
    tcp: u64,
    udp: u64,
    fragments: u64,
    fragment_conflicts: u64,
    malformed: u64,
    unsupported_link: u64,
    unsupported_link_types: &'a BTreeMap<String, u64>,
    unread_protocols: &'a BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
struct Tcp {
    connections: u64,
    gaps: u64,
    retransmissions: u64,
    out_of_order: u64,
    overlap_conflicts: u64,
    copies: u64,
}

#[derive(Debug, Serialize)]
struct Http {
    requests: u64,
    responses: u64,
    stray_bytes: u64,
}

#[derive(Debug, Serialize)]
struct Cwmp<'a> {
    sessions: u64,
    messages: &'a BTreeMap<String, u64>,
    empty_posts: u64,
    faults: &'a BTreeMap<String, u64>,
    undecodable: u64,
}

#[derive(Debug, Serialize)]
struct DeviceRecord<'a> {
    device: &'a str,
    oui: Option<&'a str>,
    serial_number: Option<&'a str>,
    product_class: Option<&'a str>,
    manufacturer: Option<&'a str>,
    addresses: Vec<String>,
    sessions: u32,
}

impl<'a> DeviceRecord<'a> {
    fn new(device: &'a Device) -> Self {
        Self {
            device: &device.device,
            oui: device.oui.as_deref(),
            serial_number: device.serial_number.as_deref(),
            product_class: device.product_class.as_deref(),
            manufacturer: device.manufacturer.as_deref(),
            addresses: device.addresses.iter().map(ToString::to_string).collect(),
            sessions: device.sessions,
        }
    }
}
