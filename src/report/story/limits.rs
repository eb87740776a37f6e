//! Bounds of what is kept for one device's story; what goes beyond is counted, and the story says so.

/// Devices whose ids hold the words that were asked for, followed at once for each way in which they fit.
pub(super) const CANDIDATES_MAX: usize = 16;
/// Entries of one sort (sessions, Connection Requests, transfers, values) kept of a device.
pub(super) const NOTES_MAX: usize = 2000;
/// Entries of a story.
pub(super) const ENTRIES_MAX: usize = 4000;
/// Endpoints that sent STUN requests, while nobody knows whose they are.
pub(super) const ENDPOINTS_MAX: usize = 2048;
/// Endpoints of the device itself, beyond those.
pub(super) const OWN_ENDPOINTS_MAX: usize = 256;
/// Stretches of keep-alives told of one endpoint; what follows joins the last.
pub(super) const RUNS_MAX: usize = 64;
/// Clients of DHCP.
pub(super) const CLIENTS_MAX: usize = 2048;
/// Exchanges told of one client; those that say the same again are one.
pub(super) const EXCHANGES_MAX: usize = 16;
/// Connection Requests to nobody known yet; the oldest gives way.
pub(super) const LOOSE_MAX: usize = 512;
/// Sessions of other devices, one of which may turn out to be its gateway; the oldest gives way.
pub(super) const OTHERS_MAX: usize = 1024;
/// Frames kept of one entry: the first ones, and the last beside them.
pub(super) const FRAMES_MAX: usize = 15;
/// Reasons kept of one Connection Request, and names in one enumeration.
pub(super) const WORDS_MAX: usize = 8;
