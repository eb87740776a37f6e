//! Attribute types: their numbers, names and the shape of their values.
//!
//! RFC 3489 section 11.2, RFC 5389 section 18.2, RFC 5245 and RFC 8445 (ICE), RFC 5766 and RFC 6062 (TURN), RFC 5780
//! (behaviour discovery), RFC 8489, and TR-111 table 5. The Internet registry gives 0xC001 and 0xC002 to other uses
//! (ENF-FLOW-DESCRIPTION, ENF-NETWORK-STATUS), and WebRTC sends its nomination as 0xC001; TR-111 took them before, and its
//! meaning is the one here. [`Message::name_of`](crate::Message::name_of) knows when it is not meant.

/// How a value is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Address,
    XorAddress,
    Text,
    ChangeRequest,
    ErrorCode,
    Types,
    Integrity,
    IntegritySha256,
    Fingerprint,
    /// A number of so many bytes at the front, in so many bytes altogether.
    Number(u8, u8),
    Flag,
    ConnectionRequestBinding,
    BindingChange,
    Bytes,
}

macro_rules! kinds {
    ($($constant:ident = $number:literal, $name:literal, $shape:expr;)*) => {
        $(#[doc = $name] pub const $constant: u16 = $number;)*

        /// The name of an attribute type as its document writes it: `MAPPED-ADDRESS`.
        pub fn name(kind: u16) -> Option<&'static str> {
            match kind { $($number => Some($name),)* _ => None }
        }

        pub(crate) fn shape(kind: u16) -> Shape {
            match kind { $($number => $shape,)* _ => Shape::Bytes }
        }

        #[cfg(test)]
        const NAMES: &[&str] = &[$($name),*];
    };
}

