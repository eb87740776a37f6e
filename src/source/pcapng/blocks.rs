//! The walk over a file's blocks. What a block means stands in the section's files.

use pcap_parser::{DSB_MAGIC, EPB_MAGIC, IDB_MAGIC, ISB_MAGIC, SHB_MAGIC, SPB_MAGIC};

use super::order::{OPB, Order, name_of};
use super::section::Section;
use crate::source::capture_file::{Damage, Kept, Record};
use crate::source::frame::FileFacts;
use crate::source::pcap::RECORD_BYTES_MAX;
use crate::source::window::Window;

/// Whether a file's first bytes are those of a section header block.
pub fn begins_with(first: &[u8]) -> bool {
    first.starts_with(&SHB_MAGIC.to_le_bytes())
}

/// The blocks of a file, one after the other.
pub struct Blocks {
    section: Section,
    /// Blocks read, for messages.
    count: u64,
}

/// A block's head.
#[derive(Clone, Copy)]
struct Head {
    kind: u32,
    length: usize,
}

impl Blocks {
    pub fn new(file: u16) -> Self {
        Self {
            section: Section::new(file),
            count: 0,
        }
    }

    /// What has been learned that packets are read by.
    pub fn shape(&self) -> (u32, usize) {
        self.section.shape()
    }

    /// Reads up to the next packet, the file's `number`th.
    #[inline]
    pub fn next(
        &mut self,
        window: &mut Window,
        number: u64,
        facts: &mut FileFacts,
        kept: &mut Kept,
    ) -> Result<Option<Record>, Damage> {
        while let Some(head) = self.head(window)? {
            if !matches!(
                head.kind,
                SHB_MAGIC | IDB_MAGIC | OPB | SPB_MAGIC | ISB_MAGIC | EPB_MAGIC | DSB_MAGIC
            ) {
                self.pass_over(head, window)?;
                continue;
            }
            self.load(head, window)?;
            let block = window.unread().get(..head.length).unwrap_or_default();
            let section = &mut self.section;
            let packet = match head.kind {
                EPB_MAGIC => section.enhanced_packet(block, number, facts).map(Some),
                OPB => section.obsolete_packet(block, number, facts).map(Some),
                SPB_MAGIC => section.simple_packet(block).map(Some),
                SHB_MAGIC => section.begin(block, facts).map(|()| None),
                IDB_MAGIC => section.interface(block, facts).map(|()| None),
                ISB_MAGIC => section.statistics(block, facts).map(|()| None),
                _ => section
                    .secrets(block, window.offset(), facts, kept)
                    .map(|()| None),
            };
            let packet = packet.map_err(|what| corrupt(window, what))?;
            self.count += 1;
            let start = window.consume(head.length);
            if let Some(packet) = packet {
                return Ok(Some(Record {
                    start: start + packet.start,
                    ..packet
                }));
            }
        }
        Ok(None)
    }

    /// Section 3.1: type and length. A section's first bytes tell the order of its length.
    #[inline]
    fn head(&mut self, window: &mut Window) -> Result<Option<Head>, Damage> {
        let missing = window.fill(BLOCK_BYTES_MIN)?;
        let Some(&[k0, k1, k2, k3, l0, l1, l2, l3, m0, m1, m2, m3]) = window.unread().first_chunk()
        else {
            let ended = missing == BLOCK_BYTES_MIN;
            return if ended {
                Ok(None)
            } else {
                Err(self.cut(window, "a block", missing as u64))
            };
        };
        let kind = self.section.order.u32([k0, k1, k2, k3]);
        if kind == SHB_MAGIC {
            let order = Order::of([m0, m1, m2, m3]);
            self.section.order = order
                .ok_or_else(|| corrupt(window, "the section has no byte-order magic".to_owned()))?;
        }
        let length = self.section.order.u32([l0, l1, l2, l3]);
        if length < BLOCK_BYTES_MIN as u32 || !length.is_multiple_of(4) {
            return Err(corrupt(
                window,
                format!("block {} has a length of {length}", self.count + 1),
            ));
        }
        Ok(Some(Head {
            kind,
            length: length as usize,
        }))
    }

    /// Brings the whole block into memory.
    #[inline]
    fn load(&self, head: Head, window: &mut Window) -> Result<(), Damage> {
        if head.length > RECORD_BYTES_MAX {
            let (number, length) = (self.count + 1, head.length);
            let what =
                format!("block {number} says it has {length} bytes ({RECORD_BYTES_MAX} at most)");
            return Err(corrupt(window, what));
        }
        let missing = window.fill(head.length)?;
        if missing > 0 {
            return Err(self.cut(window, name_of(head.kind), missing as u64));
        }
        let after = window
            .unread()
            .get(head.length - 4..)
            .and_then(<[u8]>::first_chunk);
        if after.map(|bytes| self.section.order.u32(*bytes) as usize) != Some(head.length) {
            let number = self.count + 1;
            return Err(corrupt(
                window,
                format!("the two lengths of block {number} differ"),
            ));
        }
        Ok(())
    }

    /// Name resolution, custom and unknown blocks may be of any size.
    #[cold]
    fn pass_over(&mut self, head: Head, window: &mut Window) -> Result<(), Damage> {
        let offset = window.offset();
        let needs = window.skip(head.length as u64)?;
        self.count += 1;
        if needs > 0 {
            let place = format!("block {} ({})", self.count, name_of(head.kind));
            return Err(Damage::Cut {
                offset,
                place,
                needs,
            });
        }
        Ok(())
    }

    #[cold]
    fn cut(&self, window: &Window, kind: &str, needs: u64) -> Damage {
        let place = format!("block {} ({kind})", self.count + 1);
        Damage::Cut {
            offset: window.offset(),
            place,
            needs,
        }
    }
}

#[cold]
fn corrupt(window: &Window, what: String) -> Damage {
    Damage::Corrupt {
        offset: window.offset(),
        what,
    }
}

const BLOCK_BYTES_MIN: usize = 12;
