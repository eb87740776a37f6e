//! File transfers that a Download or Upload asked for, found again by their URL.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
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
    pub time_ns: i64,
}

/// What has been asked for and may still come.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    by_target: HashMap<String, Vec<Expected>, foldhash::fast::RandomState>,
    order: VecDeque<(String, i64)>,
}

impl Transfers {
    /// A Download or Upload named this URL.
    pub fn expect(&mut self, expected: Expected, transfers_max: usize) {
        while self.order.len() >= transfers_max {
            self.forget_oldest();
        }
        let target = expected.url.target.clone();
        self.order.push_back((target.clone(), expected.time_ns));
        self.by_target.entry(target).or_default().push(expected);
    }

    /// The transfer that a request for `target` at `destination` carries out. For an upload to a folder, the file's
    /// name may follow the URL's target.
    pub fn find(
        &self,
        target: &str,
        host: Option<&str>,
        destination: SocketAddr,
        upload: bool,
    ) -> Option<&Expected> {
        if self.by_target.is_empty() {
            return None;
        }
        let absolute = Url::parse(target);
        let path = absolute.as_ref().map_or(target, |url| url.target.as_str());
        let here = |expected: &&Expected| {
            let named = host.is_some_and(|host| expected.url.is_host(host));
            let addressed = expected.url.host.parse() == Ok(destination.ip())
                && expected.url.port == destination.port();
            (named
                || addressed
                || absolute
                    .as_ref()
                    .is_some_and(|url| url.host == expected.url.host))
                && (expected.direction == TransferDirection::Upload) == upload
        };
        let exact = self
            .by_target
            .get(path)
            .and_then(|list| list.iter().rev().find(here));
        let folder = || {
            let end = path.rfind('/').filter(|_| upload)? + 1;
            let folder = path.get(..end)?;
            let without = folder.trim_end_matches('/');
            let list = self
                .by_target
                .get(folder)
                .or_else(|| self.by_target.get(without))?;
            list.iter().rev().find(here)
        };
        exact.or_else(folder)
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
            if !list.is_empty() {
                list.remove(0);
            }
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
