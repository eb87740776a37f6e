//! Which names say that their value is a secret: parameters, arguments, elements, attributes, query keys.

/// Whether a name (a parameter path counts by its last segment) says that its value is a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let segment = name.rsplit(['.', '/', ':']).next().unwrap_or(name);
    let words = words_of(segment);
    let Some(last) = words.last() else {
        return false;
    };
    if HARMLESS_ENDINGS.contains(&last.as_str()) {
        return false;
    }
    let joined = words.concat();
    SECRET_WORDS.contains(&last.as_str())
        || SECRET_PARTS.iter().any(|part| joined.contains(part))
        || (last == "key"
            && words
                .iter()
                .rev()
                .nth(1)
                .is_some_and(|word| KEY_KINDS.contains(&word.as_str())))
}

/// The words of a name in lower case: `X_0011_WEPKey1` is x, wep, key.
fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = name.chars().take(NAME_LETTERS_MAX).collect();
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| letters.get(index));
        let after = letters.get(index + 1);
        let begins = letter.is_uppercase()
            && (before.is_some_and(|before| !before.is_uppercase())
                || after.is_some_and(|after| after.is_lowercase()));
        if (begins || !letter.is_alphabetic()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphabetic() {
            word.extend(letter.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Names longer than this are judged by their first letters only.
pub(super) const NAME_LETTERS_MAX: usize = 1024;

/// Names whose last word is one of these have secret values.
const SECRET_WORDS: &[&str] = &[
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
    "wepkey",
    "wpskey",
];

/// Names that hold one of these anywhere, words run together, have secret values.
const SECRET_PARTS: &[&str] = &[
    "password",
    "passphrase",
    "passwd",
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
    "hmac",
    "master",
    "network",
    "preshared",
    "private",
    "psk",
    "secret",
    "security",
    "session",
    "shared",
    "signing",
    "srtp",
    "wep",
    "wpa",
    "wps",
];

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
