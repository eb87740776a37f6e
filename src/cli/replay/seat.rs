//! Where a replay sits: the address that it listens at, or the ACS that it calls.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use super::scene::Scene;
use super::stun;
use crate::cli::arguments::ReplayCommand;
use crate::cli::exit::Trouble;
use crate::cli::output::complain;
use crate::cli::tls::{self, Calls, Listens, Written};
use crate::replay::drive::{Doorbell, FileServer, Reachable, Seat, WakeUrl};
use crate::replay::player::Target;
use crate::replay::scenario::{Act, ActionStep};

/// What the command line says, before a socket is opened.
pub(super) enum Seating {
    Acs {
        listen: SocketAddr,
        wake: Option<WakeUrl>,
        stun: Option<SocketAddr>,
        tls: Listens,
        quiet: bool,
    },
    Cpe {
        acs: WakeUrl,
        tls: Calls,
        listen: SocketAddr,
        /// The STUN server.
        stun: Option<WakeUrl>,
        impersonates: bool,
    },
}

/// The same, with its sockets.
pub(super) struct Seated {
    seat: Seat,
    key_log: Written,
    /// Where we are reached, or the ACS is.
    host: String,
    port: u16,
    path: Option<String>,
    listen: SocketAddr,
    /// Role cpe: the path that it is woken at, once there is one.
    woken_at: Option<String>,
    /// Role cpe: the STUN server.
    stun: Option<SocketAddr>,
    impersonates: bool,
    /// Role acs: where the device of the run before is woken.
    reachable: Option<Reachable>,
}

/// What a player is told of where it sits.
#[derive(Default)]
pub(super) struct Told {
    pub(super) values: BTreeMap<String, String>,
    pub(super) files: BTreeMap<String, String>,
}

impl Seating {
    pub(super) fn of(command: &ReplayCommand) -> Result<Self, Trouble> {
        let url = |option: &str, url: &str| {
            WakeUrl::read(url).map_err(|why| Trouble::Usage(format!("{option} {url}: {why}")))
        };
        match command {
            ReplayCommand::Acs(arguments) => {
                let listen = arguments.listen;
                if listen.ip().is_unspecified() {
                    return Err(Trouble::Usage(format!(
                        "--listen {listen}: give the address of this machine that the phone reaches, which redirects and \
                         the URLs of files name"
                    )));
                }
                if let Some(stun) = arguments.stun.filter(|stun| stun.ip().is_unspecified()) {
                    return Err(Trouble::Usage(format!(
                        "--stun {stun}: give the address of this machine that the phone reaches, which its answers name"
                    )));
                }
                let wake = arguments.connection_request.as_deref();
                Ok(Self::Acs {
                    listen,
                    wake: wake.map(|it| url("--connection-request", it)).transpose()?,
                    tls: tls::listening(&arguments.tls, listen.ip(), arguments.playing.timeout)?,
                    stun: arguments.stun,
                    quiet: arguments.playing.writing.quiet,
                })
            }
            ReplayCommand::Cpe(arguments) => {
                let acs = arguments.acs_url.trim();
                let (acs, https) = WakeUrl::read_acs(acs)
                    .map_err(|why| Trouble::Usage(format!("--acs-url {acs}: {why}")))?;
                let patience = arguments.playing.timeout;
                Ok(Self::Cpe {
                    tls: tls::calling(&arguments.tls, &acs, https, patience)?,
                    acs,
                    listen: arguments.listen,
                    stun: arguments.stun.as_deref().map(stun::address).transpose()?,
                    impersonates: arguments.impersonate_recorded,
                })
            }
        }
    }

