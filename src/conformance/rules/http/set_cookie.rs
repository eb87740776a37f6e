//! Set-Cookie and Cookie header fields, in parts (RFC 2965; RFC 6265 section 4).

/// What a Set-Cookie says. The value goes no further than to whoever hashes it.
#[derive(Default)]
pub(super) struct SetCookie {
    pub name: String,
    pub value: Vec<u8>,
    pub path: Option<String>,
    /// In lower case, without a leading dot.
    pub domain: Option<String>,
    pub secure: bool,
    /// It outlives the session, or else is deleted; `None`: it is of the session, or that cannot be told.
    pub lives_on: Option<bool>,
    /// Its lifetime may end within the session, or cannot be told.
    pub expires_soon: bool,
    /// Of name and value.
    pub bytes: usize,
}

impl SetCookie {
    /// Reads one field's value.
    pub fn read(value: &[u8], now_ns: i64) -> Option<Self> {
        let mut parts = value.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let (name, content) = pair(parts.next()?);
        if name.is_empty() {
            return None;
        }
        let mut set = Self {
            name: text(name),
            value: unquoted(content).to_vec(),
            bytes: name.len() + content.len(),
            ..Self::default()
        };
        let (mut max_age, mut expires) = (None, None);
        for part in parts {
            let (name, content) = pair(part);
            let content = unquoted(content);
            if name.eq_ignore_ascii_case(b"Path") {
                set.path = Some(text(content)).filter(|path| path.starts_with('/'));
            } else if name.eq_ignore_ascii_case(b"Domain") {
                let domain = text(content).to_ascii_lowercase();
                set.domain = Some(domain.trim_start_matches('.').to_owned());
            } else if name.eq_ignore_ascii_case(b"Secure") {
                set.secure = true;
            } else if name.eq_ignore_ascii_case(b"Max-Age") {
                max_age = text(content).parse::<i64>().ok();
            } else if name.eq_ignore_ascii_case(b"Expires") {
                expires = Some(text(content));
            }
        }
        set.lives_on = match (max_age, expires) {
            (Some(seconds), _) => Some(seconds > 0),
            (None, Some(date)) => {
                let later = is_later_year(&date, now_ns);
                set.expires_soon = later.is_none();
                later
            }
            (None, None) => None,
        };
        set.expires_soon |= max_age.is_some_and(|seconds| (1..LONG_S).contains(&seconds));
        Some(set)
    }
}

/// Names of a Cookie header field with what `hash` makes of their values; `$Version` and its like are left out.
pub(super) fn given(value: &[u8], hash: impl Fn(&[u8]) -> u64) -> Vec<(String, u64)> {
    value
        .split(|byte| matches!(byte, b';' | b','))
        .map(|part| pair(part.trim_ascii()))
        .filter(|(name, _)| !name.is_empty() && !name.starts_with(b"$"))
        .map(|(name, content)| (text(name), hash(unquoted(content))))
        .collect()
}

fn pair(part: &[u8]) -> (&[u8], &[u8]) {
    let at = memchr::memchr(b'=', part).unwrap_or(part.len());
    let name = part.get(..at).unwrap_or_default().trim_ascii();
    let content = part.get(at.saturating_add(1)..).unwrap_or_default();
    (name, content.trim_ascii())
}

fn unquoted(content: &[u8]) -> &[u8] {
    content
        .strip_prefix(b"\"")
        .and_then(|content| content.strip_suffix(b"\""))
        .unwrap_or(content)
}

fn text(bytes: &[u8]) -> String {
    let bytes = bytes.get(..NAME_BYTES_MAX).unwrap_or(bytes);
    String::from_utf8_lossy(bytes).into_owned()
}

/// A date of a later year than that of the capture; `None` within the same year, which needs no finer look.
fn is_later_year(date: &str, now_ns: i64) -> Option<bool> {
    let is_digits = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let words = date.split([' ', '-', ',']).filter(is_digits);
    let year = words
        .filter_map(|word| match (word.len(), word.parse::<i64>().ok()?) {
            (4, year) => Some(year),
            _ => None,
        })
        .next()?;
    let now = 1970 + now_ns / YEAR_NS;
    match year - now {
        0 => None,
        later => Some(later > 0),
    }
}

/// Nanoseconds of a mean year.
const YEAR_NS: i64 = 31_556_952 * 1_000_000_000;
/// Seconds; no session of CWMP lasts as long.
const LONG_S: i64 = 3600;
/// Bytes kept of a name or an attribute.
const NAME_BYTES_MAX: usize = 256;
