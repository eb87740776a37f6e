//! The connections between some of the addresses: all that one worker needs to read them.

use std::sync::Arc;

use super::flow::Findings;
use super::flows::{Addressed, Flows};
use super::gauges::Gauges;
use super::keys::{Found, Keyring};
use super::limits::Limits;
use super::options::Options;
use super::outbox::{Fingerprints, Outbox};
use crate::session::TcpTotals;
use crate::source::Timestamp;

/// A share of the connections. How many shards there are does not depend on the number of threads, so that bounds fall
/// alike whoever does the work.
pub(super) struct Shard {
    flows: Flows,
    gauges: Option<Arc<Gauges>>,
    /// Connections that the gauges know of.
    told: u64,
    limits: Limits,
    keyring: Keyring,
    pub outbox: Outbox,
    pub checksum_wrong: u64,
}

/// What a shard came to.
pub(super) struct Closing {
    pub outbox: Outbox,
    pub tcp: TcpTotals,
    pub defects: u64,
    pub checksum_wrong: u64,
}

impl Shard {
    pub fn new(options: &Options, found: Arc<Found>, fingerprints: Fingerprints) -> Self {
        let limits = options.limits.of_one_shard(SHARDS);
        Self {
            flows: Flows::new(options.overlap, options.messages && options.in_order),
            gauges: options.gauges.clone(),
            told: 0,
            limits,
            keyring: Keyring::new(options.keys.clone(), found, limits.tls_sessions_max),
            outbox: Outbox::new(options, fingerprints),
            checksum_wrong: 0,
        }
    }

    /// All of them.
    pub fn all(options: &Options, found: &Arc<Found>) -> Vec<Self> {
        let fingerprints = Fingerprints::default();
        (0..SHARDS)
            .map(|_| Self::new(options, Arc::clone(found), fingerprints.clone()))
            .collect()
    }

    /// One segment of the frame `order`; `parser` reads the bodies, whichever shard they belong to.
    pub fn segment(
        &mut self,
        addressed: &Addressed<'_>,
        order: u64,
        time: Timestamp,
        parser: &mut cwmp::Parser,
    ) {
        self.outbox.at(order, time);
        let mut findings = Findings {
            limits: &self.limits,
            outbox: &mut self.outbox,
            keyring: &mut self.keyring,
            parser,
        };
        let http = self.flows.segment(addressed, &mut findings);
        if http && !addressed.checked.is_empty() {
            let (source, destination) = (addressed.source.0, addressed.destination.0);
            let valid = link::segment_checksum_valid(source, destination, addressed.checked);
            self.checksum_wrong += u64::from(!valid);
        }
    }

    /// A second has passed, whether or not anything came for this shard, which is the one with this number.
    pub fn tick(&mut self, number: usize, order: u64, time: Timestamp, parser: &mut cwmp::Parser) {
        self.outbox.at_tick(number, order, time);
        let mut findings = Findings {
            limits: &self.limits,
            outbox: &mut self.outbox,
            keyring: &mut self.keyring,
            parser,
        };
        self.flows.expire(time.nanoseconds, &mut findings);
        if let Some(gauges) = &self.gauges {
            let flows = self.flows.open();
            gauges.flows_were(std::mem::replace(&mut self.told, flows), flows);
        }
    }

    /// Every message still to come out of it ends at this time or later.
    pub fn watermark_ns(&self) -> i64 {
        self.flows.watermark_ns()
    }

    /// The capture is over.
    pub fn finish(mut self, time: Timestamp) -> Closing {
        self.outbox.at(u64::MAX, time);
        let mut findings = Findings {
            limits: &self.limits,
            outbox: &mut self.outbox,
            keyring: &mut self.keyring,
            parser: &mut cwmp::Parser::default(),
        };
        self.flows.finish(&mut findings);
        Closing {
            outbox: self.outbox,
            tcp: self.flows.totals,
            defects: self.flows.defects,
            checksum_wrong: self.checksum_wrong,
        }
    }
}

/// Shards, whatever the number of threads; so many threads are of use at most.
pub(super) const SHARDS: usize = 8;
