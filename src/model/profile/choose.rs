//! Which profile a device has, by what its Inform says of it.

use super::{ALL, Firmware, Profile, Series};

/// What an Inform says of its device.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'i> {
    /// DeviceId.Manufacturer.
    pub manufacturer: &'i str,
    /// DeviceId.OUI.
    pub oui: &'i str,
    /// DeviceId.ProductClass.
    pub product_class: &'i str,
}

/// A device whose vendor has a profile.
#[derive(Debug, Clone, Copy)]
pub struct Recognised {
    /// The profile.
    pub profile: &'static Profile,
    /// The series of the document that it belongs to; `None` where the document does not speak of this model.
    series: Option<&'static Series>,
}

impl Recognised {
    /// The document speaks of this model with this firmware; where it asks for one, silence is no yes.
    #[must_use]
    pub fn is_covered(&self, software: Option<&str>) -> bool {
        self.series.is_some_and(|series| match series.firmware {
            None => true,
            Some(least) => software.is_some_and(|software| is_at_least(software, least)),
        })
    }
}

/// The profile of a device: its Manufacturer names the vendor, or its OUI is the vendor's and Manufacturer names no other vendor
/// of a profile.
#[must_use]
pub fn recognise(identity: Identity<'_>) -> Option<Recognised> {
    let manufacturer = identity.manufacturer.to_ascii_lowercase();
    let names = |profile: &&Profile| {
        let mut names = profile.marks.manufacturers.iter();
        names.any(|name| manufacturer.contains(name))
    };
    let oui = identity.oui.trim();
    let owns = |profile: &&Profile| {
        let mut ouis = profile.marks.ouis.iter();
        ouis.any(|own| own.eq_ignore_ascii_case(oui))
    };
    let profile = ALL
        .into_iter()
        .find(names)
        .or_else(|| ALL.into_iter().find(owns))?;
    Some(Recognised {
        profile,
        series: series(profile, identity.product_class),
    })
}

fn series(profile: &'static Profile, product_class: &str) -> Option<&'static Series> {
    let product: String = product_class
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .take(PRODUCT_MAX)
        .collect();
    let vendor = profile.vendor.to_ascii_lowercase();
    let product = product.strip_prefix(&vendor).unwrap_or(&product);
    let product = product.strip_prefix("sip").unwrap_or(product);
    let begins = |series: &&Series| {
        let mut bytes = product.bytes();
        series.product.bytes().all(|wanted| {
            bytes
                .next()
                .is_some_and(|byte| wanted == b'#' || wanted == byte)
        })
    };
    profile.series.iter().find(begins)
}

/// The first version in a text, `Program-- 1.0.7.25 Boot-- 1.0.5.6`, is this or a later one.
fn is_at_least(software: &str, firmware: Firmware) -> bool {
    let mut words =
        software.split(|character: char| !character.is_ascii_digit() && character != '.');
    let version = words.find(|word| word.trim_matches('.').contains('.'));
    let Some(version) = version else {
        return false;
    };
    let numbers = version.trim_matches('.').split('.');
    let mut numbers = numbers
        .skip(firmware.behind)
        .map(|number| number.parse::<u32>().unwrap_or_default());
    for least in firmware.least {
        let number = numbers.next().unwrap_or_default();
        if number != *least {
            return number > *least;
        }
    }
    true
}

/// Characters of ProductClass that are looked at.
const PRODUCT_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::{Identity, recognise};

    fn chosen(manufacturer: &str, oui: &str, product_class: &str, software: &str) -> String {
        let identity = Identity {
            manufacturer,
            oui,
            product_class,
        };
        recognise(identity).map_or_else(String::new, |known| {
            format!(
                "{} {}",
                known.profile.name,
                known.is_covered(Some(software))
            )
        })
    }

    #[test]
    fn vendors_by_manufacturer_and_oui() {
        for (manufacturer, oui, product, software, wanted) in [
            (
                "Yealink",
                "001565",
                "SIP-T28P",
                "2.71.0.140",
                "yealink true",
            ),
            ("Yealink", "001565", "T46G", "28.71.0.1", "yealink true"),
            ("YEALINK", "ABCDEF", "SIP-T28P", "2.70.0.1", "yealink false"),
            ("Yealink", "001565", "W52P", "25.30.0.20", "yealink true"),
            (
                "Yealink",
                "001565",
                "SIP-T58A",
                "58.80.0.1",
                "yealink false",
            ),
            ("", "805ec0", "T28P", "2.73.0.1", "yealink true"),
            (
                "Grandstream Networks, Inc.",
                "000B82",
                "GXP2140",
                "1.0.7.25",
                "grandstream true",
            ),
            (
                "Grandstream",
                "000B82",
                "GXP2140",
                "1.0.7.24",
                "grandstream false",
            ),
            (
                "Grandstream",
                "000B82",
                "UCM6202",
                "1.0.20.1",
                "grandstream false",
            ),
            (
                "Grandstream",
                "000B82",
                "HT802",
                "1.0.15.4",
                "grandstream true",
            ),
            (
                "snom",
                "000413",
                "snom320",
                "snom320-SIP 8.2.16",
                "snom true",
            ),
            (
                "snom technology AG",
                "000413",
                "snom 820",
                "8.4.18",
                "snom true",
            ),
            ("snom", "000413", "snomD745", "8.9.3", "snom false"),
            ("Aastra", "00085D", "6755i", "3.3.1.4305", "aastra true"),
            (
                "Aastra",
                "00085D",
                "Aastra 6867i",
                "3.3.0.1",
                "aastra false",
            ),
            ("Mitel", "00085D", "6867i", "4.0.0.1", "aastra true"),
            ("Yealink", "000B82", "T28P", "2.71.0.1", "yealink true"),
            ("Example", "001122", "Phone", "1.0", ""),
        ] {
            let was = chosen(manufacturer, oui, product, software);
            assert_eq!(was, wanted, "{manufacturer} {oui} {product} {software}");
        }
    }

    #[test]
    fn no_firmware_is_no_yes() {
        let known = recognise(Identity {
            manufacturer: "Yealink",
            oui: "001565",
            product_class: "T28P",
        });
        assert_eq!(known.map(|known| known.is_covered(None)), Some(false));
        assert_eq!(
            known.map(|known| known.is_covered(Some("new"))),
            Some(false)
        );
    }
}
