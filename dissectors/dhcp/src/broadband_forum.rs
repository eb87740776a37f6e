//! The Broadband Forum's sub-options: who device and gateway are, and where the ACS is.

use crate::sub_options::SubOption;
use crate::text::Text;

/// Who a device or a gateway says it is (TR-111 section 1.2.5 Table 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity<'a> {
    /// ManufacturerOUI: six upper-case hexadecimal digits.
    pub manufacturer_oui: Option<Text<'a>>,
    /// SerialNumber, up to 64 characters.
    pub serial_number: Option<Text<'a>>,
    /// ProductClass, up to 64 characters; left out where the model has none.
    pub product_class: Option<Text<'a>>,
}

impl Identity<'_> {
    /// Is nothing of it there?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where the ACS is and how to call it (TR-069 Amendment 6 section 3.1 Table 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Discovery<'a> {
    /// ManagementServer.URL
    pub acs_url: Option<Text<'a>>,
    /// DeviceInfo.ProvisioningCode
    pub provisioning_code: Option<Text<'a>>,
    /// ManagementServer.CWMPRetryMinimumWaitInterval in seconds, in digits.
    pub retry_minimum_wait_interval: Option<Text<'a>>,
    /// ManagementServer.CWMPRetryIntervalMultiplier in thousandths, in digits.
    pub retry_interval_multiplier: Option<Text<'a>>,
}

impl<'a> Discovery<'a> {
    /// Codes 1 to 4, as option 43 has them.
    pub fn read(sub_options: impl IntoIterator<Item = SubOption<'a>>) -> Self {
        let mut discovery = Self::default();
        for sub_option in sub_options {
            discovery.take(sub_option.code, sub_option.value);
        }
        discovery
    }

    /// Is nothing of it there?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn take(&mut self, code: u16, value: &'a [u8]) {
        let field = match code {
            1 => &mut self.acs_url,
            2 => &mut self.provisioning_code,
            3 => &mut self.retry_minimum_wait_interval,
            4 => &mut self.retry_interval_multiplier,
            _ => return,
        };
        field.get_or_insert(Text::new(value));
    }
}

/// What the Broadband Forum's sub-options of option 125 or DHCPv6 option 17 say.
///
/// Codes 1 to 3 are the device, 4 to 6 its gateway (TR-111 section 1.2.5), 11 to 14 the ACS (TR-069 Amendment 6
/// section 3.1). Earlier amendments gave the ACS codes 1 to 4 in DHCPv6 option 17, so a code 1 that is a URL is read that
/// way, with the codes 2 to 4 beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BroadbandForum<'a> {
    /// Who the device is.
    pub device: Identity<'a>,
    /// Who the gateway is.
    pub gateway: Identity<'a>,
    /// Where the ACS is.
    pub discovery: Discovery<'a>,
}

impl<'a> BroadbandForum<'a> {
    /// Reads the sub-options; of a code that comes again the first counts.
    pub fn read(sub_options: impl IntoIterator<Item = SubOption<'a>, IntoIter: Clone>) -> Self {
        let sub_options = sub_options.into_iter();
        let announces = sub_options
            .clone()
            .any(|sub_option| sub_option.code == 1 && Text::new(sub_option.value).is_url());
        let mut read = Self::default();
        for sub_option in sub_options {
            match sub_option.code {
                code @ 1..=4 if announces => read.discovery.take(code, sub_option.value),
                code @ 11..=14 => read.discovery.take(code - 10, sub_option.value),
                code => read.take_identity(code, sub_option.value),
            }
        }
        read
    }

    /// Is nothing of it there?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The sub-options that say it, by code, the ACS in codes 11 to 14; for [`crate::write_sub_options`].
    pub fn sub_options(&self) -> Vec<(u16, &'a [u8])> {
        let fields = [
            (1, self.device.manufacturer_oui),
            (2, self.device.serial_number),
            (3, self.device.product_class),
            (4, self.gateway.manufacturer_oui),
            (5, self.gateway.serial_number),
            (6, self.gateway.product_class),
            (11, self.discovery.acs_url),
            (12, self.discovery.provisioning_code),
            (13, self.discovery.retry_minimum_wait_interval),
            (14, self.discovery.retry_interval_multiplier),
        ];
        let present = fields.into_iter();
        present
            .filter_map(|(code, text)| text.map(|text| (code, text.raw())))
            .collect()
    }

    fn take_identity(&mut self, code: u16, value: &'a [u8]) {
        let field = match code {
            1 => &mut self.device.manufacturer_oui,
            2 => &mut self.device.serial_number,
            3 => &mut self.device.product_class,
            4 => &mut self.gateway.manufacturer_oui,
            5 => &mut self.gateway.serial_number,
            6 => &mut self.gateway.product_class,
            _ => return,
        };
        field.get_or_insert(Text::new(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SubOptions, Width};

    fn read(bytes: &[u8]) -> BroadbandForum<'_> {
        BroadbandForum::read(SubOptions::new(bytes, Width::One))
    }

    #[test]
    fn device_and_gateway() {
        let both = read(b"\x01\x06000413\x02\x0200\x03\x0332A\x04\x06001122\x05\x01G\x06\x01P");
        assert_eq!(both.device.manufacturer_oui, Some(Text::new(b"000413")));
        assert_eq!(both.device.product_class, Some(Text::new(b"32A")));
        assert_eq!(both.gateway.serial_number, Some(Text::new(b"G")));
        assert!(both.discovery.is_empty());
    }

    #[test]
    fn a_url_in_code_1_is_the_acs() {
        let early = read(b"\x01\x0ahttp://a/b\x02\x04code\x03\x015\x05\x01G");
        assert!(early.device.is_empty());
        assert_eq!(early.discovery.acs_url, Some(Text::new(b"http://a/b")));
        assert_eq!(early.discovery.provisioning_code, Some(Text::new(b"code")));
        assert_eq!(early.gateway.serial_number, Some(Text::new(b"G")));
    }

    #[test]
    fn codes_of_its_own_stand_beside_an_identity() {
        let late = read(b"\x01\x06000413\x0b\x0ahttp://a/b\x0c\x01x\x0d\x015\x0e\x042000");
        assert_eq!(late.device.manufacturer_oui, Some(Text::new(b"000413")));
        assert_eq!(late.discovery.acs_url, Some(Text::new(b"http://a/b")));
        let multiplier = late.discovery.retry_interval_multiplier;
        assert_eq!(multiplier.and_then(Text::number), Some(2000));
    }
}
