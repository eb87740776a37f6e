//! Every bound of the rule book, with its reason.

/// How much the checker keeps.
#[derive(Debug, Clone)]
pub struct CheckLimits {
    /// Findings: one side of one device gives at most a few dozen; a hostile capture invents devices and paths.
    pub findings_max: usize,
    /// Places kept of one finding; more are counted.
    pub occurrences_max: usize,
    /// Frames kept of all places but the first of each finding: a body of 200 KB alone has 150. Places beyond are counted.
    pub occurrence_frames_max: usize,
    /// Paths told apart within one breach of one side of one device; what is beyond counts as the last.
    pub paths_max: usize,
    /// Pairs of a session and a finding that occurs in it, where they are asked for; about 30 bytes each.
    pub session_findings_max: usize,
    /// Findings of one rule that show the line they point at: looking for secrets takes the whole message each time, and nobody
    /// reads the same line of more devices.
    pub excerpts_max: usize,
    /// Devices whose earlier sessions are remembered; the one silent for longest is forgotten.
    pub devices_followed_max: usize,
    /// Devices, and sessions of Issue 1, of which one fact is kept that decides how all else is judged: who made the device, or
    /// that it has those ways; about 100 bytes each.
    pub devices_known_max: usize,
    /// Requests of one side that wait for their answer in one session; Issue 1 allows several.
    pub outstanding_max: usize,
    /// Bytes of Informs and of requests without their answer that are held for open sessions. Beyond it a session that holds
    /// more than its share is followed as if the capture began there.
    pub messages_held_bytes_max: usize,
    /// Closed sessions that wait for an earlier one of the same device.
    pub sessions_waiting_max: usize,
}

impl Default for CheckLimits {
    fn default() -> Self {
        Self {
            findings_max: 20_000,
            occurrences_max: 100,
            occurrence_frames_max: 500_000,
            paths_max: 50,
            excerpts_max: 50,
            session_findings_max: 1_000_000,
            devices_followed_max: 16_384,
            devices_known_max: 65_536,
            outstanding_max: 64,
            messages_held_bytes_max: 64 << 20,
            sessions_waiting_max: 1_024,
        }
    }
}

impl CheckLimits {
    /// The same bounds scaled so that what rules remember stays within `bytes`.
    #[must_use]
    pub fn within_memory(self, bytes: usize) -> Self {
        let scaled = |bound: usize, share: usize, each: usize| bound.min((share / each).max(16));
        Self {
            devices_followed_max: scaled(self.devices_followed_max, bytes / 4, DEVICE_BYTES),
            findings_max: scaled(self.findings_max, bytes / 2, FINDING_BYTES),
            occurrence_frames_max: scaled(self.occurrence_frames_max, bytes / 16, FRAME_BYTES),
            session_findings_max: scaled(self.session_findings_max, bytes / 16, PAIR_BYTES),
            messages_held_bytes_max: self.messages_held_bytes_max.min(bytes / 8),
            ..self
        }
    }
}

/// What rules remember of a device, about.
const DEVICE_BYTES: usize = 8 << 10;
/// What a finding takes with its places, about.
const FINDING_BYTES: usize = 1 << 10;
/// What a frame takes among its places, about.
const FRAME_BYTES: usize = 16;
/// What a finding takes beside a session, about.
const PAIR_BYTES: usize = 32;
