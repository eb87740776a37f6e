//! Options that say whose enterprise they are of: vendor classes and vendor information of either DHCP.

use crate::octets::{u16_at, u32_at};
use crate::sub_options::{SubOptions, Width};

/// The Broadband Forum's enterprise number, once ADSL Forum (TR-111 section 1.2.5).
pub const BROADBAND_FORUM: u32 = 3561;

/// What one enterprise says (option 125, RFC 3925 section 4; DHCPv6 option 17, RFC 8415 section 21.17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VendorInformation<'a> {
    /// The enterprise number of IANA.
    pub enterprise: u32,
    /// Its sub-options as they came.
    pub data: &'a [u8],
    /// Where its enterprise number stands, in bytes from the first byte of the option's value.
    pub offset: usize,
    /// How wide codes and lengths are.
    pub width: Width,
    /// Was it cut short by the end of its option?
    pub partial: bool,
}

impl<'a> VendorInformation<'a> {
    /// Its sub-options.
    pub fn sub_options(self) -> SubOptions<'a> {
        SubOptions::new(self.data, self.width)
    }
}

/// What each enterprise says, in the order of the option.
#[derive(Clone, Copy, Debug)]
pub struct VendorInformations<'a> {
    blocks: Blocks<'a>,
}

impl<'a> VendorInformations<'a> {
    /// The blocks of an option 125.
    pub fn v4(value: &'a [u8]) -> Self {
        let blocks = Blocks::new(value, Width::One);
        Self { blocks }
    }

    /// The one block of a DHCPv6 option 17.
    pub fn v6(value: &'a [u8]) -> Self {
        let blocks = Blocks::new(value, Width::Two);
        Self { blocks }
    }
}

impl<'a> Iterator for VendorInformations<'a> {
    type Item = VendorInformation<'a>;

    fn next(&mut self) -> Option<VendorInformation<'a>> {
        let block = self.blocks.next()?;
        Some(VendorInformation {
            enterprise: block.enterprise,
            data: block.data,
            offset: block.offset,
            width: self.blocks.width,
            partial: block.partial,
        })
    }
}

/// What one enterprise calls the sender (option 124, RFC 3925 section 3; DHCPv6 option 16, RFC 8415 section 21.16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VendorClass<'a> {
    /// The enterprise number of IANA.
    pub enterprise: u32,
    /// The class as it came.
    pub data: &'a [u8],
    /// Where its enterprise number stands, in bytes from the first byte of the option's value.
    pub offset: usize,
    /// How wide the lengths of its items are.
    pub width: Width,
    /// Was it cut short by the end of its option?
    pub partial: bool,
}

impl<'a> VendorClass<'a> {
    /// Its items, each of which has a length before it; the data as one where they do not fill it.
    ///
    /// RFC 3925 leaves the data of option 124 opaque, and senders write bare text there.
    pub fn items(self) -> Vec<&'a [u8]> {
        items(self.data, self.width).unwrap_or_else(|| vec![self.data])
    }
}

/// Values that each have a length before them, where they fill the bytes.
pub(crate) fn items(bytes: &[u8], width: Width) -> Option<Vec<&[u8]>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (length, head) = match width {
            Width::One => (usize::from(*rest.first()?), 1),
            Width::Two => (usize::from(u16_at(rest, 0)?), 2),
        };
        let (_, behind) = rest.split_at_checked(head)?;
        let (item, behind) = behind.split_at_checked(length)?;
        found.push(item);
        rest = behind;
    }
    Some(found)
}

/// What each enterprise calls the sender, in the order of the option.
#[derive(Clone, Copy, Debug)]
pub struct VendorClasses<'a> {
    blocks: Blocks<'a>,
}

impl<'a> VendorClasses<'a> {
    /// The blocks of an option 124.
    pub fn v4(value: &'a [u8]) -> Self {
        let blocks = Blocks::new(value, Width::One);
        Self { blocks }
    }

