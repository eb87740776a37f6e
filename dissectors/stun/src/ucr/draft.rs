//! Writes UDP Connection Requests as TR-111 section 2.2.2.3 has them.

use std::fmt::Write;

use crate::digest::{Digest, hexadecimal};

/// What a UDP Connection Request is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft<'a> {
    /// Host and port: UDPConnectionRequestAddress, or where the binding is.
    pub authority: &'a str,
    /// Seconds since 1970.
    pub timestamp_s: u64,
    /// The message's id, another one in each distinct request.
    pub id: u64,
    /// ConnectionRequestUsername.
    pub username: &'a str,
    /// A random text.
    pub cnonce: &'a str,
}

impl Draft<'_> {
    /// The text that is signed.
    pub fn signed_text(&self) -> String {
        let Self {
            timestamp_s,
            id,
            username,
            cnonce,
            ..
        } = self;
        format!("{timestamp_s}{id}{username}{cnonce}")
    }

    /// The signature with ConnectionRequestPassword, 40 digits in upper case.
    pub fn signature(&self, password: &[u8]) -> String {
        hexadecimal(&Digest::Sha1.hmac(password, &[self.signed_text().as_bytes()]))
    }

    /// The absolute URI with a given signature.
    pub fn uri(&self, signature: &str) -> String {
        let Self {
            authority,
            timestamp_s,
            id,
            ..
        } = self;
        let (username, cnonce) = (encoded(self.username), encoded(self.cnonce));
        format!(
            "http://{authority}?ts={timestamp_s}&id={id}&un={username}&cn={cnonce}&sig={signature}"
        )
    }

    /// The datagram, signed with ConnectionRequestPassword.
    pub fn write(&self, password: &[u8]) -> Vec<u8> {
        let uri = self.uri(&self.signature(password));
        let authority = self.authority;
        format!("GET {uri} HTTP/1.1\r\nHost: {authority}\r\n\r\n").into_bytes()
    }
}

/// Percent-encodes all but what RFC 3986 section 2.3 calls unreserved.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
