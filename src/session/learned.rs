//! What a session tells of how its device is reached: values of the data model, reported or set.

use std::sync::Arc;

use crate::source::{FrameId, Timestamp};

/// A value of a parameter that decides how a device is reached, or what it belongs to.
///
/// Of ManagementServer (but for passwords), of GatewayInfo and ManageableDevice (TR-111 part I), and of port mappings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// The parameter's full path.
    pub name: String,
    /// Its value, as on the wire.
    pub value: String,
    /// How it became known.
    pub how: LearnedBy,
    /// When.
    pub time: Timestamp,
    /// Frames of the message.
    pub frames: Arc<[FrameId]>,
}

/// How a value became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LearnedBy {
    /// The device reported it in an Inform.
    Inform,
    /// The device answered GetParameterValues with it.
    Read,
    /// The ACS set it, and the device did not refuse.
    Set,
}

/// Who a device of TR-111 part I is: the gateway that a device names, or the device that a gateway manages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// ManufacturerOUI.
    pub oui: Option<String>,
    /// SerialNumber.
    pub serial_number: Option<String>,
    /// ProductClass.
    pub product_class: Option<String>,
}

/// What DHCP says of a device (TR-111 part I; TR-069 Amendment 3 annex F).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DhcpFacts {
    /// The client's hardware address.
    pub client: String,
    /// The address that it was given.
    pub address: Option<std::net::IpAddr>,
    /// Option 60 or 16.
    pub vendor_class: Option<String>,
    /// It told who it is, in sub-options 1 to 3 of enterprise 3561.
    pub announced: bool,
    /// The ACS URL that it was given, in option 43 or 17.
    pub acs_url: Option<String>,
    /// The gateway, in sub-options 4 to 6.
    pub gateway: Option<Identity>,
    /// Time of the latest message.
    pub time: Timestamp,
}
