//! Addresses of a recording are listened at, and nobody ever comes: neither by TCP nor by UDP, in either role, whatever is
//! allowed and however a scenario takes what it does not expect.

use std::fmt::Write as _;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::Command;

use informant::replay::drive::Seat;
use informant::replay::scenario::{Act, ActionStep, OnUnexpected, Role, Scenario, Via};
use informant::session::ReplayVerdict;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::pairs::{Between, pair, scenario_of};
use super::program::{asking, written};
use super::recordings::captured;
use super::{Setting, block_on, envelope, inform, listener, play};

/// What stands at the recorded addresses, on a part of loopback where nothing else is.
struct Canary {
    tcp: TcpListener,
    udp: UdpSocket,
}

impl Canary {
    fn new() -> Self {
        loop {
            let tcp = TcpListener::bind("127.77.0.1:0").expect("loopback");
            let at = tcp.local_addr().expect("an address");
            // The same number may be taken for UDP.
            if let Ok(udp) = UdpSocket::bind(at) {
                tcp.set_nonblocking(true).expect("a socket");
                udp.set_nonblocking(true).expect("a socket");
                return Self { tcp, udp };
            }
        }
    }

    fn at(&self) -> String {
        self.tcp.local_addr().expect("an address").to_string()
    }

    /// Connections and datagrams since the last time.
    fn heard(&self) -> usize {
        let connections = std::iter::from_fn(|| self.tcp.accept().ok()).count();
        let datagrams = std::iter::from_fn(|| self.udp.recv(&mut [0; 100]).ok()).count();
        connections + datagrams
    }
}

/// An RPC with URLs in it, by its name, its arguments and those of its answer; `AT` is the canary.
const OF_ACS: [(&str, &str, &str); 8] = [
    (
        "Download",
        "<CommandKey>k</CommandKey><FileType>1 Firmware Upgrade Image</FileType><URL>http://AT/fw.bin</URL><Username></Username><Password></Password><FileSize>9</FileSize><TargetFileName></TargetFileName><DelaySeconds>0</DelaySeconds><SuccessURL>http://AT/good</SuccessURL><FailureURL>http://AT/bad</FailureURL>",
        DONE,
    ),
    (
        "Download",
        "<CommandKey>k</CommandKey><FileType>1 Firmware Upgrade Image</FileType><URL>ftp://AT/fw.bin</URL><Username></Username><Password></Password><FileSize>9</FileSize><TargetFileName></TargetFileName><DelaySeconds>0</DelaySeconds><SuccessURL></SuccessURL><FailureURL></FailureURL>",
        DONE,
    ),
    (
        "Upload",
        "<CommandKey>k</CommandKey><FileType>2 Vendor Log File</FileType><URL>http://AT/log</URL><Username></Username><Password></Password><DelaySeconds>0</DelaySeconds>",
        DONE,
    ),
    (
        "ScheduleDownload",
        "<CommandKey>k</CommandKey><FileType>1 Firmware Upgrade Image</FileType><URL>http://AT/fw.bin</URL><Username></Username><Password></Password><FileSize>9</FileSize><TargetFileName></TargetFileName><TimeWindowList></TimeWindowList>",
        "",
    ),
    (
        "ChangeDUState",
        "<Operations><InstallOpStruct><URL>http://AT/du</URL><UUID></UUID><Username></Username><Password></Password><ExecutionEnvRef></ExecutionEnvRef></InstallOpStruct></Operations><CommandKey>k</CommandKey>",
        "",
    ),
    (
        "SetParameterValues",
        "<ParameterList><ParameterValueStruct><Name>Device.ManagementServer.URL</Name><Value>http://AT/acs</Value></ParameterValueStruct><ParameterValueStruct><Name>Device.ManagementServer.STUNServerAddress</Name><Value>AT</Value></ParameterValueStruct></ParameterList><ParameterKey>p</ParameterKey>",
        "<Status>0</Status>",
    ),
    (
        "GetParameterValues",
        "<ParameterNames><string>Device.ManagementServer.</string></ParameterNames>",
        "<ParameterList><ParameterValueStruct><Name>Device.ManagementServer.ConnectionRequestURL</Name><Value>http://AT/ring</Value></ParameterValueStruct><ParameterValueStruct><Name>Device.ManagementServer.UDPConnectionRequestAddress</Name><Value>AT</Value></ParameterValueStruct><ParameterValueStruct><Name>Device.ManagementServer.STUNServerAddress</Name><Value>AT</Value></ParameterValueStruct></ParameterList>",
    ),
    (
        "SetVouchers",
        "<VoucherList><base64>aHR0cDovL0FULw==</base64></VoucherList>",
        "",
    ),
];
const OF_CPE: [(&str, &str, &str); 4] = [
    (
        "TransferComplete",
        "<CommandKey>k</CommandKey><FaultStruct><FaultCode>9010</FaultCode><FaultString>http://AT/fw.bin</FaultString></FaultStruct><StartTime>0001-01-01T00:00:00Z</StartTime><CompleteTime>0001-01-01T00:00:00Z</CompleteTime>",
        "",
    ),
    (
        "AutonomousTransferComplete",
        "<AnnounceURL>http://AT/</AnnounceURL><TransferURL>http://AT/fw</TransferURL><IsDownload>1</IsDownload><FileType>1 Firmware Upgrade Image</FileType><FileSize>9</FileSize><TargetFileName></TargetFileName><FaultStruct><FaultCode>0</FaultCode><FaultString></FaultString></FaultStruct><StartTime>0001-01-01T00:00:00Z</StartTime><CompleteTime>0001-01-01T00:00:00Z</CompleteTime>",
        "",
    ),
    (
        "RequestDownload",
        "<FileType>1 Firmware Upgrade Image</FileType><FileTypeArg><ArgStruct><Name>URL</Name><Value>http://AT/fw</Value></ArgStruct></FileTypeArg>",
        "",
    ),
    (
        "Kicked",
        "<Command>c</Command><Referer>http://AT/</Referer><Arg></Arg><Next>http://AT/next</Next>",
        "<NextURL>http://AT/next</NextURL>",
    ),
];
const DONE: &str = "<Status>1</Status><StartTime>0001-01-01T00:00:00Z</StartTime><CompleteTime>0001-01-01T00:00:00Z</CompleteTime>";

