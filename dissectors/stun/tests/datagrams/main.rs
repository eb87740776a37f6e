//! The crate against vectors, captures, a second opinion, and hostile input.

mod confusable;
mod hostile;
mod oracle;
mod rfc5769;
mod round_trip;
mod vectors;

use std::error::Error;
use std::path::{Path, PathBuf};

type Outcome = Result<(), Box<dyn Error>>;

/// A part of the shared data, or a visible skip.
fn shared(part: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if folder.exists() {
        return Some(folder.join(part));
    }
    println!("skipped: ../shared is absent");
    None
}

/// Bytes out of hexadecimal digits; what are none are passed over.
fn bytes(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect()
}

/// The names of a list of anomalies.
fn names(anomalies: &[stun::Anomaly]) -> Vec<&'static str> {
    anomalies
        .iter()
        .map(|anomaly| anomaly.kind.name())
        .collect()
}
