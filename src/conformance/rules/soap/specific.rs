//! To which rule a departure from the schema belongs: the one of the method where there is one, else the general one.
//!
//! One breach is told once, under the more specific code. What is said of it is worded here too, for all of them.

use cwmp::EnvelopeRef;
use cwmp::schema::{Field, Version};

use super::arguments::{self, BLANKS, QUALIFIED, SEQUENCE, TOO_LONG, WRONG_CASE};
use super::array_pages::{
    ARRAY_XSI_TYPE, ITEM_COUNT, ITEM_NAME, ITEM_TYPE, NEEDLESS_XSI_TYPE, NO_ARRAY_TYPE,
    NO_XSI_TYPE, UNKNOWN_XSI_TYPE, UNPLAIN_COUNT,
};
use super::shape::{Departure, Kind};
use super::time::TimeFault;
use super::value_pages::{
    BASE64, BOOLEAN, DATE_TIME, NO_ZONE, NOT_UTC, NUMBER, RELATIVE, UNKNOWN_TIME,
};
use crate::conformance::rules::inform::arguments as inform;
use crate::conformance::rules::inform::device_id;
use crate::conformance::rules::operation::messages as operation;
use crate::conformance::rules::rpc::messages as rpc;
use crate::conformance::rules::transfer::messages as transfer;
use crate::conformance::{Rule, Seen};
use crate::session::{Masking, Severity, Side};

/// The rule a departure breaks, and what is said of it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) rule: &'static Rule,
    pub(super) at_most: Option<Severity>,
    pub(super) because: String,
}

/// Which rule is broken here, if one is.
pub(super) fn judge(
    seen: &Seen<'_>,
    envelope: &EnvelopeRef<'_>,
    version: Version,
    departure: &Departure<'_>,
) -> Option<Judged> {
    let message = envelope.message_name()?;
    let (rule, at_most) = match specific(message, departure, seen.is_issue_1()) {
        Told::As(rule, at_most) => (rule, at_most),
        Told::Elsewhere => return None,
        Told::Generally => general(seen, version, departure)?,
    };
    Some(Judged {
        rule,
        at_most,
        because: because(departure),
    })
}

