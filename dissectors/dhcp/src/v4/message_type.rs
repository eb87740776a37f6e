//! What a message is for: option 53.

use super::Message;

macro_rules! message_types {
    ($($(#[$doc:meta])* $name:ident = $code:literal $word:literal,)*) => {
        /// What a message is for (RFC 2132 section 9.6 and IANA's registry).
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

            /// The type for output: `discover`; `other` where it has no name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $word,)* Self::Other(_) => "other" }
            }
        }
    };
}

message_types! {
    /// A client looks for servers.
    Discover = 1 "discover",
    /// A server offers.
    Offer = 2 "offer",
    /// A client takes an offer, or prolongs.
    Request = 3 "request",
    /// A client found the address in use.
    Decline = 4 "decline",
    /// A server grants.
    Ack = 5 "ack",
    /// A server refuses.
    Nak = 6 "nak",
    /// A client gives its address back.
    Release = 7 "release",
    /// A client with an address asks for the rest.
    Inform = 8 "inform",
    /// A server has a client renew (RFC 3203).
    ForceRenew = 9 "force-renew",
    /// RFC 4388
    LeaseQuery = 10 "lease-query",
    /// RFC 4388
    LeaseUnassigned = 11 "lease-unassigned",
    /// RFC 4388
    LeaseUnknown = 12 "lease-unknown",
    /// RFC 4388
    LeaseActive = 13 "lease-active",
    /// RFC 6926
    BulkLeaseQuery = 14 "bulk-lease-query",
    /// RFC 6926
    LeaseQueryDone = 15 "lease-query-done",
    /// RFC 7724
    ActiveLeaseQuery = 16 "active-lease-query",
    /// RFC 7724
    LeaseQueryStatus = 17 "lease-query-status",
    /// RFC 7724
    Tls = 18 "tls",
}

impl Message<'_> {
    /// Option 53; none in BOOTP.
    pub fn message_type(&self) -> Option<MessageType> {
        let code = self.first_value(53)?.first()?;
        Some(MessageType::new(*code))
    }
}
