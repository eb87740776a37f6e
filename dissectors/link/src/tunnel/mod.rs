//! Packets inside packets: what an IP packet, a label stack or a UDP datagram holds that is a packet of its own.

pub(crate) mod capwap;
pub(crate) mod gre;
pub(crate) mod gtp;
pub(crate) mod ip_protocol;
pub(crate) mod l2tp;
pub(crate) mod mpls;
pub(crate) mod overlay;
pub(crate) mod service;
pub(crate) mod six_in_four;
pub(crate) mod tzsp;
pub(crate) mod udp_port;