/// What the rules of one method make of a departure.
enum Told {
    As(&'static Rule, Option<Severity>),
    /// A rule with more to go by looks at it.
    Elsewhere,
    Generally,
}

fn specific(message: &str, departure: &Departure<'_>, issue_1: bool) -> Told {
    let kind = departure.kind;
    let field = departure.field.map_or("", |field| field.name);
    if kind == Kind::NotListed {
        return listed(message, departure);
    }
    if kind.is_structure() {
        return structure(message, kind, field, departure)
            .map_or(Told::Generally, |rule| Told::As(rule, None));
    }
    let rule = match (kind, message, field) {
        (Kind::NoForm, ..) => &transfer::DU_FORM,
        (Kind::TooLong, "SetParameterValues", "ParameterKey") => &rpc::SPV_KEY,
        (Kind::TooLong, "SetParameterValues", "Name") => &rpc::SPV_NAMES,
        (Kind::TooLong, "GetParameterValues", _) => &rpc::GPV_NAMES,
        (Kind::TooLong, "GetRPCMethodsResponse", _) => &rpc::GRM_SHAPE,
        (Kind::TooLong, "Download", "URL") => &transfer::DL_URL,
        (Kind::TooLong, "Upload", "URL") => &transfer::UL_URL,
        (Kind::TooLong, "ScheduleDownload", "URL") => &transfer::SDL_SHAPE,
        (Kind::TooLong, "TransferComplete", "FaultString") => &transfer::TC_LONG,
        (Kind::TooLong, "AutonomousTransferComplete", "FaultString") => &transfer::ATC_FAULT,
        (Kind::TooLong, "Kicked" | "KickedResponse", _) => &operation::KCK_SHAPE,
        (Kind::TooLong, "RequestDownload", _) => &transfer::RD_SHAPE,
        (Kind::TooLong, "Inform", "Manufacturer" | "ProductClass" | "SerialNumber") => {
            &device_id::MEMBERS
        }
        (Kind::Time(TimeFault::NoZone), "Inform", "CurrentTime") if !issue_1 => &inform::ZONE,
        (Kind::ItemName | Kind::Base64, "SetVouchers", _) => &operation::VCH_SHAPE,
        (Kind::Range, "AddObjectResponse", _) => &rpc::ADD_ANSWER,
        (
            Kind::Time(TimeFault::NoZone | TimeFault::NotUtc),
            "TransferComplete" | "AutonomousTransferComplete",
            _,
        ) if issue_1 => return Told::Elsewhere,
        (Kind::Time(TimeFault::NoZone | TimeFault::NotUtc), "TransferComplete", _) => {
            &transfer::TC_TIMES
        }
        (Kind::Time(TimeFault::NoZone | TimeFault::NotUtc), "AutonomousTransferComplete", _) => {
            &transfer::ATC_FAULT
        }
        _ => return Told::Generally,
    };
    Told::As(rule, None)
}

/// The sequence of the schema, by method.
fn structure(
    message: &str,
    kind: Kind,
    field: &str,
    departure: &Departure<'_>,
) -> Option<&'static Rule> {
    Some(match (message, kind, field) {
        ("SetParameterValues", Kind::Missing, "ParameterKey") => &rpc::SPV_KEY,
        ("SetParameterAttributes", ..)
            if departure.element.is_named("SetParameterAttributesStruct") =>
        {
            &rpc::SPA_SHAPE
        }
        ("GetParameterValues", Kind::TooFewItems, _) => &rpc::GPV_NAMES,
        ("GetRPCMethods" | "GetRPCMethodsResponse", ..) => &rpc::GRM_SHAPE,
        ("Download", ..) => &transfer::DL_SHAPE,
        ("Upload", ..) => &transfer::UL_SHAPE,
        ("ScheduleDownload", Kind::TooFewItems | Kind::TooManyItems, _) => &transfer::SDL_WINDOWS,
        ("ScheduleDownload", ..) => &transfer::SDL_SHAPE,
        ("ScheduleDownloadResponse", ..) => &transfer::SDL_ANSWER,
        ("TransferComplete", Kind::Missing, "FaultString") => &transfer::TC_LONG,
        ("TransferComplete", ..) => &transfer::TC_SHAPE,
        ("AutonomousTransferComplete", ..) => &transfer::ATC_SHAPE,
        ("RequestDownload", ..) => &transfer::RD_SHAPE,
        ("GetQueuedTransfersResponse", Kind::TooManyItems, _)
        | ("GetAllQueuedTransfersResponse", Kind::TooManyItems, _) => &transfer::GQT_SHAPE,
        ("GetAllQueuedTransfersResponse", ..) => &transfer::GQT_ALL,
        ("ChangeDUState", Kind::Missing, "Operations") => &transfer::DU_SOME,
        ("ChangeDUState", Kind::Missing, "UUID") => &transfer::DU_UUID,
        ("DUStateChangeComplete", ..) => &transfer::DSC_SHAPE,
        ("AutonomousDUStateChangeComplete", ..) => &transfer::ADSC_SHAPE,
        ("Inform", Kind::TooManyItems, "Event") => &inform::EVENTS,
        ("Inform", Kind::Missing, _) if departure.element.is_named("DeviceId") => {
            &device_id::MEMBERS
        }
        ("Inform", Kind::OutOfOrder, _)
            if departure
                .element
                .parent()
                .is_some_and(|parent| parent.is_named("Inform")) =>
        {
            &inform::ORDER
        }
        ("RebootResponse", ..) => &operation::RBT_ANSWER,
        ("FactoryResetResponse", ..) => &operation::FR_ANSWER,
        ("Kicked" | "KickedResponse", ..) => &operation::KCK_SHAPE,
        ("SetVouchers", ..) => &operation::VCH_SHAPE,
        _ => return None,
    })
}

/// A value outside its enumeration; where prose is wider than the schema, the prose holds.
fn listed(message: &str, departure: &Departure<'_>) -> Told {
    let text = departure.element.text();
    let text = text.trim();
    let field = departure.field.map_or("", |field| field.name);
    let rule = match (message, field) {
        ("SetParameterValuesResponse", "Status") => &rpc::SPV_ANSWER,
        ("AddObjectResponse", "Status") => &rpc::ADD_ANSWER,
        ("DeleteObjectResponse", "Status") => &rpc::DEL_ANSWER,
        ("DownloadResponse" | "UploadResponse", "Status") => &transfer::DL_ANSWER,
        ("SetParameterAttributes", "Notification") => &rpc::SPA_NOTIFICATION,
        ("GetParameterAttributesResponse", "Notification") => &rpc::GPA_NOTIFICATION,
        ("SetParameterAttributes", "string") if !rpc::is_entity(text) => &rpc::SPA_ACCESS,
        ("GetQueuedTransfersResponse" | "GetAllQueuedTransfersResponse", "State") => {
            &transfer::GQT_SHAPE
        }
        ("DUStateChangeComplete", "CurrentState") => &transfer::DSC_STATE,
        ("AutonomousDUStateChangeComplete", "CurrentState") => &transfer::ADSC_SHAPE,
        // The prose has a boolean where the schema has 0 and 1.
        ("GetOptionsResponse", "IsTransferable") if matches!(text, "true" | "false") => {
            return Told::Elsewhere;
        }
        ("GetOptionsResponse", _) => &operation::VCH_OPTIONS,
        _ => return Told::Elsewhere,
    };
    Told::As(rule, None)
}

