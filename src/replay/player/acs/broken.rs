//! Role acs: an Inform that cannot be read, or does not say whose it is. It is no stranger's where it is seen to be of the device that
//! is served: what is wrong with it is what a replay is for.

use super::Acs;
use crate::replay::action::ConnectionId;
use crate::replay::player::DeviceIdentity;
use crate::replay::player::arrival::{Arrival, EMPTY, Informs, UNDECODABLE};
use crate::replay::player::run::difference;
use crate::session::{Difference, DifferenceClass};

impl Acs {
    /// Is it an Inform of the device that says so in a way that nobody else's is taken for it?
    pub(super) fn is_broken_inform(
        &self,
        id: ConnectionId,
        arrival: &Arrival,
        informs: Option<&Informs>,
    ) -> bool {
        let body = arrival.http.body();
        if informs.is_some_and(names_somebody)
            || !BROKEN.contains(&arrival.name())
            || !has_inform(body)
        {
            return false;
        }
        match self.device.as_deref() {
            Some(device) => self.comes_from_origin(id) || is_readable(device, body),
            // Nobody is named, and nobody came: the first that informs is served.
            None => true,
        }
    }

    /// What such an Inform differs in.
    pub(super) fn brokenness(&self, arrival: &Arrival, informs: Option<&Informs>) -> Difference {
        let mut found = match informs {
            Some(informs) => {
                let expected = self.device.clone();
                let expected = expected.or_else(|| Some("the id of a device".to_owned()));
                let actual = Some(informs.device.clone());
                difference(DifferenceClass::Value, "DeviceId", expected, actual)
            }
            None => {
                let actual = Some("an Inform that cannot be read".to_owned());
                difference(
                    DifferenceClass::Value,
                    "",
                    Some("Inform".to_owned()),
                    actual,
                )
            }
        };
        found.message = Some(arrival.name().to_owned());
        found
    }
}

fn names_somebody(informs: &Informs) -> bool {
    DeviceIdentity::of_id(&informs.device).is_some()
}

/// Does an element of that name begin or end in it? Parameters have names with that word too.
fn has_inform(body: &[u8]) -> bool {
    memchr::memmem::find_iter(body, INFORM).any(|at| {
        let before = body.get(..at).unwrap_or_default();
        let behind = body.get(at.saturating_add(INFORM.len()));
        matches!(before.last(), Some(b'<' | b':' | b'/'))
            && behind.is_none_or(|it| !it.is_ascii_alphanumeric())
    })
}

/// Does it stand in these bytes, as the text of elements? A long serial number is that of one device, whoever made it.
fn is_readable(device: &str, body: &[u8]) -> bool {
    let Some(id) = DeviceIdentity::of_id(device) else {
        return false;
    };
    let is_long = id.serial_number.len() >= OWN_BYTES_MIN;
    has_text(body, &id.serial_number) && (is_long || has_text(body, &id.oui))
}

fn has_text(body: &[u8], text: &str) -> bool {
    memchr::memmem::find_iter(body, text.as_bytes()).any(|at| {
        let before = body.get(..at).unwrap_or_default().trim_ascii_end();
        let behind = body.get(at.saturating_add(text.len())..);
        let behind = behind.unwrap_or_default().trim_ascii_start();
        before.ends_with(b">") && (behind.is_empty() || behind.starts_with(b"<"))
    })
}

/// Of a serial number that no other device has by chance.
const OWN_BYTES_MIN: usize = 8;
const INFORM: &[u8] = b"Inform";
/// What a message is called that may be one.
const BROKEN: [&str; 3] = ["Inform", EMPTY, UNDECODABLE];

#[cfg(test)]
mod tests {
    use super::{has_inform, is_readable};

    #[test]
    fn a_parameter_of_that_name_is_no_inform() {
        for body in [&b"<cwmp:Inform>"[..], b"<Inform", b"</x:Inform >"] {
            assert!(has_inform(body));
        }
        for body in [
            &b"<cwmp:InformResponse>"[..],
            b"<Name>Device.ManagementServer.PeriodicInformEnable</Name>",
            b"Inform",
            b"",
        ] {
            assert!(!has_inform(body));
        }
    }

    #[test]
    fn a_part_of_another_id_is_none() {
        let body = b"<Inform><OUI> 001565 </OUI><SerialNumber>12</SerialNumber><X>a 3 b</X><S>7";
        assert!(is_readable("001565-12", body));
        assert!(is_readable("001565-T46-7", body));
        for other in ["001565-1", "001565-2", "00156-12", "001565-3", "001565"] {
            assert!(!is_readable(other, body), "{other}");
        }
    }
}
