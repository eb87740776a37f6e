//! What a device answered to one line of the queue of `serve`.

use serde::Serialize;

use super::message::Fault;
use crate::report::arguments::{Argument, arguments, xml};
use crate::session::Masking;

/// An answer.
#[derive(Debug, Serialize)]
pub struct AnswerRecord<'a> {
    record: &'static str,
    device: &'a str,
    place: &'a str,
    asked: &'a str,
    message: Option<String>,
    args: Vec<Argument>,
    fault: Option<Fault>,
    #[serde(skip_serializing_if = "Option::is_none")]
    xml: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lossy: bool,
}

impl<'a> AnswerRecord<'a> {
    /// Of what this device answered to what stands at this place of the queue.
    #[must_use]
    pub fn new(
        device: &'a str,
        place: &'a str,
        asked: &'a str,
        answer: &cwmp::Document,
        masking: Masking,
    ) -> Self {
        let envelope = answer.envelope(0);
        let envelope = envelope.as_ref();
        // Of a vendor's method, whose arguments no schema describes.
        let vendors = envelope.filter(|it| it.schema().is_none() && it.fault().is_none());
        let element = vendors.and_then(cwmp::EnvelopeRef::message);
        let (xml, lossy) = element.map(|element| xml(element, masking)).unzip();
        let places = masking.places(answer.text());
        Self {
            record: "answer",
            device,
            place,
            asked,
            message: envelope.and_then(|it| it.message_name().map(str::to_owned)),
            args: envelope.map_or_else(Vec::new, |it| arguments(it.args(), &places)),
            fault: envelope
                .and_then(cwmp::EnvelopeRef::fault)
                .map(|fault| Fault::new(fault, masking)),
            xml,
            lossy: lossy.unwrap_or(false),
        }
    }
}
