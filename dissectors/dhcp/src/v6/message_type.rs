//! What a message is for: its first byte.

macro_rules! message_types {
    ($($(#[$doc:meta])* $name:ident = $code:literal $word:literal,)*) => {
        /// What a message is for (RFC 8415 section 7.3 and IANA's registry).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum MessageType {
            $($(#[$doc])* $name,)*
            /// A number without a name here.
            Other(u8),
        }

        impl MessageType {
            /// The type of a number.
            pub fn new(code: u8) -> Self {
                match code { $($code => Self::$name,)* _ => Self::Other(code) }
            }

            /// Its number.
            pub fn code(self) -> u8 {
                match self { $(Self::$name => $code,)* Self::Other(code) => code }
            }

            /// The type for output: `solicit`; `other` where it has no name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $word,)* Self::Other(_) => "other" }
            }
        }
    };
}

message_types! {
    /// A client looks for servers.
    Solicit = 1 "solicit",
    /// A server offers.
    Advertise = 2 "advertise",
    /// A client takes an offer.
    Request = 3 "request",
    /// A client asks whether its addresses hold on this link.
    Confirm = 4 "confirm",
    /// A client prolongs with its server.
    Renew = 5 "renew",
    /// A client prolongs with any server.
    Rebind = 6 "rebind",
    /// A server answers.
    Reply = 7 "reply",
    /// A client gives addresses back.
    Release = 8 "release",
    /// A client found addresses in use.
    Decline = 9 "decline",
    /// A server has a client ask again.
    Reconfigure = 10 "reconfigure",
    /// A client asks for all but addresses.
    InformationRequest = 11 "information-request",
    /// A relay to a server.
    RelayForward = 12 "relay-forward",
    /// A server to a relay.
    RelayReply = 13 "relay-reply",
    /// RFC 5007
    LeaseQuery = 14 "lease-query",
    /// RFC 5007
    LeaseQueryReply = 15 "lease-query-reply",
    /// RFC 5460
    LeaseQueryDone = 16 "lease-query-done",
    /// RFC 5460
    LeaseQueryData = 17 "lease-query-data",
    /// A relay asks a server to reconfigure (RFC 6977).
    ReconfigureRequest = 18 "reconfigure-request",
    /// RFC 6977
    ReconfigureReply = 19 "reconfigure-reply",
    /// A DHCPv4 message of a client, carried in DHCPv6 (RFC 7341).
    Dhcpv4Query = 20 "dhcpv4-query",
    /// A DHCPv4 message of a server, carried in DHCPv6 (RFC 7341).
    Dhcpv4Response = 21 "dhcpv4-response",
}

impl MessageType {
    /// One that carries another?
    pub fn is_relay(self) -> bool {
        matches!(self, Self::RelayForward | Self::RelayReply)
    }
}
