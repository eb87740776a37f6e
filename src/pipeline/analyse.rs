//! The way of a datum: frame, packet, flow, message, session; in one thread, or in several.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::collector::Collector;
use super::crew;
use super::flows::shard;
use super::intake::Intake;
use super::keys::Found;
use super::options::Options;
use super::outbox::{Arrival, Event};
use super::shard::{SHARDS, Shard};
use crate::session::{Output, Summary};
use crate::source::{Frames, Next, Progress, Timestamp};

/// Reads frames to their end, delivering what closes on the way; `deliver` may stop it: what is under way is still
/// delivered, and no more is read.
///
/// # Errors
/// None of its own: damage of an input stands in [`crate::source::Capture::problems`], bounds and defects in the summary.
pub fn analyse(
    capture: &mut impl Frames,
    options: &Options,
    deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    progress: &mut dyn FnMut(Progress),
) -> Summary {
    let mut summary = if options.threads > 1 {
        crew::analyse(capture, options, deliver, progress)
    } else {
        alone(capture, options, deliver, progress)
    };
    summary.files = capture.facts().to_vec();
    summary
}

/// Everything in this thread, without a copy of a frame.
fn alone(
    capture: &mut impl Frames,
    options: &Options,
    deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    progress: &mut dyn FnMut(Progress),
) -> Summary {
    let found = Arc::<Found>::default();
    let mut intake = Intake::new(options, Arc::clone(&found));
    let mut shards = Shard::all(options, &found);
    let mut collector = Collector::new(options);
    let mut parser = cwmp::Parser::default();
    let (mut now, mut open) = (Timestamp::default(), false);
    while options.frames_max.is_none_or(|max| intake.frames < max) {
        let order = intake.frames;
        let mut busy = None;
        let taken = match capture.next() {
            Next::End => break,
            Next::Tick(time) => {
                now = time.max(now);
                intake.tick(now)
            }
            Next::Frame(frame) => {
                now = frame.time;
                intake.frame(&frame, &mut |addressed| {
                    let at = shard(addressed.source.0, addressed.destination.0, SHARDS);
                    if let Some(shard) = shards.get_mut(at) {
                        shard.segment(addressed, order, now, &mut parser);
                        busy = Some(at);
                    }
                })
            }
        };
        open = true;
        for event in intake.events.drain(..) {
            collector.event(event);
        }
        if let Some(shard) = busy.and_then(|at| shards.get_mut(at)) {
            for event in shard.outbox.events.drain(..) {
                collector.event(event);
            }
            collector.spent().clear();
        }
        if taken.tick {
            for (number, shard) in shards.iter_mut().enumerate() {
                shard.tick(number, order, now, &mut parser);
                for event in shard.outbox.events.drain(..) {
                    collector.event(event);
                }
            }
            collector.event(Event {
                order,
                rank: u8::MAX,
                time: now,
                what: Arrival::Tick,
            });
        }
        if taken.boundary {
            open = false;
            let watermark_ns = watermark_ns(&shards, now);
            if collector.boundary(watermark_ns, deliver).is_break() {
                break;
            }
            progress(capture.progress());
        }
    }
    if open {
        let _ = collector.boundary(watermark_ns(&shards, now), deliver);
    }
    let closings = shards.into_iter().map(|shard| shard.finish(now)).collect();
    collector.finish(closings, intake, deliver)
}

/// Every message still to come ends at this time or later.
fn watermark_ns(shards: &[Shard], now: Timestamp) -> i64 {
    shards
        .iter()
        .map(Shard::watermark_ns)
        .fold(now.nanoseconds, i64::min)
}
