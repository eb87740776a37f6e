//! Values of a DHCP message, of either version.

use dhcp::v4::{VendorForm, VendorSpecific};
use dhcp::{Anomaly, BROADBAND_FORUM, BroadbandForum, Discovery, Identity, Text};

use super::datagram::of_datagram;
use super::value::{Ask, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Discovered, Field, Identified, Part, Used};
use crate::session::Datagram;
use crate::session::wire::{client_v4, client_v6, hexadecimal, vendor_class_v4, vendor_class_v6};

/// A DHCP message, read.
pub(in crate::filter) struct DhcpRecord<'a> {
    datagram: &'a Datagram,
    anomalies: &'a [Anomaly],
    kind: Option<&'static str>,
    client: Option<String>,
    forum: Option<BroadbandForum<'a>>,
    vendor: Option<VendorSpecific<'a>>,
    vendor_class: Option<Vec<u8>>,
}

impl<'a> DhcpRecord<'a> {
    /// Of DHCPv4.
    pub fn v4(datagram: &'a Datagram, message: &'a dhcp::v4::Message<'_>) -> Self {
        Self {
            datagram,
            anomalies: message.anomalies(),
            kind: message.message_type().map(dhcp::v4::MessageType::name),
            client: client_v4(message),
            forum: message.broadband_forum(),
            vendor: message.vendor_specific(),
            vendor_class: vendor_class_v4(message),
        }
    }

    /// Of DHCPv6.
    pub fn v6(datagram: &'a Datagram, message: &'a dhcp::v6::Message<'_>) -> Self {
        Self {
            datagram,
            anomalies: message.anomalies(),
            kind: message.message_type().map(dhcp::v6::MessageType::name),
            client: client_v6(message),
            forum: message.broadband_forum(),
            vendor: None,
            vendor_class: vendor_class_v6(message),
        }
    }

    fn is_lossy(&self) -> bool {
        let forum = self.forum.unwrap_or_default();
        let (device, gateway) = (forum.device, forum.gateway);
        let vendor = self.vendor.map(|vendor| vendor.discovery);
        let texts = identities(&device)
            .into_iter()
            .chain(identities(&gateway))
            .chain(discoveries(&forum.discovery))
            .chain(discoveries(&vendor.unwrap_or_default()));
        let mut values = texts.flatten().map(Text::value);
        let is_no_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_err();
        values.any(is_no_text) || self.vendor_class.as_deref().is_some_and(is_no_text)
    }
}

impl Record for DhcpRecord<'_> {
    const KIND: RecordKind = RecordKind::Dhcp;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        match name.name.field {
            Field::DhcpType => ask.maybe(self.kind),
            Field::Client => ask.maybe(self.client.as_deref()),
            Field::Option125 => ask.group(self.forum.is_some()),
            Field::Enterprise => self.forum.is_some() && ask.whole(BROADBAND_FORUM),
            Field::Option125Part(part) => {
                self.forum.is_some_and(|forum| of_forum(&forum, part, ask))
            }
            Field::Option43
            | Field::Option43Form
            | Field::Option43Raw
            | Field::Option43Discovery(_) => self
                .vendor
                .is_some_and(|vendor| of_vendor(&vendor, name.name.field, ask)),
            Field::VendorClass => {
                let class = self.vendor_class.as_deref();
                class.is_some_and(|class| ask.bytes(class))
            }
            Field::Lossy => self.is_lossy() && ask.boolean(true),
            Field::Anomalies => ask.group(!self.anomalies.is_empty()),
            Field::AnomalyKind => self.anomalies.iter().any(|odd| ask.text(odd.kind.name())),
            Field::AnomalyOffset => self.anomalies.iter().any(|odd| ask.count(odd.offset)),
            field => of_datagram(self.datagram, field, ask),
        }
    }
}

fn of_forum(forum: &BroadbandForum<'_>, part: Part, ask: &mut Ask<'_>) -> bool {
    match part {
        Part::Device(part) => of_identity(&forum.device, part, ask),
        Part::Gateway(part) => of_identity(&forum.gateway, part, ask),
        Part::Discovery(part) => of_discovery(&forum.discovery, part, ask),
    }
}

fn of_identity(identity: &Identity<'_>, part: Identified, ask: &mut Ask<'_>) -> bool {
    let [oui, serial_number, product_class] = identities(identity);
    match part {
        Identified::Any => ask.group(!identity.is_empty()),
        Identified::Oui => text(oui, ask),
        Identified::SerialNumber => text(serial_number, ask),
        Identified::ProductClass => text(product_class, ask),
    }
}

fn of_discovery(discovery: &Discovery<'_>, part: Discovered, ask: &mut Ask<'_>) -> bool {
    let [acs_url, code, wait, multiplier] = discoveries(discovery);
    match part {
        Discovered::Any => ask.group(!discovery.is_empty()),
        Discovered::AcsUrl => text(acs_url, ask),
        Discovered::ProvisioningCode => text(code, ask),
        Discovered::RetryMinimumWaitInterval => text(wait, ask),
        Discovered::RetryIntervalMultiplier => text(multiplier, ask),
    }
}

fn of_vendor(vendor: &VendorSpecific<'_>, field: Field, ask: &mut Ask<'_>) -> bool {
    match field {
        Field::Option43 => ask.group(true),
        Field::Option43Form => ask.text(match vendor.form {
            VendorForm::SubOptions => "sub_options",
            VendorForm::Url => "url",
            VendorForm::Bars => "bars",
            VendorForm::Opaque => "opaque",
        }),
        Field::Option43Raw => ask.text(&hexadecimal(vendor.raw)),
        Field::Option43Discovery(part) => of_discovery(&vendor.discovery, part, ask),
        _ => false,
    }
}

fn identities<'a>(identity: &Identity<'a>) -> [Option<Text<'a>>; 3] {
    [
        identity.manufacturer_oui,
        identity.serial_number,
        identity.product_class,
    ]
}

fn discoveries<'a>(discovery: &Discovery<'a>) -> [Option<Text<'a>>; 4] {
    [
        discovery.acs_url,
        discovery.provisioning_code,
        discovery.retry_minimum_wait_interval,
        discovery.retry_interval_multiplier,
    ]
}

fn text(text: Option<Text<'_>>, ask: &mut Ask<'_>) -> bool {
    text.is_some_and(|text| ask.bytes(text.value()))
}
