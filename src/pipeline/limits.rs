//! Every bound of the analysis, with its unit, default and reason.

use crate::session::AssembleLimits;

/// Bounds of an analysis. Reaching one is counted under its name in `limits_reached`.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// TCP connections followed at once. A quiet one costs about 500 bytes with its place in the
    /// index: a flood of SYNs stays under 130 MiB (measured, tests/reliability.rs).
    pub flows_max: usize,
    /// Bytes that all connections together may hold while they wait for the rest of a message. Beyond it the
    /// connections that have been quiet longest are given up first.
    pub held_bytes_max: usize,
    /// Nanoseconds without a packet after which a connection is taken to be over; longer than any CWMP session timeout.
    pub flow_idle_ns_max: i64,
    /// Nanoseconds for which a closed connection is remembered, so that its last packets open no new one.
    pub flow_closed_ns_max: i64,
    /// Nanoseconds without an answer to SYN after which it is told that none came; whoever repeats SYN is heard of again.
    pub attempt_silence_ns_max: i64,
    /// SYNs without an answer that are looked at when that time has passed; others when their connection is forgotten.
    pub half_open_max: usize,
    /// Attempts to connect that may be told within a second of the capture, and at its end: a scan or a flood of SYNs has
    /// more, and none of them concerns a device.
    pub attempts_a_tick_max: usize,
    /// Pieces that may be held in one direction of a connection until what they acknowledge is there: twice the packets
    /// that a mirror's skew may come to.
    pub held_pieces_max: usize,
    /// Frames remembered for one message; a body that is not kept may be of any length.
    pub frames_a_message_max: usize,
    /// Frames remembered of each side of a control connection of FTP: those of the last lines, of which a transfer names
    /// three.
    pub frames_a_dialogue_max: usize,
    /// Contradictions kept for one message, 64 bytes of each version: they are rare, and these show what goes on.
    pub overlaps_a_message_max: usize,
    /// Bytes looked at to decide whether a body is SOAP.
    pub peek_bytes_max: usize,
    /// Bytes of a body that is no SOAP and is kept nevertheless, where its length is announced; 0 where nobody wants it.
    pub other_body_bytes_max: u64,
    /// Bounds of one TCP direction.
    pub tcp: tcp::Limits,
    /// Bounds of one TLS connection.
    pub tls: tls::Limits,
    /// Sessions of TLS whose secrets are remembered for whoever resumes them.
    pub tls_sessions_max: usize,
    /// Bytes of one side of a TLS connection that wait for its secret, where secrets are told while the capture goes on.
    pub tls_late_bytes_max: usize,
    /// Bytes of a TLS connection that cannot be read, in a row, before it is given up: keys that fit after so many are
    /// not to be expected.
    pub tls_vain_bytes_max: u64,
    /// Bounds of one HTTP message.
    pub http: http1::Limits,
    /// Bounds of one control connection of FTP.
    pub ftp: ftp::Limits,
    /// Bounds of transfers by TFTP.
    pub tftp: tftp::Limits,
    /// Bounds of one body.
    pub cwmp: cwmp::Limits,
    /// Bounds of sessions, devices and what is remembered of them.
    pub assemble: AssembleLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            flows_max: 1 << 18,
            held_bytes_max: 128 << 20,
            flow_idle_ns_max: 600 * SECOND_NS,
            flow_closed_ns_max: 60 * SECOND_NS,
            attempt_silence_ns_max: 10 * SECOND_NS,
            half_open_max: 1 << 16,
            attempts_a_tick_max: 4096,
            held_pieces_max: 128,
            frames_a_message_max: 1 << 16,
            frames_a_dialogue_max: 256,
            overlaps_a_message_max: 16,
            peek_bytes_max: 1024,
            other_body_bytes_max: 0,
            tcp: tcp::Limits::default(),
            tls: tls::Limits::DEFAULT,
            tls_sessions_max: 16 << 10,
            tls_late_bytes_max: 16 << 10,
            tls_vain_bytes_max: 1 << 20,
            http: http1::Limits::default(),
            ftp: ftp::Limits::default(),
            tftp: tftp::Limits::default(),
            cwmp: cwmp::Limits::default(),
            assemble: AssembleLimits::default(),
        }
    }
}

impl Limits {
    /// The bounds of one of several shards: each has its share, and no less than a whole message needs.
    #[must_use]
    pub fn of_one_shard(mut self, shards: usize) -> Self {
        let shards = shards.max(1);
        self.flows_max = (self.flows_max / shards).max(16);
        self.half_open_max /= shards;
        self.tls_sessions_max = (self.tls_sessions_max / shards).max(1);
        self.attempts_a_tick_max = (self.attempts_a_tick_max / shards).max(1);
        let message = self.http.message_bytes_max / 2 * 3;
        let share = self.held_bytes_max / shards;
        self.held_bytes_max = share.max(message.min(self.held_bytes_max / 4));
        self
    }

    /// The same bounds scaled so that everything held stays within `bytes`.
    #[must_use]
    pub fn within_memory(mut self, bytes: usize) -> Self {
        let share = bytes / 4;
        self.held_bytes_max = self.held_bytes_max.min(share);
        self.assemble.messages_held_bytes_max =
            self.assemble.messages_held_bytes_max.min(bytes / 8);
        self.flows_max = self.flows_max.min(bytes / 16 / FLOW_BYTES).max(64);
        let endpoints = (bytes / 32 / ENDPOINT_BYTES).max(64);
        self.assemble.bindings_max = self.assemble.bindings_max.min(endpoints);
        self.assemble.leases_max = self.assemble.leases_max.min(endpoints);
        self.assemble.sessions_open_max = self
            .assemble
            .sessions_open_max
            .min(bytes / 8 * 3 / SESSION_BYTES)
            .max(16);
        self.assemble.devices_max = self
            .assemble
            .devices_max
            .min(bytes / 16 / DEVICE_BYTES)
            .max(16);
        self
    }
}

/// What a followed connection costs at the least, measured.
const FLOW_BYTES: usize = 500;
/// Bytes of a binding or a lease, about.
const ENDPOINT_BYTES: usize = 1 << 10;
/// What an open session costs, about.
const SESSION_BYTES: usize = 12 << 10;
/// What a remembered device costs, about.
const DEVICE_BYTES: usize = 1 << 10;
/// Nanoseconds in a second.
const SECOND_NS: i64 = 1_000_000_000;