fn general(
    seen: &Seen<'_>,
    version: Version,
    departure: &Departure<'_>,
) -> Option<(&'static Rule, Option<Severity>)> {
    let issue_1 = seen.is_issue_1();
    let rule = match departure.kind {
        Kind::Qualified => &QUALIFIED,
        Kind::Unknown if issue_1 => return Some((&SEQUENCE, Some(Severity::Warning))),
        kind if kind.is_structure() => &SEQUENCE,
        Kind::WrongCase => &WRONG_CASE,
        Kind::NoArrayType => &NO_ARRAY_TYPE,
        Kind::ForeignArrayType if version == Version::V1_0 => {
            return Some((&NO_ARRAY_TYPE, Some(Severity::Warning)));
        }
        Kind::ForeignArrayType => &NO_ARRAY_TYPE,
        Kind::ItemCount => &ITEM_COUNT,
        Kind::UnplainCount => &UNPLAIN_COUNT,
        Kind::ItemType => &ITEM_TYPE,
        Kind::ItemName => &ITEM_NAME,
        Kind::NoXsiType => &NO_XSI_TYPE,
        Kind::UnknownXsiType => &UNKNOWN_XSI_TYPE,
        Kind::NeedlessXsiType if issue_1 => return None,
        Kind::NeedlessXsiType => &NEEDLESS_XSI_TYPE,
        Kind::ArrayXsiType => &ARRAY_XSI_TYPE,
        Kind::TooLong => &TOO_LONG,
        Kind::Blanks => &BLANKS,
        Kind::Number | Kind::Range => &NUMBER,
        Kind::Boolean => &BOOLEAN,
        Kind::Base64 => &BASE64,
        Kind::Time(fault) => return time(seen, fault, departure),
        _ => return None,
    };
    Some((rule, None))
}

fn time(
    seen: &Seen<'_>,
    fault: TimeFault,
    departure: &Departure<'_>,
) -> Option<(&'static Rule, Option<Severity>)> {
    let issue_1 = seen.is_issue_1();
    let path = arguments::path_of(departure);
    // The definitions of local clocks ask for local time; a clock that was never set stands where it stands.
    let is_clock =
        departure.element.is_named("CurrentTime") || path.as_deref().is_some_and(is_local);
    Some(match fault {
        TimeFault::Form => (&DATE_TIME, None),
        TimeFault::NoZone if issue_1 => return None,
        TimeFault::NoZone => (&NO_ZONE, None),
        TimeFault::RelativeWithZone if issue_1 || seen.from() != Side::Cpe => return None,
        TimeFault::RelativeWithZone => (&RELATIVE, None),
        TimeFault::StandIn => (&UNKNOWN_TIME, None),
        TimeFault::DefaultClock if is_clock || is_phase(seen, path.as_deref()) => return None,
        TimeFault::DefaultClock => (&UNKNOWN_TIME, Some(Severity::Warning)),
        // Without the data model nobody knows for certain that a parameter is not one of local time.
        TimeFault::NotUtc if path.is_some() && !is_clock => (&NOT_UTC, Some(Severity::Warning)),
        TimeFault::NotUtc => return None,
        TimeFault::RelativeOfIssue1 if seen.from() == Side::Cpe => {
            (&RELATIVE, Some(Severity::Info))
        }
        TimeFault::RelativeOfIssue1 => return None,
        TimeFault::ZeroOfIssue1 => (&UNKNOWN_TIME, Some(Severity::Info)),
    })
}

/// Its definition asks for local time; that of the ends of summer time is TR-098's.
fn is_local(path: &str) -> bool {
    path.contains("Local")
        || path.ends_with(".DaylightSavingsStart")
        || path.ends_with(".DaylightSavingsEnd")
}

/// No clock tells it: the ACS sets it, or it says where a period begins, which may be far in the past (TR-181, TR-098).
fn is_phase(seen: &Seen<'_>, path: Option<&str>) -> bool {
    let phase = |path: &str| {
        let leaf = path.rsplit('.').next().unwrap_or_default();
        leaf.starts_with("Periodic") && leaf.ends_with("Time") || leaf == "TimeReference"
    };
    path.is_some_and(|path| seen.from() == Side::Acs || phase(path))
}

