//! The response of Digest, computed as the documents have it.

use super::algorithm::Algorithm;

/// All that goes into a response (RFC 7616 section 3.4.1).
#[derive(Clone, Copy, Debug)]
pub struct Computation<'a> {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The user; never its hash.
    pub user: &'a [u8],
    /// The realm.
    pub realm: &'a [u8],
    /// The password.
    pub password: &'a [u8],
    /// The server's nonce.
    pub nonce: &'a [u8],
    /// The client's nonce; of use with a session's key or a quality of protection.
    pub cnonce: &'a [u8],
    /// The quality of protection and the count of the nonce; none as in RFC 2069.
    pub counted: Option<Counted<'a>>,
    /// The method.
    pub method: &'a [u8],
    /// The target.
    pub uri: &'a [u8],
    /// The body with its content coding and without its transfer coding; of use with `auth-int`.
    pub body: &'a [u8],
}

/// A quality of protection, and what it brings.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// `auth` or `auth-int`.
    pub qop: &'a [u8],
    /// How often the nonce was used, as it stands on the wire.
    pub nc: &'a [u8],
}

impl Computation<'_> {
    /// The response, in lower-case hexadecimal.
    pub fn response(&self) -> String {
        let hash = self.algorithm.hash;
        let mut key = hash.hex(&[self.user, self.realm, self.password]);
        if self.algorithm.session {
            key = hash.hex(&[key.as_bytes(), self.nonce, self.cnonce]);
        }
        let request = match &self.counted {
            Some(counted) if is_auth_int(counted.qop) => {
                let body = hash.hex(&[self.body]);
                hash.hex(&[self.method, self.uri, body.as_bytes()])
            }
            _ => hash.hex(&[self.method, self.uri]),
        };
        let (key, request) = (key.as_bytes(), request.as_bytes());
        match &self.counted {
            Some(Counted { qop, nc }) => {
                hash.hex(&[key, self.nonce, nc, self.cnonce, qop, request])
            }
            None => hash.hex(&[key, self.nonce, request]),
        }
    }
}

pub(super) fn is_auth_int(qop: &[u8]) -> bool {
    qop.eq_ignore_ascii_case(b"auth-int")
}
