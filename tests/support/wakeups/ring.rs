//! Connection Requests as the ACS sends them: over HTTP with the challenge and what answers it, and over UDP in copies.

use std::net::Ipv4Addr;

use http1::auth::{
    Account as Known, Algorithm, DigestChallengeFields, Encoding, basic_authorization,
    basic_challenge,
};
use stun::ucr::Draft;

use super::actors::{Account, CPE_PORT, Device};
use super::telling::{ACS, Telling};
use crate::digest::digest;
use crate::packet::End;
use crate::scene::From;

/// How an agent writes its answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Digest, the challenge over two lines.
    Folded,
    /// Digest in one line.
    OneLine,
    /// Basic, and lines that end with LF alone.
    BareLf,
}

/// What a device answers.
#[derive(Clone, Copy)]
pub enum Says {
    Challenge,
    Status(&'static str),
}

impl Telling {
    /// An HTTP Connection Request on one connection: a GET for each answer, with credentials once challenged.
    /// Gives its first frame.
    pub fn ring(
        &mut self,
        phone: &Device,
        to: End,
        account: &Account,
        style: Style,
        says: &[Says],
    ) -> u64 {
        self.asked = "http_connection_request";
        self.truth.connections += 1;
        let port = self.acs_port();
        let first = self.next();
        let mut connection = self.scene.connect(self.server(ACS, port), to);
        let mut authorization = String::new();
        let mut get_at = 0;
        for (leg, says) in says.iter().enumerate() {
            let message = format!(
                "GET {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: example-acs\r\n{authorization}Connection: keep-alive\r\n\r\n",
                phone.path, to.address, to.port
            );
            self.truth.requests += 1;
            let frames = self
                .scene
                .send(&mut connection, From::Client, message.as_bytes());
            get_at = if leg == 0 { frames[0] } else { get_at };
            let message = match says {
                Says::Challenge => {
                    let (challenge, message) = self.challenge(phone, style);
                    authorization = self.credentials(&challenge, account, phone, style);
                    message
                }
                Says::Status(status) => answer(status, style),
            };
            self.truth.responses += 1;
            self.scene
                .send(&mut connection, From::Server, message.as_bytes());
        }
        self.scene.close(&mut connection, From::Client);
        self.mark(first, &heard(says));
        get_at
    }

    /// The device's port for Connection Requests, as its ConnectionRequestURL has it.
    pub fn http_port(&self, phone: &Device) -> End {
        let end = self.cpe(phone, CPE_PORT);
        End {
            address: phone.address,
            ..end
        }
    }

    /// A port of the ACS that is free.
    pub fn acs_port(&mut self) -> u16 {
        let digits = self.token(3);
        34_000 + u16::from_str_radix(&digits, 16).expect("digits are hexadecimal")
    }

    /// A UDP Connection Request that is right in all, in three copies from the STUN server's port; gives its first frame.
    pub fn call(&mut self, phone: &Device, id: u64) -> u64 {
        let account = phone.connection_request.clone();
        let time_s = self.scene.now_us() / 1_000_000;
        let request = self.request(phone, [time_s, id], &account);
        let (from, to) = (self.stun_server(), self.udp_port(phone));
        self.send_copies(from, to, &request)
    }

    /// The bytes of a UDP Connection Request with this `ts` and `id`.
    pub fn request(&mut self, phone: &Device, [ts, id]: [u64; 2], account: &Account) -> Vec<u8> {
        let binding = phone.binding.expect("a phone with STUN has a binding");
        let (authority, cnonce) = (binding.to_string(), self.token(16).to_uppercase());
        let draft = Draft {
            authority: &authority,
            timestamp_s: ts,
            id,
            username: &account.user_name,
            cnonce: &cnonce,
        };
        draft.write(account.password.as_bytes())
    }

    /// Sends it three times, a moment apart (TR-069 Amendment 3 section G.2.2.2); gives its first frame.
    pub fn send_copies(&mut self, from: End, to: End, request: &[u8]) -> u64 {
        self.asked = "udp_connection_request";
        self.truth.udp_connection_requests += 3;
        let first = self.next();
        for copy in 0..3 {
            if copy > 0 {
                self.scene.wait_us(50_000);
            }
            self.scene.datagram(from, to, request);
        }
        first
    }

    /// A challenge, and the response that carries it.
    fn challenge(&mut self, phone: &Device, style: Style) -> (String, String) {
        let challenge = if style == Style::BareLf {
            basic_challenge(phone.make.product_class, false)
        } else {
            let (nonce, opaque) = (self.token(32), self.token(8));
            let fields = DigestChallengeFields {
                realm: phone.make.product_class,
                nonce: &nonce,
                opaque: Some(&opaque),
                qop: Some("auth"),
                algorithm: Some(Algorithm::default()),
                ..DigestChallengeFields::default()
            };
            fields.write()
        };
        let challenge = challenge.expect("it can be written");
        let challenge = String::from_utf8(challenge).expect("all is ASCII");
        let written = match style {
            // RFC 2616 section 2.2: a line that begins with a blank goes on with the one before.
            Style::Folded => challenge.replacen(", nonce", ",\r\n\tnonce", 1),
            _ => challenge.clone(),
        };
        let message = format!(
            "HTTP/1.1 401 Unauthorized\r\nServer: {}\r\nWWW-Authenticate: {written}\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
            phone.make.user_agent
        );
        (challenge, ended(message, style))
    }

    fn credentials(
        &mut self,
        challenge: &str,
        account: &Account,
        phone: &Device,
        style: Style,
    ) -> String {
        let cnonce = self.token(16);
        let value = if style == Style::BareLf {
            let known = Known {
                user: &account.user_name,
                password: &account.password,
            };
            let basic = basic_authorization(&known, Encoding::Utf8).expect("it can be written");
            String::from_utf8(basic).expect("all is ASCII")
        } else {
            let target = ["GET", &phone.path];
            digest(challenge, account.words(), target, &cnonce, 1)
        };
        self.truth.secrets.extend(spoken(&value));
        format!("Authorization: {value}\r\n")
    }
}

/// What of credentials no output may hold.
fn spoken(authorization: &str) -> Option<String> {
    let response = authorization.split("response=\"").nth(1);
    let secret = response
        .and_then(|rest| rest.split('"').next())
        .or_else(|| authorization.strip_prefix("Basic "));
    secret.map(str::to_owned)
}

fn answer(status: &str, style: Style) -> String {
    let message = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    ended(message, style)
}

fn ended(message: String, style: Style) -> String {
    match style {
        Style::BareLf => message.replace("\r\n", "\n"),
        _ => message,
    }
}

fn heard(says: &[Says]) -> String {
    let all = says.iter().map(|says| match says {
        Says::Challenge => "401",
        Says::Status(status) => *status,
    });
    format!(
        "the HTTP Connection Request: {}",
        all.collect::<Vec<_>>().join(", then ")
    )
}

/// Where the ACS sends from that does not go by the STUN server.
pub const OTHER_SENDER: (Ipv4Addr, u16) = (ACS, 48_732);
