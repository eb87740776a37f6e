//! DHCPv4 and DHCPv6 datagrams, read and written, with the options that TR-069 and TR-111 use.
//!
//! [`v4::Message`] and [`v6::Message`] read one UDP payload each: every option stays a range of the payload, values that a
//! sender split are joined (RFC 3396), and what was odd is an [`Anomaly`] with its place. [`v4::recognise`] and
//! [`v6::recognise`] find such payloads on any port. [`v4::Fields`] and [`v6::Fields`] write them. The Broadband Forum's
//! sub-options (enterprise 3561) mean the same in both: [`BroadbandForum`].
//! Nothing here judges, waits, logs or reads a clock, and no input makes it panic. It is not a client or a server: leases
//! over time are the caller's work.

mod anomaly;
mod broadband_forum;
mod enterprise;
mod limits;
mod name;
mod octets;
mod sub_options;
mod text;
pub mod v4;
pub mod v6;

pub use anomaly::{Anomaly, AnomalyKind};
pub use broadband_forum::{BroadbandForum, Discovery, Identity};
pub use enterprise::{
    BROADBAND_FORUM, VendorClass, VendorClasses, VendorInformation, VendorInformations,
};
pub use limits::Limits;
pub use name::{name, names};
pub use sub_options::{SubOption, SubOptions, Width, write_sub_options};
pub use text::Text;
