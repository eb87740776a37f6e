//! Which names say that their value is a secret: parameters, arguments, elements, attributes, query keys.

use std::borrow::Cow;

/// Whether a name says that its value is a secret: a parameter path by its last segment, or by its object where that
/// segment only says that there is a value (`Password.1.Value`).
pub(super) fn is_secret_name(name: &str) -> bool {
    let mut segments = segments_from_end(name).skip_while(|segment| is_instance(segment));
    let Some(last) = segments.next() else {
        return false;
    };
    let is_value = || {
        VALUE_SEGMENTS
            .iter()
            .any(|known| last.eq_ignore_ascii_case(known))
    };
    is_secret_segment(last)
        || (is_value()
            && segments
                .find(|segment| !is_instance(segment))
                .is_some_and(|object| {
                    object.eq_ignore_ascii_case("key") || is_secret_segment(object)
                }))
}

/// What stands between dots, slashes and colons, the last first.
fn segments_from_end(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(name);
    std::iter::from_fn(move || {
        let whole = rest?;
        let parting = memchr::memrchr3(b'.', b'/', b':', whole.as_bytes());
        rest = parting.and_then(|at| whole.get(..at));
        Some(parting.map_or(whole, |at| whole.get(at + 1..).unwrap_or_default()))
    })
}

/// The name that this is with its escapes undone: a lead and so many hexadecimal digits for a character.
pub(super) fn spelt_out<'a>(name: &'a str, lead: &str, digits: usize) -> Cow<'a, str> {
    if !name.contains(lead) {
        return Cow::Borrowed(name);
    }
    let mut parts = name.split(lead);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let letter = part.split_at_checked(digits).and_then(|(number, rest)| {
            let code = u32::from_str_radix(number, 16).ok()?;
            Some((char::from_u32(code)?, rest))
        });
        match letter {
            Some((letter, rest)) => {
                out.push(letter);
                out.push_str(rest);
            }
            None => {
                out.push_str(lead);
                out.push_str(part);
            }
        }
    }
    Cow::Owned(out)
}

