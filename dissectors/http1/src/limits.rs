//! What one stream may cost: every bound of this crate, as arguments.

/// The bounds of one [`crate::Stream`].
///
/// Reaching one is visible in the message ([`crate::Cut::Limit`] or an anomaly), never silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a head, start line to empty line.
    pub head_bytes_max: usize,
    /// Header lines of a head that are listed; the head goes on behind them.
    pub headers_max: usize,
    /// Bytes of a body that are kept, as framed on the wire and again as decoded.
    pub message_bytes_max: usize,
    /// Decoded bytes for each compressed byte, behind the grace.
    pub inflate_ratio_max: usize,
    /// Decoded bytes before the ratio is looked at.
    pub inflate_grace_bytes: usize,
    /// Codings (content and transfer, without chunked) that are undone.
    pub encodings_max: usize,
    /// Chunks of a kept body.
    pub chunks_max: usize,
    /// Anomalies listed for one message; more are counted.
    pub anomalies_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Limits {
    /// What an ordinary message never reaches.
    pub const DEFAULT: Self = Self {
        head_bytes_max: 256 * 1024,
        headers_max: 1024,
        message_bytes_max: 16 * 1024 * 1024,
        inflate_ratio_max: 200,
        inflate_grace_bytes: 1024 * 1024,
        encodings_max: 2,
        chunks_max: 256 * 1024,
        anomalies_max: 64,
    };

    /// The same with positions that fit 32 bits, as the tables of a message hold them.
    pub(crate) fn clamped(mut self) -> Self {
        self.head_bytes_max = self.head_bytes_max.clamp(LINE_BYTES_MIN, TABLE_BYTES_MAX);
        self.message_bytes_max = self.message_bytes_max.min(TABLE_BYTES_MAX);
        self
    }
}

/// Which bound was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitKind {
    /// [`Limits::head_bytes_max`]
    HeadBytes,
    /// [`Limits::message_bytes_max`]
    MessageBytes,
    /// [`Limits::inflate_ratio_max`]
    InflateRatio,
    /// [`Limits::chunks_max`]
    Chunks,
}

impl LimitKind {
    /// The limit in words for output: `head-bytes`.
    pub fn name(self) -> &'static str {
        match self {
            Self::HeadBytes => "head-bytes",
            Self::MessageBytes => "message-bytes",
            Self::InflateRatio => "inflate-ratio",
            Self::Chunks => "chunks",
        }
    }
}

/// No head fits in less.
const LINE_BYTES_MIN: usize = 64;
/// Two of these stay below 32 bits.
const TABLE_BYTES_MAX: usize = 1 << 30;
