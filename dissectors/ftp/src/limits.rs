//! What one control connection may cost: every bound of this crate, as arguments.

/// The bounds of one [`crate::Control`]; reaching one is an anomaly, never silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a line that are read; the rest is passed over. Paths are the longest that matters.
    pub line_bytes_max: usize,
    /// Commands that wait for their reply. Clients that do not wait send a handful.
    pub pending_max: usize,
    /// Anomalies listed for one connection; more are counted.
    pub anomalies_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_bytes_max: 4096,
            pending_max: 64,
            anomalies_max: 32,
        }
    }
}
