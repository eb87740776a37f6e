//! How the sides write HTTP, and how they prove who they are.

use http1::auth::{Algorithm, Computation, Counted, Hash};

use super::xml::Style;

/// A challenge with what the answers to it need.
#[derive(Debug, Clone)]
pub struct Challenge {
    pub realm: String,
    pub nonce: String,
    pub opaque: Option<String>,
    pub algorithm: Option<&'static str>,
    pub cnonce: String,
    pub count: u32,
}

/// How one side writes.
#[derive(Debug, Clone)]
pub struct Manner {
    pub style: Style,
    pub lower_case: bool,
    pub turned: bool,
    pub content_type: &'static str,
    pub soap_action: &'static str,
    pub product: &'static str,
}

impl Challenge {
    /// As it stands in `WWW-Authenticate`.
    pub fn text(&self) -> String {
        let mut text = format!(
            "Digest realm=\"{}\", qop=\"auth\", nonce=\"{}\"",
            self.realm, self.nonce
        );
        if let Some(opaque) = &self.opaque {
            text.push_str(&format!(", opaque=\"{opaque}\""));
        }
        if let Some(algorithm) = self.algorithm {
            text.push_str(&format!(", algorithm={algorithm}"));
        }
        text
    }

    /// The answer to it, as it stands in `Authorization`.
    pub fn answer(
        &mut self,
        (user, password): &(String, String),
        method: &str,
        uri: &str,
    ) -> String {
        self.count += 1;
        let count = format!("{:08x}", self.count);
        let response = Computation {
            algorithm: Algorithm::of(Hash::Md5, self.algorithm.is_some()),
            user: user.as_bytes(),
            realm: self.realm.as_bytes(),
            password: password.as_bytes(),
            nonce: self.nonce.as_bytes(),
            cnonce: self.cnonce.as_bytes(),
            counted: Some(Counted {
                qop: b"auth",
                nc: count.as_bytes(),
            }),
            method: method.as_bytes(),
            uri: uri.as_bytes(),
            body: b"",
        };
        let mut text = format!(
            "Digest username=\"{user}\", realm=\"{}\", nonce=\"{}\", uri=\"{uri}\", response=\"{}\", qop=auth, nc={count}, cnonce=\"{}\"",
            self.realm,
            self.nonce,
            response.response(),
            self.cnonce,
        );
        if let Some(opaque) = &self.opaque {
            text.push_str(&format!(", opaque=\"{opaque}\""));
        }
        if let Some(algorithm) = self.algorithm {
            text.push_str(&format!(", algorithm={algorithm}"));
        }
        text
    }
}

impl Manner {
    /// Fields in this side's order and case. Host stays in front.
    pub fn fields(&self, fields: Vec<(String, String)>) -> Vec<(String, String)> {
        let mut fields = fields;
        if self.turned && fields.len() > 2 {
            fields[1..].reverse();
        }
        if self.lower_case {
            for (name, _) in &mut fields {
                name.make_ascii_lowercase();
            }
        }
        fields
    }
}

pub fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
