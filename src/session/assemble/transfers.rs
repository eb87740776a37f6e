//! File transfers that a Download or Upload asked for, found again by their URL.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::facts::lossy;
use super::identity::{Scheme, Url};
use crate::session::{Cause, TransferDirection};

/// A transfer that an RPC asked for.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub url: Url,
    /// [`path_of`] the URL.
    pub path: Arc<str>,
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

/// A file that FTP or TFTP carried, or was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved<'a> {
    pub scheme: Scheme,
    /// As its client named it, with the directory that it had gone to as far as that is known.
    pub path: &'a str,
    pub client: IpAddr,
    pub server: SocketAddr,
    pub direction: TransferDirection,
}

impl Expected {
    /// FTP or TFTP went where the URL points. Of a name the address is not known: the device's own tells then.
    fn is_at(&self, scheme: Scheme, client: IpAddr, server: SocketAddr) -> bool {
        let by_name = self.url.address().is_none()
            && self.url.port == server.port()
            && self.address == Some(client);
        self.url.scheme == scheme && (by_name || self.at == Some(server))
    }

    fn is_carried_out_by(&self, moved: &Moved<'_>) -> bool {
        self.direction == moved.direction
            && self.is_at(moved.scheme, moved.client, moved.server)
            && is_same_path(&self.path, moved.path, moved.direction)
    }

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
        let target = key_of(&expected);
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

    /// The transfer that FTP or TFTP carried out, and one more use of it.
    pub fn find_moved(&mut self, moved: &Moved<'_>) -> Option<Expected> {
        if self.by_target.is_empty() {
            return None;
        }
        let named = key(moved.scheme, file_of(moved.path));
        let carries = |expected: &Expected| expected.is_carried_out_by(moved);
        let key = [named, key(moved.scheme, "")].into_iter().find(|key| {
            let list = self.by_target.get(key);
            list.is_some_and(|list| list.iter().rev().take(LATEST).any(carries))
        })?;
        let list = self.by_target.get_mut(&key)?.iter_mut().rev().take(LATEST);
        let fitting = list.filter(|expected| carries(expected));
        let best = fitting.max_by_key(|expected| {
            (
                expected.address == Some(moved.client),
                std::cmp::Reverse(expected.used),
                expected.time_ns,
            )
        })?;
        best.used = best.used.saturating_add(1);
        Some(best.clone())
    }

    /// The latest transfer that was to be carried out by FTP between the two and has not been yet, where nothing that
    /// its client said names the file.
    pub fn find_unnamed(&mut self, client: IpAddr, server: SocketAddr) -> Option<Expected> {
        for (target, _) in self.order.iter().rev().take(LATEST) {
            let list = self.by_target.get_mut(target)?;
            let mut latest = list.iter_mut().rev().take(LATEST);
            let found = latest.find(|expected| {
                let at = expected.is_at(Scheme::Ftp, client, server);
                at && expected.used == 0 && expected.address == Some(client)
            });
            if let Some(found) = found {
                found.used = 1;
                return Some(found.clone());
            }
        }
        None
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

/// Under what a URL is found again: HTTP by its target, the others by the name of the file alone, since directories are
/// gone to one by one, and begin where the server puts the user.
fn key_of(expected: &Expected) -> String {
    match expected.url.scheme {
        Scheme::Http => expected.url.target.clone(),
        scheme => key(scheme, file_of(&expected.path)),
    }
}

/// No target of HTTP holds a line's end.
fn key(scheme: Scheme, file: &str) -> String {
    let scheme = match scheme {
        Scheme::Http => "http",
        Scheme::Ftp => "ftp",
        Scheme::Tftp => "tftp",
    };
    format!("{scheme}\n{file}")
}

fn file_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path of a URL of FTP (RFC 1738 section 3.2.2) or TFTP (RFC 3617) as it is asked for: without the type or mode behind it, and unescaped.
pub(super) fn path_of(url: &Url) -> String {
    let path = url.target.strip_prefix('/').unwrap_or(&url.target);
    let lower = path.to_ascii_lowercase();
    let end = [";type=", ";mode="]
        .iter()
        .filter_map(|behind| lower.rfind(behind))
        .min();
    let path = path.get(..end.unwrap_or(path.len())).unwrap_or(path);
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| first == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = match escaped {
            Some(_) => behind.get(2..).unwrap_or_default(),
            None => behind,
        };
    }
    lossy(&bytes)
}

/// The path as asked for is that of the URL, as far as both are known: where the client did not go to a directory within the
/// capture, or the server began in another than its root, one is the end of the other. To a folder any file goes up.
fn is_same_path(url: &str, asked: &str, direction: TransferDirection) -> bool {
    let is_end_of = |whole: &str, end: &str| {
        let before = whole.strip_suffix(end);
        before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    let same = |one: &str, other: &str| is_end_of(one, other) || is_end_of(other, one);
    let (url, asked) = (url.trim_start_matches('/'), asked.trim_start_matches('/'));
    let folder = url.strip_suffix('/').or((url.is_empty()).then_some(url));
    match folder {
        Some(folder) => {
            let within = asked.rsplit_once('/').map_or("", |(within, _)| within);
            direction == TransferDirection::Upload && same(folder, within)
        }
        None => same(url, asked),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_urls_as_they_are_asked_for() {
        let path = |text| {
            Url::parse(text)
                .map(|url| path_of(&url))
                .unwrap_or_default()
        };
        assert_eq!(path("ftp://h/fw/a%20b.bin;type=i"), "fw/a b.bin");
        assert_eq!(path("ftp://u:p@h:2121//srv/a.bin"), "/srv/a.bin");
        assert_eq!(path("tftp://h/a.cfg;mode=octet"), "a.cfg");
        assert_eq!(path("ftp://h/50%.bin"), "50%.bin");
    }

    #[test]
    fn one_path_may_be_the_end_of_the_other() {
        use TransferDirection::{Download, Upload};
        for (url, asked, direction, same) in [
            ("fw/a.bin", "/fw/a.bin", Download, true),
            ("fw/a.bin", "a.bin", Download, true),
            ("fw/a.bin", "/srv/ftp/fw/a.bin", Download, true),
            ("fw/a.bin", "/other/a.bin", Download, false),
            ("fw/a.bin", "fw/aa.bin", Download, false),
            ("a.bin", "xa.bin", Download, false),
            ("logs/", "/logs/phone.log", Upload, true),
            ("logs/", "/logs/phone.log", Download, false),
            ("", "phone.log", Upload, true),
        ] {
            assert_eq!(is_same_path(url, asked, direction), same, "{url} {asked}");
        }
    }
}
