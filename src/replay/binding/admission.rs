//! When a device takes a UDP Connection Request (TR-111 section 2.2.1.4; TR-069 Amendment 3 section G.2.1.4).

use stun::ucr::{self, Name, Request};
use stun::{Digest, Signature};

/// Lets in those who know the password, each once.
#[derive(Default)]
pub struct Admission {
    /// ConnectionRequestUsername and ConnectionRequestPassword; everybody is let in without.
    account: Option<(String, String)>,
    /// `ts` and `id` of the last that was let in; what was turned away leaves no trace.
    last: Option<(u64, u64)>,
}

/// What becomes of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// It is a valid request, and the first of its copies.
    Admitted,
    /// A copy of the last that was let in.
    Copy,
    /// It is to be ignored, and why.
    Turned(&'static str),
}

impl Admission {
    /// An entrance that nobody has come through.
    #[must_use]
    pub fn new(account: Option<(String, String)>) -> Self {
        Self {
            account,
            last: None,
        }
    }

    /// Looks at a datagram.
    pub fn look(&mut self, datagram: &[u8]) -> Entrance {
        let Some(request) = ucr::parse(datagram, datagram.len()) else {
            return Entrance::Turned("it is no UDP Connection Request");
        };
        match self.judge(&request) {
            Err(why) => Entrance::Turned(why),
            Ok(number) if self.last == Some(number) => Entrance::Copy,
            Ok((time, id)) => {
                if let Some((last_time, last_id)) = self.last {
                    if time <= last_time {
                        return Entrance::Turned("its ts is not later than that of the last one");
                    }
                    if id == last_id {
                        return Entrance::Turned("its id is that of the last one");
                    }
                }
                self.last = Some((time, id));
                Entrance::Admitted
            }
        }
    }

    /// `ts` and `id` of a request that is valid but for what came before it.
    fn judge(&self, request: &Request) -> Result<(u64, u64), &'static str> {
        if request.raw(request.method) != b"GET" {
            return Err("its method is not GET");
        }
        let time = request.timestamp_s().ok_or("its ts is no number")?;
        let id = request.id().ok_or("its id is no number")?;
        let Some((user, password)) = &self.account else {
            return Ok((time, id));
        };
        let named = request.value(Name::Username);
        if named.is_none_or(|named| *named != *user.as_bytes()) {
            return Err("its un is not ConnectionRequestUsername");
        }
        if request.parameter(Name::Cnonce).is_none() {
            return Err("it has no cn");
        }
        match request.verify(password.as_bytes()) {
            Signature::Match {
                digest: Digest::Sha1,
                ..
            } => Ok((time, id)),
            Signature::Match { .. } => Err("its sig is no HMAC-SHA1"),
            Signature::Absent => Err("it has no sig"),
            _ => Err("its sig is not what ConnectionRequestPassword gives"),
        }
    }
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}
