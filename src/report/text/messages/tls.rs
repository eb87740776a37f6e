//! The line of a TLS connection.

use super::{MessageLines, Place, odd};
use crate::report::escape;
use crate::report::paint::{Ink, Line};
use crate::session::{Side, TlsSeen};

impl MessageLines {
    /// A TLS connection, once it is known whether it can be read.
    pub fn tls(&self, seen: &TlsSeen, out: &mut String) {
        let place = Place {
            time: seen.time,
            frames: self.frames(&seen.frames),
            from: Side::Other,
            session: seen.session,
        };
        self.line(&place, "tls", what(seen), out);
    }
}

fn what(seen: &TlsSeen) -> Line {
    let connection = &*seen.connection;
    let mut what = Line::new();
    match (connection.version, connection.suite) {
        (Some(version), Some(suite)) => what.push(Ink::Plain, format!("{version} {suite}")),
        // The reason says the rest.
        _ if connection.offer.is_none() => &mut what,
        _ => what.push(Ink::Plain, "hello without an answer"),
    };
    if let Some(name) = &connection.server_name {
        what.push(Ink::Plain, format!("  {}", escape::text(name)));
    }
    if connection.resumed {
        what.push(Ink::Dim, "  resumed");
    }
    if let Some(said) = seen.fatal() {
        let who = if said.by_client { "client" } else { "server" };
        let name = said.alert.and_then(tls::Alert::name).unwrap_or("unknown");
        what.push(Ink::Fault, format!("  alert {name} of the {who}"));
    }
    match connection.reason {
        _ if connection.decrypted => _ = what.push(Ink::Good, "  decrypted"),
        Some(reason) if connection.version.is_none() && connection.offer.is_none() => {
            _ = what.push(Ink::Dim, reason.to_string());
        }
        Some(reason) => _ = what.push(Ink::Dim, format!("  not decrypted: {reason}")),
        None => {}
    }
    odd(seen.anomalies.len(), &mut what);
    what
}
