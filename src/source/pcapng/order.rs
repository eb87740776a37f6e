//! Byte order, options and names of blocks.

use pcap_parser::nom::error::Error as OptionError;
use pcap_parser::pcapng::PcapNGOption;
use pcap_parser::{
    DSB_MAGIC, EPB_MAGIC, IDB_MAGIC, ISB_MAGIC, OptionCode, SHB_MAGIC, SPB_MAGIC, parse_option_be,
    parse_option_le,
};

/// The byte order of a section.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
}

impl Order {
    pub fn of(magic: [u8; 4]) -> Option<Self> {
        match u32::from_le_bytes(magic) {
            BYTE_ORDER_MAGIC => Some(Self::Little),
            swapped if swapped == BYTE_ORDER_MAGIC.swap_bytes() => Some(Self::Big),
            _ => None,
        }
    }

    pub fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    #[inline]
    pub fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    pub fn u64(self, bytes: &[u8]) -> Option<u64> {
        let bytes = *bytes.first_chunk()?;
        Some(match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        })
    }
}

/// Section 3.5: the options of a block from `at` on, up to its trailing length; one that does not fit ends them.
pub fn options(order: Order, block: &[u8], at: usize) -> impl Iterator<Item = PcapNGOption<'_>> {
    let mut rest = block
        .len()
        .checked_sub(4)
        .and_then(|end| block.get(at..end))
        .unwrap_or_default();
    std::iter::from_fn(move || {
        let parsed = match order {
            Order::Little => parse_option_le::<OptionError<&[u8]>>(rest),
            Order::Big => parse_option_be::<OptionError<&[u8]>>(rest),
        };
        let (after, option) = parsed.ok()?;
        rest = after;
        (option.code != OptionCode::EndOfOpt).then_some(option)
    })
}

#[cold]
pub fn too_short(kind: u32) -> String {
    format!("{} is too short", name_of(kind))
}

pub fn name_of(kind: u32) -> &'static str {
    match kind {
        SHB_MAGIC => "a section header",
        IDB_MAGIC => "an interface description",
        OPB => "an obsolete packet",
        SPB_MAGIC => "a simple packet",
        ISB_MAGIC => "interface statistics",
        EPB_MAGIC => "an enhanced packet",
        DSB_MAGIC => "decryption secrets",
        _ => "a block passed over",
    }
}

/// The obsolete packet block.
pub const OPB: u32 = 2;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