/// How a recorded session begins.
#[derive(Clone, Copy, PartialEq)]
enum Opening {
    Plain,
    Redirected,
    Woken,
}

/// A session as it might have been recorded, at the canary's address.
fn transcript(
    at: &str,
    opening: Opening,
    method: &str,
    arguments: [&str; 2],
    of_cpe: bool,
) -> String {
    let mut out = "# informant transcript 1\n# started 2026-11-20T21:14:05.000Z\n".to_owned();
    let mut time = 0;
    let mut say = |from_cpe: bool, head: &str, body: &str| {
        time += 1;
        let (sign, from, to) = if from_cpe {
            (">>", "127.77.0.2:40001", at)
        } else {
            ("<<", at, "127.77.0.2:40001")
        };
        let body = if body.is_empty() {
            String::new()
        } else {
            format!("{body}\n")
        };
        let _ = write!(
            out,
            "\n{sign} {from} > {to} @0.{time:03}\n{head}\nContent-Length: auto\n\n{body}"
        );
    };
    let message = |name: &str, arguments: &str, id: &str| {
        let all = envelope(&format!("<cwmp:{name}>{arguments}</cwmp:{name}>"));
        all.replace("{{cwmp.id}}", id)
            .replace("cwmp-1-0", "cwmp-1-2")
    };
    let told = "<ParameterList><ParameterValueStruct><Name>Device.ManagementServer.ConnectionRequestURL</Name>\
        <Value>http://AT/ring</Value></ParameterValueStruct><ParameterValueStruct>\
        <Name>Device.ManagementServer.UDPConnectionRequestAddress</Name><Value>AT</Value></ParameterValueStruct>\
        </ParameterList>";
    let mut informs = inform()
        .replace("<ParameterList></ParameterList>", told)
        .replace("cwmp-1-0", "cwmp-1-2");
    let request = format!("POST /acs HTTP/1.1\nHost: {at}\nContent-Type: text/xml");
    let answer = "HTTP/1.1 200 OK\nContent-Type: text/xml";
    if opening == Opening::Redirected {
        say(true, &request, &informs);
        say(
            false,
            &format!("HTTP/1.1 307 Temporary Redirect\nLocation: http://{at}/moved"),
            "",
        );
    }
    if opening == Opening::Woken {
        informs = informs.replace("1 BOOT", "6 CONNECTION REQUEST");
    }
    say(true, &request, &informs);
    say(
        false,
        answer,
        &message("InformResponse", "<MaxEnvelopes>1</MaxEnvelopes>", "1"),
    );
    let empty = format!("POST /acs HTTP/1.1\nHost: {at}");
    let response = message(&format!("{method}Response"), arguments[1], "7");
    if of_cpe {
        say(true, &request, &message(method, arguments[0], "7"));
        say(false, answer, &response);
        say(true, &empty, "");
    } else {
        say(true, &empty, "");
        say(false, answer, &message(method, arguments[0], "7"));
        say(true, &request, &response);
    }
    say(false, "HTTP/1.1 204 No Content", "");
    out.replace("AT", at)
}

