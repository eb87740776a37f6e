//! A recorded session as two scenarios that are played against each other over loopback.

#![allow(dead_code, reason = "each test uses its part")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use informant::replay::drive::{Doorbell, FileServer, Seat, WakeUrl};
use informant::replay::guard::Guard;
use informant::replay::record::{RecordSetting, Recorded, Recording, record};
use informant::replay::scenario::{Act, ActionStep, Class, Role, Scenario};
use informant::report::paint::Look;
use informant::report::{Run, text};
use informant::session::{Masking, Replayed};
use informant::source::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::playing::{Setting, block_on, listener, play};

const ALL: [Class; 3] = [Class::Set, Class::Disrupt, Class::Destroy];

pub fn scenario_of(recording: &Recording, role: Role) -> Option<Scenario> {
    let recorded: Result<Recorded, _> = record(recording, role, &RecordSetting::default());
    let mut scenario = recorded.ok()?.scenario;
    scenario.safety.allow = ALL.to_vec();
    Some(scenario)
}

/// Whether a device waits to be woken, and then whether it asks for credentials.
pub fn wakes(scenario: &Scenario) -> Option<bool> {
    scenario.steps.iter().find_map(|step| match &step.act {
        Act::Action(ActionStep::ConnectionRequest { username, .. }) => Some(username.is_some()),
        _ => None,
    })
}

/// The maker that the recorded Inform names, which an id does not tell.
pub fn maker(recording: &Recording) -> String {
    let messages = recording.sessions.iter().flat_map(|it| &it.messages);
    let informs = messages.filter_map(|message| message.soap.as_ref()?.inform());
    let mut makers = informs.map(|inform| inform.device_id().manufacturer.trim().to_owned());
    makers.next().unwrap_or_default()
}

/// What stands between the two.
#[derive(Debug, Clone, Copy)]
pub enum Between {
    Nothing,
    /// Pieces of so many bytes, each after others had their turn.
    Pieces(usize),
    /// The same, each a little later.
    SlowPieces(usize),
    /// Both directions end behind so many bytes.
    CutsBehind(usize),
}

/// So much of each direction comes in pieces as small as they are wanted.
const SMALL_PIECES_BYTES: usize = 20_000;
const WHOLE_BYTES: usize = 1448;

/// Passes bytes on, in its own way.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, between: Between) {
    let (size, mut left) = match between {
        Between::Nothing => (4096, usize::MAX),
        Between::Pieces(size) | Between::SlowPieces(size) => (size, usize::MAX),
        Between::CutsBehind(left) => (4096, left),
    };
    let mut pace = tokio::time::interval(Duration::from_millis(1));
    let mut room = vec![0; size.max(WHOLE_BYTES)];
    let mut passed = 0;
    // A million bytes one by one would only show how fast a system call is.
    let piece = |passed| match passed {
        0..SMALL_PIECES_BYTES => size,
        _ => size.max(WHOLE_BYTES),
    };
    while let Ok(count @ 1..) = from.read(&mut room[..piece(passed)]).await {
        let count = count.min(left);
        passed += count;
        if to.write_all(&room[..count]).await.is_err() {
            return;
        }
        left -= count;
        if left == 0 {
            return;
        }
        if let Between::SlowPieces(_) = between {
            pace.tick().await;
        }
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }
}

/// A proxy before an address, for as long as it is awaited.
async fn proxy(listener: TcpListener, address: SocketAddr, between: Between) {
    while let Ok((near, _)) = listener.accept().await {
        let Ok(far) = TcpStream::connect(address).await else {
            return;
        };
        let _ = (near.set_nodelay(true), far.set_nodelay(true));
        let (near_in, near_out) = near.into_split();
        let (far_in, far_out) = far.into_split();
        tokio::spawn(pass(near_in, far_out, between));
        tokio::spawn(pass(far_in, near_out, between));
    }
}

/// Plays both sides against each other.
pub fn pair(acs: &Scenario, cpe: &Scenario, maker: &str, between: Between) -> (Replayed, Replayed) {
    let secrets = || {
        let names = acs.vars.keys().chain(cpe.vars.keys());
        let mut values: BTreeMap<String, String> = names
            .filter(|name| name.contains("password") || name.contains("username"))
            .map(|name| (name.clone(), format!("the-{name}")))
            .collect();
        for scenario in [acs, cpe] {
            for (name, variable) in &scenario.vars {
                if matches!(
                    variable,
                    informant::replay::scenario::Variable::Secret { .. }
                ) {
                    values.insert(name.clone(), format!("the-{name}"));
                }
            }
        }
        values.insert("device.manufacturer".to_owned(), maker.to_owned());
        values
    };
    let path = acs
        .identity
        .acs_path
        .clone()
        .unwrap_or_else(|| "/".to_owned());
    let device = cpe.identity.device.clone();
    let guard = || Guard::new(&ALL, &ALL, device.as_deref());
    let timeout = match between {
        Between::CutsBehind(_) => Duration::from_millis(200),
        // Some hundred thousand bytes one by one, of many at once.
        _ => Duration::from_secs(60),
    };
    let limit = timeout.saturating_mul(3);
    block_on(async {
        let (door, near) = listener().await;
        let (listener, address) = listener().await;
        let mut ours = Setting {
            guard: guard(),
            timeout,
            limit,
            values: secrets(),
            path: path.clone(),
            ..Setting::default()
        };
        let mut theirs = Setting {
            guard: guard(),
            timeout,
            limit,
            values: secrets(),
            path,
            impersonates: true,
            ..Setting::default()
        };
        let mut doorbell = None;
        if let Some(has_account) = wakes(cpe) {
            let [user, password] =
                ["username", "password"].map(|it| format!("the-connection_request_{it}"));
            let account = has_account.then_some((user, password));
            let bell = Doorbell::at(([127, 0, 0, 1], 0).into(), account)
                .await
                .expect("loopback");
            let url = bell.url().expect("an address");
            ours.wake = WakeUrl::read(&url).ok();
            for values in [&mut ours.values, &mut theirs.values] {
                values.insert("connection_request_url".to_owned(), url.clone());
                let udp = bell.udp_address().expect("an address").to_string();
                values.insert("udp_connection_request_address".to_owned(), udp);
            }
            doorbell = Some(bell);
        }
        let files = FileServer::of(acs, address.ip()).await.expect("loopback");
        ours.files = files
            .as_ref()
            .map(|files| files.urls().expect("an address"))
            .unwrap_or_default();
        let seat = Seat::Acs {
            listener,
            tls: None,
            wake: ours.wake.clone(),
            files,
            stun: None,
        };
        let other = Seat::Cpe {
            acs: near,
            tls: None,
            doorbell,
        };
        let proxy = tokio::spawn(proxy(door, address, between));
        let ((acs, _), (cpe, _)) = tokio::join!(
            play(acs, seat, address, ours),
            play(cpe, other, address, theirs)
        );
        proxy.abort();
        (acs.replayed, cpe.replayed)
    })
}

/// The page of a run.
pub fn told(replayed: &Replayed) -> String {
    let look = Look {
        width: 200,
        colour: false,
        unicode: false,
    };
    let run = Run {
        replayed,
        number: 1,
        of: 1,
        began: Timestamp::default(),
        last_frame: 0,
    };
    text::replayed(&run, look, Masking::default())
}