fn is_instance(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_secret_segment(segment: &str) -> bool {
    if !may_be_secret(segment.as_bytes()) {
        return false;
    }
    let words = Words::of(segment);
    let joined = words.joined.as_str();
    let Some(last) = words.nth_last(0) else {
        return false;
    };
    let before = words.nth_last(1).unwrap_or_default();
    if SECRET_NAMES.iter().any(|name| joined.ends_with(name)) || is_digest_hash(segment) {
        return true;
    }
    if HARMLESS_ENDINGS.contains(&last) {
        return false;
    }
    SECRET_WORDS.contains(&last)
        || is_run_together(last)
        || SECRET_PARTS.iter().any(|part| joined.contains(part))
        || (last == "key" && (KEY_KINDS.contains(&before) || is_bare_key(segment)))
        || (last == "hash" && HASH_KINDS.contains(&before))
}

/// Whether it holds letters that every secret name has some of: most names are done with here.
fn may_be_secret(name: &[u8]) -> bool {
    let mut wanted = 0;
    name.iter().any(|byte| {
        let (first, second) = LETTERS.get(usize::from(*byte)).copied().unwrap_or_default();
        let is_hint = wanted & second != 0;
        wanted = first;
        is_hint
    })
}

/// Of each byte, the hints that it begins and those that it ends, a bit each.
const LETTERS: [(u8, u8); 256] = {
    let mut letters = [(0, 0); 256];
    let mut hint = 0;
    while hint < HINTS.len() {
        let (first, mut seconds) = HINTS[hint];
        letters[first as usize].0 |= 1 << hint;
        letters[first.to_ascii_uppercase() as usize].0 |= 1 << hint;
        while let [second, rest @ ..] = seconds {
            letters[*second as usize].1 |= 1 << hint;
            letters[second.to_ascii_uppercase() as usize].1 |= 1 << hint;
            seconds = rest;
        }
        hint += 1;
    }
    letters
};

/// `adminpass`, `wpapsk`, `vpnkey`: a word that nothing parts in two.
fn is_run_together(word: &str) -> bool {
    if let Some(kind) = word.strip_suffix("key") {
        return KEY_KINDS.contains(&kind)
            || KEY_KINDS
                .iter()
                .any(|known| known.len() >= KIND_LETTERS_MIN && kind.ends_with(known));
    }
    !HARMLESS_WORDS.contains(&word) && SECRET_ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// `X_Key1`, `X_001122_Key`: a vendor's own key, of which nothing more is said.
fn is_bare_key(segment: &str) -> bool {
    let mut parts = segment.rsplit('_');
    let key = parts.next().unwrap_or_default();
    let key = key.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let before = parts.next().unwrap_or_default();
    key.eq_ignore_ascii_case("key")
        && segment
            .get(..2)
            .is_some_and(|lead| lead.eq_ignore_ascii_case("X_"))
        && !HARMLESS_KINDS
            .iter()
            .any(|known| before.eq_ignore_ascii_case(known))
}

/// `HA1` of RFC 7616 section 3.4.2, which is as good as the password.
fn is_digest_hash(name: &str) -> bool {
    let Some((before, end)) = name
        .len()
        .checked_sub(3)
        .and_then(|at| name.split_at_checked(at))
    else {
        return false;
    };
    let parted = !before.ends_with(|letter: char| letter.is_alphanumeric());
    (end == "HA1" && !before.ends_with(char::is_uppercase))
        || (parted && end.eq_ignore_ascii_case("ha1"))
}

/// The words of a name in lower case: `X_0011_WEPKey1` is x, wep, key.
#[derive(Debug, Default)]
struct Words {
    /// All of them without anything between.
    joined: String,
    /// Where each begins in it.
    starts: Vec<usize>,
}

impl Words {
    fn of(name: &str) -> Self {
        let mut words = Self::default();
        let mut letters = name.chars().take(NAME_LETTERS_MAX).peekable();
        let mut before: Option<char> = None;
        let mut inside = false;
        while let Some(letter) = letters.next() {
            let begins = letter.is_uppercase()
                && (before.is_some_and(|before| !before.is_uppercase())
                    || letters.peek().is_some_and(|after| after.is_lowercase()));
            inside &= letter.is_alphabetic() && !begins;
            if letter.is_alphabetic() {
                if !inside {
                    words.starts.push(words.joined.len());
                    inside = true;
                }
                words.joined.extend(letter.to_lowercase());
            }
            before = Some(letter);
        }
        words
    }

    /// A word by its place from the end.
    fn nth_last(&self, place: usize) -> Option<&str> {
        let index = self.starts.len().checked_sub(place + 1)?;
        let end = self.starts.get(index + 1).copied();
        let end = end.unwrap_or(self.joined.len());
        self.joined.get(*self.starts.get(index)?..end)
    }
}

/// Names longer than this are judged by their first letters only.
const NAME_LETTERS_MAX: usize = 1024;

/// Of each secret name, two letters that stand together: the first, and what may follow it.
const HINTS: &[(u8, &[u8])] = &[
    (b'p', b"aisuw"),
    (b'k', b"e"),
    (b'c', b"r"),
    (b't', b"o"),
    (b'm', b"m"),
    (b'h', b"a"),
];

/// What is a secret whatever its last word says.
const SECRET_NAMES: &[&str] = &["communityname", "communitystring"];

/// Names whose last word is one of these have secret values.
const SECRET_WORDS: &[&str] = &[
    "community",
    "credential",
    "credentials",
    "pass",
    "passcode",
    "passkey",
    "passphrase",
    "password",
    "passwd",
    "pin",
    "psk",
    "puk",
    "pw",
    "pwd",
    "secret",
    "simpin",
    "token",
    "userhash",
    "wepkey",
    "wpskey",
];

/// Words that end so, run together with what stands before, are secret.
const SECRET_ENDINGS: &[&str] = &[
    "community",
    "pass",
    "passcode",
    "passkey",
    "psk",
    "pw",
    "pwd",
    "secret",
    "token",
];

/// Words that end so too, and are none.
const HARMLESS_WORDS: &[&str] = &["bypass", "compass", "overpass", "underpass", "trespass"];

/// Names that hold one of these anywhere, words run together, have secret values.
const SECRET_PARTS: &[&str] = &[
    "kennwort",
    "password",
    "passphrase",
    "passwd",
    "passwort",
    "pinphrase",
    "presharedkey",
    "privatekey",
    "sharedkey",
    "sharedsecret",
    "wepkey",
];

/// `... Key` is a secret after one of these (CommandKey, ParameterKey and key numbers are none).
const KEY_KINDS: &[&str] = &[
    "access",
    "aes",
    "api",
    "auth",
    "authentication",
    "cipher",
    "des",
    "encryption",
    "fi",
    "hmac",
    "master",
    "network",
    "pass",
    "preshared",
    "private",
    "psk",
    "secret",
    "security",
    "session",
    "shared",
    "signing",
    "srtp",
    "tunnel",
    "vpn",
    "wep",
    "wifi",
    "wireless",
    "wlan",
    "wpa",
    "wps",
];

/// `X_..._Key` is none after one of these.
const HARMLESS_KINDS: &[&str] = &["command", "foreign", "interface", "parameter", "public"];

/// Last segments that say nothing of the value: its object does.
const VALUE_SEGMENTS: &[&str] = &["content", "data", "string", "text", "val", "value"];

/// The kinds that are told from the end of a longer word, too.
const KIND_LETTERS_MIN: usize = 4;

/// `... Hash` is as good as the password after one of these.
const HASH_KINDS: &[&str] = &["admin", "auth", "login", "pass", "pw", "pwd", "sip", "user"];

/// Names that end so speak about a secret and are none: `WEPKeyIndex`, `PasswordRequired`.
const HARMLESS_ENDINGS: &[&str] = &[
    "attempts",
    "count",
    "enable",
    "enabled",
    "entries",
    "expired",
    "expires",
    "expiry",
    "format",
    "index",
    "interval",
    "length",
    "level",
    "max",
    "min",
    "mode",
    "name",
    "policy",
    "required",
    "status",
    "supported",
    "timeout",
    "type",
    "username",
    "writable",
];
