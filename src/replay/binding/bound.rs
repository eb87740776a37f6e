//! How many datagrams are listened to: so many for each host, and so many of strangers in a run.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::replay::action::Now;

/// Counts datagrams; what is beyond its bounds is passed over unread.
#[derive(Debug, Default)]
pub struct Bound {
    hosts: BTreeMap<IpAddr, Host>,
    strangers: u32,
    passed_over: u64,
}

/// What a host may still say.
#[derive(Debug, Clone, Copy)]
struct Host {
    /// In thousandths of a datagram.
    allowance: u64,
    at: Now,
    count: u32,
}

impl Bound {
    /// Is one more listened to? The device that is served is not held up by what strangers send.
    pub fn admits(&mut self, now: Now, from: IpAddr, is_served: bool) -> bool {
        let from = from.to_canonical();
        let is_admitted = (is_served || self.strangers < STRANGERS_MAX) && self.spends(now, from);
        if !is_admitted {
            self.passed_over = self.passed_over.saturating_add(1);
        } else if !is_served {
            self.strangers = self.strangers.saturating_add(1);
        }
        is_admitted
    }

    /// Datagrams that were passed over.
    #[must_use]
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }

    fn spends(&mut self, now: Now, from: IpAddr) -> bool {
        if !self.hosts.contains_key(&from) && self.hosts.len() >= HOSTS_MAX {
            let oldest = self.hosts.iter().min_by_key(|(_, host)| host.at);
            if let Some(oldest) = oldest.map(|(ip, _)| *ip) {
                self.hosts.remove(&oldest);
            }
        }
        let host = self.hosts.entry(from).or_insert(Host {
            allowance: BURST.saturating_mul(1000),
            at: now,
            count: 0,
        });
        let elapsed_ms = u64::try_from(now.saturating_sub(host.at).as_millis()).unwrap_or(u64::MAX);
        let earned = elapsed_ms.saturating_mul(EACH_SECOND);
        host.allowance = host.allowance.saturating_add(earned).min(BURST * 1000);
        host.at = now;
        if host.allowance < 1000 || host.count >= HOST_MAX {
            return false;
        }
        host.allowance = host.allowance.saturating_sub(1000);
        host.count = host.count.saturating_add(1);
        true
    }
}

/// At once, of one host: more than one request with all its copies, several times over.
const BURST: u64 = 64;
const EACH_SECOND: u64 = 16;
/// Of one host, in one run.
const HOST_MAX: u32 = 16_384;
/// Of all hosts but that of the device.
const STRANGERS_MAX: u32 = 4_096;
/// Hosts that are told apart.
const HOSTS_MAX: usize = 256;
