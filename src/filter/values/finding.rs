//! Values of a finding.

use super::value::{Ask, PartOfDevice, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Found, Used};
use crate::session::Finding;

impl Record for Finding {
    const KIND: RecordKind = RecordKind::Finding;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        let device = self.device.as_deref();
        match name.name.field {
            Field::Record => ask.text("finding"),
            Field::Session => self.session().is_some_and(|session| ask.whole(session)),
            Field::Time => {
                let first = self.occurrences.first();
                first.is_some_and(|first| ask.time(first.time))
            }
            Field::Device => ask.maybe(device),
            Field::Oui => ask.part_of_device(device, PartOfDevice::Oui),
            Field::ProductClass => ask.part_of_device(device, PartOfDevice::ProductClass),
            Field::SerialNumber => ask.part_of_device(device, PartOfDevice::SerialNumber),
            Field::Frames => ask.frames(self.frames().iter().copied()),
            Field::FrameFiles => ask.frame_files(self.frames().iter().copied()),
            Field::Rpc => ask.maybe(self.rpc.as_deref()),
            Field::Message => part(self, Found::Message, ask),
            Field::TransferName => part(self, Found::Name, ask),
            Field::TransferCode => part(self, Found::Code, ask),
            Field::Finding(found) | Field::Concerning(found) => part(self, found, ask),
            _ => false,
        }
    }
}

/// A part of a finding.
pub(in crate::filter) fn part(finding: &Finding, found: Found, ask: &mut Ask<'_>) -> bool {
    match found {
        Found::Any => ask.group(true),
        Found::Code => ask.text(finding.code),
        Found::Name => ask.text(finding.name),
        Found::Severity => ask.text(finding.severity.name()),
        Found::Obligation => ask.text(finding.obligation.name()),
        Found::Blame => ask.text(finding.blame.name()),
        Found::Message => ask.text(&finding.message),
        Found::Path => ask.maybe(finding.path.as_deref()),
        Found::Count => ask.whole(finding.count),
        Found::Evidence => ask.text(finding.evidence.name()),
        Found::ForetoldBy => ask.maybe(finding.foretold_by),
        Found::Setting => ask.maybe(finding.setting.as_deref()),
        Found::Wireshark => ask.maybe(finding.wireshark().as_deref()),
        Found::Cites => ask.group(!finding.cites.is_empty()),
        Found::CiteDocument => finding.cites.iter().any(|cite| ask.text(cite.document)),
        Found::CiteSection => finding.cites.iter().any(|cite| ask.text(cite.section)),
        found => of_position(finding, found, ask) || of_occurrences(finding, found, ask),
    }
}

fn of_position(finding: &Finding, found: Found, ask: &mut Ask<'_>) -> bool {
    let Some(position) = finding.position else {
        return false;
    };
    match found {
        Found::Position => ask.group(true),
        Found::PositionPart => ask.text(position.part.name()),
        Found::Line => ask.whole(position.line),
        Found::Column => ask.whole(position.column),
        Found::Offset => ask.whole(position.offset),
        _ => false,
    }
}

fn of_occurrences(finding: &Finding, found: Found, ask: &mut Ask<'_>) -> bool {
    if found == Found::OccurrencesOmitted {
        return ask.whole(finding.occurrences_omitted());
    }
    finding.occurrences.iter().any(|occurrence| {
        let frames = occurrence.frames.iter().copied();
        match found {
            Found::Occurrences => ask.group(true),
            Found::OccurrenceSession => {
                let session = occurrence.session;
                session.is_some_and(|session| ask.whole(session))
            }
            Found::OccurrenceTime => ask.time(occurrence.time),
            Found::OccurrenceFrames => ask.frames(frames),
            Found::OccurrenceFrameFiles => ask.frame_files(frames),
            _ => false,
        }
    })
}
