//! What the records of datagrams have in common.

use super::http::of_device_id;
use super::value::Ask;
use crate::filter::names::Field;
use crate::session::Datagram;

/// Values that every record of a datagram has.
pub(super) fn of_datagram(datagram: &Datagram, field: Field, ask: &mut Ask<'_>) -> bool {
    let frames = datagram.frames.iter().copied();
    match field {
        Field::Record => ask.text("message"),
        Field::Protocol => ask.text(datagram.kind.protocol()),
        Field::Time => ask.time(datagram.time),
        Field::Frames => ask.frames(frames),
        Field::FrameFiles => ask.frame_files(frames),
        Field::From => ask.text(datagram.from.name()),
        Field::Source => ask.text(&datagram.source.to_string()),
        Field::Destination => ask.text(&datagram.destination.to_string()),
        Field::Session => datagram.session.is_some_and(|session| ask.whole(session)),
        field => of_device_id(datagram.device.as_deref(), field, ask),
    }
}
