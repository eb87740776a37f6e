//! A method of CWMP: who may call it, since when, with what.

use super::field::Field;

/// A version of the CWMP protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// CWMP 1.0 (TR-069 Amendment 1).
    V1_0,
    /// CWMP 1.1 (TR-069 Amendment 2).
    V1_1,
    /// CWMP 1.2 (TR-069 Amendment 3).
    V1_2,
    /// CWMP 1.3 (TR-069 Amendment 4).
    V1_3,
    /// CWMP 1.4 (TR-069 Amendment 5 and 6).
    V1_4,
}

impl Version {
    /// The version as text, `1.2`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
            Self::V1_4 => "1.4",
        }
    }

    /// The namespace this version writes; 1.3 and 1.4 kept that of 1.2.
    #[must_use]
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::V1_0 => "urn:dslforum-org:cwmp-1-0",
            Self::V1_1 => "urn:dslforum-org:cwmp-1-1",
            Self::V1_2 | Self::V1_3 | Self::V1_4 => "urn:dslforum-org:cwmp-1-2",
        }
    }

    /// The least version that uses this namespace.
    #[must_use]
    pub fn of_namespace(namespace: &str) -> Option<Self> {
        match namespace.strip_prefix("urn:dslforum-org:cwmp-")? {
            "1-0" => Some(Self::V1_0),
            "1-1" => Some(Self::V1_1),
            "1-2" => Some(Self::V1_2),
            "1-3" => Some(Self::V1_3),
            "1-4" => Some(Self::V1_4),
            _ => None,
        }
    }
}

/// Which side may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Either side calls the other.
    Both,
    /// The ACS calls the CPE.
    ToCpe,
    /// The CPE calls the ACS.
    ToAcs,
}

/// How far a side has to support a method (TR-069 Amendment 3, Table 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// Always.
    Required,
    /// When the side likes.
    Optional,
    /// When something else is supported.
    Conditional,
}

/// One RPC method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Method {
    /// Name without `Response`.
    pub name: &'static str,
    /// First version that has it.
    pub since: Version,
    /// Why it should no longer be used, if so.
    pub deprecated: Option<&'static str>,
    /// Who calls whom.
    pub direction: Direction,
    /// Where TR-069 defines it.
    pub clause: &'static str,
    /// Support asked of the CPE, then of the ACS; four for a method of both directions.
    pub requirement: &'static [Requirement],
    /// Fault codes its definition lists: 9xxx by a CPE, 8xxx by an ACS.
    pub fault_codes: &'static [u16],
    /// The call.
    pub request: Args,
    /// The answer.
    pub response: Args,
}

/// The arguments of a request or response, in their normative order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Args {
    /// Name of the element in the SOAP body.
    pub element: &'static str,
    /// The newest form.
    pub fields: &'static [Field],
    /// Older forms, where an XSD differs, oldest first.
    pub by_version: &'static [(Version, &'static [Field])],
}

impl Args {
    /// The arguments as this version has them.
    #[must_use]
    pub fn of_version(&self, version: Version) -> &'static [Field] {
        self.by_version
            .iter()
            .find(|(of, _)| *of == version)
            .map_or(self.fields, |(_, fields)| fields)
    }
}