    /// Opens the sockets that last over all scenarios.
    pub(super) async fn sit(self) -> Result<Seated, Trouble> {
        match self {
            Self::Acs {
                listen,
                wake,
                stun,
                tls:
                    Listens {
                        tls,
                        key_log,
                        remark,
                    },
                quiet,
            } => {
                let listener = TcpListener::bind(listen).await;
                let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
                let (address, listener) = bound.map_err(|error| {
                    Trouble::Peer(format!("cannot listen at {listen}: {error}"))
                })?;
                let stun = stun::open(stun, quiet).await?;
                if let Some(remark) = remark {
                    complain(&remark);
                }
                if !quiet {
                    let scheme = if tls.is_some() { "https" } else { "http" };
                    complain(&format!("listening at {scheme}://{address}/"));
                }
                Ok(Seated {
                    seat: Seat::Acs {
                        listener,
                        tls,
                        wake,
                        files: None,
                        stun,
                    },
                    key_log,
                    host: host(address),
                    port: address.port(),
                    path: None,
                    listen: address,
                    woken_at: None,
                    stun: None,
                    impersonates: false,
                    reachable: None,
                })
            }
            Self::Cpe {
                acs,
                tls: Calls { tls, key_log },
                listen,
                stun,
                impersonates,
            } => {
                let stun = match stun {
                    Some(stun) => Some(stun::found(&stun, listen).await?),
                    None => None,
                };
                let address = acs
                    .resolve()
                    .await
                    .map_err(|why| Trouble::Peer(format!("the ACS is not found: {why}")))?;
                let host = if acs.host.contains(':') {
                    format!("[{}]", acs.host)
                } else {
                    acs.host.clone()
                };
                Ok(Seated {
                    seat: Seat::Cpe {
                        acs: address,
                        tls,
                        doorbell: None,
                    },
                    key_log,
                    host,
                    port: acs.port,
                    path: Some(acs.path),
                    listen,
                    woken_at: None,
                    stun,
                    impersonates,
                    reachable: None,
                })
            }
        }
    }
}

impl Seated {
    pub(super) fn seat(&mut self) -> &mut Seat {
        &mut self.seat
    }

    /// Where TLS ends of which the packets of a run know nothing.
    pub(super) fn opened(&self) -> Option<SocketAddr> {
        match &self.seat {
            Seat::Acs { tls, .. } => tls.as_ref().map(|_| self.listen),
            Seat::Cpe { tls, acs, .. } => tls.as_ref().map(|_| *acs),
        }
    }

