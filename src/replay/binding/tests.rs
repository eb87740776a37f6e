//! Bindings by numbers: no sockets, no clock.

mod acs;
mod admission;
mod cpe;

use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;
use stun::ucr::Draft;
use stun::{Builder, Class, Credentials, Form, Integrity, Message, kind, padded_text};

use super::{
    Account, Acs, Admission, Answer, Binding, Bound, Cpe, Entrance, Heard, Port, Progress, Setting,
};

const ID: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const PASSWORD: &str = "stunpass";

fn at(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn here() -> [SocketAddr; 2] {
    [at("192.0.2.1:3478"), at("192.0.2.1:3479")]
}

fn device() -> SocketAddr {
    at("203.0.113.9:40000")
}

fn account() -> Account {
    Account {
        username: "stunuser".to_owned(),
        password: Some(PASSWORD.to_owned()),
    }
}

fn acs() -> Acs {
    let [primary, secondary] = here();
    Acs::new(primary, secondary)
}

fn acs_that_asks() -> Acs {
    let mut acs = acs();
    acs.knows(Some(account()), true);
    acs
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn request() -> Builder {
    Builder::new(0x0001, ID)
}

fn binding_request() -> Builder {
    let named = request().attribute(kind::USERNAME, b"stunuser");
    named.connection_request_binding()
}

fn written(builder: Builder) -> Vec<u8> {
    builder.finish().expect("short")
}

fn answer(heard: Heard) -> Answer {
    match heard {
        Heard::Answered(answer) | Heard::Bound(answer, _) => answer,
        Heard::PassedOver(why) => panic!("passed over: {why}"),
    }
}

/// The message of an answer, which has nothing odd.
fn read(bytes: &[u8]) -> Message {
    let message = stun::parse(bytes, bytes.len()).expect("STUN");
    assert_eq!(message.anomalies, []);
    assert_eq!(message.write().expect("short"), bytes);
    message
}

fn asked(acs: &mut Acs, bytes: Vec<u8>) -> (Answer, Message) {
    let answer = answer(acs.hear(Port::Primary, device(), &bytes));
    let message = read(&answer.bytes);
    (answer, message)
}

fn error_of(message: &Message) -> Option<u16> {
    assert_eq!(message.class(), Class::ErrorResponse);
    message.error_code().map(|error| error.code())
}

fn is_sealed_with(message: &Message, password: &str) -> bool {
    let credentials = Credentials {
        password,
        ..Credentials::default()
    };
    let Integrity::Match(found) = message.verify_integrity(&credentials) else {
        return false;
    };
    found.computation() == Some(message.form)
}
