//! Secrets in markup that stands as text in other markup: `&lt;Password&gt;...`.

use super::{Secret, secrets_of_body};

/// Secrets in each stretch of text whose references spell markup or quotes; `depth` is how often that was undone already.
pub(super) fn secrets_of_escaped(text: &[u8], depth: usize, secrets: &mut Vec<Secret>) {
    if depth >= DEPTH_MAX {
        return;
    }
    // What holds no reference is passed over.
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| memchr::memchr(b'&', rest)) {
        let before = text.get(from..from + found).unwrap_or_default();
        let start = from + memchr::memrchr(b'<', before).map_or(0, |at| at + 1);
        let run = text.get(start..).unwrap_or_default();
        let run = run
            .get(..memchr::memchr(b'<', run).unwrap_or(run.len()))
            .unwrap_or_default();
        if spells_markup(run) {
            let resolved = Resolved::new(run);
            let mut inner = Vec::new();
            secrets_of_body(&resolved.text, depth + 1, &mut inner);
            secrets.extend(inner.iter().filter_map(|secret| {
                let from = resolved.offsets.get(secret.start)?;
                let to = resolved.offsets.get(secret.end)?;
                Some(start + *from..start + *to)
            }));
        }
        from = start + run.len() + 1;
    }
}

fn spells_markup(run: &[u8]) -> bool {
    run.split(|&byte| byte == b'&').skip(1).any(|part| {
        matches!(reference(part), Some((b'<' | b'"' | b'\'' | b'=', _)))
            || part.starts_with(b"amp;")
    })
}

/// Text with its references resolved, and where each of its bytes began; the last offset is the end.
struct Resolved {
    text: Vec<u8>,
    offsets: Vec<usize>,
}

impl Resolved {
    fn new(run: &[u8]) -> Self {
        let mut resolved = Self {
            text: Vec::with_capacity(run.len()),
            offsets: Vec::with_capacity(run.len() + 1),
        };
        let mut at = 0;
        while let Some(&byte) = run.get(at) {
            let found = (byte == b'&')
                .then(|| reference(run.get(at + 1..).unwrap_or_default()))
                .flatten();
            let (byte, length) = found.map_or((byte, 1), |(byte, length)| (byte, length + 1));
            resolved.text.push(byte);
            resolved.offsets.push(at);
            at += length;
        }
        resolved.offsets.push(run.len());
        resolved
    }
}

/// The ASCII character that a reference stands for, and the reference's length behind its `&`.
fn reference(text: &[u8]) -> Option<(u8, usize)> {
    let near = text.get(..REFERENCE_BYTES_MAX.min(text.len()))?;
    let length = near.iter().position(|&byte| byte == b';')?;
    let byte = match near.get(..length)? {
        b"lt" => b'<',
        b"gt" => b'>',
        b"amp" => b'&',
        b"quot" => b'"',
        b"apos" => b'\'',
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        _ => return None,
    };
    Some((byte, length + 1))
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    let code = u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()?;
    code.is_ascii().then_some(code)
}

/// Text in text in text: nobody is known to go further.
const DEPTH_MAX: usize = 2;
/// Of `&#x0000003c;` and its like.
const REFERENCE_BYTES_MAX: usize = 16;
