//! STUN of a replay, as the command line and `[stun]` of a scenario have it.

use std::net::SocketAddr;

use super::scene::Scene;
use super::seat::WAKE_UDP;
use crate::cli::exit::Trouble;
use crate::cli::output::complain;
use crate::replay::binding::{Account, Cpe, Setting};
use crate::replay::drive::{self, ANY_BINDING, StunServer, WakeUrl};
use crate::replay::scenario::{Act, ActionStep, Via};
use crate::replay::template;

/// Reads `--stun HOST[:PORT]`.
pub(super) fn address(text: &str) -> Result<WakeUrl, Trouble> {
    let usage = |why: &str| Trouble::Usage(format!("--stun {text}: {why}"));
    let mut address = WakeUrl::read(text).map_err(|why| usage(&why))?;
    if address.path != "/" || text.contains('/') {
        return Err(usage("give a host, and its port where that is not 3478"));
    }
    let has_port = text
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && !port.ends_with(']'));
    if !has_port {
        address.port = PORT;
    }
    Ok(address)
}

/// Where the STUN server is; a place that `--listen` does not reach is no use.
pub(super) async fn found(stun: &WakeUrl, listen: SocketAddr) -> Result<SocketAddr, Trouble> {
    let found = stun.resolve().await;
    let address =
        found.map_err(|why| Trouble::Peer(format!("the STUN server is not found: {why}")))?;
    if listen.ip().is_loopback() && !address.ip().is_loopback() {
        return Err(Trouble::Usage(format!(
            "--stun {address} is not reached from --listen {listen}: give the address of this machine that the ACS reaches"
        )));
    }
    if listen.is_ipv4() != address.is_ipv4() {
        return Err(Trouble::Usage(format!(
            "--stun {address} is not reached from --listen {listen}: one is IPv4, the other IPv6"
        )));
    }
    Ok(address)
}

/// Opens the STUN server of role acs, where one is wanted.
pub(super) async fn open(
    stun: Option<SocketAddr>,
    quiet: bool,
) -> Result<Option<StunServer>, Trouble> {
    let Some(address) = stun else {
        return Ok(None);
    };
    let opened = StunServer::at(address).await;
    let stun = opened
        .map_err(|error| Trouble::Peer(format!("cannot listen at {address} by UDP: {error}")))?;
    if !quiet {
        let [primary, secondary] = stun.addresses();
        complain(&format!("STUN at {primary}, and {secondary}"));
    }
    Ok(Some(stun))
}

/// Tells the STUN server whom a scenario knows; what stands for the address of a device that has not told one.
pub(super) fn begin(stun: &mut StunServer, scene: &Scene) -> Result<Option<String>, Trouble> {
    let account = account(scene)?;
    let setting = scene.scenario.stun.as_ref();
    stun.begin(account, setting.is_some_and(|it| it.challenge));
    let is_given = scene.values.contains_key(WAKE_UDP);
    Ok((wakes_by_udp(scene) && !is_given).then(|| ANY_BINDING.to_owned()))
}

/// What keeps the binding of role cpe.
pub(super) fn device(scene: &Scene, stun_server: SocketAddr) -> Result<Cpe, Trouble> {
    let stun = scene.scenario.stun.clone().unwrap_or_default();
    let setting = Setting {
        stun_server,
        form: stun.form,
        account: account(scene)?,
        keep_alive: stun.keep_alive,
    };
    Ok(Cpe::new(setting, Box::new(drive::random)))
}

/// Does the scenario tell where the device has its binding, or wait to be woken there?
pub(super) fn is_needed(scene: &Scene) -> bool {
    let files = scene.scenario.files.values();
    let tells = files
        .flat_map(|file| template::names(file))
        .any(|name| name == WAKE_UDP);
    tells || wakes_by_udp(scene)
}

fn wakes_by_udp(scene: &Scene) -> bool {
    let mut steps = scene.scenario.steps.iter();
    steps.any(|step| {
        matches!(
            step.act,
            Act::Action(ActionStep::ConnectionRequest { via: Via::Udp, .. })
        )
    })
}

/// User and password of `[stun]`, filled.
fn account(scene: &Scene) -> Result<Option<Account>, Trouble> {
    let Some(stun) = &scene.scenario.stun else {
        return Ok(None);
    };
    let texts = [&stun.username, &stun.password];
    for text in texts.into_iter().flatten() {
        if let Some(name) = template::names(text.as_bytes()).find(|name| !scene.knows(name)) {
            return Err(Trouble::Usage(format!(
                "{}: [stun]: the placeholder {{{{{name}}}}} has no value; {}, or give it with --set {name}=VALUE",
                scene.path.display(),
                scene.scenario.remedy(name)
            )));
        }
    }
    Ok(stun.username.as_deref().map(|username| Account {
        username: scene.filled(username),
        password: stun.password.as_deref().map(|text| scene.filled(text)),
    }))
}

/// RFC 3489 section 9.1.
const PORT: u16 = 3478;
