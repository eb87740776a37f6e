//! The bodies of the fuzz targets. Each takes any bytes and panics where something that must hold does not.
//!
//! The fuzzing binaries and `tests/hostile.rs` run the same code.

mod analysis;
mod baseline;
mod check;
mod conversation;
mod cwmp;
mod dhcp;
mod filter;
mod ftp;
mod http1_auth;
mod http1_head;
mod http1_stream;
mod link;
mod model;
mod outputs;
mod pipeline;
mod scenario;
mod source;
mod stun;
mod tape;
mod tcp;
mod tftp;
mod tls;
mod transcript;
#[path = "../../../support/wire.rs"]
#[allow(dead_code, reason = "shared with other tests; each uses its part")]
mod wire;

pub use link::LINK_TYPES;
pub use transcript::FIRST_LINE;

/// One target.
pub struct Target {
    /// As its binary, its seeds and its regressions are called.
    pub name: &'static str,
    /// Takes any bytes.
    pub run: fn(&[u8]),
    /// Bytes of the longest input that is worth its time.
    pub length_max: usize,
    /// Folders of the shared captures that inputs are made of.
    pub shared: &'static [&'static str],
}

/// Every target.
pub const TARGETS: [Target; 23] = [
    target("baseline", baseline::run, 4 << 10, &[]),
    target(
        "check",
        check::run,
        16 << 10,
        &["cwmp-pcap", "peers", "stun", "dhcp"],
    ),
    target("conversation", conversation::run, 4 << 10, &[]),
    target("cwmp", cwmp::run, 16 << 10, &["cwmp-xml", "peers"]),
    target("dhcp", dhcp::run, 4 << 10, &["dhcp"]),
    target("filter", filter::run, 2 << 10, &[]),
    target("ftp", ftp::run, 8 << 10, &[]),
    target("http1_auth", http1_auth::run, 2 << 10, &[]),
    target(
        "http1_head",
        http1_head::run,
        16 << 10,
        &["http-torture", "peers"],
    ),
    target(
        "http1_stream",
        http1_stream::run,
        16 << 10,
        &["http-torture", "peers"],
    ),
    target("link", link::run, 16 << 10, &["linktypes"]),
    target("model", model::run, 16 << 10, &[]),
    target(
        "outputs",
        outputs::run,
        8 << 10,
        &["cwmp-xml", "peers", "cwmp-pcap"],
    ),
    target(
        "pipeline",
        pipeline::run,
        32 << 10,
        &["http-torture", "linktypes", "cwmp-pcap"],
    ),
    target("scenario", scenario::run, 8 << 10, &[]),
    target(
        "source_packed",
        source::run_packed,
        4 << 10,
        &["pcapng-suite", "linktypes"],
    ),
    target(
        "source_pcap",
        source::run_pcap,
        16 << 10,
        &["linktypes", "http-torture"],
    ),
    target(
        "source_pcapng",
        source::run_pcapng,
        16 << 10,
        &["pcapng-suite", "linktypes", "http-torture"],
    ),
    target("stun", stun::run, 4 << 10, &["stun", "peers"]),
    target("tcp", tcp::run, 4 << 10, &["http-torture"]),
    target("tftp", tftp::run, 8 << 10, &[]),
    target("tls", tls::run, 8 << 10, &[]),
    target("transcript", transcript::run, 8 << 10, &[]),
];

const fn target(
    name: &'static str,
    run: fn(&[u8]),
    length_max: usize,
    shared: &'static [&'static str],
) -> Target {
    Target {
        name,
        run,
        length_max,
        shared,
    }
}
