//! Values of a session.

use std::net::IpAddr;

use super::value::{Ask, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Used};
use crate::session::{Acs, Cpe, Rpc, Session, Trigger};

impl Record for Session {
    const KIND: RecordKind = RecordKind::Session;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        let mut frames = self
            .steps
            .iter()
            .flat_map(|step| step.frames.iter().copied());
        match name.name.field {
            Field::Record => ask.text("session"),
            Field::Session => ask.whole(self.number),
            Field::Start => ask.time(self.start),
            Field::DurationMs => ask.real(self.end.milliseconds_since(self.start)),
            Field::Device => ask.maybe(self.device.as_deref()),
            Field::Frames => ask.frames(frames.by_ref()),
            Field::FrameFiles => ask.frame_files(frames.by_ref()),
            Field::Transport => ask.text(self.transport.name()),
            Field::Namespace => ask.maybe(self.namespace.as_deref()),
            Field::NegotiatedVersion => ask.maybe(self.negotiated_version.as_deref()),
            Field::Connections => ask.count(self.connections.len()),
            Field::Events => self.events.iter().any(|event| ask.text(event)),
            Field::Outcome => ask.text(self.outcome.name()),
            Field::Gaps => ask.whole(self.gaps),
            Field::Dropped => self.dropped.is_some_and(|dropped| ask.whole(dropped)),
            Field::RetryCount => self.retry_count.is_some_and(|count| ask.whole(count)),
            Field::Cpe | Field::Acs => ask.group(true),
            field => {
                of_cpe(&self.cpe, field, ask)
                    || of_acs(&self.acs, field, ask)
                    || of_rpcs(&self.rpcs, field, ask)
                    || of_trigger(self.triggered_by.as_ref(), field, ask)
            }
        }
    }
}

fn of_cpe(cpe: &Cpe, field: Field, ask: &mut Ask<'_>) -> bool {
    match field {
        Field::CpeAddress => address(cpe.address, ask),
        Field::Manufacturer => ask.maybe(cpe.manufacturer.as_deref()),
        Field::Oui => ask.maybe(cpe.oui.as_deref()),
        Field::ProductClass => ask.maybe(cpe.product_class.as_deref()),
        Field::SerialNumber => ask.maybe(cpe.serial_number.as_deref()),
        Field::SoftwareVersion => ask.maybe(cpe.software_version.as_deref()),
        _ => false,
    }
}

fn of_acs(acs: &Acs, field: Field, ask: &mut Ask<'_>) -> bool {
    match field {
        Field::AcsAddress => address(acs.address, ask),
        Field::AcsPort => acs.port.is_some_and(|port| ask.whole(port)),
        Field::AcsUrl => ask.maybe(acs.url.as_deref()),
        _ => false,
    }
}

fn of_rpcs(rpcs: &[Rpc], field: Field, ask: &mut Ask<'_>) -> bool {
    rpcs.iter().any(|rpc| {
        let (asked, answered) = (&rpc.request_frames, &rpc.response_frames);
        match field {
            Field::Rpcs => ask.group(true),
            Field::Rpc => ask.text(&rpc.method),
            Field::RpcFrom => ask.text(rpc.from.name()),
            Field::RpcId => ask.maybe(rpc.id.as_deref()),
            Field::RpcRequestFrames => ask.frames(asked.iter().copied()),
            Field::RpcRequestFrameFiles => ask.frame_files(asked.iter().copied()),
            Field::RpcResponse => ask.maybe(rpc.response.as_deref()),
            Field::RpcResponseFrames => ask.frames(answered.iter().copied()),
            Field::RpcResponseFrameFiles => ask.frame_files(answered.iter().copied()),
            Field::FaultCode => ask.maybe(rpc.fault_code.as_deref()),
            Field::RpcElapsedMs => rpc.elapsed_ms.is_some_and(|elapsed| ask.real(elapsed)),
            _ => false,
        }
    })
}

fn of_trigger(trigger: Option<&Trigger>, field: Field, ask: &mut Ask<'_>) -> bool {
    let Some(trigger) = trigger else { return false };
    match field {
        Field::TriggeredBy => ask.group(true),
        Field::TriggerKind => ask.text(trigger.kind.name()),
        Field::TriggerFrames => ask.frames(trigger.frames.iter().copied()),
        Field::TriggerFrameFiles => ask.frame_files(trigger.frames.iter().copied()),
        _ => false,
    }
}

fn address(address: Option<IpAddr>, ask: &mut Ask<'_>) -> bool {
    address.is_some_and(|address| ask.text(&address.to_string()))
}
