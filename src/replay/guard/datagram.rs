//! What goes out in a datagram: Binding Requests, what answers them, and UDP Connection Requests, each to one address.
//!
//! Like the rest of the guard it knows no scenario: it reads the bytes as they are about to be sent.

use std::net::SocketAddr;

use stun::{AnomalyKind, Class as Kind, kind};

use super::{Classified, Guard, Permit, Refusal, classify};
use crate::replay::scenario::Class;

/// What a datagram is sent for, and to whom that may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// It asks this STUN server.
    AsksStun(SocketAddr),
    /// It answers who asked from here: another port of the same host will do.
    AnswersStun(SocketAddr),
    /// It wakes the device that is reached here.
    Wakes(SocketAddr),
}

/// The class of a datagram: none of those that are known asks more than reading.
#[must_use]
pub fn classify_datagram(bytes: &[u8]) -> Classified {
    let errand = match bytes.first() {
        Some(0) => Errand::AsksStun(NOWHERE),
        Some(1) => Errand::AnswersStun(NOWHERE),
        _ => Errand::Wakes(NOWHERE),
    };
    match judge(bytes, errand) {
        Ok(what) => Classified::read(None, what),
        Err(why) => Classified::uncertain(why),
    }
}

impl Guard {
    /// Lets a datagram out to an address, or says why not.
    ///
    /// # Errors
    ///
    /// Where it is not what it is sent for, or goes elsewhere.
    pub fn permit_datagram<'b>(
        &self,
        bytes: &'b [u8],
        to: SocketAddr,
        errand: Errand,
    ) -> Result<Permit<'b>, Refusal> {
        let goes_there = match errand {
            Errand::AsksStun(there) | Errand::Wakes(there) => to == there,
            Errand::AnswersStun(asked) => to.ip().to_canonical() == asked.ip().to_canonical(),
        };
        let refusal = |why: &str, classified| Refusal {
            classified,
            why: why.to_owned(),
        };
        match judge(bytes, errand) {
            Err(why) => Err(refusal(
                "no other datagrams are sent than those of STUN and Connection Requests",
                Classified::uncertain(why),
            )),
            Ok(what) => {
                let classified = Classified::read(None, what);
                if goes_there && to.port() != 0 {
                    Ok(Permit { bytes, classified })
                } else {
                    Err(refusal(
                        "it goes to another address than it may",
                        classified,
                    ))
                }
            }
        }
    }
}

/// What it is, where it is what it is sent for.
fn judge(bytes: &[u8], errand: Errand) -> Result<&'static str, &'static str> {
    match errand {
        Errand::AsksStun(_) => stun_message(bytes, &[Kind::Request], &ASKED),
        Errand::AnswersStun(_) => {
            stun_message(bytes, &[Kind::Response, Kind::ErrorResponse], &ANSWERED)
        }
        Errand::Wakes(_) => connection_request(bytes),
    }
}

fn stun_message(
    bytes: &[u8],
    classes: &[Kind],
    attributes: &[u16],
) -> Result<&'static str, &'static str> {
    let message = stun::parse(bytes, bytes.len()).ok_or("it is no STUN")?;
    if message.method() != BINDING || !classes.contains(&message.class()) {
        return Err("it is no Binding Request, and answers none");
    }
    if !message.anomalies.is_empty() {
        return Err("it is no well-formed STUN");
    }
    let is_known = |attribute: &stun::Attribute| attributes.contains(&attribute.kind);
    if !message.attributes.iter().all(is_known) {
        return Err("it has an attribute that is never sent");
    }
    Ok(match message.class() {
        Kind::Request => "a Binding Request",
        Kind::ErrorResponse => "a Binding Error Response",
        _ => "a Binding Response",
    })
}

fn connection_request(bytes: &[u8]) -> Result<&'static str, &'static str> {
    let request = stun::ucr::parse(bytes, bytes.len()).ok_or("it is no UDP Connection Request")?;
    // The user may be empty, as it is where a scenario names none.
    let is_odd = |anomaly: &stun::Anomaly| anomaly.kind != AnomalyKind::ParameterEmpty;
    if request.anomalies.iter().any(is_odd) || classify(bytes).class > Class::Read {
        return Err("it is no well-formed UDP Connection Request");
    }
    Ok("a UDP Connection Request")
}

