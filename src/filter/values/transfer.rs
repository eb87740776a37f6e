//! Values of a transfer.

use super::http::of_device_id;
use super::value::{Ask, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Used};
use crate::session::{Side, Transfer};

impl Record for Transfer {
    const KIND: RecordKind = RecordKind::Transfer;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        let mut frames = self
            .steps
            .iter()
            .flat_map(|step| step.frames.iter().copied());
        let cause = self.caused_by.as_ref();
        match name.name.field {
            Field::Record => ask.text("message"),
            Field::Protocol => ask.text("transfer"),
            Field::Time => {
                let end = self.end();
                end.is_some_and(|end| ask.time(end))
            }
            Field::Frames => ask.frames(frames.by_ref()),
            Field::FrameFiles => ask.frame_files(frames.by_ref()),
            Field::From => {
                let from = self.steps.first().map_or(Side::Cpe, |step| step.from);
                ask.text(from.name())
            }
            Field::Source => ask.text(&self.source.to_string()),
            Field::Destination => ask.text(&self.destination.to_string()),
            Field::Session | Field::CauseSession => {
                cause.is_some_and(|cause| ask.whole(cause.session))
            }
            Field::Method => ask.text(self.method.name()),
            Field::Direction => ask.text(self.direction.name()),
            Field::TransferName => ask.text(&self.name),
            Field::Bytes => self.bytes.is_some_and(|bytes| ask.whole(bytes)),
            Field::MissingBytes => self.missing_bytes.is_some_and(|bytes| ask.whole(bytes)),
            Field::AnnouncedBytes => self.announced_bytes.is_some_and(|bytes| ask.whole(bytes)),
            Field::TransferCode => self.code.is_some_and(|code| ask.whole(code)),
            Field::TransferReason => ask.maybe(self.reason.as_deref()),
            Field::Result => ask.text(self.result.name()),
            Field::CausedBy => ask.group(cause.is_some()),
            Field::CauseCommandKey => cause.is_some_and(|cause| ask.text(&cause.command_key)),
            field => of_device_id(self.device.as_deref(), field, ask),
        }
    }
}
