//! What a message type says, and which of the two STUNs a message is.

/// Which document's header a message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Classic STUN: a transaction id of 128 bits and no magic cookie (RFC 3489 section 11.1).
    Rfc3489,
    /// The magic cookie and a transaction id of 96 bits (RFC 5389 section 6, unchanged by RFC 8489 section 5).
    Rfc5389,
}

/// What a message is to its transaction (RFC 5389 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A request.
    Request,
    /// An indication: no answer is expected. Unknown to RFC 3489.
    Indication,
    /// A success response; in RFC 3489, just a response.
    Response,
    /// An error response.
    ErrorResponse,
}

/// The class in a message type.
pub fn class_of(message_type: u16) -> Class {
    match message_type & 0x0110 {
        0x0000 => Class::Request,
        0x0010 => Class::Indication,
        0x0100 => Class::Response,
        _ => Class::ErrorResponse,
    }
}

/// The method in a message type (RFC 5389 section 6, figure 3).
pub fn method_of(message_type: u16) -> u16 {
    (message_type & 0x000F) | (message_type & 0x00E0) >> 1 | (message_type & 0x3E00) >> 2
}

/// A method's name, of RFC 3489, RFC 5389 and TURN (RFC 5766, RFC 6062).
pub fn method_name(method: u16) -> Option<&'static str> {
    Some(match method {
        0x001 => "Binding",
        0x002 => "Shared Secret",
        0x003 => "Allocate",
        0x004 => "Refresh",
        0x006 => "Send",
        0x007 => "Data",
        0x008 => "CreatePermission",
        0x009 => "ChannelBind",
        0x00A => "Connect",
        0x00B => "ConnectionBind",
        0x00C => "ConnectionAttempt",
        _ => return None,
    })
}

/// A message type in words: `Binding Request`, `Binding Error Response`, `0x0ff Indication`.
pub fn type_name(message_type: u16) -> String {
    let method = method_of(message_type);
    let class = match class_of(message_type) {
        Class::Request => "Request",
        Class::Indication => "Indication",
        Class::Response => "Response",
        Class::ErrorResponse => "Error Response",
    };
    match method_name(method) {
        Some(name) => format!("{name} {class}"),
        None => format!("{method:#05x} {class}"),
    }
}

/// Bytes 4 to 8 of every message of RFC 5389 (section 6).
pub const MAGIC_COOKIE: u32 = 0x2112_A442;

/// Bytes of the header in both forms.
pub(crate) const HEADER_BYTES: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_fall_apart_into_class_and_method() {
        assert_eq!(type_name(0x0001), "Binding Request");
        assert_eq!(type_name(0x0101), "Binding Response");
        assert_eq!(type_name(0x0111), "Binding Error Response");
        assert_eq!(type_name(0x0112), "Shared Secret Error Response");
        assert_eq!(type_name(0x0016), "Send Indication");
        assert_eq!(type_name(0x0118), "CreatePermission Error Response");
        assert_eq!(method_of(0x3EEF), 0x0FFF);
        assert_eq!(type_name(0x3EEF), "0xfff Request");
    }
}
