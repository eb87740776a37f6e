//! The block format (draft-ietf-opsawg-pcapng, whose sections are cited): sections, interfaces, packets.
//!
//! The walk over blocks and packets is our own, as every packet passes through it; options are pcap-parser's.

mod blocks;
mod order;
mod packet;
mod section;
#[cfg(test)]
mod tests;

pub(super) use blocks::{Blocks, begins_with};
