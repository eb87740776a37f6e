//! Which device is meant: its id, or a part of it that no other device has.

use crate::session::Device;

/// A device by its id, its serial number, or any part of its id.
#[derive(Debug, Clone)]
pub struct Wanted {
    text: String,
    folded: String,
}

/// How well an id fits, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Fit {
    /// It is the id.
    Id,
    /// It is the serial number.
    SerialNumber,
    /// It is a part of the id.
    Part,
}

/// What there is of it among the devices of a capture.
#[derive(Debug)]
pub enum Choice<'d> {
    /// This one is meant.
    One(&'d Device),
    /// It may be any of these.
    Several(Vec<&'d Device>),
    /// None; these are the most alike.
    None(Vec<&'d Device>),
}

impl Wanted {
    /// What was asked for; `00:04:13:5e:6f:26` is as good as `0004135E6F26`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            folded: folded(text),
        }
    }

    pub(super) fn fit(&self, id: &str) -> Option<Fit> {
        if id == self.text {
            return Some(Fit::Id);
        }
        if self.folded.is_empty() {
            return None;
        }
        let serial_number = id.rsplit('-').next().unwrap_or(id);
        if folded(serial_number) == self.folded {
            Some(Fit::SerialNumber)
        } else {
            folded(id).contains(&self.folded).then_some(Fit::Part)
        }
    }

    /// The device that is meant.
    #[must_use]
    pub fn among<'d>(&self, devices: &'d [Device]) -> Choice<'d> {
        let fits = devices.iter().filter_map(|device| {
            let fit = self.fit(&device.device)?;
            Some((fit, device))
        });
        let fits: Vec<(Fit, &Device)> = fits.collect();
        let Some(best) = fits.iter().map(|(fit, _)| *fit).min() else {
            return Choice::None(self.near(devices));
        };
        let best = fits.into_iter().filter(|(fit, _)| *fit == best);
        let best: Vec<&Device> = best.map(|(_, device)| device).collect();
        match best.as_slice() {
            [one] => Choice::One(one),
            _ => Choice::Several(best),
        }
    }

    /// Those whose ids, or serial numbers, take the fewest changes to become this.
    fn near<'d>(&self, devices: &'d [Device]) -> Vec<&'d Device> {
        let wanted: String = self.folded.chars().take(COMPARED_CHARACTERS).collect();
        let changes = |text: &str| {
            let text: String = folded(text).chars().take(COMPARED_CHARACTERS).collect();
            strsim::damerau_levenshtein(&wanted, &text)
        };
        let compared = devices.iter().take(COMPARED_MAX);
        let mut near: Vec<(usize, &Device)> = compared
            .map(|device| {
                let serial_number = device.serial_number.as_deref().unwrap_or_default();
                (changes(&device.device).min(changes(serial_number)), device)
            })
            .collect();
        near.sort_by_key(|(changes, _)| *changes);
        let near = near.into_iter().take(NEAR_MAX);
        near.map(|(_, device)| device).collect()
    }
}

/// Letters and digits alone, in lower case, what is percent-encoded decoded.
fn folded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| byte == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let decoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(decoded.unwrap_or(byte));
        rest = behind
            .get(if decoded.is_some() { 2 } else { 0 }..)
            .unwrap_or_default();
    }
    let text = String::from_utf8_lossy(&bytes);
    let kept = text.chars().filter(|letter| letter.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// Devices named where none fits.
const NEAR_MAX: usize = 5;
/// Devices compared for that.
const COMPARED_MAX: usize = 10_000;
/// Characters of each.
const COMPARED_CHARACTERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_id() {
        let id = "001565-SIP%2DT46G-0015650A1B42";
        for (text, fit) in [
            (id, Some(Fit::Id)),
            ("0015650A1B42", Some(Fit::SerialNumber)),
            ("00:15:65:0a:1b:42", Some(Fit::SerialNumber)),
            ("SIP-T46G", Some(Fit::Part)),
            ("0A1B", Some(Fit::Part)),
            ("0A1C", None),
            ("", None),
            ("-", None),
            ("%zz", None),
        ] {
            assert_eq!(Wanted::new(text).fit(id), fit, "{text}");
        }
    }
}