    /// The one block of a DHCPv6 option 16.
    pub fn v6(value: &'a [u8]) -> Self {
        let blocks = Blocks::new(value, Width::Two);
        Self { blocks }
    }
}

impl<'a> Iterator for VendorClasses<'a> {
    type Item = VendorClass<'a>;

    fn next(&mut self) -> Option<VendorClass<'a>> {
        let block = self.blocks.next()?;
        Some(VendorClass {
            enterprise: block.enterprise,
            data: block.data,
            offset: block.offset,
            width: self.blocks.width,
            partial: block.partial,
        })
    }
}

/// Enterprise numbers with data behind them: with a length in DHCPv4, to the end of the option in DHCPv6.
#[derive(Clone, Copy, Debug)]
struct Blocks<'a> {
    value: &'a [u8],
    offset: usize,
    width: Width,
}

struct Block<'a> {
    enterprise: u32,
    data: &'a [u8],
    offset: usize,
    partial: bool,
}

impl<'a> Blocks<'a> {
    fn new(value: &'a [u8], width: Width) -> Self {
        Self {
            value,
            offset: 0,
            width,
        }
    }

    fn next(&mut self) -> Option<Block<'a>> {
        let offset = self.offset;
        let enterprise = u32_at(self.value, offset)?;
        let behind = self.value.get(offset.checked_add(4)?..)?;
        let (data, partial) = match self.width {
            Width::Two => (behind, false),
            Width::One => {
                let (length, behind) = behind.split_first()?;
                let whole = behind.get(..usize::from(*length));
                (whole.unwrap_or(behind), whole.is_none())
            }
        };
        let head = match self.width {
            Width::One => 5,
            Width::Two => 4,
        };
        self.offset = offset.checked_add(head)?.checked_add(data.len())?;
        Some(Block {
            enterprise,
            data,
            offset,
            partial,
        })
    }
}

/// Where the blocks of an option stop short of its end: a head that is cut, or data that is.
pub(crate) fn misfit_v4(value: &[u8]) -> Option<usize> {
    let mut blocks = Blocks::new(value, Width::One);
    while let Some(block) = blocks.next() {
        if block.partial {
            return Some(block.offset);
        }
    }
    (blocks.offset < value.len()).then_some(blocks.offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_enterprises() {
        let value = [0, 0, 0x0d, 0xe9, 3, 1, 1, 65, 0, 0, 0x11, 0x8b, 0];
        let blocks: Vec<_> = VendorInformations::v4(&value).collect();
        let numbers: Vec<_> = blocks.iter().map(|block| block.enterprise).collect();
        assert_eq!(numbers, [BROADBAND_FORUM, 4491]);
        let first = blocks
            .first()
            .and_then(|block| block.sub_options().value(1));
        assert_eq!(first, Some(&b"A"[..]));
        assert_eq!(misfit_v4(&value), None);
    }

    #[test]
    fn a_block_that_is_cut_keeps_what_is_there() {
        let value = [0, 0, 0x0d, 0xe9, 4, 1, 1, 65];
        let Some(block) = VendorInformations::v4(&value).next() else {
            panic!("a block stands there");
        };
        assert!(block.partial);
        assert_eq!(block.sub_options().value(1), Some(&b"A"[..]));
        assert_eq!(misfit_v4(&value), Some(0));
        assert_eq!(misfit_v4(&[0, 0, 0x0d, 0xe9, 0, 9]), Some(5));
    }

    #[test]
    fn class_items_or_bare_text() {
        let tiled = [0, 0, 0x0d, 0xe9, 0, 3, b'a', b'b', b'c'];
        let class = VendorClasses::v6(&tiled).next();
        assert_eq!(class.map(VendorClass::items), Some(vec![&b"abc"[..]]));
        let bare = [0, 0, 0x0d, 0xe9, 3, b'a', b'b', b'c'];
        let class = VendorClasses::v4(&bare).next();
        assert_eq!(class.map(VendorClass::items), Some(vec![&b"abc"[..]]));
    }
}
