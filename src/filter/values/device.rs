//! Values of a device.

use super::value::{Ask, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Used};
use crate::session::Device;

impl Record for Device {
    const KIND: RecordKind = RecordKind::Device;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        match name.name.field {
            Field::Record => ask.text("device"),
            Field::Device => ask.text(&self.device),
            Field::Manufacturer => ask.maybe(self.manufacturer.as_deref()),
            Field::Oui => ask.maybe(self.oui.as_deref()),
            Field::ProductClass => ask.maybe(self.product_class.as_deref()),
            Field::SerialNumber => ask.maybe(self.serial_number.as_deref()),
            Field::SoftwareVersion => ask.maybe(self.software_version.as_deref()),
            Field::Addresses => self
                .addresses
                .iter()
                .any(|address| ask.text(&address.to_string())),
            Field::AcsUrl => self.acs_urls.iter().any(|url| ask.text(url)),
            Field::Sessions => ask.whole(self.sessions),
            Field::ConnectionRequestUrl => ask.maybe(self.connection_request_url.as_deref()),
            Field::UdpConnectionRequestAddress => {
                ask.maybe(self.udp_connection_request_address.as_deref())
            }
            Field::NatDetected => self
                .nat_detected
                .is_some_and(|detected| ask.boolean(detected)),
            _ => false,
        }
    }
}
