//! Where Connection Requests may go. A recorded address is never one of them.

use std::net::{IpAddr, SocketAddr};

use crate::replay::player::Informs;

/// The address of a device's Connection Requests, as the command line gives it or the live device told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WakeUrl {
    /// A name, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query, from the slash.
    pub path: String,
    /// The device told it: it allows the device's host, and any URL there may be the one by now.
    of_device: bool,
}

/// Where a device is woken, as its last Inform says, with the host that it came from: a scenario may begin with a Connection Request
/// to the device that the one before played with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reachable {
    /// `OUI[-ProductClass]-SerialNumber`.
    pub device: String,
    /// Where it came from.
    pub host: WakeUrl,
    /// `ManagementServer.ConnectionRequestURL`.
    pub url: Option<String>,
    /// `ManagementServer.UDPConnectionRequestAddress`.
    pub udp: Option<String>,
}

impl Reachable {
    pub(super) fn of(informs: &Informs, from: IpAddr) -> Self {
        let host = WakeUrl {
            host: from.to_canonical().to_string(),
            port: 80,
            path: "/".to_owned(),
            of_device: true,
        };
        let allowed = |told: &Option<String>| {
            let told = told.clone()?;
            allowed(&told, Some(&host), None, false).ok().map(|_| told)
        };
        Self {
            device: informs.device.clone(),
            url: allowed(&informs.connection_request_url),
            udp: allowed(&informs.udp_connection_request_address),
            host,
        }
    }
}

impl WakeUrl {
    /// Reads `http://host[:port][/path]`, or `host:port`.
    ///
    /// # Errors
    ///
    /// With what is wrong with it.
    pub fn read(url: &str) -> Result<Self, String> {
        let rest = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) => return Err(format!("it goes by http, not {scheme}")),
            None => url,
        };
        Self::behind_scheme(rest, 80)
    }

    /// Reads the URL of an ACS, and whether it begins with https.
    ///
    /// # Errors
    ///
    /// With what is wrong with it.
    pub fn read_acs(url: &str) -> Result<(Self, bool), String> {
        match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => {
                Ok((Self::behind_scheme(rest, 443)?, true))
            }
            Some((scheme, _)) if !scheme.eq_ignore_ascii_case("http") => {
                Err(format!("it goes by http or https, not {scheme}"))
            }
            _ => Ok((Self::read(url)?, false)),
        }
    }

    fn behind_scheme(rest: &str, usual_port: u16) -> Result<Self, String> {
        if rest.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err("a URL holds no blanks".to_owned());
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err("a user stands in the URL".to_owned());
        }
        let (host, port) = split(authority, usual_port).ok_or("its host or port cannot be read")?;
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            host: host.to_owned(),
            port,
            path: format!("{slash}{path}"),
            of_device: false,
        })
    }

    /// Does the device's own host tell where a device is woken?
    #[must_use]
    pub fn is_of_device(&self) -> bool {
        self.of_device
    }

    fn is_at(&self, told: &Self) -> bool {
        let address = |url: &Self| url.host.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
        self.host == told.host || address(self).is_some() && address(self) == address(told)
    }

    /// Host and port, as a Host header has them.
    #[must_use]
    pub fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        }
    }

    /// Where it is; names are looked up.
    ///
    /// # Errors
    ///
    /// Where a name has no address.
    pub async fn resolve(&self) -> Result<SocketAddr, String> {
        if let Ok(ip) = self.host.parse::<IpAddr>() {
            return Ok(SocketAddr::new(ip, self.port));
        }
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        match found.map(|mut found| found.next()) {
            Ok(Some(address)) => Ok(address),
            Ok(None) => Err(format!("{} has no address", self.host)),
            Err(error) => Err(format!("{}: {error}", self.host)),
        }
    }
}

/// Where a Connection Request may go: to what the command line names, or to the host that the device itself came from.
///
/// # Errors
///
/// With the reason, where it may not go anywhere.
pub(super) fn allowed(
    told: &str,
    named: Option<&WakeUrl>,
    live: Option<IpAddr>,
    udp: bool,
) -> Result<WakeUrl, String> {
    match named {
        Some(named) if !udp && !named.of_device => return Ok(named.clone()),
        _ => {}
    }
    let told = WakeUrl::read(told).map_err(|why| format!("the Connection Request URL: {why}"))?;
    let host = told.host.parse::<IpAddr>().ok();
    let is_live =
        host.is_some() && host.map(|ip| ip.to_canonical()) == live.map(|ip| ip.to_canonical());
    if is_live || named.is_some_and(|named| named.is_at(&told)) {
        return Ok(told);
    }
    Err(format!(
        "a Connection Request to {} goes to another host than the device came from; \
         --connection-request URL allows it",
        told.host
    ))
}

