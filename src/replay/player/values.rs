//! What placeholders stand for: named variables, who the device is, the time, files.

use std::collections::BTreeMap;

use super::{DeviceIdentity, PlayerError, PlayerSetting};
use crate::replay::scenario::{Fresh, Role, Scenario, Variable};
use crate::source::Timestamp;

/// The values of one run.
pub(super) struct Values {
    given: BTreeMap<String, String>,
    declared: BTreeMap<String, Variable>,
    captured: BTreeMap<String, String>,
    /// Made at the beginning.
    fresh: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    device: Option<DeviceIdentity>,
}

impl Values {
    pub(super) fn new(
        scenario: &Scenario,
        setting: &mut PlayerSetting,
    ) -> Result<Self, PlayerError> {
        let mut fresh = BTreeMap::new();
        for (name, variable) in &scenario.vars {
            let made = match variable {
                Variable::Fresh(Fresh::Uuid) => uuid(&mut setting.random),
                Variable::Fresh(Fresh::Hex) => format!("{:08x}", (setting.random)() >> 32),
                _ => continue,
            };
            fresh.insert(name.clone(), made);
        }
        Ok(Self {
            given: std::mem::take(&mut setting.values),
            declared: scenario.vars.clone(),
            captured: BTreeMap::new(),
            fresh,
            files: std::mem::take(&mut setting.files),
            device: device(scenario, setting)?,
        })
    }

    /// Who we are in role cpe.
    pub(super) fn device(&self) -> Option<&DeviceIdentity> {
        self.device.as_ref()
    }

    /// The value of a name; nothing where there is none (yet).
    pub(super) fn named(&self, name: &str, wall: Timestamp) -> Option<String> {
        if let Some(value) = self.captured.get(name).or_else(|| self.given.get(name)) {
            return Some(value.clone());
        }
        if let Some(of_device) = name.strip_prefix("device.")
            && let Some(value) = self.of_device(of_device)
        {
            return Some(value);
        }
        if name == "cwmp.now" {
            return Some(date_time(wall));
        }
        if let Some(value) = self.fresh.get(name).or_else(|| self.files.get(name)) {
            return Some(value.clone());
        }
        match self.declared.get(name)? {
            Variable::Value(value) => Some(value.clone()),
            Variable::Fresh(Fresh::Now) => Some(date_time(wall)),
            Variable::Fresh(_) | Variable::Secret { .. } | Variable::Captured(_) => None,
        }
    }

    /// Is there a value from the beginning?
    pub(super) fn promises(&self, name: &str) -> bool {
        self.named(name, Timestamp::default()).is_some()
    }

    pub(super) fn give(&mut self, name: &str, value: String) {
        self.given.insert(name.to_owned(), value);
    }

    pub(super) fn capture(&mut self, name: &str, value: String) {
        self.captured.insert(name.to_owned(), value);
    }

    /// Does nobody compare it: a secret, or the time?
    pub(super) fn is_open(&self, name: &str) -> bool {
        matches!(
            self.declared.get(name),
            Some(Variable::Secret { .. } | Variable::Fresh(Fresh::Now))
        )
    }

    fn of_device(&self, member: &str) -> Option<String> {
        let device = self.device.as_ref()?;
        match member {
            "oui" => Some(device.oui.clone()),
            "product_class" => Some(device.product_class.clone()),
            "serial_number" => Some(device.serial_number.clone()),
            // An id does not tell the maker: then the recorded one is what there is.
            "manufacturer" if !device.manufacturer.is_empty() => Some(device.manufacturer.clone()),
            _ => None,
        }
    }
}

/// Role cpe has to be somebody; the recorded device only where that is allowed.
fn device(
    scenario: &Scenario,
    setting: &PlayerSetting,
) -> Result<Option<DeviceIdentity>, PlayerError> {
    if scenario.role == Role::Acs {
        return Ok(None);
    }
    if let Some(device) = &setting.device {
        return Ok(Some(device.clone()));
    }
    if !setting.impersonate_recorded {
        return Err(PlayerError::NoDevice);
    }
    let recorded = scenario.identity.device.as_deref();
    let device = recorded.and_then(DeviceIdentity::of_id);
    device.map(Some).ok_or(PlayerError::NoRecordedDevice)
}

/// Can XML 1.0 hold this text (section 2.2)?
pub(super) fn fits_xml(text: &str) -> bool {
    let is_forbidden = |character: char| {
        character < ' ' && !matches!(character, '\t' | '\n' | '\r')
            || matches!(character, '\u{FFFE}' | '\u{FFFF}')
    };
    !text.contains(is_forbidden)
}

/// xsd:dateTime in UTC, whole seconds.
fn date_time(time: Timestamp) -> String {
    instant(time).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// IMF-fixdate (RFC 9110 section 5.6.7).
pub(super) fn http_date(time: Timestamp) -> String {
    instant(time)
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}

fn instant(time: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_nanosecond(i128::from(time.nanoseconds))
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

/// So many times sixteen random hexadecimal digits.
pub(super) fn hex(random: &mut dyn FnMut() -> u64, times: usize) -> String {
    (0..times).map(|_| format!("{:016x}", random())).collect()
}

/// A random UUID (RFC 9562 section 5.4).
fn uuid(random: &mut dyn FnMut() -> u64) -> String {
    let high = random() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000;
    let low = random() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_uuids_have_their_forms() {
        let time = Timestamp {
            nanoseconds: 784_111_777_500_000_000,
            digits: 9,
        };
        // RFC 9110 section 5.6.7 has this very time.
        assert_eq!(http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date_time(time), "1994-11-06T08:49:37Z");
        let mut ones = || u64::MAX;
        assert_eq!(uuid(&mut ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn what_xml_cannot_hold_is_known() {
        assert!(fits_xml("a\tb\r\nü"));
        assert!(!fits_xml("a\0b"));
        assert!(!fits_xml("\u{1B}[2J"));
    }
}