/// The scenarios of all that, for both roles.
fn scenarios(folder: &Path, at: &str) -> Vec<(String, Scenario, Scenario)> {
    let mut scenarios = Vec::new();
    let sides = [(false, &OF_ACS[..]), (true, &OF_CPE[..])];
    for (of_cpe, (method, asked, answered)) in sides
        .iter()
        .flat_map(|(of_cpe, list)| list.iter().map(|one| (*of_cpe, *one)))
    {
        for opening in [Opening::Plain, Opening::Redirected, Opening::Woken] {
            let path = folder.join("recorded.transcript");
            let text = transcript(at, opening, method, [asked, answered], of_cpe);
            std::fs::write(&path, text).expect("written");
            for recording in captured(&path, 1).each() {
                let acs = scenario_of(&recording, Role::Acs);
                let cpe = scenario_of(&recording, Role::Cpe);
                if let (Some(acs), Some(cpe)) = (acs, cpe) {
                    scenarios.push((method.to_owned(), acs, cpe));
                }
            }
        }
    }
    scenarios
}

/// The same with the canary in every place that a person could write it into.
fn spoiled(scenario: &Scenario, at: &str, via: Via) -> Scenario {
    let mut scenario = scenario.clone();
    let url = format!("http://{at}/ring");
    for content in scenario.files.values_mut() {
        let text = String::from_utf8_lossy(content).into_owned();
        let mut text = text.replace("{{connection_request_url}}", &url);
        text = text.replace("{{udp_connection_request_address}}", at);
        for number in 1..3 {
            text = text.replace(
                &format!("{{{{file.{number}.url}}}}"),
                &format!("http://{at}/f"),
            );
        }
        *content = text.into_bytes();
    }
    let wake = Act::Action(ActionStep::ConnectionRequest {
        url,
        via,
        username: None,
        password: None,
    });
    scenario.steps.insert(
        0,
        informant::replay::scenario::Step {
            act: wake,
            after: None,
        },
    );
    scenario
}

/// Plays both sides in every way; how many verdicts there were, and how many of them passed.
fn every_way(acs: &Scenario, cpe: &Scenario, at: &str) -> (usize, usize) {
    let mut verdicts = Vec::new();
    for policy in [
        OnUnexpected::Fail,
        OnUnexpected::Fault,
        OnUnexpected::Answer,
        OnUnexpected::Ignore,
    ] {
        let with = |scenario: &Scenario| {
            let mut scenario = scenario.clone();
            scenario.defaults.on_unexpected = policy;
            scenario
        };
        let (ours, theirs) = pair(&with(acs), &with(cpe), "A", Between::Nothing);
        verdicts.extend([ours.verdict, theirs.verdict]);
    }
    for via in [Via::Http, Via::Udp] {
        // The scenario's own wish is as little heard as the recording's.
        let (acs, cpe) = (spoiled(acs, at, via), spoiled(cpe, at, via));
        pair(&acs, &cpe, "A", Between::CutsBehind(usize::MAX));
    }
    let passed = verdicts.iter().filter(|it| **it == ReplayVerdict::Passed);
    (verdicts.len(), passed.count())
}

