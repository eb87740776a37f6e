//! Who is who: device ids, cookies, ACS URLs.

use std::net::SocketAddr;

pub(super) use crate::session::device::device_id;

/// The pairs of a Cookie header.
pub(super) fn cookies(value: &[u8]) -> impl Iterator<Item = String> {
    value
        .split(|&byte| byte == b';')
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty() && !pair.starts_with(b"$"))
        .filter(|pair| pair.len() <= COOKIE_BYTES_MAX)
        .map(|pair| String::from_utf8_lossy(pair).into_owned())
}

/// The pair that a Set-Cookie header sets (RFC 6265 section 4.1).
pub(super) fn set_cookie(value: &[u8]) -> Option<String> {
    let pair = value.split(|&byte| byte == b';').next()?.trim_ascii();
    let is_kept = (1..=COOKIE_BYTES_MAX).contains(&pair.len());
    is_kept.then(|| String::from_utf8_lossy(pair).into_owned())
}

/// A URL's host, port and path with query, as far as it has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub scheme: Scheme,
    pub host: String,
    pub port: u16,
    pub target: String,
}

/// What a URL is fetched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// With TLS or without.
    Http,
    Ftp,
    Tftp,
}

impl Url {
    /// Reads an absolute http, https, ftp or tftp URL; userinfo and fragment are left out.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > URL_BYTES_MAX {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Scheme::Http, 80),
            "https" => (Scheme::Http, 443),
            "ftp" => (Scheme::Ftp, 21),
            "tftp" => (Scheme::Tftp, 69),
            _ => return None,
        };
        let split = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(split);
        let authority = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && !port.ends_with(']') => (
                host,
                if port.is_empty() {
                    default_port
                } else {
                    port.parse().ok()?
                },
            ),
            _ => (authority, default_port),
        };
        let path = path.split('#').next().unwrap_or_default();
        let target = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        Some(Self {
            scheme,
            host: host.trim_matches(['[', ']']).to_ascii_lowercase(),
            port,
            target,
        })
    }
}

impl Url {
    /// The endpoint, where the host is an address.
    pub fn address(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.host.parse().ok()?, self.port))
    }
}

/// Bytes of a cookie's name and value that are kept: browsers take 4096 (RFC 6265 section 6.1).
const COOKIE_BYTES_MAX: usize = 8 << 10;
/// Bytes of a URL that something may be fetched from: servers take no longer ones.
const URL_BYTES_MAX: usize = 8 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_read_as_devices_send_them() {
        assert_eq!(
            cookies(b"ID=1; path=/").collect::<Vec<_>>(),
            ["ID=1", "path=/"]
        );
        assert_eq!(
            set_cookie(b"session=5; Path=/; HttpOnly").as_deref(),
            Some("session=5")
        );
        assert_eq!(set_cookie(b"  "), None);
    }

    #[test]
    fn urls_are_split() {
        let url = |text| Url::parse(text).map(|url| (url.host, url.port, url.target));
        let is = |host: &str, port, target: &str| Some((host.to_owned(), port, target.to_owned()));
        assert_eq!(
            url("http://10.0.0.1:7547/cr?a=b#c"),
            is("10.0.0.1", 7547, "/cr?a=b")
        );
        assert_eq!(url("https://u:p@Host"), is("host", 443, "/"));
        assert_eq!(url("http://[2001:db8::1]:80/"), is("2001:db8::1", 80, "/"));
        assert_eq!(url("http://[2001:db8::1]"), is("2001:db8::1", 80, "/"));
        assert_eq!(url("no url"), None);
        assert_eq!(url("http://a:x/"), None);
    }
}
