//! Values of a Connection Request with all its legs, or all its copies.

use super::came_of::of_reasons;
use super::http::of_device_id;
use super::value::{Ask, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Used};
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, DatagramKind, Role, Side, StepKind,
};

impl Record for ConnectionRequest {
    const KIND: RecordKind = RecordKind::ConnectionRequest;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        let steps = &self.steps;
        let mut frames = steps.iter().flat_map(|step| step.frames.iter().copied());
        let mut asked = steps.iter().filter_map(|step| match &step.kind {
            StepKind::Request(method, target) => Some((method, target)),
            _ => None,
        });
        match name.name.field {
            Field::Record => ask.text("message"),
            Field::Protocol => ask.text(match self.carrier {
                ConnectionRequestCarrier::Http => "http",
                ConnectionRequestCarrier::Udp => DatagramKind::ConnectionRequest.protocol(),
            }),
            Field::Role => {
                self.carrier == ConnectionRequestCarrier::Http
                    && ask.text(Role::ConnectionRequest.name())
            }
            Field::Time => {
                let end = steps.iter().map(|step| step.time).max();
                end.is_some_and(|end| ask.time(end))
            }
            Field::Frames => ask.frames(frames.by_ref()),
            Field::FrameFiles => ask.frame_files(frames.by_ref()),
            Field::From => {
                let from = steps.first().map_or(Side::Acs, |step| step.from);
                ask.text(from.name())
            }
            Field::Source => ask.text(&self.source.to_string()),
            Field::Destination => ask.text(&self.destination.to_string()),
            Field::Session => self.session.is_some_and(|session| ask.whole(session)),
            Field::Method => asked.any(|(method, _)| ask.text(method)),
            Field::Target => asked.any(|(_, target)| ask.text(target)),
            Field::Status => steps
                .iter()
                .filter_map(|step| step.status)
                .any(|status| ask.whole(status)),
            Field::Connection => steps.iter().any(|step| ask.whole(step.connection)),
            Field::Result => ask.text(self.result.name()),
            Field::Reasons(part) => of_reasons(&self.reasons, part, ask),
            field => of_device_id(self.device.as_deref(), field, ask),
        }
    }
}
