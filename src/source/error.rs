//! What can be wrong with an input, told so that the reader knows the file, the place and what to do.

use std::io;

/// Trouble with an input.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The input cannot be opened or its first bytes cannot be read.
    #[error("{path}: cannot be read: {source}: check the name and the permissions")]
    Open {
        /// The input.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// Nothing is in it.
    #[error(
        "{path}: is empty: nothing was captured into it, or its capture has not been written out yet"
    )]
    Empty {
        /// The input.
        path: String,
    },
    /// Its first bytes are those of no format that is read.
    #[error(
        "{path}: is not a capture ({what}): pcap, pcapng and transcripts are read, plain, .gz or .zst"
    )]
    NotACapture {
        /// The input.
        path: String,
        /// What its first bytes look like.
        what: String,
    },
    /// More inputs than can be told apart.
    #[error(
        "{path}: is one file too many: {FILES_MAX} are read as one capture; merge some of them first"
    )]
    TooMany {
        /// The first input beyond the bound.
        path: String,
    },
    /// Several inputs cannot be opened.
    #[error("{}", lines(.0))]
    Several(Vec<SourceError>),
    /// It ends inside a record.
    #[error(
        "{path}: cut short inside {place} at offset {offset} (needs {needs} more bytes): everything before it was read"
    )]
    CutShort {
        /// The input.
        path: String,
        /// The record or block, in words.
        place: String,
        /// Where that begins, in the unpacked file.
        offset: u64,
        /// How many bytes of it are not there.
        needs: u64,
    },
    /// It contradicts its format.
    #[error("{path}: corrupt at offset {offset}: {what}: everything before it was read")]
    Corrupt {
        /// The input.
        path: String,
        /// Where the record or block begins, in the unpacked file.
        offset: u64,
        /// The contradiction.
        what: String,
    },
    /// A line of a transcript is not what was expected there.
    #[error("{path}: line {line}: {what}, such as '{example}': every block before it was read")]
    Transcript {
        /// The input.
        path: String,
        /// The line, counted from 1, in the unpacked file.
        line: u64,
        /// What was expected.
        what: String,
        /// What a right line looks like.
        example: &'static str,
    },
    /// The system or the decompressor stopped in the middle of it.
    #[error("{path}: cannot be read beyond offset {offset}{}: {source}: everything before it was read", unpacked(*.compression))]
    Read {
        /// The input.
        path: String,
        /// Where the first record that is not whole begins, in the unpacked file.
        offset: u64,
        /// The compression around it, if any.
        compression: Option<&'static str>,
        /// What the system or the decompressor says.
        source: io::Error,
    },
    /// It holds more decryption secrets than are kept.
    #[error(
        "{path}: a block of {bytes} bytes of decryption secrets at offset {offset} is left out: {SECRETS_BYTES_MAX} bytes are kept; give the rest with --keylog"
    )]
    SecretsLeftOut {
        /// The input.
        path: String,
        /// Where the block begins, in the unpacked file.
        offset: u64,
        /// Its size.
        bytes: u64,
    },
}

fn lines(errors: &[SourceError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn unpacked(compression: Option<&'static str>) -> String {
    compression.map_or_else(String::new, |name| {
        format!(" of what the {name} data holds")
    })
}

/// A file's number has 16 bits in a [`super::FrameId`].
pub(super) const FILES_MAX: usize = 1 << 16;
/// Key log text of some 50,000 TLS connections.
pub(super) const SECRETS_BYTES_MAX: usize = 16 << 20;
