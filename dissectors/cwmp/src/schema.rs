//! What the XSDs of CWMP say of every method and argument.
//!
//! Tables only: nothing here reads a message. Sources: cwmp-1-0.xsd to cwmp-1-4.xsd of the Broadband Forum.

mod field;
mod method;
mod table;
mod to_acs;
mod to_cpe;

pub use field::{Facets, Field, Shape, Type};
pub use method::{Args, Direction, Method, Requirement, Version};
pub use table::METHODS;

/// The method of this name, spelled exactly; `None` for vendor methods.
#[must_use]
pub fn method(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

/// The arguments of a message by its element name, such as `InformResponse`.
#[must_use]
pub fn message(element: &str) -> Option<&'static Args> {
    METHODS
        .iter()
        .flat_map(|method| [&method.request, &method.response])
        .find(|args| args.element == element)
}

/// The entries of a SOAP header that CWMP has in any version (TR-069 Amendment 6 section 3.5; `NoMoreRequests` of Issue 1).
pub const HEADERS: [&str; 6] = [
    "ID",
    "HoldRequests",
    "NoMoreRequests",
    "SessionTimeout",
    "SupportedCWMPVersions",
    "UseCWMPVersion",
];