#[test]
fn no_recorded_address_is_contacted_whatever_is_allowed() {
    let folder = tempfile::tempdir().expect("a folder");
    let canary = Canary::new();
    let at = canary.at();
    let scenarios = scenarios(folder.path(), &at);
    let counts: Vec<(usize, usize)> = std::thread::scope(|scope| {
        let (at, canary) = (&at, &canary);
        let played = scenarios.chunks(4).map(|some| {
            scope.spawn(move || {
                let mut counts = Vec::new();
                for (method, acs, cpe) in some {
                    counts.push(every_way(acs, cpe, at));
                    assert_eq!(canary.heard(), 0, "{method}, or another at the same time");
                }
                counts
            })
        });
        let threads: Vec<_> = played.collect();
        let ended = threads.into_iter().map(|it| it.join().expect("it ends"));
        ended.flatten().collect()
    });
    let played: usize = counts.iter().map(|(played, _)| played).sum();
    let passed: usize = counts.iter().map(|(_, passed)| passed).sum();
    eprintln!(
        "{} scenarios, {passed} of {played} verdicts passed",
        scenarios.len()
    );
    let methods = OF_ACS.len() + OF_CPE.len();
    assert!(
        scenarios.len() >= 2 * methods,
        "{} scenarios",
        scenarios.len()
    );
    assert_eq!(passed, played, "what does not go through shows nothing");
    // What would be heard is heard.
    drop(std::net::TcpStream::connect(&at).expect("it listens"));
    let anywhere = UdpSocket::bind("127.0.0.1:0").expect("loopback");
    anywhere.send_to(b"1", &at).expect("sent");
    assert_eq!(canary.heard(), 2);
}

#[test]
fn an_acs_that_points_elsewhere_is_not_followed() {
    let canary = Canary::new();
    let at = canary.at();
    let (_, cpe) = asking();
    for status in ["301", "302", "303", "307", "308"] {
        for location in [
            format!("http://{at}/acs"),
            format!("//{at}/acs"),
            format!("https://{at}/"),
        ] {
            block_on(async {
                let (listener, address) = listener().await;
                let acs = tokio::spawn(async move {
                    while let Ok((mut stream, _)) = listener.accept().await {
                        let mut room = vec![0; 65_536];
                        let _ = stream.read(&mut room).await;
                        let answer = format!(
                            "HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
                        );
                        let _ = stream.write_all(answer.as_bytes()).await;
                    }
                });
                let seat = Seat::Cpe {
                    acs: address,
                    tls: None,
                    doorbell: None,
                };
                let (played, _) = play(&cpe, seat, address, Setting::default()).await;
                assert_ne!(played.replayed.verdict, ReplayVerdict::Passed);
                acs.abort();
            });
            assert_eq!(canary.heard(), 0, "{status}");
        }
    }
}

#[test]
fn a_phone_that_says_it_is_elsewhere_is_not_woken_there() {
    let canary = Canary::new();
    let at = canary.at();
    for via in [Via::Http, Via::Udp] {
        let (mut acs, _) = asking();
        acs.steps.push(informant::replay::scenario::Step {
            act: Act::Action(ActionStep::ConnectionRequest {
                url: "{{door}}".to_owned(),
                via,
                username: None,
                password: None,
            }),
            after: None,
        });
        if let Act::Expect(expect) = &mut acs.steps[0].act {
            let place = "param \"Device.ManagementServer.ConnectionRequestURL\"";
            expect.capture.insert("door".to_owned(), place.to_owned());
        }
        let captured = informant::replay::scenario::Variable::Captured(None);
        acs.vars.insert("door".to_owned(), captured);
        let told = inform().replace(
            "<ParameterList></ParameterList>",
            &format!(
                "<ParameterList><ParameterValueStruct><Name>Device.ManagementServer.ConnectionRequestURL</Name>\
                 <Value>http://{at}/</Value></ParameterValueStruct></ParameterList>"
            ),
        );
        let (_, mut cpe) = asking();
        cpe.identity.device = Some("001565-T46-1".to_owned());
        cpe.files.insert("01.xml".to_owned(), told.into_bytes());
        let (ours, _) = pair(&acs, &cpe, "A", Between::CutsBehind(usize::MAX));
        assert!(
            matches!(ours.verdict, ReplayVerdict::Refused(_)),
            "{via:?} {ours:#?}"
        );
        assert_eq!(canary.heard(), 0, "{via:?}");
    }
}

