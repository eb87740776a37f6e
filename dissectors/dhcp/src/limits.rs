//! What one datagram may cost: every bound of this crate, as arguments.

/// The bounds of one datagram; reaching one is an anomaly, never silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Options that are listed, those of every relay together.
    pub options_max: usize,
    /// DHCPv6 relay messages nested in one another. RFC 8415 section 7.6 stops at 8 hops, RFC 3315 at 32.
    pub relay_depth_max: usize,
    /// Anomalies listed for one datagram; more are counted.
    pub anomalies_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            options_max: 1024,
            relay_depth_max: 32,
            anomalies_max: 32,
        }
    }
}