    /// What went wrong with the key log.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.key_log.trouble()
    }

    pub(super) fn impersonates(&self) -> bool {
        self.impersonates
    }

    /// The longest that role cpe asks for its binding before it begins.
    pub(super) fn finds_binding(&self) -> Duration {
        match self.stun {
            Some(_) => STUN_MAX,
            None => Duration::ZERO,
        }
    }

    /// Where the device of the run before is woken (role acs), as it said last.
    pub(super) fn remember(&mut self, reachable: Option<Reachable>) {
        if let Some(reachable) = reachable {
            self.reachable = Some(reachable);
        }
    }

    /// Who is served next (role acs), where that is known: where another device is woken is of no use for it.
    pub(super) fn serves(&mut self, device: Option<&str>) {
        let is_other = |it: &Reachable| device.is_some_and(|device| it.device != device);
        self.reachable.take_if(|it| is_other(it));
        if let Seat::Acs { wake, .. } = &mut self.seat
            && wake.as_ref().is_none_or(WakeUrl::is_of_device)
        {
            *wake = self.reachable.as_ref().map(|it| it.host.clone());
        }
    }

    /// Our own authorities (role acs).
    pub(super) fn own(&self) -> Vec<String> {
        match self.seat {
            Seat::Acs { .. } => vec![self.listen.to_string()],
            Seat::Cpe { .. } => Vec::new(),
        }
    }

    /// Where we are reached (role acs), or the ACS (role cpe).
    pub(super) fn target(&self, scene: &Scene) -> Target {
        let recorded = scene.scenario.identity.acs_path.clone();
        let path = self.path.clone().or(recorded);
        Target {
            https: self.opened().is_some(),
            host: self.host.clone(),
            port: self.port,
            path: path.unwrap_or_else(|| "/".to_owned()),
        }
    }

    /// Opens what this scenario needs beside: a file server, or a place to be woken at.
    pub(super) async fn prepare(&mut self, scene: &Scene) -> Result<Told, Trouble> {
        let trouble = |error: std::io::Error| Trouble::Peer(format!("cannot listen: {error}"));
        let mut told = Told::default();
        match &mut self.seat {
            Seat::Acs {
                files, wake, stun, ..
            } => {
                if let Some(stun) = stun {
                    let binding = stun::begin(stun, scene)?;
                    told.values
                        .extend(binding.map(|any| (WAKE_UDP.to_owned(), any)));
                }
                *files = FileServer::of(&scene.scenario, self.listen.ip())
                    .await
                    .map_err(trouble)?;
                if let Some(files) = files {
                    told.files = files.urls().map_err(trouble)?;
                }
                for (name, value) in self.reachable.iter().flat_map(addresses) {
                    // What the command line sets is not what a device said.
                    if !scene.values.contains_key(name) {
                        told.values.insert(name.to_owned(), value.clone());
                    }
                }
                if let Some(wake) = wake.as_ref().filter(|wake| !wake.is_of_device()) {
                    let url = format!("http://{}{}", wake.authority(), wake.path);
                    told.values.insert(WAKE_URL.to_owned(), url);
                }
            }
            Seat::Cpe { doorbell, .. } => {
                *doorbell = None;
                let asks = self.stun.is_some().then_some(None);
                if let Some(account) = woken(scene).or(asks) {
                    // Also where nobody is waited for: a recorded address in an Inform would have somebody else woken.
                    let mut bell = Doorbell::at(self.listen, account).await.map_err(trouble)?;
                    if let Some(path) = &self.woken_at {
                        bell = bell.at_path(path.clone());
                    }
                    if let Some(stun) = self.stun {
                        let cpe = stun::device(scene, stun)?;
                        bell.keep_binding(cpe, stun::is_needed(scene));
                    }
                    let url = bell.url().map_err(trouble)?;
                    if let Ok(url) = WakeUrl::read(&url) {
                        // What one scenario told of it holds in the next.
                        self.listen.set_port(url.port);
                        self.woken_at = Some(url.path);
                    }
                    told.values.insert(WAKE_URL.to_owned(), url);
                    if let Some(address) = bell.udp_address() {
                        told.values.insert(WAKE_UDP.to_owned(), address.to_string());
                    }
                    *doorbell = Some(bell);
                }
            }
        }
        Ok(told)
    }
}

/// Whether a scenario waits to be woken, or tells where, and by whom: user and password, where it asks for them.
fn woken(scene: &Scene) -> Option<Option<(String, String)>> {
    let waits = scene
        .scenario
        .steps
        .iter()
        .find_map(|step| match &step.act {
            Act::Action(ActionStep::ConnectionRequest {
                username, password, ..
            }) => {
                let filled = |text: &Option<String>| text.as_deref().map(|text| scene.filled(text));
                Some(filled(username).zip(filled(password)))
            }
            _ => None,
        });
    let tells = [WAKE_URL, WAKE_UDP].map(|name| scene.scenario.vars.contains_key(name));
    waits.or(tells.contains(&true).then_some(None))
}

/// Where a device is woken, by the names that scenarios have for it.
fn addresses(reachable: &Reachable) -> impl Iterator<Item = (&'static str, &String)> {
    let url = reachable.url.iter().map(|url| (WAKE_URL, url));
    url.chain(reachable.udp.iter().map(|udp| (WAKE_UDP, udp)))
}

fn host(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

/// A request that nobody answers takes 9.5 s (RFC 3489 section 9.3); one may be refused before.
const STUN_MAX: Duration = Duration::from_secs(20);
const WAKE_URL: &str = "connection_request_url";
pub(super) const WAKE_UDP: &str = "udp_connection_request_address";
