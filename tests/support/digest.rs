//! What a client of these stories answers a challenge of Digest with.

use http1::auth::{Account, Answer, Challenge, Encoding, Request, challenges};

/// The value of an Authorization field that answers this challenge for the `nc`th time.
pub fn digest(
    challenge: &str,
    [user, password]: [&str; 2],
    [method, target]: [&str; 2],
    cnonce: &str,
    nc: u32,
) -> String {
    let read = challenges(challenge.as_bytes()).what;
    let Some(Challenge::Digest(challenge)) = read.first() else {
        panic!("a challenge of Digest");
    };
    let answer = challenge.answer(&Answer {
        request: Request {
            method: method.as_bytes(),
            target: target.as_bytes(),
            body: None,
        },
        account: Account { user, password },
        encoding: Encoding::Utf8,
        cnonce,
        nc,
    });
    String::from_utf8(answer.expect("it can be answered")).expect("all is ASCII")
}
