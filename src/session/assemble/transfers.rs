//! File transfers that a Download or Upload asked for, found again by their URL.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::facts::lossy;
use super::identity::Url;
use crate::session::{Cause, TransferDirection};

/// A transfer that an RPC asked for.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub url: Url,
    /// Where that is, if it names an address.
    pub at: Option<SocketAddr>,
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
    pub host: Option<Cow<'a, [u8]>>,
    pub source: IpAddr,
    pub destination: SocketAddr,
    pub upload: bool,
}

impl Expected {
    /// The request goes where the URL points; `named` is the host of an absolute target.
    fn fits(&self, asked: &Asked<'_>, host: Option<&HostHeader>, named: Option<&str>) -> bool {
        let by_name =
            host.is_some_and(|host| host.names(&self.url)) || named == Some(self.url.host.as_str());
        let by_address = self.at == Some(asked.destination);
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
        let host = asked.host.as_deref().and_then(HostHeader::parse);
        let list = self.by_target.get_mut(&key)?;
        let fitting = list
            .iter_mut()
            .rev()
            .take(LATEST)
            .filter(|expected| expected.fits(asked, host.as_ref(), named));
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

/// What a Host header names.
struct HostHeader {
    url: Url,
    port: bool,
}

impl HostHeader {
    fn parse(header: &[u8]) -> Option<Self> {
        let header = lossy(header);
        Some(Self {
            url: Url::parse(&format!("http://{}/", header.trim()))?,
            port: header.contains(':'),
        })
    }

    /// It is this URL's host and port.
    fn names(&self, url: &Url) -> bool {
        self.url.host == url.host && (self.url.port == url.port || !self.port && url.port == 443)
    }
}

/// Of many devices that were given the same URL, the latest are looked at.
const LATEST: usize = 64;
