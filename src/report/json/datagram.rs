//! The `message` records of UDP datagrams: one record each.

mod dhcp;
mod notification;
mod request;
mod stun;

use super::message::{Anomaly, Common};
use super::{MessageRecord, Setting};
use crate::report::escape;
use crate::session::{Datagram, DatagramKind, Masking};

pub use dhcp::DhcpRecord;
pub use notification::LightweightNotificationRecord;
pub use request::UdpConnectionRequestRecord;
pub use stun::StunRecord;

/// The record of a datagram; none where it cannot be read as what it was taken for.
#[must_use]
pub fn datagram_record(datagram: &Datagram, setting: Setting) -> Option<MessageRecord> {
    Some(match datagram.kind {
        DatagramKind::Stun => {
            let message = datagram.stun()?;
            MessageRecord::Stun(Box::new(StunRecord::new(datagram, &message, setting)))
        }
        DatagramKind::ConnectionRequest => {
            let request = datagram.connection_request()?;
            let record = UdpConnectionRequestRecord::new(datagram, &request, setting);
            MessageRecord::UdpConnectionRequest(Box::new(record))
        }
        DatagramKind::LightweightNotification => {
            let notification = datagram.lightweight_notification()?;
            let record = LightweightNotificationRecord::new(datagram, &notification, setting);
            MessageRecord::LightweightNotification(Box::new(record))
        }
        DatagramKind::DhcpV4 => {
            let message = datagram.dhcp_v4()?;
            MessageRecord::Dhcp(Box::new(DhcpRecord::v4(datagram, &message, setting)))
        }
        DatagramKind::DhcpV6 => {
            let message = datagram.dhcp_v6()?;
            MessageRecord::Dhcp(Box::new(DhcpRecord::v6(datagram, &message, setting)))
        }
    })
}

/// What datagrams of STUN's kin say odd.
fn anomalies(found: &[::stun::Anomaly]) -> Vec<Anomaly> {
    let odd = found.iter();
    odd.map(|odd| Anomaly::new(odd.kind.name(), odd.offset))
        .collect()
}

/// Makes text of bytes from the wire, and remembers whether any was none.
struct Texts {
    masking: Masking,
    lossy: bool,
}

impl Texts {
    fn new(setting: Setting) -> Self {
        Self {
            masking: setting.masking,
            lossy: false,
        }
    }

    /// Text of any kind.
    fn text(&mut self, bytes: &[u8]) -> String {
        let (text, lossy) = escape::lossy(bytes);
        self.lossy |= lossy;
        self.masking.text(&text).into_owned()
    }

    /// A URL, or the target of a request.
    fn target(&mut self, bytes: &[u8]) -> String {
        let masked = self.masking.target(bytes);
        let (text, lossy) = escape::lossy(&masked);
        self.lossy |= lossy;
        text.into_owned()
    }
}