/// What is said of a departure, whichever rule it breaks.
pub(super) fn because(departure: &Departure<'_>) -> String {
    let element = departure.element;
    let name = element.name();
    let field = departure.field.map_or("", |field| field.name);
    let within = element.parent();
    let within = within.map_or("", |parent| parent.name());
    let mut said = match departure.kind {
        Kind::Qualified => format!("{} stands in a namespace", tag(departure)),
        Kind::Unknown => format!("{within} has no {name}"),
        Kind::WrongCase => format!("{within} has {name} for {field}"),
        Kind::Missing => format!("{field} is missing from {name}"),
        Kind::OutOfOrder => format!("{name} stands behind what it should precede in {within}"),
        Kind::Repeated => format!("{name} stands more than once in {within}"),
        Kind::Mixed => format!("there is text beside the elements of {name}"),
        Kind::ElementsInText => format!("{name} holds elements where only text belongs"),
        Kind::TooFewItems | Kind::TooManyItems => bounds(departure),
        Kind::NoArrayType => format!("{name} has no arrayType"),
        Kind::ForeignArrayType => {
            format!("arrayType of {name} is not in the namespace of SOAP encoding")
        }
        Kind::ItemCount => format!(
            "{name} announces {} and has {} members",
            array_type(departure),
            element.children().count()
        ),
        Kind::UnplainCount | Kind::ItemType => {
            format!("arrayType of {name} is {}", array_type(departure))
        }
        Kind::ItemName => format!("a member of {field} is named {name}"),
        Kind::NoXsiType => format!("{name} of {within} has no xsi:type"),
        Kind::UnknownXsiType | Kind::NeedlessXsiType | Kind::ArrayXsiType => {
            format!("xsi:type of {name} is {}", xsi_type(departure))
        }
        Kind::NoForm => format!("xsi:type of {name} names no operation"),
        Kind::TooLong => too_long(departure),
        Kind::Blanks => format!("there are blanks at an end of {name}"),
        Kind::Time(_) if element.content().trim_ascii().is_empty() => format!("{name} is empty"),
        Kind::Base64 => format!("{name} is no base64"),
        _ => format!("{name} is {}", shown(departure)),
    };
    if departure.more > 0 {
        said.push_str(&format!(", and {} more in this message", departure.more));
    }
    said
}

fn tag(departure: &Departure<'_>) -> String {
    let element = departure.element;
    match element.prefix() {
        Some(prefix) => format!("{prefix}:{}", element.name()),
        None => element.name().to_owned(),
    }
}

fn bounds(departure: &Departure<'_>) -> String {
    let items = departure.element.children().count();
    let name = departure.element.name();
    let item = departure.field.and_then(Field::item);
    let allowed = match (departure.kind, item) {
        (Kind::TooManyItems, Some(item)) => {
            format!("at most {}", item.max_occurs.unwrap_or_default())
        }
        (_, Some(item)) => format!("at least {}", item.min_occurs),
        _ => "another number".to_owned(),
    };
    format!("{name} has {items} members where {allowed} may stand")
}

fn array_type(departure: &Departure<'_>) -> String {
    let attribute = departure.element.attribute("arrayType");
    let value = attribute.map(|attribute| attribute.value().into_owned());
    value.unwrap_or_default()
}

fn xsi_type(departure: &Departure<'_>) -> String {
    let attribute = departure.element.xsi_type();
    let value = attribute.map(|attribute| attribute.value().into_owned());
    value.unwrap_or_default()
}

fn too_long(departure: &Departure<'_>) -> String {
    let max = departure.field.and_then(Field::max_length);
    let name = departure.element.name();
    format!(
        "{name} has {} characters, {} are allowed",
        departure.element.text().chars().count(),
        max.unwrap_or_default()
    )
}

/// The value as it may be told: secrets are not, and long ones are cut.
fn shown(departure: &Departure<'_>) -> String {
    let masking = Masking::default();
    let path = arguments::path_of(departure);
    let secret =
        masking.hides(departure.element.name()) || path.is_some_and(|path| masking.hides(&path));
    if secret {
        return "none of its type".to_owned();
    }
    let text = departure.element.text();
    let text = text.trim();
    if text.is_empty() {
        return "empty".to_owned();
    }
    let cut: String = text.chars().take(SHOWN_MAX).collect();
    if cut.len() < text.len() {
        format!("'{cut}...'")
    } else {
        format!("'{cut}'")
    }
}

/// Characters of a value that are told.
const SHOWN_MAX: usize = 40;
