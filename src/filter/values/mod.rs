//! Where the values of names are found, record by record, without making records.

mod came_of;
mod connection_request;
mod datagram;
mod device;
mod dhcp;
mod envelope;
mod finding;
mod http;
mod notification;
mod request;
mod said;
mod session;
mod stun;
mod tls;
mod transfer;
mod value;

pub(super) use dhcp::DhcpRecord;
pub(super) use envelope::EnvelopeRecord;
pub(super) use finding::part;
pub(super) use http::HttpRecord;
pub(super) use notification::NotificationRecord;
pub(super) use request::RequestRecord;
pub(super) use said::{is_of_http, is_told, of_said};
pub(super) use stun::StunRecord;
pub(super) use value::{Ask, Record, Value, lossy};
