//! Values of a message as one side says it, HTTP and SOAP together: what the assertions of scenarios are about.

use super::envelope::{IN_FAULTS, of_envelope};
use super::http::{line, named};
use super::value::Ask;
use crate::filter::names::{Field, Used};
use crate::session::compare::Said;

/// Whether any value of the name answers yes.
///
/// `status` is the Status argument of a message that has an envelope, else that of HTTP.
pub(in crate::filter) fn of_said(said: &Said<'_>, name: &Used, ask: &mut Ask<'_>) -> bool {
    let mut envelopes = said
        .soap
        .into_iter()
        .flat_map(cwmp::Document::envelope_refs);
    match name.name.field {
        Field::From => ask.text(said.from.name()),
        Field::Status if !has_envelope(said) => {
            said.status().is_some_and(|status| ask.whole(status))
        }
        Field::Status => envelopes.any(|envelope| {
            let status = envelope.args().named("Status");
            let text = status.and_then(|status| status.text());
            text.is_some_and(|text| ask.text(text.trim()))
        }),
        Field::RetryCount => said
            .soap
            .and_then(cwmp::Document::inform)
            .is_some_and(|inform| {
                let count = inform.retry_count();
                count.is_some_and(|count| ask.whole(count))
            }),
        field @ (Field::Manufacturer | Field::Oui | Field::ProductClass | Field::SerialNumber) => {
            of_device_id(said, field, ask)
        }
        field => {
            envelopes.any(|envelope| of_envelope(envelope, name, ask))
                || said
                    .http
                    .is_some_and(|http| of_http(http, field, name, ask))
        }
    }
}

/// Whether a message by itself can tell it.
pub(in crate::filter) fn is_told(field: Field) -> bool {
    TOLD.contains(&field) || IN_FAULTS.contains(&field)
}

/// Whether HTTP alone tells it; `status` is taken for the argument of that name.
pub(in crate::filter) fn is_of_http(field: Field) -> bool {
    OF_HTTP.contains(&field)
}

fn has_envelope(said: &Said<'_>) -> bool {
    said.soap.is_some_and(|soap| !soap.envelopes().is_empty())
}

fn of_http(http: &http1::Message, field: Field, name: &Used, ask: &mut Ask<'_>) -> bool {
    let is_request = http.kind() == http1::Kind::Request;
    match field {
        Field::Target => is_request && ask.bytes(http.target()),
        Field::Version => ask.bytes(http.version()),
        Field::Headers => http.headers().any(|header| ask.bytes(&line(&header))),
        Field::HeaderNamed => named(http, &name.path, ask),
        Field::BodyBytes => ask.whole(http.body_bytes),
        Field::BodyComplete => ask.boolean(http.body_complete),
        _ => false,
    }
}

fn of_device_id(said: &Said<'_>, field: Field, ask: &mut Ask<'_>) -> bool {
    let Some(inform) = said.soap.and_then(cwmp::Document::inform) else {
        return false;
    };
    let id = inform.device_id();
    ask.text(&match field {
        Field::Manufacturer => id.manufacturer,
        Field::Oui => id.oui,
        Field::ProductClass => id.product_class,
        _ => id.serial_number,
    })
}

/// What [`of_http`] finds.
const OF_HTTP: [Field; 6] = [
    Field::Target,
    Field::Version,
    Field::Headers,
    Field::HeaderNamed,
    Field::BodyBytes,
    Field::BodyComplete,
];

/// What [`of_said`] finds, but for what stands in faults.
const TOLD: [Field; 33] = [
    Field::From,
    Field::Status,
    Field::RetryCount,
    Field::Manufacturer,
    Field::Oui,
    Field::ProductClass,
    Field::SerialNumber,
    Field::Target,
    Field::Version,
    Field::Headers,
    Field::HeaderNamed,
    Field::BodyBytes,
    Field::BodyComplete,
    Field::Message,
    Field::Method,
    Field::Rpc,
    Field::Kind,
    Field::Id,
    Field::Namespace,
    Field::HoldRequests,
    Field::NoMoreRequests,
    Field::Args,
    Field::ArgAtPath,
    Field::ArgName,
    Field::ArgValue,
    Field::ArgXsiType,
    Field::ArgLossy,
    Field::Xml,
    Field::Lossy,
    Field::Parameter,
    Field::ParameterNamed,
    Field::Value,
    Field::Events,
];
