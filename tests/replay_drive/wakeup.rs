//! Connection Requests on both sides, over loopback.

use std::net::SocketAddr;

use informant::replay::action::WireEventKind;
use informant::replay::drive::{Doorbell, Seat, WakeUrl};
use informant::replay::scenario::{Act, ActionStep, Await, Role, Scenario, Step, Variable, Via};
use informant::session::ReplayVerdict;
use tokio::net::{TcpListener, UdpSocket};

use super::transfers::analysis;
use super::{Setting, block_on, expect, inform, listener, play, play_acs, scenario, send};

fn wake(url: &str, via: Via) -> Step {
    Step {
        act: Act::Action(ActionStep::ConnectionRequest {
            url: url.to_owned(),
            via,
            username: Some("user".to_owned()),
            password: Some("{{password}}".to_owned()),
        }),
        after: None,
    }
}

/// An ACS that wakes the device, and serves the session that it comes with.
fn acs(url: &str, via: Via) -> Scenario {
    let head = "HTTP/1.1 200 OK\nContent-Type: text/xml\nContent-Length: {{http.length}}";
    let steps = vec![
        wake(url, via),
        expect("Inform"),
        send(Some("01.xml"), head, Vec::new()),
        expect("empty"),
        send(None, "HTTP/1.1 204 No Content", Vec::new()),
    ];
    with_password(scenario(Role::Acs, steps), "01.xml", super::INFORM_RESPONSE)
}

/// A device that waits to be woken, and comes.
fn cpe(via: Via) -> Scenario {
    let head =
        "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Length: {{http.length}}";
    let empty = "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Length: 0";
    let steps = vec![
        wake("http://192.0.2.1/recorded", via),
        send(Some("01.xml"), head, Vec::new()),
        expect("InformResponse"),
        send(None, empty, Vec::new()),
        expect("empty"),
    ];
    let woken = inform().replace("1 BOOT", "6 CONNECTION REQUEST");
    with_password(scenario(Role::Cpe, steps), "01.xml", &woken)
}

fn with_password(mut scenario: Scenario, name: &str, body: &str) -> Scenario {
    scenario
        .files
        .insert(name.to_owned(), body.as_bytes().to_vec());
    let password = Variable::Value("secret".to_owned());
    scenario.vars.insert("password".to_owned(), password);
    scenario
}

#[test]
fn one_side_wakes_the_other_by_http_and_by_udp() {
    for via in [Via::Http, Via::Udp] {
        block_on(async {
            let account = Some(("user".to_owned(), "secret".to_owned()));
            let doorbell = Doorbell::at(([127, 0, 0, 1], 0).into(), account)
                .await
                .expect("loopback");
            let url = match via {
                Via::Http => doorbell.url().expect("an address"),
                Via::Udp => doorbell.udp_address().expect("an address").to_string(),
            };
            let (listener, address) = listener().await;
            let setting = Setting {
                wake: Some(WakeUrl::read(&url).expect("a URL")),
                timeout: std::time::Duration::from_secs(5),
                ..Setting::default()
            };
            let seat = Seat::Cpe {
                acs: address,
                tls: None,
                doorbell: Some(doorbell),
            };
            let patient = Setting {
                timeout: std::time::Duration::from_secs(5),
                ..Setting::default()
            };
            let (acs, cpe) = (acs(&url, via), cpe(via));
            let ((woke, ours), (woken, theirs)) = tokio::join!(
                play_acs(&acs, listener, setting),
                play(&cpe, seat, address, patient)
            );
            for events in [ours, theirs] {
                // It stands in the capture of each side, and brings the session.
                let analysis = analysis(&events);
                let requests = analysis.connection_requests.iter();
                let sessions: Vec<_> = requests.map(|it| it.session).collect();
                assert_eq!(sessions, [Some(1)], "{via:?}");
            }
            assert_eq!(
                woke.replayed.verdict,
                ReplayVerdict::Passed,
                "{via:?} {:#?}",
                woke.replayed
            );
            assert_eq!(
                woken.replayed.verdict,
                ReplayVerdict::Passed,
                "{via:?} {:#?}",
                woken.replayed
            );
        });
    }
}

#[test]
fn a_recorded_address_is_never_asked() {
    block_on(async {
        let canary = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let udp = UdpSocket::bind("127.0.0.1:0").await.expect("loopback");
        let at = |address: SocketAddr| format!("http://{address}/");
        let recorded = [
            (at(canary.local_addr().expect("an address")), Via::Http),
            (at(udp.local_addr().expect("an address")), Via::Udp),
        ];
        for (url, via) in recorded {
            let (listener, _) = listener().await;
            let scenario = acs(&url, via);
            let (played, events) = play_acs(&scenario, listener, Setting::default()).await;
            let verdict = &played.replayed.verdict;
            assert!(matches!(verdict, ReplayVerdict::Refused(_)), "{verdict:?}");
            assert!(events.is_empty(), "nothing was sent");
        }
        let asked = tokio::select! {
            biased;
            _ = canary.accept() => true,
            _ = udp.readable() => true,
            () = std::future::ready(()) => false,
        };
        assert!(!asked);
    });
}

