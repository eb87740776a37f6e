//! The type that a value's `xsi:type` names, and whether its text is one of that type (XML Schema Part 2).

use cwmp::schema::Type;
use cwmp::{Element, SOAP_ENCODING};

/// What a text has to be, where that can be seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lexical {
    Boolean,
    Int,
    UnsignedInt,
    Long,
    UnsignedLong,
    DateTime,
    Base64,
}

impl Lexical {
    /// That of a type of the schema; `None` where any text will do.
    pub(super) const fn of(base: Type) -> Option<Self> {
        match base {
            Type::Boolean => Some(Self::Boolean),
            Type::Int => Some(Self::Int),
            Type::UnsignedInt => Some(Self::UnsignedInt),
            Type::DateTime => Some(Self::DateTime),
            Type::Base64 => Some(Self::Base64),
            Type::Text | Type::AnySimple | Type::AnyUri => None,
        }
    }
}

/// Whether a text without blanks around it is one of a type; of dateTime, `time` knows more.
pub(super) fn lexical_fits(lexical: Lexical, text: &[u8]) -> bool {
    match lexical {
        Lexical::Boolean => matches!(text, b"0" | b"1" | b"true" | b"false"),
        Lexical::Int => number::<i32>(text),
        Lexical::UnsignedInt => number::<u32>(text),
        Lexical::Long => number::<i64>(text),
        Lexical::UnsignedLong => number::<u64>(text),
        Lexical::Base64 => is_base64(text),
        Lexical::DateTime => true,
    }
}

fn number<N: std::str::FromStr>(text: &[u8]) -> bool {
    // Nine digits fit every type of number here.
    if (1..=9).contains(&text.len()) && text.iter().all(u8::is_ascii_digit) {
        return true;
    }
    let text = text.strip_prefix(b"-0").map_or(text, |zeros| {
        // Minus nought is nought, also where no sign is expected.
        if zeros.iter().all(|byte| *byte == b'0') {
            b"0"
        } else {
            text
        }
    });
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<N>().is_ok())
}

/// Four characters to three bytes, blanks between them allowed (SOAP 1.1 section 5.2.3, RFC 2045 section 6.8).
fn is_base64(text: &[u8]) -> bool {
    let mut characters = 0_u64;
    let mut padding = 0_u64;
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        characters += 1;
        match byte {
            b'=' => padding += 1,
            b'+' | b'/' => {
                if padding > 0 {
                    return false;
                }
            }
            byte if byte.is_ascii_alphanumeric() && padding == 0 => {}
            _ => return false,
        }
    }
    characters.is_multiple_of(4) && padding <= 2
}

/// What an `xsi:type` comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// A simple type of which any text may be one, or whose text is not looked at.
    Plain,
    /// A type whose text is looked at.
    Of(Lexical),
    /// No simple type, or a prefix that is not declared.
    Unknown,
}

/// The types met last in a message: most messages have three or four.
#[derive(Debug, Default)]
pub(super) struct Types<'a> {
    met: [Option<(&'a [u8], Named)>; TYPES_KEPT_MAX],
    next: usize,
}

impl<'a> Types<'a> {
    /// The type of this name; `plainly` where nothing near the element declares namespaces of its own.
    pub(super) fn named(&mut self, element: Element<'a>, name: &'a [u8], plainly: bool) -> Named {
        if plainly {
            let met = self.met.iter().flatten();
            for (met, named) in met {
                if *met == name {
                    return *named;
                }
            }
        }
        let named = resolve(element, name);
        if plainly && let Some(place) = self.met.get_mut(self.next) {
            *place = Some((name, named));
            self.next = (self.next + 1) % TYPES_KEPT_MAX;
        }
        named
    }
}

fn resolve(element: Element<'_>, name: &[u8]) -> Named {
    let name = String::from_utf8_lossy(name);
    let name = name.trim();
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let Some(namespace) = element.namespace_of_prefix(prefix) else {
        return Named::Unknown;
    };
    if namespace.starts_with("urn:dslforum-org:cwmp") {
        return Named::Plain;
    }
    if !is_schema(namespace) && namespace != SOAP_ENCODING {
        return Named::Unknown;
    }
    match local {
        "boolean" => Named::Of(Lexical::Boolean),
        "int" => Named::Of(Lexical::Int),
        "unsignedInt" => Named::Of(Lexical::UnsignedInt),
        "long" => Named::Of(Lexical::Long),
        "unsignedLong" => Named::Of(Lexical::UnsignedLong),
        "dateTime" => Named::Of(Lexical::DateTime),
        "base64" if namespace == SOAP_ENCODING => Named::Of(Lexical::Base64),
        "base64Binary" => Named::Of(Lexical::Base64),
        local if SIMPLE_TYPES.contains(&local) => Named::Plain,
        _ => Named::Unknown,
    }
}

/// One of XML Schema's namespaces, of any year.
pub(super) fn is_schema(namespace: &str) -> bool {
    namespace.starts_with("http://www.w3.org/") && namespace.ends_with("/XMLSchema")
}

/// The name of a type with its prefix resolved: namespace and local name.
pub(super) fn resolved<'a, 'n>(element: Element<'a>, name: &'n str) -> (Option<&'a str>, &'n str) {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    (element.namespace_of_prefix(prefix), local.trim())
}

/// `xsi:type`s kept of one message.
const TYPES_KEPT_MAX: usize = 6;

/// The simple types of XML Schema Part 2 beyond those whose text is looked at.
const SIMPLE_TYPES: [&str; 40] = [
    "string",
    "anySimpleType",
    "anyURI",
    "unsignedByte",
    "byte",
    "short",
    "unsignedShort",
    "integer",
    "nonNegativeInteger",
    "positiveInteger",
    "nonPositiveInteger",
    "negativeInteger",
    "decimal",
    "float",
    "double",
    "hexBinary",
    "duration",
    "date",
    "time",
    "gYear",
    "gYearMonth",
    "gMonth",
    "gMonthDay",
    "gDay",
    "QName",
    "NOTATION",
    "normalizedString",
    "token",
    "language",
    "Name",
    "NCName",
    "NMTOKEN",
    "NMTOKENS",
    "ID",
    "IDREF",
    "IDREFS",
    "ENTITY",
    "ENTITIES",
    "timeInstant",
    "uriReference",
];

#[cfg(test)]
mod tests {
    use super::{Lexical, lexical_fits};

    #[test]
    fn numbers_have_their_bounds_and_base64_its_groups() {
        for (lexical, fine) in [
            (Lexical::UnsignedInt, "4294967295"),
            (Lexical::UnsignedInt, "-0"),
            (Lexical::Int, "-2147483648"),
            (Lexical::Int, "+5"),
            (Lexical::Base64, "YW\nJj ZA=="),
            (Lexical::Base64, ""),
            (Lexical::Boolean, "true"),
        ] {
            assert!(lexical_fits(lexical, fine.as_bytes()), "{fine}");
        }
        for (lexical, bad) in [
            (Lexical::UnsignedInt, "-1"),
            (Lexical::UnsignedInt, ""),
            (Lexical::Int, "2147483648"),
            (Lexical::Base64, "YWJjZA="),
            (Lexical::Base64, "YW=j"),
            (Lexical::Base64, "YW*j"),
            (Lexical::Boolean, "True"),
        ] {
            assert!(!lexical_fits(lexical, bad.as_bytes()), "{bad}");
        }
    }
}
