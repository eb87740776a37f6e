//! What vendors say: option 43 in its several forms, and option 125.

use super::Message;
use crate::enterprise::misfit_v4;
use crate::{
    AnomalyKind, BROADBAND_FORUM, BroadbandForum, Discovery, SubOption, SubOptions, Text,
    VendorInformation, VendorInformations,
};

/// Option 43: as it came, and as far as it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VendorSpecific<'m> {
    /// The value, joined.
    pub raw: &'m [u8],
    /// How it is written.
    pub form: VendorForm,
    /// Where the ACS is: sub-options 1 to 4, or the bare URL.
    ///
    /// Codes mean what the client's vendor class says. Without `dslforum.org` in option 60, and with a code 1 that is no
    /// URL, they are another vendor's.
    pub discovery: Discovery<'m>,
}

/// How option 43 is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VendorForm {
    /// Sub-options that fill it (RFC 2132 section 8.4), as TR-069 wants it.
    SubOptions,
    /// A URL and nothing else, as many servers send it.
    Url,
    /// Codes and values between bars, as gateways for telephones read it: `1|http://acs.example.org/|2|code`.
    Bars,
    /// Something else.
    Opaque,
}

impl<'m> VendorSpecific<'m> {
    fn read(raw: &'m [u8]) -> Self {
        let text = Text::new(raw);
        if let Some(discovery) = read_bars(raw) {
            return Self {
                raw,
                form: VendorForm::Bars,
                discovery,
            };
        }
        if text.is_url() && text.is_printable() {
            let discovery = Discovery {
                acs_url: Some(text),
                ..Discovery::default()
            };
            return Self {
                raw,
                form: VendorForm::Url,
                discovery,
            };
        }
        let sub_options = SubOptions::encapsulated(raw);
        if sub_options.tiles() {
            return Self {
                raw,
                form: VendorForm::SubOptions,
                discovery: Discovery::read(sub_options),
            };
        }
        Self {
            raw,
            form: VendorForm::Opaque,
            discovery: Discovery::default(),
        }
    }

    /// Its sub-options, as far as they can be read.
    pub fn sub_options(&self) -> SubOptions<'m> {
        SubOptions::encapsulated(self.raw)
    }
}

/// `1|url|2|provisioning code|...`; a bar may stand before the first code.
fn read_bars(raw: &[u8]) -> Option<Discovery<'_>> {
    let value = Text::new(raw).value();
    let value = value.strip_prefix(b"|").unwrap_or(value);
    if !Text::new(value).is_printable() {
        return None;
    }
    let mut parts = value.split(|byte| *byte == b'|');
    let mut pairs = Vec::new();
    while let Some(code) = parts.next() {
        let code = Text::new(code)
            .number()
            .and_then(|n| u16::try_from(n).ok())?;
        let value = parts.next()?;
        // Codes 3 and 4 are a user name and a password in this form: they are not the intervals, and stay in the raw bytes.
        if matches!(code, 1 | 2) {
            pairs.push(SubOption {
                code,
                value,
                offset: 0,
            });
        }
    }
    Some(Discovery::read(pairs))
}

impl Message<'_> {
    /// Option 43.
    pub fn vendor_specific(&self) -> Option<VendorSpecific<'_>> {
        self.value(43).map(VendorSpecific::read)
    }

    /// Option 125: what each enterprise says.
    pub fn vendor_information(&self) -> VendorInformations<'_> {
        VendorInformations::v4(self.value(125).unwrap_or_default())
    }

    /// What the Broadband Forum's sub-options of option 125 say: device, gateway, ACS; none where it has no block.
    pub fn broadband_forum(&self) -> Option<BroadbandForum<'_>> {
        let mut blocks = self
            .vendor_information()
            .filter(|block| block.enterprise == BROADBAND_FORUM)
            .peekable();
        blocks.peek()?;
        Some(BroadbandForum::read(
            blocks.flat_map(VendorInformation::sub_options),
        ))
    }
}

/// Notes where options 124 and 125 do not hold what their lengths say.
pub(super) fn note_misfits(message: &mut Message<'_>) {
    let mut noted = Vec::new();
    if !is_partial(message, 124) {
        let classes = message.value(124).unwrap_or_default();
        if let Some(misfit) = misfit_v4(classes) {
            noted.push((AnomalyKind::EnterpriseBlockPastEnd, 124, misfit));
        }
    }
    if !is_partial(message, 125) {
        note_information(message, &mut noted);
    }
    for (kind, code, value_offset) in noted {
        let offset = message.offset_in_value(code, value_offset);
        message.anomalies.note(kind, offset.unwrap_or_default());
    }
}

fn note_information(message: &Message<'_>, noted: &mut Vec<(AnomalyKind, u8, usize)>) {
    let value = message.value(125).unwrap_or_default();
    if let Some(misfit) = misfit_v4(value) {
        noted.push((AnomalyKind::EnterpriseBlockPastEnd, 125, misfit));
    }
    let mut enterprises: Vec<(u32, usize)> = Vec::new();
    for block in message.vendor_information() {
        enterprises.push((block.enterprise, block.offset));
        let misfit = block.sub_options().misfit().filter(|_| !block.partial);
        if let Some(misfit) = misfit {
            let offset = block.offset.saturating_add(5).saturating_add(misfit);
            noted.push((AnomalyKind::OddSubOptions, 125, offset));
        }
    }
    enterprises.sort_unstable();
    for same in enterprises.chunk_by(|left, right| left.0 == right.0) {
        for (_, offset) in same.iter().skip(1) {
            noted.push((AnomalyKind::RepeatedEnterprise, 125, *offset));
        }
    }
}

fn is_partial(message: &Message<'_>, code: u8) -> bool {
    let mut options = message.options().iter();
    options.any(|option| option.code == code && option.partial)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(raw: &[u8]) -> (VendorForm, Option<String>) {
        let read = VendorSpecific::read(raw);
        let url = read.discovery.acs_url.map(|url| url.text().into_owned());
        (read.form, url)
    }

    #[test]
    fn forms_of_option_43() {
        let acs = Some("http://a.example/".to_owned());
        assert_eq!(
            url(b"\x01\x11http://a.example/\x02\x02pc\xff"),
            (VendorForm::SubOptions, acs.clone())
        );
        assert_eq!(url(b"http://a.example/\0"), (VendorForm::Url, acs.clone()));
        assert_eq!(
            url(b"1|http://a.example/|2|pc|3|user|4|secret"),
            (VendorForm::Bars, acs)
        );
        assert_eq!(url(b"\x01\x09abc"), (VendorForm::Opaque, None));
        assert_eq!(url(b""), (VendorForm::Opaque, None));
    }

    #[test]
    fn a_password_between_bars_is_no_interval() {
        let read = VendorSpecific::read(b"1|http://a|2|pc|3|user|4|secret");
        assert_eq!(read.discovery.retry_interval_multiplier, None);
        assert_eq!(read.discovery.provisioning_code, Some(Text::new(b"pc")));
    }
}
