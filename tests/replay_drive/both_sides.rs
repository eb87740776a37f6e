//! Recorded sessions, each made into two scenarios that are played against each other over loopback.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use informant::pipeline::Options;
use informant::replay::drive::{Doorbell, FileServer, Seat, WakeUrl};
use informant::replay::guard::Guard;
use informant::replay::record::{
    RecordSetting, Recorded, RecordedSession, Recording, Wake, record,
};
use informant::replay::scenario::{Act, ActionStep, Class, Role, Scenario};
use informant::report::paint::Look;
use informant::report::text;
use informant::session::{Masking, Message, ReplayVerdict, Replayed, Role as Purpose};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::support::{analyse_files, shared};
use super::{Setting, block_on, play};

const ALL: [Class; 3] = [Class::Set, Class::Disrupt, Class::Destroy];

/// Each session of a capture as a recording of its own.
fn recordings(path: &Path) -> Vec<Recording> {
    let mut options = Options {
        messages: true,
        datagrams: true,
        ..Options::default()
    };
    options.limits.other_body_bytes_max = 1 << 24;
    let analysis = analyse_files(&[path], &options);
    let mut own: BTreeMap<u32, Vec<Message>> = BTreeMap::new();
    let mut legs: BTreeMap<u32, Vec<Message>> = BTreeMap::new();
    let mut transfers: BTreeMap<u32, Vec<Message>> = BTreeMap::new();
    for message in analysis.messages {
        match (message.role, message.session) {
            (Purpose::Cwmp, Some(session)) => own.entry(session).or_default().push(message),
            (Purpose::ConnectionRequest, Some(session)) => {
                legs.entry(session).or_default().push(message);
            }
            (Purpose::Transfer, _) => {
                if let Some(session) = message.caused_by.as_ref().map(|cause| cause.session) {
                    transfers.entry(session).or_default().push(message);
                }
            }
            _ => {}
        }
    }
    let recording = |session: informant::session::Session| {
        let number = session.number;
        let requests = &analysis.connection_requests;
        let request = requests.iter().find(|it| it.session == Some(number));
        let legs = legs.remove(&number).unwrap_or_default();
        let datagrams: Vec<_> = analysis
            .datagrams
            .iter()
            .filter(|datagram| datagram.session == Some(number))
            .collect();
        Recording {
            sha256: None,
            transfers: transfers.remove(&number).unwrap_or_default(),
            sessions: vec![RecordedSession {
                wake: request.map(|request| Wake::of(request, &legs, &datagrams)),
                messages: own.remove(&number).unwrap_or_default(),
                session,
            }],
        }
    };
    analysis.sessions.into_iter().map(recording).collect()
}

fn scenario_of(recording: &Recording, role: Role) -> Option<Scenario> {
    let recorded: Result<Recorded, _> = record(recording, role, &RecordSetting::default());
    let mut scenario = recorded.ok()?.scenario;
    scenario.safety.allow = ALL.to_vec();
    Some(scenario)
}

/// Whether a device waits to be woken, and then whether it asks for credentials.
fn wakes(scenario: &Scenario) -> Option<bool> {
    scenario.steps.iter().find_map(|step| match &step.act {
        Act::Action(ActionStep::ConnectionRequest { username, .. }) => Some(username.is_some()),
        _ => None,
    })
}

/// The maker that the recorded Inform names, which an id does not tell.
fn maker(recording: &Recording) -> String {
    let messages = recording.sessions.iter().flat_map(|it| &it.messages);
    let informs = messages.filter_map(|message| message.soap.as_ref()?.inform());
    let mut makers = informs.map(|inform| inform.device_id().manufacturer.trim().to_owned());
    makers.next().unwrap_or_default()
}

/// What stands between the two.
#[derive(Debug, Clone, Copy)]
enum Between {
    Nothing,
    /// Pieces of so many bytes, each after others had their turn.
    Pieces(usize),
    /// Both directions end behind so many bytes.
    CutsBehind(usize),
}

/// Passes bytes on, in its own way.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, between: Between) {
    let (size, mut left) = match between {
        Between::Nothing => (4096, usize::MAX),
        Between::Pieces(size) => (size, usize::MAX),
        Between::CutsBehind(left) => (4096, left),
    };
    let mut room = vec![0; size];
    while let Ok(count @ 1..) = from.read(&mut room).await {
        let count = count.min(left);
        if to.write_all(&room[..count]).await.is_err() {
            return;
        }
        left -= count;
        if left == 0 {
            return;
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
fn pair(acs: &Scenario, cpe: &Scenario, maker: &str, between: Between) -> (Replayed, Replayed) {
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
        Between::CutsBehind(_) => std::time::Duration::from_millis(500),
        _ => std::time::Duration::from_secs(5),
    };
    block_on(async {
        let (door, near) = super::listener().await;
        let (listener, address) = super::listener().await;
        let mut ours = Setting {
            guard: guard(),
            timeout,
            values: secrets(),
            path: path.clone(),
            ..Setting::default()
        };
        let mut theirs = Setting {
            guard: guard(),
            timeout,
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

pub fn peers() -> Vec<PathBuf> {
    let Some(folder) = shared("captures/peers") else {
        return Vec::new();
    };
    let files = std::fs::read_dir(folder).expect("the folder is readable");
    let mut paths: Vec<PathBuf> = files
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|it| it == "pcap"))
        .collect();
    paths.sort();
    paths
}

/// All sessions of the peers, with what stands between; what each side's verdict was.
fn all(between: Between) -> Vec<(String, [Replayed; 2])> {
    let mut played = Vec::new();
    for path in peers() {
        for recording in recordings(&path) {
            let number = recording.sessions[0].session.number;
            let acs = scenario_of(&recording, Role::Acs);
            let cpe = scenario_of(&recording, Role::Cpe);
            let (Some(acs), Some(cpe)) = (acs, cpe) else {
                continue;
            };
            let (acs, cpe) = pair(&acs, &cpe, &maker(&recording), between);
            played.push((format!("{}#{number}", path.display()), [acs, cpe]));
        }
    }
    played
}

fn what_failed(played: &[(String, [Replayed; 2])]) -> String {
    let mut failed = String::new();
    for (name, both) in played {
        for replayed in both {
            if replayed.verdict != ReplayVerdict::Passed {
                let look = Look {
                    width: 200,
                    colour: false,
                    unicode: false,
                };
                failed.push_str(name);
                failed.push('\n');
                failed.push_str(&text::replayed(replayed, look, Masking::default()));
            }
        }
    }
    failed
}

#[test]
fn every_recorded_session_of_the_peers_passes_against_itself() {
    let played = all(Between::Nothing);
    eprintln!("{} sessions played against each other", played.len());
    let failed = what_failed(&played);
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn pieces_and_delays_change_no_verdict() {
    for size in [1, 7, 1000] {
        let failed = what_failed(&all(Between::Pieces(size)));
        assert!(failed.is_empty(), "{size}: {failed}");
    }
}

#[test]
fn a_cut_is_a_failure_of_the_peer_and_nothing_else() {
    for behind in [1, 300, 2000] {
        for (name, both) in all(Between::CutsBehind(behind)) {
            for replayed in both {
                let verdict = &replayed.verdict;
                let fits = matches!(
                    verdict,
                    ReplayVerdict::Passed | ReplayVerdict::PeerFailed(_)
                );
                assert!(fits, "{behind} {name}: {verdict:?} {:#?}", replayed.steps);
            }
        }
    }
}
