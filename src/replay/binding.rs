//! Bindings through NATs (TR-111 part II; TR-069 Amendment 3 Annex G): the STUN server beside an ACS, the device that keeps
//! its binding, and when a device takes a UDP Connection Request.
//!
//! No sockets and no clock: datagrams come with their source, time is a number, and what comes out is to be sent by whoever
//! has sockets, if the guard lets it out.

mod acs;
mod admission;
mod bound;
mod cpe;
#[cfg(test)]
mod tests;

pub use acs::{Acs, Answer, Binding, Heard, Port};
pub use admission::{Admission, Entrance};
pub use bound::Bound;
pub use cpe::{Cpe, Progress, Setting};

use stun::{Form, Padding};

/// STUNUsername and STUNPassword.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// STUNUsername, without what pads it.
    pub username: String,
    /// STUNPassword, where it is known.
    pub password: Option<String>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = self.password.as_ref().map(|_| "known");
        f.debug_struct("Account")
            .field("username", &self.username)
            .field("password", &known)
            .finish()
    }
}

/// What follows values in a message of a form.
fn padding(form: Form) -> Padding {
    match form {
        Form::Rfc3489 => Padding::None,
        Form::Rfc5389 => Padding::With(0),
    }
}

/// The method of Binding Requests and what answers them.
const BINDING: u16 = 0x001;