#[test]
fn a_wrong_password_does_not_wake() {
    for via in [Via::Http, Via::Udp] {
        block_on(async {
            let account = Some(("user".to_owned(), "another".to_owned()));
            let doorbell = Doorbell::at(([127, 0, 0, 1], 0).into(), account)
                .await
                .expect("loopback");
            let url = match via {
                Via::Http => doorbell.url().expect("an address"),
                Via::Udp => doorbell.udp_address().expect("an address").to_string(),
            };
            let (listener, address) = listener().await;
            let seat = Seat::Cpe {
                acs: address,
                tls: None,
                doorbell: Some(doorbell),
            };
            let setting = Setting {
                wake: Some(WakeUrl::read(&url).expect("a URL")),
                ..Setting::default()
            };
            let (acs, cpe) = (acs(&url, via), cpe(via));
            let ((_, _), (woken, events)) = tokio::join!(
                play_acs(&acs, listener, setting),
                play(&cpe, seat, address, Setting::default())
            );
            assert!(matches!(
                woken.replayed.verdict,
                ReplayVerdict::PeerFailed(_)
            ));
            let came = events.iter().any(|event| {
                matches!(
                    event.kind,
                    WireEventKind::Bytes(_) | WireEventKind::Datagram(_)
                )
            });
            assert!(came, "{via:?}: it was asked");
        });
    }
}

#[test]
fn no_password_goes_to_who_asks_for_basic() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    block_on(async {
        let (bell, woken_at) = listener().await;
        let asks = tokio::spawn(async move {
            let mut heard = Vec::new();
            while let Ok((mut ring, _)) = bell.accept().await {
                let mut room = [0; 4096];
                let count = ring.read(&mut room).await.unwrap_or(0);
                heard.extend_from_slice(&room[..count]);
                let challenge =
                    b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"device\"\r\n\
                    Content-Length: 0\r\n\r\n";
                let _ = ring.write_all(challenge).await;
                let text = String::from_utf8_lossy(&heard);
                assert!(!text.contains("Authorization"), "{text}");
            }
        });
        let url = format!("http://{woken_at}/ring");
        let setting = Setting {
            wake: Some(WakeUrl::read(&url).expect("a URL")),
            ..Setting::default()
        };
        let (listener, _) = listener().await;
        let (played, _) = play_acs(&acs(&url, Via::Http), listener, setting).await;
        assert!(!asks.is_finished(), "nothing was proven to it");
        asks.abort();
        let told = format!("{:?}", played.replayed);
        assert!(told.contains("the password was not sent"), "{told}");
    });
}

#[test]
fn only_the_path_that_was_told_is_answered() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    block_on(async {
        let doorbell = Doorbell::at(([127, 0, 0, 1], 0).into(), None).await;
        let doorbell = doorbell.expect("loopback").at_path("/0123".to_owned());
        let url = doorbell.url().expect("an address");
        let woken_at = url.trim_start_matches("http://").trim_end_matches("/0123");
        let woken_at: SocketAddr = woken_at.parse().expect("an address");
        let (listener, address) = listener().await;
        let seat = Seat::Cpe {
            acs: address,
            tls: None,
            doorbell: Some(doorbell),
        };
        let rings = async {
            for (target, status) in [("/", "404"), ("/01234", "404"), (url.as_str(), "200")] {
                let stream = tokio::net::TcpStream::connect(woken_at).await;
                let mut stream = stream.expect("it listens");
                let asked = format!("GET {target} HTTP/1.1\r\nHost: {woken_at}\r\n\r\n");
                stream.write_all(asked.as_bytes()).await.expect("sent");
                let mut room = [0; 4096];
                let count = stream.read(&mut room).await.expect("an answer");
                let answer = String::from_utf8_lossy(&room[..count]);
                assert!(
                    answer.starts_with(&format!("HTTP/1.1 {status} ")),
                    "{target}: {answer}"
                );
            }
            let (_session, _) = listener.accept().await.expect("it comes");
        };
        let scenario = cpe(Via::Http);
        let patient = Setting {
            timeout: std::time::Duration::from_secs(5),
            ..Setting::default()
        };
        tokio::join!(play(&scenario, seat, address, patient), rings);
    });
}

#[test]
fn sessions_that_are_awaited_come_on_connections_of_their_own() {
    let head = "HTTP/1.1 200 OK\nContent-Type: text/xml\nContent-Length: {{http.length}}";
    let end = "HTTP/1.1 204 No Content";
    let again = Await {
        session_with_event: Some("1 BOOT".to_owned()),
        within: std::time::Duration::from_secs(5),
    };
    let session = || {
        [
            expect("Inform"),
            send(Some("01.xml"), head, Vec::new()),
            expect("empty"),
            send(None, end, Vec::new()),
        ]
    };
    let mut steps: Vec<Step> = session().into();
    steps.push(Step {
        act: Act::Await(again),
        after: None,
    });
    steps.extend(session());
    let scenario = with_password(scenario(Role::Acs, steps), "01.xml", super::INFORM_RESPONSE);
    let phone = |address: SocketAddr| async move {
        let one = {
            let mut cpe = cpe(Via::Http);
            cpe.steps.remove(0);
            with_password(cpe, "01.xml", &inform())
        };
        for _ in 0..2 {
            let seat = Seat::Cpe {
                acs: address,
                tls: None,
                doorbell: None,
            };
            let (played, _) = play(&one, seat, address, Setting::default()).await;
            assert_eq!(played.replayed.verdict, ReplayVerdict::Passed);
        }
    };
    block_on(async {
        let (listener, address) = listener().await;
        let ((played, _), ()) = tokio::join!(
            play_acs(&scenario, listener, Setting::default()),
            phone(address)
        );
        assert_eq!(
            played.replayed.verdict,
            ReplayVerdict::Passed,
            "{:#?}",
            played.replayed
        );
    });
}
