//! What datagrams hold as text, the same for JSON, people and filters. It escapes nothing, and masks nothing.

use std::borrow::Cow;
use std::fmt::Write as _;

use dhcp::{Identity, Text, VendorClass};
use stun::{Attribute, Message, Value};

/// The value of a STUN attribute: what is text as it came, what is bytes in hexadecimal digits.
#[must_use]
pub fn attribute_value<'m>(message: &'m Message, attribute: &Attribute) -> Cow<'m, [u8]> {
    let raw = message.raw(attribute);
    let words = match message.value(attribute) {
        Value::Text(_) | Value::ConnectionRequestBinding { .. } => return Cow::Borrowed(raw),
        Value::ErrorCode(code) => {
            let code_and_reason = [code.code().to_string().as_bytes(), b" ", code.reason].concat();
            return Cow::Owned(code_and_reason);
        }
        Value::Address(address) | Value::XorAddress(address) => address.to_string(),
        Value::ChangeRequest { address, port } => match (address, port) {
            (true, true) => "address, port".to_owned(),
            (true, false) => "address".to_owned(),
            (false, true) => "port".to_owned(),
            (false, false) => String::new(),
        },
        Value::UnknownAttributes(types) => {
            let types: Vec<String> = types.iter().map(|kind| format!("{kind:#06x}")).collect();
            types.join(", ")
        }
        Value::Number(number) => number.to_string(),
        _ => hexadecimal(raw),
    };
    Cow::Owned(words.into_bytes())
}

/// Two digits a byte.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    separated(bytes, "")
}

fn separated(bytes: &[u8], between: &str) -> String {
    let mut digits = String::with_capacity(bytes.len() * (2 + between.len()));
    for (at, byte) in bytes.iter().enumerate() {
        let before = if at == 0 { "" } else { between };
        // Writing to a String cannot fail.
        let _ = write!(digits, "{before}{byte:02x}");
    }
    digits
}

/// The hardware address of a client; where there is none, option 61 in hexadecimal digits.
#[must_use]
pub fn client_v4(message: &dhcp::v4::Message<'_>) -> Option<String> {
    let address = message.header().hardware_address();
    if address.iter().any(|byte| *byte != 0) {
        return Some(separated(address, ":"));
    }
    message.value(61).map(hexadecimal)
}

/// The DUID of a client in hexadecimal digits.
#[must_use]
pub fn client_v6(message: &dhcp::v6::Message<'_>) -> Option<String> {
    message.value(1).map(hexadecimal)
}

/// Option 60, or the classes of option 124.
#[must_use]
pub fn vendor_class_v4(message: &dhcp::v4::Message<'_>) -> Option<Vec<u8>> {
    match message.vendor_class_id() {
        Some(class) => Some(class.value().to_vec()),
        None => listed(message.vendor_classes()),
    }
}

/// The classes of option 16.
#[must_use]
pub fn vendor_class_v6(message: &dhcp::v6::Message<'_>) -> Option<Vec<u8>> {
    listed(message.vendor_classes())
}

/// OUI, product class and serial number, as far as they are there, joined by hyphens.
#[must_use]
pub fn identity(identity: &Identity<'_>) -> Vec<u8> {
    let parts = [
        identity.manufacturer_oui,
        identity.product_class,
        identity.serial_number,
    ];
    let parts: Vec<&[u8]> = parts.into_iter().flatten().map(Text::value).collect();
    parts.join(&b"-"[..])
}

fn listed<'a>(classes: impl Iterator<Item = VendorClass<'a>>) -> Option<Vec<u8>> {
    let items: Vec<&[u8]> = classes.flat_map(VendorClass::items).collect();
    (!items.is_empty()).then(|| items.join(&b", "[..]))
}