const BINDING: u16 = 0x001;
/// For what has no address yet.
const NOWHERE: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0);
const ASKED: [u16; 4] = [
    kind::USERNAME,
    kind::MESSAGE_INTEGRITY,
    kind::CONNECTION_REQUEST_BINDING,
    kind::BINDING_CHANGE,
];
const ANSWERED: [u16; 11] = [
    kind::MAPPED_ADDRESS,
    kind::SOURCE_ADDRESS,
    kind::CHANGED_ADDRESS,
    kind::MESSAGE_INTEGRITY,
    kind::ERROR_CODE,
    kind::UNKNOWN_ATTRIBUTES,
    kind::REFLECTED_FROM,
    kind::XOR_MAPPED_ADDRESS,
    kind::RESPONSE_ORIGIN,
    kind::OTHER_ADDRESS,
    kind::FINGERPRINT,
];

#[cfg(test)]
mod tests {
    use stun::ucr::Draft;
    use stun::{Builder, Form, kind};

    use super::{Errand, classify_datagram};
    use crate::replay::guard::Guard;
    use crate::replay::scenario::Class;

    const ID: [u8; 16] = [7; 16];

    #[test]
    fn each_datagram_goes_where_it_may() {
        let [here, other, port] = ["192.0.2.1:3478", "192.0.2.2:3478", "192.0.2.1:40000"]
            .map(|it| it.parse().expect("an address"));
        let guard = Guard::default();
        let request = Builder::new(0x0001, ID).connection_request_binding();
        let request = request
            .integrity(Form::Rfc3489, b"key")
            .finish()
            .expect("short");
        let response = Builder::new(0x0101, ID).address(kind::MAPPED_ADDRESS, here);
        let response = response.finish().expect("short");
        let draft = Draft {
            authority: "192.0.2.1:3478",
            timestamp_s: 1_700_000_000,
            id: 1,
            username: "",
            cnonce: "c",
        };
        let wake = draft.write(b"key");
        let cases = [
            (&request, here, Errand::AsksStun(here), true),
            (&request, port, Errand::AsksStun(here), false),
            (&request, here, Errand::AnswersStun(here), false),
            (&request, here, Errand::Wakes(here), false),
            (&response, here, Errand::AnswersStun(here), true),
            (&response, port, Errand::AnswersStun(here), true),
            (&response, other, Errand::AnswersStun(here), false),
            (&response, here, Errand::AsksStun(here), false),
            (&wake, here, Errand::Wakes(here), true),
            (&wake, other, Errand::Wakes(here), false),
            (&wake, here, Errand::AnswersStun(here), false),
        ];
        for (bytes, to, errand, may) in cases {
            let permitted = guard.permit_datagram(bytes, to, errand);
            assert_eq!(permitted.is_ok(), may, "{errand:?} to {to}");
            assert_eq!(classify_datagram(bytes).class, Class::Read);
        }
    }

    #[test]
    fn nothing_else_goes_out() {
        let here = "192.0.2.1:3478".parse().expect("an address");
        let reboot = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n".to_vec();
        let data = Builder::new(0x0101, ID).attribute(kind::DATA, b"data");
        let turn = Builder::new(0x0003, ID).connection_request_binding();
        let all = [
            Vec::new(),
            vec![0; 20],
            reboot,
            data.finish().expect("short"),
            turn.finish().expect("short"),
        ];
        for bytes in &all {
            for errand in [Errand::AsksStun, Errand::AnswersStun, Errand::Wakes] {
                let permitted = Guard::default().permit_datagram(bytes, here, errand(here));
                assert!(permitted.is_err(), "{bytes:?}");
            }
            assert_eq!(classify_datagram(bytes).class, Class::Destroy);
        }
    }
}