/// In a network of its own, whose only way out is counted: two programs play both sides of a recording full of foreign
/// addresses, and no packet leaves loopback; one that is sent elsewhere is counted.
#[test]
fn no_packet_leaves_loopback() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = "192.0.2.99:7547";
    let all = scenarios(folder.path(), at);
    let mut script = "set -e; ip link set lo up; ip link add v0 type veth peer name v1\n\
        echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6\n\
        ip addr add 192.0.2.1/24 dev v0; ip link set v0 up; ip link set v1 up; ip route add default dev v0\n\
        out() { sed -n 's/^ *v0: *//p' /proc/net/dev | awk '{print $10}'; }\nbefore=$(out)\nset +e\n"
        .to_owned();
    let program = env!("CARGO_BIN_EXE_informant");
    let allow = "--allow set,disrupt,destroy --device 001565-T46-1 -q --set device.manufacturer=A";
    // Of each RPC one is enough here.
    let mut ports = 20_000..;
    for (number, (_, acs, cpe)) in all.iter().enumerate().step_by(3) {
        let (ours, theirs) = (format!("acs{number}"), format!("cpe{number}"));
        written(folder.path(), &ours, acs);
        written(folder.path(), &theirs, cpe);
        let port = ports.next().expect("a port");
        let _ = write!(
            script,
            "'{program}' replay acs {ours} --listen 127.0.0.1:{port} {allow} --fail-on never >{ours}.txt 2>&1 &\n\
             i=0; while ! grep -q ':0*{port:04X} ' /proc/net/tcp && [ $i -lt 500 ]; do i=$((i+1)); sleep 0.02; done\n\
             '{program}' replay cpe {theirs} --acs-url http://127.0.0.1:{port}/acs {allow} --fail-on never >{theirs}.txt 2>&1\n\
             echo \"verdict $?\"; wait $!; echo \"verdict $?\"\n"
        );
    }
    let _ = write!(
        script,
        "after=$(out); echo \"left $((after - before))\"\n\
         '{program}' replay cpe cpe0 --acs-url http://192.0.2.99:7547/acs {allow} --timeout 0.3 >/dev/null 2>&1\n\
         echo \"counted $(($(out) - after))\"\n"
    );
    let inside = Command::new("unshare")
        .args(["-n", "sh", "-c", &script])
        .current_dir(folder.path())
        .output();
    let said = inside
        .as_ref()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    if !said.contains("verdict") {
        eprintln!("skipped: no network of its own can be made here");
        return;
    }
    let pages = || {
        let pages = std::fs::read_dir(folder.path())
            .expect("the folder")
            .flatten();
        let pages = pages.filter(|it| it.path().extension().is_some_and(|it| it == "txt"));
        pages
            .map(|page| std::fs::read_to_string(page.path()).unwrap_or_default())
            .collect::<String>()
    };
    let passed = said.lines().filter(|line| *line == "verdict 0").count();
    let verdicts = said
        .lines()
        .filter(|line| line.starts_with("verdict"))
        .count();
    assert_eq!(passed, verdicts, "{said}{}", pages());
    assert!(passed >= 2 * (OF_ACS.len() + OF_CPE.len()), "{said}");
    assert!(said.contains("\nleft 0\n"), "{said}");
    let counted = said.lines().find_map(|line| line.strip_prefix("counted "));
    let counted: u64 = counted.and_then(|it| it.parse().ok()).expect("a number");
    assert!(counted > 0, "{said}");
}