kinds! {
    MAPPED_ADDRESS = 0x0001, "MAPPED-ADDRESS", Shape::Address;
    RESPONSE_ADDRESS = 0x0002, "RESPONSE-ADDRESS", Shape::Address;
    CHANGE_REQUEST = 0x0003, "CHANGE-REQUEST", Shape::ChangeRequest;
    SOURCE_ADDRESS = 0x0004, "SOURCE-ADDRESS", Shape::Address;
    CHANGED_ADDRESS = 0x0005, "CHANGED-ADDRESS", Shape::Address;
    USERNAME = 0x0006, "USERNAME", Shape::Text;
    PASSWORD = 0x0007, "PASSWORD", Shape::Text;
    MESSAGE_INTEGRITY = 0x0008, "MESSAGE-INTEGRITY", Shape::Integrity;
    ERROR_CODE = 0x0009, "ERROR-CODE", Shape::ErrorCode;
    UNKNOWN_ATTRIBUTES = 0x000A, "UNKNOWN-ATTRIBUTES", Shape::Types;
    REFLECTED_FROM = 0x000B, "REFLECTED-FROM", Shape::Address;
    CHANNEL_NUMBER = 0x000C, "CHANNEL-NUMBER", Shape::Number(2, 4);
    LIFETIME = 0x000D, "LIFETIME", Shape::Number(4, 4);
    BANDWIDTH = 0x0010, "BANDWIDTH", Shape::Number(4, 4);
    XOR_PEER_ADDRESS = 0x0012, "XOR-PEER-ADDRESS", Shape::XorAddress;
    DATA = 0x0013, "DATA", Shape::Bytes;
    REALM = 0x0014, "REALM", Shape::Text;
    NONCE = 0x0015, "NONCE", Shape::Text;
    XOR_RELAYED_ADDRESS = 0x0016, "XOR-RELAYED-ADDRESS", Shape::XorAddress;
    REQUESTED_ADDRESS_FAMILY = 0x0017, "REQUESTED-ADDRESS-FAMILY", Shape::Number(1, 4);
    EVEN_PORT = 0x0018, "EVEN-PORT", Shape::Number(1, 1);
    REQUESTED_TRANSPORT = 0x0019, "REQUESTED-TRANSPORT", Shape::Number(1, 4);
    DONT_FRAGMENT = 0x001A, "DONT-FRAGMENT", Shape::Flag;
    ACCESS_TOKEN = 0x001B, "ACCESS-TOKEN", Shape::Bytes;
    MESSAGE_INTEGRITY_SHA256 = 0x001C, "MESSAGE-INTEGRITY-SHA256", Shape::IntegritySha256;
    PASSWORD_ALGORITHM = 0x001D, "PASSWORD-ALGORITHM", Shape::Bytes;
    USERHASH = 0x001E, "USERHASH", Shape::Bytes;
    XOR_MAPPED_ADDRESS = 0x0020, "XOR-MAPPED-ADDRESS", Shape::XorAddress;
    RESERVATION_TOKEN = 0x0022, "RESERVATION-TOKEN", Shape::Number(8, 8);
    PRIORITY = 0x0024, "PRIORITY", Shape::Number(4, 4);
    USE_CANDIDATE = 0x0025, "USE-CANDIDATE", Shape::Flag;
    PADDING = 0x0026, "PADDING", Shape::Bytes;
    RESPONSE_PORT = 0x0027, "RESPONSE-PORT", Shape::Number(2, 4);
    CONNECTION_ID = 0x002A, "CONNECTION-ID", Shape::Number(4, 4);
    ADDITIONAL_ADDRESS_FAMILY = 0x8000, "ADDITIONAL-ADDRESS-FAMILY", Shape::Number(1, 4);
    ADDRESS_ERROR_CODE = 0x8001, "ADDRESS-ERROR-CODE", Shape::Bytes;
    PASSWORD_ALGORITHMS = 0x8002, "PASSWORD-ALGORITHMS", Shape::Bytes;
    ALTERNATE_DOMAIN = 0x8003, "ALTERNATE-DOMAIN", Shape::Text;
    ICMP = 0x8004, "ICMP", Shape::Bytes;
    XOR_MAPPED_ADDRESS_DRAFT = 0x8020, "XOR-MAPPED-ADDRESS (draft)", Shape::XorAddress;
    XOR_ONLY = 0x8021, "XOR-ONLY", Shape::Flag;
    SOFTWARE = 0x8022, "SOFTWARE", Shape::Text;
    ALTERNATE_SERVER = 0x8023, "ALTERNATE-SERVER", Shape::Address;
    TRANSACTION_TRANSMIT_COUNTER = 0x8025, "TRANSACTION-TRANSMIT-COUNTER", Shape::Bytes;
    CACHE_TIMEOUT = 0x8027, "CACHE-TIMEOUT", Shape::Number(4, 4);
    FINGERPRINT = 0x8028, "FINGERPRINT", Shape::Fingerprint;
    ICE_CONTROLLED = 0x8029, "ICE-CONTROLLED", Shape::Number(8, 8);
    ICE_CONTROLLING = 0x802A, "ICE-CONTROLLING", Shape::Number(8, 8);
    RESPONSE_ORIGIN = 0x802B, "RESPONSE-ORIGIN", Shape::Address;
    OTHER_ADDRESS = 0x802C, "OTHER-ADDRESS", Shape::Address;
    ECN_CHECK = 0x802D, "ECN-CHECK", Shape::Bytes;
    THIRD_PARTY_AUTHORIZATION = 0x802E, "THIRD-PARTY-AUTHORIZATION", Shape::Text;
    MOBILITY_TICKET = 0x8030, "MOBILITY-TICKET", Shape::Bytes;
    MS_VERSION = 0x8008, "MS-VERSION", Shape::Number(4, 4);
    MS_CANDIDATE_IDENTIFIER = 0x8054, "MS-CANDIDATE-IDENTIFIER", Shape::Bytes;
    MS_SERVICE_QUALITY = 0x8055, "MS-SERVICE-QUALITY", Shape::Bytes;
    MS_IMPLEMENTATION_VERSION = 0x8070, "MS-IMPLEMENTATION-VERSION", Shape::Number(4, 4);
    CISCO_STUN_FLOWDATA = 0xC000, "CISCO-STUN-FLOWDATA", Shape::Bytes;
    CONNECTION_REQUEST_BINDING = 0xC001, "CONNECTION-REQUEST-BINDING", Shape::ConnectionRequestBinding;
    BINDING_CHANGE = 0xC002, "BINDING-CHANGE", Shape::BindingChange;
    GOOG_NETWORK_INFO = 0xC057, "GOOG-NETWORK-INFO", Shape::Bytes;
}

/// The value of CONNECTION-REQUEST-BINDING, its last byte a space (TR-111 table 5).
pub const CONNECTION_REQUEST_BINDING_VALUE: &[u8; 20] = b"dslforum.org/TR-111 ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names = NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), NAMES.len());
        assert_eq!(
            name(CONNECTION_REQUEST_BINDING),
            Some("CONNECTION-REQUEST-BINDING")
        );
        assert_eq!(name(0x7777), None);
    }
}
