//! What the caller knows of a body, and how far it lets us go.

/// What the transport knows of a body.
#[derive(Debug, Clone, Copy)]
pub struct Hints<'a> {
    /// The charset parameter of Content-Type, if any.
    pub charset: Option<&'a str>,
    /// False when a gap or the end of the capture cut the body.
    pub complete: bool,
}

impl Default for Hints<'_> {
    fn default() -> Self {
        Self {
            charset: None,
            complete: true,
        }
    }
}

/// Bounds on one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Elements nested in each other; deeper ones are passed over.
    pub depth_max: usize,
    /// Elements and attributes together.
    pub elements_max: usize,
    /// Bytes of text read, after conversion to UTF-8; at most 4 GiB - 2.
    pub body_bytes_max: usize,
    /// Anomalies kept; the rest is counted.
    pub anomalies_max: usize,
}

impl Default for Limits {
    /// 128 levels, a million elements, 16 MiB, 1000 anomalies.
    fn default() -> Self {
        Self {
            depth_max: 128,
            elements_max: 1_000_000,
            body_bytes_max: 16 << 20,
            anomalies_max: 1_000,
        }
    }
}
