//! What a data model states of one parameter or object. Facts alone: nothing here judges traffic.

use super::Syntax;

/// What one edition of a data model states of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Facts {
    /// Who may write it.
    pub access: Access,
    /// What values it may have.
    pub syntax: Syntax,
    /// It reads as empty, false or 0, whatever was set: a password (TR-106 3.1, `hidden`).
    pub hidden: bool,
    /// Its value is sensitive: it is hidden from whoever has no right to see it (TR-106, `secured`).
    pub secured: bool,
    /// Setting it starts something; it reads as empty, false or 0 (TR-106, `command`).
    pub command: bool,
    /// Whether every Inform carries it.
    pub forced_inform: ForcedInform,
    /// What holds for active notification of it.
    pub active_notification: ActiveNotification,
    /// How far it is on its way out.
    pub status: Status,
    /// The value it has at first.
    pub default: Option<DefaultValue>,
    /// What a vendor's mapping file states beside this.
    pub mapping: Option<Box<Mapping>>,
}

/// Who may write a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Access {
    /// The document does not say.
    #[default]
    Unknown,
    /// The ACS cannot set it.
    ReadOnly,
    /// The ACS can set it.
    ReadWrite,
    /// The ACS can set it once; then it is read-only.
    WriteOnceReadOnly,
}

impl Access {
    /// Whether the document surely forbids the ACS to set it.
    #[must_use]
    pub fn is_read_only(self) -> bool {
        self == Self::ReadOnly
    }
}

/// Whether every Inform carries a parameter (TR-069, `forcedInform`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ForcedInform {
    /// No.
    #[default]
    No,
    /// Yes.
    Yes,
    /// Of the default WAN connection alone (TR-098 2.4.1, footnote 9).
    DefaultConnection,
}

/// What holds for active notification of a parameter (TR-106, `activeNotify`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ActiveNotification {
    /// Off until the ACS asks; a request has to be accepted.
    #[default]
    Normal,
    /// Always on, whatever the ACS sets.
    ForceEnabled,
    /// Always on for the default WAN connection (TR-098 2.4.1, footnotes 9 and 10).
    ForceEnabledOnDefaultConnection,
    /// On until the ACS turns it off.
    ForceDefaultEnabled,
    /// A request may be refused with 9009.
    CanDeny,
}

/// How far a name or value is on its way out (TR-106, `status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub enum Status {
    /// In use.
    #[default]
    Current,
    /// Better not used any more.
    Deprecated,
    /// A device need not have it.
    Obsoleted,
    /// No longer there.
    Deleted,
}

/// The value a parameter has at first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DefaultValue {
    /// At first of what.
    pub kind: DefaultKind,
    /// The value, as the document writes it.
    pub value: Box<str>,
}

/// At first of what a default value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DefaultKind {
    /// Of the object: after AddObject.
    Object,
    /// Of the device: after a factory reset.
    Factory,
    /// Of an implementation that does not support setting it.
    Implementation,
    /// Of the parameter, when it comes into being.
    Parameter,
}

/// What a vendor's mapping file states of a parameter beside its type and access.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Mapping {
    /// False if the device says that it does not have this standard parameter.
    pub supported: bool,
    /// The notification that is set at first.
    pub notification: Option<Notification>,
    /// The value, in pieces as written.
    pub value: Vec<ValuePart>,
}

impl Mapping {
    /// The settings of the device that the value is made of.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        self.value.iter().filter_map(|part| match part {
            ValuePart::Setting { name, .. } => Some(name.as_ref()),
            ValuePart::Text(_) => None,
        })
    }
}

/// How a device tells of changes (TR-069 A.3.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Notification {
    /// It does not.
    Off,
    /// With its next Inform.
    Passive,
    /// At once.
    Active,
}

/// A piece of a mapped value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ValuePart {
    /// Stands as it is.
    Text(Box<str>),
    /// The value of a setting of the device.
    Setting {
        /// Its name.
        name: Box<str>,
        /// Which one of an array of settings, such as identities; a number, or as written.
        index: Option<Box<str>>,
    },
}

/// What one edition of a data model states of an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ObjectFacts {
    /// Whether instances come and go by the ACS's word.
    pub access: ObjectAccess,
    /// The fewest instances there are.
    pub min_entries: Option<u32>,
    /// The most instances there may be; none if unbounded, or not said.
    pub max_entries: Option<u32>,
    /// The parameter beside the table that counts its instances.
    pub number_of_entries: Option<Box<str>>,
    /// The parameter of the object that enables an instance.
    pub enable: Option<Box<str>>,
    /// How far it is on its way out.
    pub status: Status,
}

/// Which of AddObject and DeleteObject an object allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ObjectAccess {
    /// The document does not say.
    #[default]
    Unknown,
    /// Neither.
    ReadOnly,
    /// AddObject.
    Create,
    /// DeleteObject.
    Delete,
    /// Both.
    CreateDelete,
}

impl ObjectAccess {
    /// Whether the document surely forbids AddObject.
    #[must_use]
    pub fn forbids_add(self) -> bool {
        matches!(self, Self::ReadOnly | Self::Delete)
    }

    /// Whether the document surely forbids DeleteObject.
    #[must_use]
    pub fn forbids_delete(self) -> bool {
        matches!(self, Self::ReadOnly | Self::Create)
    }
}
