//! The `dhcp` record, of either version.

use dhcp::v4::{VendorForm, VendorSpecific};
use dhcp::{BROADBAND_FORUM, BroadbandForum, Discovery, Identity, Text};
use serde::Serialize;

use super::{Anomaly, Common, Setting, Texts};
use crate::report::datagram::{
    client_v4, client_v6, hexadecimal, hides, vendor_class_v4, vendor_class_v6,
};
use crate::session::{Datagram, MASKED};

/// A DHCP message.
#[derive(Debug, Serialize)]
pub struct DhcpRecord {
    #[serde(flatten)]
    common: Common,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    client: Option<String>,
    option_125: Option<Option125>,
    option_43: Option<Option43>,
    vendor_class: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lossy: bool,
}

impl DhcpRecord {
    pub(super) fn v4(
        datagram: &Datagram,
        message: &dhcp::v4::Message<'_>,
        setting: Setting,
    ) -> Self {
        let mut texts = Texts::new(setting);
        Self {
            common: common(datagram, message.anomalies(), setting),
            kind: message.message_type().map(dhcp::v4::MessageType::name),
            client: client_v4(message),
            option_125: message
                .broadband_forum()
                .map(|forum| Option125::new(&forum, &mut texts)),
            option_43: message
                .vendor_specific()
                .map(|vendor| Option43::new(&vendor, &mut texts)),
            vendor_class: vendor_class_v4(message).map(|class| texts.text(&class)),
            lossy: texts.lossy,
        }
    }

    pub(super) fn v6(
        datagram: &Datagram,
        message: &dhcp::v6::Message<'_>,
        setting: Setting,
    ) -> Self {
        let mut texts = Texts::new(setting);
        Self {
            common: common(datagram, message.anomalies(), setting),
            kind: message.message_type().map(dhcp::v6::MessageType::name),
            client: client_v6(message),
            option_125: message
                .broadband_forum()
                .map(|forum| Option125::new(&forum, &mut texts)),
            option_43: None,
            vendor_class: vendor_class_v6(message).map(|class| texts.text(&class)),
            lossy: texts.lossy,
        }
    }
}

fn common(datagram: &Datagram, found: &[dhcp::Anomaly], setting: Setting) -> Common {
    let odd = found.iter();
    let odd = odd.map(|odd| Anomaly::new(odd.kind.name(), odd.offset));
    Common::of_datagram(datagram, odd.collect(), setting)
}

/// What the Broadband Forum's sub-options say, in option 125 or option 17 of DHCPv6.
#[derive(Debug, Serialize)]
struct Option125 {
    enterprise: u32,
    device: Option<IdentityRecord>,
    gateway: Option<IdentityRecord>,
    discovery: Option<DiscoveryRecord>,
}

impl Option125 {
    fn new(forum: &BroadbandForum<'_>, texts: &mut Texts) -> Self {
        Self {
            enterprise: BROADBAND_FORUM,
            device: IdentityRecord::new(&forum.device, texts),
            gateway: IdentityRecord::new(&forum.gateway, texts),
            discovery: (!forum.discovery.is_empty())
                .then(|| DiscoveryRecord::new(&forum.discovery, texts)),
        }
    }
}

#[derive(Debug, Serialize)]
struct IdentityRecord {
    oui: Option<String>,
    serial_number: Option<String>,
    product_class: Option<String>,
}

impl IdentityRecord {
    fn new(identity: &Identity<'_>, texts: &mut Texts) -> Option<Self> {
        let mut shown = |text: Option<Text<'_>>| text.map(|text| texts.text(text.value()));
        (!identity.is_empty()).then(|| Self {
            oui: shown(identity.manufacturer_oui),
            serial_number: shown(identity.serial_number),
            product_class: shown(identity.product_class),
        })
    }
}

#[derive(Debug, Serialize)]
struct DiscoveryRecord {
    acs_url: Option<String>,
    provisioning_code: Option<String>,
    retry_minimum_wait_interval: Option<String>,
    retry_interval_multiplier: Option<String>,
}

impl DiscoveryRecord {
    fn new(discovery: &Discovery<'_>, texts: &mut Texts) -> Self {
        let acs_url = discovery.acs_url.map(|url| texts.target(url.value()));
        let mut shown = |text: Option<Text<'_>>| text.map(|text| texts.text(text.value()));
        Self {
            acs_url,
            provisioning_code: shown(discovery.provisioning_code),
            retry_minimum_wait_interval: shown(discovery.retry_minimum_wait_interval),
            retry_interval_multiplier: shown(discovery.retry_interval_multiplier),
        }
    }
}

/// Vendor-specific information of DHCPv4.
#[derive(Debug, Serialize)]
struct Option43 {
    form: &'static str,
    #[serde(flatten)]
    discovery: DiscoveryRecord,
    raw: String,
}

impl Option43 {
    fn new(vendor: &VendorSpecific<'_>, texts: &mut Texts) -> Self {
        Self {
            form: match vendor.form {
                VendorForm::SubOptions => "sub_options",
                VendorForm::Url => "url",
                VendorForm::Bars => "bars",
                VendorForm::Opaque => "opaque",
            },
            discovery: DiscoveryRecord::new(&vendor.discovery, texts),
            raw: if hides(texts.masking, vendor) {
                MASKED.to_owned()
            } else {
                hexadecimal(vendor.raw)
            },
        }
    }
}
