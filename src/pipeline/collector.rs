//! Hears of everything in the order of frames, and alone owns sessions and devices.

use std::ops::ControlFlow;

use super::intake::Intake;
use super::options::Options;
use super::outbox::{Arrival, Event};
use super::shard::Closing;
use super::tls_told::TlsTold;
use crate::session::{Assembler, Output, Spent, Summary};

/// The last part of the way.
pub(super) struct Collector {
    assembler: Assembler,
    outputs: Vec<Output>,
    ordered: bool,
    defects: u64,
    /// What transcripts tell of the TLS of connections.
    tls: TlsTold,
}

impl Collector {
    pub fn new(options: &Options) -> Self {
        Self {
            assembler: Assembler::new(options.limits.assemble, options.messages)
                .with_datagrams(options.datagrams)
                .numbering_behind(options.sessions_before)
                .in_haste(!options.in_order)
                .with_credentials(options.credentials.clone()),
            outputs: Vec::new(),
            ordered: options.in_order && (options.messages || options.datagrams),
            defects: 0,
            tls: TlsTold::default(),
        }
    }

    /// The next thing that happened. A defect of ours in the state machine costs one message.
    pub fn event(&mut self, event: Event) {
        let (assembler, outputs) = (&mut self.assembler, &mut self.outputs);
        let tls = &mut self.tls;
        let work = std::panic::AssertUnwindSafe(|| {
            assembler.advance(event.time);
            match event.what {
                Arrival::Message(mut message) => {
                    tls.apply(&mut message.provenance);
                    assembler.handle_message(message, outputs);
                }
                Arrival::Datagram(datagram) => assembler.handle_datagram(datagram, outputs),
                Arrival::Ftp(told) => assembler.handle_ftp(*told, outputs),
                Arrival::Data(data) => assembler.handle_data(*data, outputs),
                Arrival::Tftp(told) => assembler.handle_tftp(*told, outputs),
                Arrival::TlsTold(told) => tls.note(told),
                Arrival::Attempt(attempt) => assembler.handle_attempt(&attempt, outputs),
                Arrival::Unreachable(error) => assembler.handle_unreachable(*error, outputs),
                Arrival::UdpAnswer(answer) => assembler.handle_udp_answer(&answer),
                Arrival::Tls(seen) => assembler.handle_tls(seen, outputs),
                Arrival::Gap(connection) => assembler.handle_gap(connection),
                Arrival::Leaving(parting) => assembler.handle_leaving(&parting),
                Arrival::Closed {
                    connection,
                    by_peer,
                    both,
                } => assembler.handle_close(connection, by_peer, both, outputs),
                Arrival::Tick => {}
            }
            assembler.handle_time(event.time, outputs);
        });
        self.defects += u64::from(std::panic::catch_unwind(work).is_err());
    }

    /// What is left of the messages so far.
    pub fn spent(&mut self) -> &mut Spent {
        self.assembler.spent()
    }

    /// A batch is over; every message still to come ends at `watermark_ns` or later.
    pub fn boundary(
        &mut self,
        watermark_ns: i64,
        deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.ordered {
            let (assembler, outputs) = (&mut self.assembler, &mut self.outputs);
            let work =
                std::panic::AssertUnwindSafe(|| assembler.handle_watermark(watermark_ns, outputs));
            self.defects += u64::from(std::panic::catch_unwind(work).is_err());
        }
        self.outputs.drain(..).try_for_each(deliver)
    }

    /// The capture is over: everything closes.
    pub fn finish(
        mut self,
        closings: Vec<Closing>,
        mut intake: Intake,
        deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    ) -> Summary {
        let evicted = intake.fragments_evicted();
        let forgotten = intake.blocks_forgotten();
        let crowded = intake.tftp.crowded();
        for event in intake.rest() {
            self.event(event);
        }
        self.defects += intake.defects;
        let mut summary = Summary {
            packets: intake.totals(),
            ..Summary::default()
        };
        let mut limits_reached = std::collections::BTreeMap::new();
        for closing in closings {
            for event in closing.outbox.events {
                self.event(event);
            }
            for (name, count) in closing.outbox.limits_reached {
                *limits_reached.entry(name).or_default() += count;
            }
            summary.http_stray_bytes += closing.outbox.stray_bytes;
            summary.packets.checksum_wrong += closing.checksum_wrong;
            summary.tcp.add(&closing.tcp);
            summary.defects += closing.defects;
        }
        summary.tcp.overlap_conflicts += intake.segment_conflicts;
        summary.defects += self.defects;
        self.assembler.finish(&mut self.outputs, &mut summary);
        let _ = self.outputs.drain(..).try_for_each(deliver);
        for (name, count) in [
            ("fragments", evicted),
            ("transcript_connections", forgotten),
            ("tftp_transfers_max", crowded),
        ] {
            if count > 0 {
                limits_reached.insert(name, count);
            }
        }
        for (name, count) in limits_reached {
            *summary.limits_reached.entry(name).or_default() += count;
        }
        summary
    }
}
