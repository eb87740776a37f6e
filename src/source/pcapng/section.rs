//! A section of a file: its byte order, its interfaces, and what else its blocks tell. Packets stand in their own file.

use std::fmt::Arguments;

use link::LinkType;
use pcap_parser::{DSB_MAGIC, IDB_MAGIC, ISB_MAGIC, OptionCode, SHB_MAGIC};

use super::order::{Order, options, too_short};
use crate::source::capture_file::{Kept, Secret};
use crate::source::frame::FileFacts;
use crate::source::resolution::Resolution;

/// The current section.
pub struct Section {
    pub order: Order,
    pub interfaces: Vec<Interface>,
    file: u16,
    /// Sections begun in this file.
    sections: u32,
    /// Bytes of comments of this file that may still be kept.
    comment_room: usize,
}

/// An interface of the current section.
pub struct Interface {
    pub link_type: LinkType,
    pub snap_length: u32,
    pub resolution: Resolution,
    dropped: u64,
}

impl Section {
    pub fn new(file: u16) -> Self {
        Self {
            order: Order::Little,
            interfaces: Vec::new(),
            file,
            sections: 0,
            comment_room: COMMENT_BYTES_MAX,
        }
    }

    /// Which section it is, and how many interfaces it has so far: blocks that stand behind the same can be read alike.
    pub fn shape(&self) -> (u32, usize) {
        (self.sections, self.interfaces.len())
    }

    /// Section 4.1: a new section forgets the interfaces of the one before.
    pub fn begin(&mut self, block: &[u8], facts: &mut FileFacts) -> Result<(), String> {
        let version = block
            .get(12..14)
            .and_then(<[u8]>::first_chunk)
            .ok_or_else(|| too_short(SHB_MAGIC))?;
        let version = self.order.u16(*version);
        if version != 1 {
            return Err(format!(
                "a section of version {version}, and only version 1 is read"
            ));
        }
        self.interfaces.clear();
        self.sections = self.sections.saturating_add(1);
        self.comments(block, 24, format_args!(""), facts);
        Ok(())
    }

    /// Section 4.2.
    pub fn interface(&mut self, block: &[u8], facts: &mut FileFacts) -> Result<(), String> {
        let Some(&[t0, t1, _, _, s0, s1, s2, s3]) = block.get(8..16).and_then(<[u8]>::first_chunk)
        else {
            return Err(too_short(IDB_MAGIC));
        };
        if self.interfaces.len() >= INTERFACES_MAX {
            return Err(format!(
                "a section with more than {INTERFACES_MAX} interfaces"
            ));
        }
        let (mut if_tsresol, mut if_tsoffset) = (IF_TSRESOL_DEFAULT, 0);
        for option in options(self.order, block, 16) {
            match (option.code, option.as_bytes()) {
                (OptionCode::IfTsresol, Ok([value, ..])) => if_tsresol = *value,
                (OptionCode::IfTsoffset, Ok(value)) => {
                    if_tsoffset = self.order.u64(value).unwrap_or(0) as i64;
                }
                _ => {}
            }
        }
        let number = self.interfaces.len();
        self.comments(block, 16, format_args!("interface {number}: "), facts);
        let link_type = LinkType(self.order.u16([t0, t1]));
        if facts.link_types.len() < LINK_TYPES_MAX && !facts.link_types.contains(&link_type) {
            facts.link_types.push(link_type);
        }
        let snap_length = self.order.u32([s0, s1, s2, s3]);
        let resolution = Resolution::new(if_tsresol, if_tsoffset);
        self.interfaces.push(Interface {
            link_type,
            snap_length,
            resolution,
            dropped: 0,
        });
        Ok(())
    }

    /// Section 4.6: counts since the capture began, so that of each interface the latest block holds.
    pub fn statistics(&mut self, block: &[u8], facts: &mut FileFacts) -> Result<(), String> {
        let interface = block
            .get(8..12)
            .and_then(<[u8]>::first_chunk)
            .ok_or_else(|| too_short(ISB_MAGIC))?;
        let interface = self.order.u32(*interface);
        let (mut dropped, mut told) = (0_u64, false);
        for option in options(self.order, block, 20) {
            if let (OptionCode::IsbIfDrop | OptionCode::IsbOsDrop, Ok(value)) =
                (option.code, option.as_bytes())
            {
                dropped = dropped.saturating_add(self.order.u64(value).unwrap_or(0));
                told = true;
            }
        }
        if let Some(of) = self.interfaces.get_mut(interface as usize).filter(|_| told) {
            let before = facts.dropped.unwrap_or(0).saturating_sub(of.dropped);
            facts.dropped = Some(before.saturating_add(dropped));
            of.dropped = dropped;
        }
        Ok(())
    }

    /// Section 4.7.
    pub fn secrets(
        &mut self,
        block: &[u8],
        offset: u64,
        facts: &FileFacts,
        kept: &mut Kept,
    ) -> Result<(), String> {
        let Some(&[k0, k1, k2, k3, l0, l1, l2, l3]) =
            block.get(8..16).and_then(<[u8]>::first_chunk)
        else {
            return Err(too_short(DSB_MAGIC));
        };
        let length = self.order.u32([l0, l1, l2, l3]) as usize;
        let within = block
            .get(16..block.len() - 4)
            .and_then(|body| body.get(..length));
        let bytes = within
            .ok_or("decryption secrets are longer than their block")?
            .to_vec();
        let kind = self.order.u32([k0, k1, k2, k3]);
        kept.keep_secret(
            facts,
            offset,
            Secret {
                file: self.file,
                kind,
                bytes,
            },
        );
        Ok(())
    }

    /// Keeps the comments among a block's options; the last one kept says that more are in the file.
    pub fn comments(
        &mut self,
        block: &[u8],
        options_at: usize,
        what: Arguments<'_>,
        facts: &mut FileFacts,
    ) {
        if self.comment_room == 0 {
            return;
        }
        for option in options(self.order, block, options_at) {
            let (OptionCode::Comment, Ok(text)) = (option.code, option.as_bytes()) else {
                continue;
            };
            let comment = format!("{what}{}", String::from_utf8_lossy(text));
            self.comment_room = self
                .comment_room
                .saturating_sub(comment.len() + COMMENT_COST);
            if self.comment_room == 0 {
                facts
                    .comments
                    .push("(further comments are left out)".to_owned());
                return;
            }
            facts.comments.push(comment);
        }
    }
}

/// Microseconds, where the option is absent.
const IF_TSRESOL_DEFAULT: u8 = 6;
/// More than any section has; each costs memory for as long as the section lasts.
const INTERFACES_MAX: usize = 65_536;
/// Link types told in the facts of a file.
const LINK_TYPES_MAX: usize = 256;
/// Comments kept of one file, and what each costs beside its text.
const COMMENT_BYTES_MAX: usize = 256 << 10;
const COMMENT_COST: usize = 64;
