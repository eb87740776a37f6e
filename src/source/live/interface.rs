//! One interface that is listened to: its handle, and the packet that it gives next.

use link::LinkType;
use pcap::{Active, Capture as Handle, Precision};

use super::link_state::Link;
use super::turns::Known;
use super::{LinkState, LiveError, LiveOptions};
use crate::source::frame::{Content, Frame, FrameId, Timestamp};

/// One of them.
pub(super) struct Interface {
    pub(super) name: String,
    pub(super) handle: Handle<Active>,
    pub(super) link_type: LinkType,
    /// The packet that is to be given next, copied out of the ring.
    pub(super) head: Head,
    pub(super) holds: bool,
    /// When nothing was there, in nanoseconds since 1970: looked at again only when it matters, since that costs a call of the system.
    pub(super) empty_at_ns: i64,
    pub(super) dropped: u32,
    pub(super) dropped_by_interface: u32,
    link: Link,
    /// Why nothing comes of it any more.
    pub(super) gone: Option<String>,
}

#[derive(Default)]
pub(super) struct Head {
    pub(super) time: Timestamp,
    pub(super) original_bytes: u32,
    pub(super) bytes: Vec<u8>,
}

impl Interface {
    pub(super) fn open(name: &str, options: &LiveOptions) -> Result<Self, LiveError> {
        let trouble = |what: String| LiveError::Open {
            interface: name.to_owned(),
            what,
        };
        let handle = Handle::from_device(name).map_err(|error| trouble(words(&error)))?;
        let mut handle = handle
            .buffer_size(i32::try_from(options.buffer_bytes).unwrap_or(i32::MAX))
            .snaplen(i32::try_from(options.snap_bytes).unwrap_or(i32::MAX))
            .promisc(options.promiscuous && name != ANY)
            .precision(Precision::Nano)
            .timeout(BLOCK_MS)
            .open()
            .and_then(Handle::setnonblock)
            .map_err(|error| trouble(rights(&error)))?;
        if let Some(filter) = &options.filter {
            let compiled = handle.filter(filter, true);
            compiled.map_err(|error| LiveError::Filter {
                filter: filter.clone(),
                what: words(&error),
            })?;
        }
        let link_type = link_type(handle.get_datalink().0);
        Ok(Self {
            name: name.to_owned(),
            handle,
            link_type,
            head: Head::default(),
            holds: false,
            empty_at_ns: 0,
            dropped: 0,
            dropped_by_interface: 0,
            link: Link::of(name),
            gone: None,
        })
    }

    /// The next packet becomes the head, where one is there.
    pub(super) fn fill(&mut self) -> Result<(), String> {
        match self.handle.next_packet() {
            Ok(packet) => {
                let seconds = packet.header.ts.tv_sec;
                // With nanoseconds asked for, they stand in the place of microseconds.
                let nanoseconds = packet.header.ts.tv_usec;
                self.head.time = Timestamp {
                    nanoseconds: seconds
                        .saturating_mul(1_000_000_000)
                        .saturating_add(nanoseconds),
                    digits: 9,
                };
                self.head.original_bytes = packet.header.len;
                self.head.bytes.clear();
                self.head.bytes.extend_from_slice(packet.data);
                self.holds = true;
                Ok(())
            }
            Err(pcap::Error::TimeoutExpired | pcap::Error::NoMorePackets) => {
                self.empty_at_ns = super::now().nanoseconds;
                Ok(())
            }
            Err(error) => Err(words(&error)),
        }
    }

    pub(super) fn frame(&self, id: FrameId) -> Frame<'_> {
        Frame {
            id,
            time: self.head.time,
            content: Content::Packet {
                link_type: self.link_type,
                original_length: self.head.original_bytes,
            },
            bytes: &self.head.bytes,
            buffer: None,
            secrets: &[],
        }
    }

    /// Whether it has a packet, and of when.
    pub(super) fn known(&self) -> Known {
        if self.holds {
            Known::Holds(self.head.time.nanoseconds)
        } else {
            Known::EmptyAt(self.empty_at_ns)
        }
    }

    /// Whether it is up, where that can be told.
    pub(super) fn state(&self) -> LinkState {
        match &self.gone {
            Some(_) => LinkState::Gone,
            None => self.link.state(),
        }
    }

    /// Packets dropped, by the kernel and by the interface.
    pub(super) fn counts(&self) -> u64 {
        u64::from(self.dropped) + u64::from(self.dropped_by_interface)
    }
}

/// What libpcap says, without its own prefix.
fn words(error: &pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The same, and what to do where rights are missing.
fn rights(error: &pcap::Error) -> String {
    let words = words(error);
    let lower = words.to_ascii_lowercase();
    if lower.contains("permission") || lower.contains("not permitted") {
        return format!(
            "{words}: run it as root, or once give the program the right: setcap cap_net_raw+ep $(command -v informant)"
        );
    }
    words
}

/// The number that files have for what libpcap calls otherwise on this system (pcap-linktype(7)).
fn link_type(number: i32) -> LinkType {
    match number {
        DLT_RAW | DLT_RAW_OF_OTHERS => LinkType(LINKTYPE_RAW),
        other => LinkType(u16::try_from(other).unwrap_or(u16::MAX)),
    }
}

const ANY: &str = "any";
const DLT_RAW: i32 = 12;
const DLT_RAW_OF_OTHERS: i32 = 14;
const LINKTYPE_RAW: u16 = 101;
/// After so many milliseconds the kernel hands over a block that is not full.
const BLOCK_MS: i32 = 20;
