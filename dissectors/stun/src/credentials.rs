//! The keys of MESSAGE-INTEGRITY, out of a password and, in the long-term case, a name and a realm.

use crate::digest::Digest;

/// What is known of an agent's credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// The password: STUNPassword in TR-111.
    pub password: &'a str,
    /// The user name for the long-term key; the message's own USERNAME is tried too. Responses carry none.
    pub username: Option<&'a str>,
    /// The realm for the long-term key; the message's own REALM is tried too.
    pub realm: Option<&'a str>,
}

/// The key of RFC 5389 section 15.4 for short-term credentials: the password through SASLprep.
pub fn short_term_key(password: &str) -> Vec<u8> {
    prepared(password).into_bytes()
}

/// The key of RFC 5389 section 15.4 for long-term credentials: MD5 over user name, realm and prepared password.
pub fn long_term_key(username: &[u8], realm: &[u8], password: &str) -> Vec<u8> {
    Digest::Md5.hash(&long_term_text(
        username,
        realm,
        prepared(password).as_bytes(),
    ))
}

/// What long-term keys are digests of; RFC 8489 section 18.5.1 takes SHA-256 of the same.
pub(crate) fn long_term_text(username: &[u8], realm: &[u8], password: &[u8]) -> Vec<u8> {
    [username, b":", realm, b":", password].concat()
}

/// SASLprep (RFC 4013); what it forbids stays as it is.
pub(crate) fn prepared(text: &str) -> String {
    match stringprep::saslprep(text) {
        Ok(prepared) => prepared.into_owned(),
        Err(_) => text.to_owned(),
    }
}
