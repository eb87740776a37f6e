//! File transfers that a Download or Upload asked for, found again by their URL.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::identity::Url;
use crate::session::{Cause, TransferDirection};

/// A transfer that an RPC asked for.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub url: Url,
    pub direction: TransferDirection,
    pub device: Option<Arc<str>>,
    pub cause: Cause,
    /// The device's address.
    pub address: Option<IpAddr>,
    /// Requests for it so far.
    pub used: u32,
    pub time_ns: i64,
}

/// A request that may carry out a transfer.
pub(super) struct Asked<'a> {
    pub target: &'a str,
    pub host: Option<&'a str>,
    pub source: IpAddr,
    pub destination: SocketAddr,
    pub upload: bool,
}

impl Expected {
    /// The request goes where the URL points; `named` is the host of an absolute target.
    fn fits(&self, asked: &Asked<'_>, named: Option<&str>) -> bool {
        let by_name = asked.host.is_some_and(|host| self.url.is_host(host))
            || named == Some(self.url.host.as_str());
        let by_address = self.url.host.parse() == Ok(asked.destination.ip())
            && self.url.port == asked.destination.port();
        (by_name || by_address) && (self.direction == TransferDirection::Upload) == asked.upload
    }
}

/// What has been asked for and may still come.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    by_target: HashMap<String, VecDeque<Expected>, foldhash::fast::RandomState>,
    order: VecDeque<(String, i64)>,
}

impl Transfers {
    /// A Download or Upload named this URL; false where an older one had to be forgotten for it.
    pub fn expect(&mut self, expected: Expected, transfers_max: usize) -> bool {
        let full = self.order.len() >= transfers_max;
        if full {
            self.forget_oldest();
        }
        let target = expected.url.target.clone();
        self.order.push_back((target.clone(), expected.time_ns));
        self.by_target
            .entry(target)
            .or_default()
            .push_back(expected);
        !full
    }

    /// The transfer that a request for `target` carries out, and one more use of it. Where several devices were given
    /// the same URL, the one whose address asks comes first, then one that has not asked yet. For an upload to a
    /// folder, the file's name may follow the URL's target.
    pub fn find(&mut self, asked: &Asked<'_>) -> Option<Expected> {
        if self.by_target.is_empty() {
            return None;
        }
        let absolute = Url::parse(asked.target);
        let path = absolute
            .as_ref()
            .map_or(asked.target, |url| url.target.as_str());
        let folder = || {
            let folder = path.get(..path.rfind('/').filter(|_| asked.upload)? + 1)?;
            let without = folder.trim_end_matches('/');
            [folder, without]
                .into_iter()
                .find(|key| self.by_target.contains_key(*key))
                .map(str::to_owned)
        };
        let key = if self.by_target.contains_key(path) {
            Some(path.to_owned())
        } else {
            folder()
        }?;
        let named = absolute.as_ref().map(|url| url.host.as_str());
        let list = self.by_target.get_mut(&key)?;
        let fitting = list
            .iter_mut()
            .rev()
            .take(LATEST)
            .filter(|expected| expected.fits(asked, named));
        let best = fitting.max_by_key(|expected| {
            (
                expected.address == Some(asked.source),
                std::cmp::Reverse(expected.used),
                expected.time_ns,
            )
        })?;
        best.used = best.used.saturating_add(1);
        Some(best.clone())
    }

    /// Forgets what was asked for before `before_ns`.
    pub fn expire(&mut self, before_ns: i64) {
        while self
            .order
            .front()
            .is_some_and(|(_, time_ns)| *time_ns < before_ns)
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((target, _)) = self.order.pop_front() else {
            return;
        };
        if let Some(list) = self.by_target.get_mut(&target) {
            list.pop_front();
            if list.is_empty() {
                self.by_target.remove(&target);
            }
        }
    }
}

impl Url {
    /// A Host header names this URL's host and port.
    fn is_host(&self, header: &str) -> bool {
        let with_scheme = format!("http://{}/", header.trim());
        Url::parse(&with_scheme).is_some_and(|url| {
            url.host == self.host
                && (url.port == self.port || !header.contains(':') && self.port == 443)
        })
    }
}

/// Of many devices that were given the same URL, the latest are looked at.
const LATEST: usize = 256;
