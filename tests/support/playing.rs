//! One run of a scenario over loopback, as the program makes it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use informant::replay::action::WireEvent;
use informant::replay::audit::Audit;
use informant::replay::drive::{self, Clock, Drive, Played, Seat, WakeUrl};
use informant::replay::guard::Guard;
use informant::replay::player::{DeviceIdentity, Player, PlayerSetting, Speed, Target};
use informant::replay::scenario::{Role, Scenario};
use tokio::net::TcpListener;

/// How a run is set up beside its scenario.
pub struct Setting {
    pub guard: Guard,
    pub timeout: Duration,
    pub limit: Duration,
    pub wake: Option<WakeUrl>,
    pub values: BTreeMap<String, String>,
    pub files: BTreeMap<String, String>,
    pub path: String,
    pub impersonates: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            guard: Guard::default(),
            timeout: Duration::from_millis(300),
            limit: Duration::from_secs(20),
            wake: None,
            values: BTreeMap::new(),
            files: BTreeMap::new(),
            path: "/acs".to_owned(),
            impersonates: false,
        }
    }
}

/// Runs on one thread, as the program does.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(future)
}

pub async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// Plays a scenario, and gives every byte of the wire too.
pub async fn play(
    scenario: &Scenario,
    mut seat: Seat,
    target: SocketAddr,
    setting: Setting,
) -> (Played, Vec<WireEvent>) {
    let clock = Clock::start();
    let https = match &seat {
        Seat::Acs { tls, .. } => tls.is_some(),
        Seat::Cpe { tls, .. } => tls.is_some(),
    };
    let player = PlayerSetting {
        values: setting.values,
        device: DeviceIdentity::of_id("001565-T46-1")
            .filter(|_| scenario.role == Role::Cpe && !setting.impersonates),
        impersonate_recorded: setting.impersonates,
        target: Target {
            https,
            host: target.ip().to_string(),
            port: target.port(),
            path: setting.path,
        },
        speed: Speed::Max,
        timeout: Some(setting.timeout),
        files: setting.files,
        random: Box::new(drive::random),
        wall_clock: Box::new(move |now| clock.wall(now)),
    };
    let player = Player::new(Arc::new(scenario.clone()), "test", player).expect("playable");
    let mut events = Vec::new();
    let mut audit = Audit::nowhere();
    let mut on_event = |event| events.push(event);
    let drive = Drive {
        name: "test",
        guard: setting.guard,
        audit: &mut audit,
        on_event: &mut on_event,
        limit: setting.limit,
        clock,
        interrupt: &mut drive::Interrupt::listen(),
    };
    let played = drive::play(player, &mut seat, drive).await;
    (played, events)
}
