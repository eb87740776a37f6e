//! The class of every method that TR-069 has.

use crate::replay::scenario::Class;

/// The class of a request for this method; none for a method that TR-069 does not have.
pub(super) fn class_of(method: &str) -> Option<Class> {
    let known = TABLE
        .binary_search_by(|(name, _)| (*name).cmp(method))
        .ok()?;
    TABLE.get(known).map(|(_, class)| *class)
}

/// The method of this name in whatever case, where it does more than read.
pub(super) fn harmful(name: &[u8]) -> Option<&'static str> {
    TABLE
        .iter()
        .filter(|(_, class)| *class > Class::Read)
        .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name))
        .map(|(known, _)| *known)
}

/// Does an ACS answer this method, so that a device may get its response?
pub(super) fn is_asked_by_cpe(method: &str) -> bool {
    cwmp::schema::method(method).is_some_and(|method| {
        method.direction == cwmp::schema::Direction::ToAcs
            || method.direction == cwmp::schema::Direction::Both
    })
}

/// In the order of their names.
const TABLE: &[(&str, Class)] = &[
    ("AddObject", Class::Set),
    ("AutonomousDUStateChangeComplete", Class::Read),
    ("AutonomousTransferComplete", Class::Read),
    ("CancelTransfer", Class::Disrupt),
    ("ChangeDUState", Class::Disrupt),
    ("DUStateChangeComplete", Class::Read),
    ("DeleteObject", Class::Disrupt),
    ("Download", Class::Destroy),
    ("FactoryReset", Class::Destroy),
    ("GetAllQueuedTransfers", Class::Read),
    ("GetOptions", Class::Read),
    ("GetParameterAttributes", Class::Read),
    ("GetParameterNames", Class::Read),
    ("GetParameterValues", Class::Read),
    ("GetQueuedTransfers", Class::Read),
    ("GetRPCMethods", Class::Read),
    ("Inform", Class::Read),
    ("Kicked", Class::Read),
    ("Reboot", Class::Disrupt),
    ("RequestDownload", Class::Read),
    ("ScheduleDownload", Class::Destroy),
    ("ScheduleInform", Class::Disrupt),
    ("SetParameterAttributes", Class::Set),
    ("SetParameterValues", Class::Set),
    // Options are licences (TR-069 Amendment 3 Annex A.4.1.6): what they take away is not known.
    ("SetVouchers", Class::Destroy),
    ("TransferComplete", Class::Read),
    ("Upload", Class::Disrupt),
];

#[cfg(test)]
mod tests {
    use super::{TABLE, class_of};

    #[test]
    fn every_method_of_the_schema_has_a_class_and_no_other() {
        assert!(TABLE.is_sorted_by_key(|(name, _)| *name));
        for method in cwmp::schema::METHODS {
            assert!(class_of(method.name).is_some(), "{}", method.name);
        }
        assert_eq!(TABLE.len(), cwmp::schema::METHODS.len());
    }
}
