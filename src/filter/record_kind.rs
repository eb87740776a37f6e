//! Which records there are to be selected.

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A session.
    Session,
    /// An HTTP message.
    Http,
    /// An envelope in an HTTP message.
    Cwmp,
    /// A file that moved.
    Transfer,
    /// A Connection Request with all its legs, or all its copies.
    ConnectionRequest,
    /// A device.
    Device,
    /// A STUN message.
    Stun,
    /// A UDP Connection Request.
    UdpConnectionRequest,
    /// A lightweight notification.
    LightweightNotification,
    /// A DHCP message.
    Dhcp,
    /// A TLS connection.
    Tls,
    /// A finding.
    Finding,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Session,
        Self::Http,
        Self::Cwmp,
        Self::Transfer,
        Self::ConnectionRequest,
        Self::Device,
        Self::Stun,
        Self::UdpConnectionRequest,
        Self::LightweightNotification,
        Self::Dhcp,
        Self::Tls,
        Self::Finding,
    ];

    /// As documents write it: of a message its protocol, of others what `record` says.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Http => "http",
            Self::Cwmp => "cwmp",
            Self::Transfer => "transfer",
            Self::ConnectionRequest => "connection_request",
            Self::Device => "device",
            Self::Stun => "stun",
            Self::UdpConnectionRequest => "udp_connection_request",
            Self::LightweightNotification => "lightweight_notification",
            Self::Dhcp => "dhcp",
            Self::Tls => "tls",
            Self::Finding => "finding",
        }
    }
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RecordKinds(u16);

impl RecordKinds {
    /// This kind alone.
    #[must_use]
    pub const fn of(kind: RecordKind) -> Self {
        Self(1 << kind as u16)
    }

    /// These kinds and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether the kind is one of them.
    #[must_use]
    pub const fn contains(self, kind: RecordKind) -> bool {
        self.0 & Self::of(kind).0 != 0
    }

    /// Whether any kind is in both sets.
    #[must_use]
    pub const fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// The kinds, in the order of [`RecordKind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = RecordKind> {
        RecordKind::ALL
            .into_iter()
            .filter(move |kind| self.contains(*kind))
    }
}