fn split(authority: &str, usual_port: u16) -> Option<(&str, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(inside) => {
            let (host, behind) = inside.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (
                host,
                behind
                    .strip_prefix(':')
                    .or(behind.is_empty().then_some(""))?,
            )
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let port = match port {
        "" => usual_port,
        port => port.parse().ok()?,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    (!host.is_empty() && host.chars().all(plain)).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::{Informs, Reachable, WakeUrl, allowed};

    #[test]
    fn urls_are_read() {
        let read = |url| WakeUrl::read(url).map(|url| (url.authority(), url.path));
        assert_eq!(
            read("http://10.0.0.2:7547/cr?x"),
            Ok(("10.0.0.2:7547".to_owned(), "/cr?x".to_owned()))
        );
        assert_eq!(
            read("http://[2001:db8::1]"),
            Ok(("[2001:db8::1]:80".to_owned(), "/".to_owned()))
        );
        assert_eq!(
            read("10.0.0.2:50000"),
            Ok(("10.0.0.2:50000".to_owned(), "/".to_owned()))
        );
        let read = |url| WakeUrl::read_acs(url).map(|(url, https)| (url.authority(), https));
        assert_eq!(
            read("HTTPS://acs.example/x"),
            Ok(("acs.example:443".to_owned(), true))
        );
        assert_eq!(
            read("https://[::1]:7548"),
            Ok(("[::1]:7548".to_owned(), true))
        );
        assert_eq!(
            read("acs.example"),
            Ok(("acs.example:80".to_owned(), false))
        );
        assert!(read("ftp://acs.example/").is_err() && read("https://u@h/").is_err());
        for bad in [
            "",
            "ftp://a/",
            "http://u@h/",
            "http://h:x/",
            "http://a b/",
            "http://[x]/",
        ] {
            assert!(WakeUrl::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_recorded_host_is_not_reached() {
        let live = Some([10, 0, 0, 2].into());
        assert!(allowed("http://10.0.0.2:7547/cr", None, live, false).is_ok());
        assert!(allowed("http://10.0.0.3:7547/cr", None, live, false).is_err());
        assert!(allowed("http://10.0.0.2:7547/cr", None, None, false).is_err());
        assert!(allowed("http://phone.example/cr", None, live, false).is_err());
        let named = WakeUrl::read("http://10.9.9.9:1/x").expect("a URL");
        assert_eq!(
            allowed("http://10.0.0.3/", Some(&named), live, false),
            Ok(named.clone())
        );
        assert!(allowed("10.0.0.3:50000", Some(&named), live, true).is_err());
        assert!(allowed("10.9.9.9:50000", Some(&named), live, true).is_ok());
    }

    #[test]
    fn what_a_device_told_is_kept_where_it_leads_to_its_own_host() {
        let informs = |url: &str, udp: &str| Informs {
            device: "001565-1".to_owned(),
            events: Vec::new(),
            connection_request_url: Some(url.to_owned()),
            udp_connection_request_address: Some(udp.to_owned()),
        };
        let reachable = |url, udp, from: [u8; 4]| {
            let told = Reachable::of(&informs(url, udp), from.into());
            (told.url, told.udp, told.host)
        };
        let (url, udp, host) = reachable("http://10.0.0.2:7547/a", "10.0.0.9:5000", [10, 0, 0, 2]);
        assert_eq!(url.as_deref(), Some("http://10.0.0.2:7547/a"));
        assert_eq!(udp, None);
        // The path may be another by now, the host not.
        let now = allowed("http://10.0.0.2:7548/b", Some(&host), None, false);
        assert_eq!(
            now.map(|url| (url.port, url.path)),
            Ok((7548, "/b".to_owned()))
        );
        assert!(allowed("http://10.0.0.3:7548/b", Some(&host), None, false).is_err());
        let (url, ..) = reachable("http://10.0.0.2:7547/a", "", [10, 0, 0, 3]);
        assert_eq!(url, None);
    }
}
