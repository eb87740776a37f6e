//! Proofs of Digest, read and written anew.

use http1::auth::{Algorithm, Computation, Counted};

/// What an `Authorization` of Digest says.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    pub user: String,
    pub realm: String,
    pub nonce: String,
    pub uri: String,
    pub cnonce: String,
    pub nc: String,
    pub qop: String,
    pub opaque: String,
    pub algorithm: String,
}

impl Proof {
    pub fn read(value: &str) -> Self {
        let of = |name| parameter(value, name);
        Self {
            user: of("username"),
            realm: of("realm"),
            nonce: of("nonce"),
            uri: of("uri"),
            cnonce: of("cnonce"),
            nc: of("nc"),
            qop: of("qop"),
            opaque: of("opaque"),
            algorithm: of("algorithm"),
        }
    }

    pub fn write(&self, password: &str, method: &str) -> String {
        let algorithm = Algorithm::named(self.algorithm.as_bytes()).unwrap_or_default();
        let response = Computation {
            algorithm,
            user: self.user.as_bytes(),
            realm: self.realm.as_bytes(),
            password: password.as_bytes(),
            nonce: self.nonce.as_bytes(),
            cnonce: self.cnonce.as_bytes(),
            counted: (!self.qop.is_empty()).then_some(Counted {
                qop: self.qop.as_bytes(),
                nc: self.nc.as_bytes(),
            }),
            method: method.as_bytes(),
            uri: self.uri.as_bytes(),
            body: b"",
        }
        .response();
        let mut out = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{response}\"",
            self.user, self.realm, self.nonce, self.uri
        );
        let mut put = |name: &str, value: &str, quoted: bool| {
            if value.is_empty() {
                return;
            }
            let quote = if quoted { "\"" } else { "" };
            out.push_str(&format!(", {name}={quote}{value}{quote}"));
        };
        put("qop", &self.qop, false);
        put("nc", &self.nc, false);
        put("cnonce", &self.cnonce, true);
        put("opaque", &self.opaque, true);
        put("algorithm", &self.algorithm, false);
        out
    }
}

/// The value of a parameter in a challenge or a proof.
pub fn parameter(value: &str, name: &str) -> String {
    let start = format!(" {name}=");
    let Some(at) = value.find(&start) else {
        return String::new();
    };
    let rest = &value[at + start.len()..];
    let rest = rest.split(", ").next().unwrap_or_default();
    rest.trim_matches('"').to_owned()
}
