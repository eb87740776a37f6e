//! Bounds of what the assembler remembers.

/// Bounds of sessions, devices and what is remembered of them.
#[derive(Debug, Clone, Copy)]
pub struct AssembleLimits {
    /// Sessions open at once; the one quiet longest is closed as incomplete.
    pub sessions_open_max: usize,
    /// Messages, and RPCs, of one session; one that goes on for longer goes on as another, so that a loop is cut into pieces.
    pub steps_max: usize,
    /// Devices remembered; later ones are counted in sessions alone.
    pub devices_max: usize,
    /// Addresses and ACS URLs remembered of one device.
    pub addresses_max: usize,
    /// Nanoseconds for which a session without a connection may come back on another one. TR-069 3.7.1.1 asks the ACS to hold a session for at least 30 seconds.
    pub rejoin_ns_max: i64,
    /// Nanoseconds of silence on an open connection after which a session is over.
    pub silence_ns_max: i64,
    /// Nanoseconds within which a Connection Request brings a session: TR-069 3.2.2 gives the device 30.
    pub wake_ns_max: i64,
    /// Connection Requests and what may be one, remembered at once.
    pub wakes_max: usize,
    /// Transfers that were asked for and have not been seen yet.
    pub transfers_max: usize,
    /// Nanoseconds for which a Download or Upload is remembered.
    pub transfer_ns_max: i64,
    /// Control connections of FTP remembered at once.
    pub controls_max: usize,
    /// Data connections agreed and not used yet: as many as there are control connections, which have one each, and those
    /// whose transfer waits.
    pub data_channels_max: usize,
    /// Data connections told of before they were agreed, which a mirror may show late.
    pub early_data_max: usize,
    /// Nanoseconds for which a transfer by FTP that has ended waits for the end of its data connection.
    pub data_ns_max: i64,
    /// Messages held back until it is known what they belong to.
    pub messages_held_max: usize,
    /// Bytes that such messages may hold.
    pub messages_held_bytes_max: usize,
    /// Challenges without an Inform, remembered at once.
    pub preludes_max: usize,
    /// Envelopes looked at in one body (TR-069 Issue 1 allows several).
    pub envelopes_a_message_max: usize,
    /// Cookies looked at in one message (RFC 6265 section 6.1 asks a client for room for 50 of one server).
    pub cookies_a_message_max: usize,
    /// Cookies kept of one session.
    pub cookies_a_session_max: usize,
    /// Events kept of one Inform; cwmp-1-0.xsd allows 64.
    pub events_an_inform_max: usize,
    /// Requests that may await their responses on one connection.
    pub requests_waiting_max: usize,
    /// Responses that may wait for the end of their requests on one connection.
    pub responses_waiting_max: usize,
    /// Sessions that a proxy's connection may carry at once; the oldest is then found by its cookie alone.
    pub sessions_a_connection_max: usize,
    /// Sessions that share a cookie, or wait between the same addresses, weighed for one request.
    pub candidates_max: usize,
    /// Devices remembered of one ConnectionRequestURL (behind a NAT many claim the same); older ones are told by what follows.
    pub listeners_max: usize,
    /// Endpoints from which devices sent STUN requests, remembered at once.
    pub bindings_max: usize,
    /// Copies kept of one UDP Connection Request.
    pub copies_a_request_max: usize,
    /// Clients of DHCP remembered.
    pub leases_max: usize,
    /// Values that tell how a device is reached, kept of one session; 0 where nobody wants them: to look for them costs.
    pub learned_max: usize,
    /// First messages of connections, remembered for the moment in which a NAT may show them again.
    pub openings_max: usize,
    /// Different names counted in the totals (messages, events, faults).
    pub names_max: usize,
}

impl Default for AssembleLimits {
    fn default() -> Self {
        Self {
            sessions_open_max: 12_000,
            steps_max: 20_000,
            devices_max: 1 << 16,
            addresses_max: 16,
            rejoin_ns_max: 30 * SECOND_NS,
            silence_ns_max: 600 * SECOND_NS,
            wake_ns_max: 30 * SECOND_NS,
            wakes_max: 4096,
            transfers_max: 4096,
            transfer_ns_max: 3600 * SECOND_NS,
            controls_max: 4096,
            data_channels_max: 1 << 13,
            early_data_max: 256,
            data_ns_max: 2 * SECOND_NS,
            messages_held_max: 4096,
            messages_held_bytes_max: 64 << 20,
            preludes_max: 4096,
            envelopes_a_message_max: 64,
            cookies_a_message_max: 64,
            cookies_a_session_max: 16,
            events_an_inform_max: 64,
            requests_waiting_max: 1024,
            responses_waiting_max: 16,
            sessions_a_connection_max: 256,
            candidates_max: 64,
            listeners_max: 64,
            bindings_max: 1 << 16,
            copies_a_request_max: 64,
            leases_max: 1 << 14,
            learned_max: 0,
            openings_max: 4096,
            names_max: 1000,
        }
    }
}

/// Nanoseconds in a second.
const SECOND_NS: i64 = 1_000_000_000;
