//! The values that everything above speaks of, and the sans-IO state machine that makes them.

pub mod address;
mod assemble;
mod attempt;
mod binding;
pub mod compare;
mod connection_request;
mod credentials;
mod datagram;
mod device;
pub(crate) mod excerpt;
mod file;
mod finding;
mod history;
mod learned;
mod masking;
mod message;
mod provenance;
mod replayed;
mod tls_connection;
mod tls_seen;
mod totals;
pub mod wire;
mod wireshark;

pub use assemble::{Arrived, AssembleLimits, Assembler, Output, Spent};
pub use attempt::{Attempt, AttemptEnd, UdpAnswer, Unreachable};
pub use binding::{Binding, BindingMove, StunView};
pub use connection_request::{
    CameOf, ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult, Reason,
};
pub use credentials::{
    Account, Accounts, Authorization, AuthorizationScheme, Credentials, Integrity, IntegrityForm,
    Known, Purpose, RequestVerdict,
};
pub use datagram::{Datagram, DatagramKind, Verified};
pub use device::{Device, DeviceId, device_id};
pub use file::{DataConnection, FtpTold, Parting, Sighting, Stretch, TftpTold, Told};
pub use finding::{
    Blame, Cite, Excerpt, Finding, Obligation, Occurrence, Part, Position, Severity,
};
pub use history::{
    Acs, Cpe, Ending, Outcome, Rpc, Session, Step, StepKind, Transfer, TransferDirection,
    TransferMethod, TransferResult, Trigger, TriggerKind,
};
pub use learned::{DhcpFacts, Identity, Learned, LearnedBy};
pub use masking::{FoundSecret, KnownSecrets, MASKED, Masking, Places, Spelling};
pub use message::{Cause, Message, Role};
pub use provenance::{Carried, Evidence, OverlapConflict, Provenance, Side, Transport};
pub use replayed::{
    Difference, DifferenceClass, ReplayStep, ReplayVerdict, Replayed, ReplayedTls, Secured,
    StepResult, TlsFailure,
};
pub use tls_connection::TlsConnection;
pub use tls_seen::{TlsAlert, TlsSeen, TlsTotals};
pub use totals::{CwmpTotals, DatagramTotals, PacketTotals, RequestTotals, Summary, TcpTotals};
