//! URLs of files, as far as rules compare them: scheme, host, port, target.

/// A URL, taken apart; not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    /// In lower case.
    pub scheme: String,
    /// In lower case, without brackets.
    pub host: String,
    pub port: u16,
    /// Path and query, at least `/`.
    pub target: String,
}

impl Url {
    /// Takes `scheme://[user@]host[:port][/target]` apart.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end)?;
        let place = authority.rsplit_once('@').map_or(authority, |(_, at)| at);
        let (host, port) = host_and_port(place)?;
        let target = target.split('#').next().unwrap_or_default();
        let root = if target.starts_with('/') { "" } else { "/" };
        Some(Self {
            port: port.or_else(|| usual_port(&scheme))?,
            host,
            target: format!("{root}{target}"),
            scheme,
        })
    }

    /// Its host is an address that many listen to.
    pub fn is_multicast(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        address.is_ok_and(|address| address.is_multicast())
    }
}

/// `host[:port]`, as in a URL and a Host header; IPv6 stands in brackets.
pub(super) fn host_and_port(text: &str) -> Option<(String, Option<u16>)> {
    let text = text.trim();
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, behind) = rest.split_once(']')?;
            (host, behind.strip_prefix(':'))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() {
        return None;
    }
    let port = port.filter(|port| !port.is_empty());
    let number = port.map(str::parse).transpose().ok()?;
    Some((host.to_ascii_lowercase(), number))
}

fn usual_port(scheme: &str) -> Option<u16> {
    let known = [
        ("http", 80),
        ("https", 443),
        ("ftp", 21),
        ("ftps", 990),
        ("sftp", 22),
        ("tftp", 69),
    ];
    let found = known.iter().find(|(name, _)| *name == scheme);
    found.map(|(_, port)| *port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let url = Url::parse("HTTP://u:p@Files.Example:8080/a/b.bin?x=1#top");
        let url = url.expect("a URL");
        assert_eq!((url.scheme.as_str(), url.port), ("http", 8080));
        assert_eq!(
            (url.host.as_str(), url.target.as_str()),
            ("files.example", "/a/b.bin?x=1")
        );
        let six = Url::parse("https://[2001:db8::1]").expect("a URL");
        assert_eq!(
            (six.host.as_str(), six.port, six.target.as_str()),
            ("2001:db8::1", 443, "/")
        );
        assert!(Url::parse("ftp://239.1.2.3/x").is_some_and(|url| url.is_multicast()));
        assert_eq!(Url::parse("files.example/a"), None);
        assert_eq!(Url::parse("http://:80/a"), None);
        assert_eq!(Url::parse("http://h:999999/a"), None);
    }
}
