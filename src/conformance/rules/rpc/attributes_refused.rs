//! A SetParameterAttributes that is refused, though nothing in it may be.

use cwmp::EnvelopeRef;
use cwmp::schema::Version;

use super::asked::is_indirect;
use super::attribute_pages::{DENIED, ENTITY, FORCED, READ_ONLY};
use super::attributes::{Entry, entries};
use crate::conformance::{Exchange, Findings};
use crate::model::{ActiveNotification, Found, Parameter, Root, standard};
use crate::session::{Severity, Side};

/// Looks at a refused SetParameterAttributes.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    // In the namespace of 1.0 it may be a device of Issue 1, which may refuse more.
    if exchange.method() != "SetParameterAttributes"
        || exchange.answer.from() != Side::Cpe
        || exchange.answer.version() < Version::V1_1
    {
        return;
    }
    let (Some(request), Some(code)) = (exchange.request(), exchange.fault_code()) else {
        return;
    };
    if !matches!(code, 9001 | 9003 | 9007..=9009) {
        return;
    }
    let entries = entries(&request);
    if entries.is_empty() || entries.len() >= super::attributes::ENTRIES_MAX {
        return;
    }
    if let [one] = entries.as_slice()
        && single(exchange, &request, one, code, findings)
    {
        return;
    }
    if code == 9009 {
        denied(exchange, &entries, findings);
    }
}

/// A request with one entry; true where that told what is wrong.
fn single(
    exchange: &Exchange<'_>,
    request: &EnvelopeRef<'_>,
    entry: &Entry,
    code: u32,
    findings: &mut Findings,
) -> bool {
    let Some(parameter) = known(&entry.name) else {
        return false;
    };
    let clean = || {
        // The schema lists Subscriber alone, where the prose has vendors' entities too.
        let shaped = request.parameters().all(|entry| {
            let members = entry.element();
            members.children().map(|member| member.name()).eq(MEMBERS)
        });
        let version = exchange.answer.version();
        shaped
            && (entry.has_vendor_entity
                || crate::conformance::rules::soap::is_clean(request, version))
    };
    let access_alone = entry.notification.is_none() && entry.access.is_some();
    let (rule, why) =
        if access_alone && entry.has_vendor_entity && code != 9009 && entry.entities_fit {
            (&ENTITY, "with an entity of a vendor in AccessList")
        } else if access_alone
            && matches!(code, 9001 | 9003 | 9008)
            && parameter.is_read_only()
            && entry.entities_fit
        {
            (
                &READ_ONLY,
                "with another AccessList for a read-only parameter",
            )
        } else if entry.access.is_none()
            && matches!(entry.notification, Some(0 | 1))
            && is_forced(&parameter)
        {
            (
                &FORCED,
                "with another Notification for one that is always on",
            )
        } else {
            return false;
        };
    if code == 9003 && !clean() {
        return false;
    }
    // A device may deny a request for reasons that nobody sees.
    let most = if code == 9001 {
        Severity::Warning
    } else {
        Severity::Error
    };
    let draft = exchange.breaks(rule).path(&entry.name).at_most(most);
    let name = &entry.name;
    findings.add(draft.because(format!("{name} {why} is answered with {code}")));
    true
}

fn denied(exchange: &Exchange<'_>, entries: &[Entry], findings: &mut Findings) {
    let mut active = None;
    for entry in entries {
        match entry.notification {
            // What 1.4 has of lightweight notifications may be denied in other ways.
            Some(3..) => return,
            Some(2) if may_be_denied(&entry.name) => return,
            Some(2) => active = active.or(Some(entry.name.as_str())),
            _ => {}
        }
    }
    let draft = exchange.breaks(&DENIED);
    findings.add(match active {
        None => draft.because("9009 answers a request that asks for no active notification"),
        Some(name) => draft.path(name).because(format!(
            "9009 answers a request for active notification of {name}, which the data model does not let the device deny"
        )),
    });
}

/// Some version of the data model lets a device refuse active notification of it, or says nothing of it.
fn may_be_denied(name: &str) -> bool {
    known(name).is_none_or(|parameter| {
        !parameter.always(|facts| facts.active_notification != ActiveNotification::CanDeny)
    })
}

/// Active notification is always on, says every version.
fn is_forced(parameter: &Parameter<'_>) -> bool {
    parameter.always(|facts| facts.active_notification == ActiveNotification::ForceEnabled)
}

/// The parameter of a full path, where the data model has it.
pub(super) fn known(name: &str) -> Option<Parameter<'static>> {
    if is_indirect(name) {
        return None;
    }
    match standard(Root::of_path(name)?).find(name) {
        Found::Parameter(parameter) => Some(parameter),
        _ => None,
    }
}

/// The members of SetParameterAttributesStruct.
const MEMBERS: [&str; 5] = [
    "Name",
    "NotificationChange",
    "Notification",
    "AccessListChange",
    "AccessList",
];
