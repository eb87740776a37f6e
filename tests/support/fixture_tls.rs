//! `%tls` in fixtures: the TLS of the connection that begins, one that nothing is wrong with but for the words given.

use std::fmt::Write as _;

use super::{Told, Words};

pub const NAMES: &[&str] = &["tls"];

/// `%tls`, with `name=value` for each line that is to be another; `name=-` leaves it out. `says=resumed` and
/// `says=incomplete` add that; `client_valid=` and its like are of the client's certificate.
pub fn tell(told: &mut Told, _: &str, words: &Words) {
    told.line(true, "tls");
    for (name, usual) in USUAL {
        let value = words.get(*name).map_or(*usual, String::as_str);
        let line = name
            .strip_prefix("client_")
            .filter(|line| *line != "certificate");
        let of_client = words.get("client_certificate");
        let shown = line.is_none() || of_client.is_some_and(|one| one != "none");
        if value != "-" && shown {
            let _ = writeln!(told.out, "{}: {value}", line.unwrap_or(name));
        }
        if *name == "certificate" && value == "-" {
            // Nothing is left to be said of it.
            return;
        }
    }
    if let Some(says) = words.get("says") {
        let _ = writeln!(told.out, "{says}");
    }
    told.out.push('\n');
}

/// In the order of the lines.
const USUAL: &[(&str, &str)] = &[
    ("version", "TLS 1.2"),
    ("suite", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    (
        "offers",
        "TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA",
    ),
    ("server_name", "acs.example.com"),
    ("certificate", "CN=acs.example.com"),
    ("issuer", "CN=Example CA"),
    ("names", "acs.example.com"),
    ("valid", "2026-01-01T00:00:00Z 2027-01-01T00:00:00Z"),
    ("key", "RSA 2048"),
    ("signature", "sha256WithRSAEncryption"),
    ("client_certificate", "-"),
    ("client_issuer", "CN=Example Devices"),
    ("client_valid", "2026-01-01T00:00:00Z 2046-01-01T00:00:00Z"),
    ("client_key", "RSA 2048"),
    ("client_signature", "sha256WithRSAEncryption"),
];
