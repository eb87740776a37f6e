//! Real and generated DHCP, read here and by tshark.

mod captures;
mod generated;
mod oracle;
mod pcap;
