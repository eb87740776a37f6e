//! Packets of a section: enhanced, simple and obsolete.

use pcap_parser::{EPB_MAGIC, SPB_MAGIC};

use super::order::{OPB, too_short};
use super::section::Section;
use crate::source::capture_file::Record;
use crate::source::frame::FileFacts;

impl Section {
    /// Section 4.3.
    #[inline]
    pub fn enhanced_packet(
        &mut self,
        block: &[u8],
        number: u64,
        facts: &mut FileFacts,
    ) -> Result<Record, String> {
        let Some(&[_, _, _, _, _, _, _, _, i0, i1, i2, i3, ref rest @ ..]) =
            block.first_chunk::<PACKET_HEADER>()
        else {
            return Err(too_short(EPB_MAGIC));
        };
        let interface = self.order.u32([i0, i1, i2, i3]);
        self.packet(block, interface, rest, number, facts)
    }

    /// Appendix A: as the enhanced packet, with 16 bits of interface and 16 bits of drop count.
    pub fn obsolete_packet(
        &mut self,
        block: &[u8],
        number: u64,
        facts: &mut FileFacts,
    ) -> Result<Record, String> {
        let Some(&[_, _, _, _, _, _, _, _, i0, i1, _, _, ref rest @ ..]) =
            block.first_chunk::<PACKET_HEADER>()
        else {
            return Err(too_short(OPB));
        };
        let interface = u32::from(self.order.u16([i0, i1]));
        self.packet(block, interface, rest, number, facts)
    }

    #[inline]
    fn packet(
        &mut self,
        block: &[u8],
        interface: u32,
        &[
            h0,
            h1,
            h2,
            h3,
            l0,
            l1,
            l2,
            l3,
            c0,
            c1,
            c2,
            c3,
            o0,
            o1,
            o2,
            o3,
        ]: &[u8; 16],
        number: u64,
        facts: &mut FileFacts,
    ) -> Result<Record, String> {
        let Some(of) = self.interfaces.get(interface as usize) else {
            return Err(self.no_interface(number, interface));
        };
        let ticks = u64::from(self.order.u32([h0, h1, h2, h3])) << 32
            | u64::from(self.order.u32([l0, l1, l2, l3]));
        let length = self.order.u32([c0, c1, c2, c3]) as usize;
        let record = Record {
            start: PACKET_HEADER,
            length,
            original_length: self.order.u32([o0, o1, o2, o3]),
            time: Some(of.resolution.time(ticks)),
            link_type: Some(of.link_type),
        };
        let room = block.len().saturating_sub(PACKET_HEADER + 4);
        let Some(left) = room.checked_sub(length) else {
            return Err(format!(
                "frame {number} has {length} bytes in a block that holds {room}"
            ));
        };
        if left >= 8 {
            let options_at = PACKET_HEADER + length.next_multiple_of(4);
            self.comments(block, options_at, format_args!("frame {number}: "), facts);
        }
        Ok(record)
    }

    /// Section 4.4: no time, the first interface, and no captured length beside the snap length.
    pub fn simple_packet(&mut self, block: &[u8]) -> Result<Record, String> {
        let Some(&[_, _, _, _, _, _, _, _, o0, o1, o2, o3]) = block.first_chunk() else {
            return Err(too_short(SPB_MAGIC));
        };
        let Some(of) = self.interfaces.first() else {
            return Err("a simple packet stands before any interface".to_owned());
        };
        let original_length = self.order.u32([o0, o1, o2, o3]);
        let snap_length = if of.snap_length == 0 {
            u32::MAX
        } else {
            of.snap_length
        };
        let room = block
            .len()
            .checked_sub(SIMPLE_PACKET_HEADER + 4)
            .ok_or_else(|| too_short(SPB_MAGIC))?;
        let length = room.min(original_length.min(snap_length) as usize);
        Ok(Record {
            start: SIMPLE_PACKET_HEADER,
            length,
            original_length,
            time: None,
            link_type: Some(of.link_type),
        })
    }

    #[cold]
    fn no_interface(&self, number: u64, interface: u32) -> String {
        let count = self.interfaces.len();
        format!(
            "frame {number} is of interface {interface}, and {count} were described (counted from 0)"
        )
    }
}

const PACKET_HEADER: usize = 28;
const SIMPLE_PACKET_HEADER: usize = 12;
