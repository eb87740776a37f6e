//! Opening an input: a path or standard input, unpacked where its first bytes say that it is packed.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

/// An input as named on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// Its name in messages and facts.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
        }
    }
}

impl From<PathBuf> for Input {
    /// `-` is standard input.
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Self::Stdin
        } else {
            Self::Path(path)
        }
    }
}

/// The bytes of a capture, unpacked.
pub(super) struct Unpacked {
    pub reader: Box<dyn Read + Send>,
    pub compression: Option<&'static str>,
    /// Bytes read of the input as it lies on the disk.
    pub read_bytes: Arc<AtomicU64>,
    /// Size of the input, where it is a file.
    pub total_bytes: Option<u64>,
    /// Where it can be read once more as it lies.
    pub again: Option<PathBuf>,
}

/// Opens an input and looks at its first bytes.
pub(super) fn open(input: &Input) -> io::Result<Unpacked> {
    match input {
        Input::Path(path) => {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            let total_bytes = metadata.is_file().then_some(metadata.len());
            let unpacked = unpack(Box::new(file), total_bytes)?;
            let plain = metadata.is_file() && unpacked.compression.is_none();
            Ok(Unpacked {
                again: plain.then(|| path.clone()),
                ..unpacked
            })
        }
        Input::Stdin => unpack(Box::new(io::stdin()), None),
    }
}

/// A file that lies there as it is, from this place on; the bytes before it count as read.
pub(super) fn plain_from(
    path: &Path,
    offset: u64,
    read_bytes: &Arc<AtomicU64>,
) -> io::Result<Box<dyn Read + Send>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    read_bytes.store(offset, Ordering::Relaxed);
    Ok(Box::new(Counted {
        reader: Box::new(file),
        read_bytes: Arc::clone(read_bytes),
    }))
}

/// Looks at the first bytes: compression is recognised by content, never by name.
pub(super) fn unpack(
    reader: Box<dyn Read + Send>,
    total_bytes: Option<u64>,
) -> io::Result<Unpacked> {
    let read_bytes = Arc::new(AtomicU64::new(0));
    let mut counted = Counted {
        reader,
        read_bytes: Arc::clone(&read_bytes),
    };
    let mut first = Vec::with_capacity(MAGIC_BYTES);
    counted
        .by_ref()
        .take(MAGIC_BYTES as u64)
        .read_to_end(&mut first)?;
    let compression = compression_of(&first);
    let whole = Cursor::new(first).chain(counted);
    let packed = |whole| BufReader::with_capacity(PACKED_BYTES, whole);
    let reader: Box<dyn Read + Send> = match compression {
        Some(GZIP) => Box::new(MultiGzDecoder::new(packed(whole))),
        Some(_) => Box::new(zstd::Decoder::with_buffer(packed(whole))?),
        None => Box::new(whole),
    };
    Ok(Unpacked {
        reader,
        compression,
        read_bytes,
        total_bytes,
        again: None,
    })
}

/// Counts what is read, for the progress bar.
struct Counted {
    reader: Box<dyn Read + Send>,
    read_bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read_bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// RFC 1952 section 2.3.1; RFC 8878 sections 3.1.1 and 3.1.2 (a skippable frame may come first).
fn compression_of(first: &[u8]) -> Option<&'static str> {
    match first {
        [0x1f, 0x8b, 0x08, ..] => Some(GZIP),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(ZSTD),
        _ => None,
    }
}

/// What a file that is no capture looks like.
pub(super) fn what_it_looks_like(first: &[u8]) -> String {
    let known = KNOWN.iter().find(|(magic, _)| first.starts_with(magic));
    if let Some((_, name)) = known {
        return format!("it is {name}: unpack it first");
    }
    let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..);
    if first.iter().all(is_text) {
        return "it begins like text".to_owned();
    }
    let hex: Vec<String> = first
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("it begins with {}", hex.join(" "))
}

const GZIP: &str = "gzip";
const ZSTD: &str = "zstd";
const MAGIC_BYTES: usize = 4;
/// Packed bytes read at a time.
const PACKED_BYTES: usize = 128 << 10;
const KNOWN: [(&[u8], &str); 6] = [
    (b"\xfd7zXZ", "an xz file"),
    (b"BZh", "a bzip2 file"),
    (b"\x04\x22\x4d\x18", "an lz4 file"),
    (b"\x1f\x9d", "a compress file"),
    (b"PK\x03\x04", "a zip file"),
    (b"7z\xbc\xaf", "a 7z file"),
];
