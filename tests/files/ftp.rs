//! FTP, told by its control connection and measured on its data connections.

use informant::session::{StepKind, TransferResult};

use super::scene::{ACS, CPE, DEVICE, SERVER, Scene, all_told, control, frames};
use super::support::wire::{self, Connection, Endpoint};

static IMAGE: [u8; 100_000] = [0x7f; 100_000];

/// Where the server waits for data.
fn passive(port: u16) -> Connection {
    Connection::new(Endpoint::new(CPE, port + 9), Endpoint::new(SERVER, port))
}

const LOGIN: [&str; 5] = [
    "<220 (vsFTPd 3.0.3)",
    ">USER phone",
    "<331 Please specify the password.",
    ">PASS swordfish",
    "<230 Login successful.",
];

#[test]
fn firmware_by_a_passive_data_connection() {
    let mut scene = Scene::new();
    scene.asks("Download", "ftp://198.51.100.8/fw/phone.bin", "fw-7");
    let mut control = control(50_000);
    scene.play(&control.open());
    scene.talk(&mut control, &LOGIN);
    scene.talk(
        &mut control,
        &[
            ">CWD fw",
            "<250 Directory successfully changed.",
            ">PASV",
            "<227 Entering Passive Mode (198,51,100,8,195,80).",
        ],
    );
    let retrieve = scene.talk(&mut control, &[">RETR phone.bin"]);
    let began = scene.talk(
        &mut control,
        &["<150 Opening BINARY mode data connection for phone.bin (100000 bytes)."],
    );
    let data = scene.data(&mut passive(50_000), 1, &IMAGE);
    let ended = scene.talk(
        &mut control,
        &["<226 Transfer complete.", ">QUIT", "<221 Goodbye."],
    );
    scene.play(&control.close());

    let analysis = scene.analyse();
    assert_eq!(
        all_told(&analysis),
        ["ftp download fw/phone.bin 100000/0 announced 100000: complete 226 for fw-7"]
    );
    let transfer = &analysis.transfers[0];
    assert_eq!(transfer.device.as_deref(), Some(DEVICE));
    assert_eq!(
        transfer.caused_by.as_ref().map(|cause| cause.session),
        Some(1)
    );
    assert_eq!(transfer.source.to_string(), "10.0.0.17:50000");
    assert_eq!(transfer.destination.to_string(), "198.51.100.8:21");
    assert_eq!(
        frames(transfer),
        [
            retrieve,
            began,
            vec![data[0], data[data.len() - 1]],
            vec![ended[0]]
        ]
    );
    let kinds: Vec<_> = transfer
        .steps
        .iter()
        .map(|step| step.kind.clone())
        .collect();
    assert_eq!(kinds[0], StepKind::Said("RETR phone.bin".to_owned()));
    assert_eq!(kinds[2], StepKind::Data);
    assert_eq!(
        kinds[3],
        StepKind::Said("226 Transfer complete.".to_owned())
    );
    assert_eq!(analysis.summary.transfers, 1);

    // tshark finds the same command and the same bytes.
    if let Some(rows) = scene.tshark(
        "ftp.request.command == \"RETR\"",
        &["frame.number", "ftp.request.arg"],
    ) {
        assert_eq!(
            rows,
            [[
                transfer.steps[0].frames[0].number().to_string(),
                "phone.bin".to_owned()
            ]]
        );
    }
    if let Some(rows) = scene.tshark("ftp-data", &["tcp.len"]) {
        let sum: u64 = rows
            .iter()
            .filter_map(|row| row[0].parse::<u64>().ok())
            .sum();
        assert_eq!(Some(sum), transfer.bytes);
    }
}

#[test]
fn firmware_by_an_active_data_connection_and_a_name_of_a_host() {
    let mut scene = Scene::new();
    scene.asks(
        "Download",
        "ftp://phone:swordfish@files.example.net:2121/%2Fsrv/phone%201.bin;type=i",
        "fw",
    );
    let mut control = control(50_001);
    control.server.port = 2121;
    scene.play(&control.open());
    scene.talk(&mut control, &LOGIN);
    scene.talk(
        &mut control,
        &[
            ">PORT 10,0,0,17,195,90",
            "<200 PORT command successful.",
            ">RETR /srv/phone 1.bin",
            "<150 Here it comes.",
        ],
    );
    let mut data = Connection::new(Endpoint::new(SERVER, 20), Endpoint::new(CPE, 50_010));
    scene.data(&mut data, 0, b"image");
    scene.talk(&mut control, &["<226 Done."]);
    scene.play(&control.close());
    assert_eq!(
        all_told(&scene.analyse()),
        ["ftp download /srv/phone 1.bin 5/0 announced -: complete 226 for fw"]
    );
}

#[test]
fn a_log_goes_up_to_a_folder() {
    let mut scene = Scene::new();
    scene.asks("Upload", "ftp://198.51.100.8/logs/", "log");
    let mut control = control(50_002);
    scene.play(&control.open());
    scene.talk(&mut control, &LOGIN);
    scene.talk(
        &mut control,
        &[
            ">CWD /logs",
            "<250 Ok.",
            ">EPSV",
            "<229 Entering Extended Passive Mode (|||50020|).",
            ">STOR phone.log",
            "<150 Ok to send data.",
        ],
    );
    // The reply comes before the data connection has closed.
    let mut data = passive(50_020);
    scene.play(&data.open());
    scene.play(&data.send(0, b"GET / HTTP/1.1 was asked\n", 1448));
    scene.talk(&mut control, &["<226 Transfer complete."]);
    scene.play(&data.close());
    assert_eq!(
        all_told(&scene.analyse()),
        ["ftp upload /logs/phone.log 25/0 announced -: complete 226 for log"]
    );
}

#[test]
fn refusals() {
    let mut scene = Scene::new();
    scene.asks("Download", "ftp://198.51.100.8/no.bin", "none");
    let mut one = control(50_003);
    scene.play(&one.open());
    scene.talk(&mut one, &LOGIN);
    scene.talk(
        &mut one,
        &[
            ">PASV",
            "<227 Entering Passive Mode (198,51,100,8,195,100).",
            ">RETR no.bin",
            "<550 Failed to open file.",
        ],
    );
    scene.play(&one.close());
    // A client that asks for the size first stops there.
    scene.asks("Download", "ftp://198.51.100.8/there/size.bin", "size");
    let mut two = control(50_004);
    scene.play(&two.open());
    scene.talk(&mut two, &LOGIN);
    scene.talk(
        &mut two,
        &[
            ">SIZE there/size.bin",
            "<550 Could not get file size.",
            ">QUIT",
            "<221 Bye.",
        ],
    );
    scene.play(&two.close());
    // One whose password is wrong names no file at all.
    scene.asks("Download", "ftp://198.51.100.8/login.bin", "login");
    let mut three = control(50_005);
    scene.play(&three.open());
    scene.talk(&mut three, &LOGIN[..4]);
    scene.talk(&mut three, &["<530 Login incorrect."]);
    scene.play(&three.close());
    let analysis = scene.analyse();
    assert_eq!(
        all_told(&analysis),
        [
            "ftp download no.bin 0/0 announced -: failed 550 for none",
            "ftp download there/size.bin 0/0 announced -: failed 550 for size",
            "ftp download login.bin 0/0 announced -: failed 530 for login",
        ]
    );
    assert_eq!(
        analysis.transfers[0].reason.as_deref(),
        Some("Failed to open file.")
    );
    assert!(!format!("{:?}", analysis.transfers).contains("swordfish"));
}

/// A download is asked for up to the reply that it begins; the server waits at this port.
fn begins(scene: &mut Scene, control: &mut Connection, port: u16, file: &str) {
    let lines = [
        ">PASV".to_owned(),
        format!(
            "<227 Entering Passive Mode (198,51,100,8,{},{}).",
            port / 256,
            port % 256
        ),
        format!(">RETR {file}"),
        format!("<150 Opening BINARY mode data connection for {file} (5000 bytes)."),
    ];
    scene.talk(control, &lines.each_ref().map(String::as_str));
}

#[test]
fn what_the_capture_lacks_is_said() {
    let mut scene = Scene::new();
    scene.session();
    let mut control = control(50_006);
    scene.play(&control.open());
    scene.talk(&mut control, &LOGIN);
    // The data connection went another way.
    begins(&mut scene, &mut control, 50_100, "elsewhere.bin");
    scene.talk(&mut control, &["<226 Transfer complete."]);
    scene.wait_s(5);
    // A segment in the middle is lost.
    begins(&mut scene, &mut control, 50_101, "gap.bin");
    let mut data = passive(50_101);
    scene.play(&data.open());
    let mut segments = data.send(1, &[1; 5000], 1000);
    segments.remove(2);
    scene.play(&segments);
    scene.play(&data.close());
    scene.talk(&mut control, &["<226 Transfer complete."]);
    // Its beginning is lost: how much of it nobody knows.
    begins(&mut scene, &mut control, 50_102, "tail.bin");
    let mut data = passive(50_102);
    data.open();
    let segments = data.send(1, &[1; 5000], 1000);
    scene.play(&segments[3..]);
    scene.play(&data.close());
    scene.talk(&mut control, &["<226 Transfer complete."]);
    // It is given up, and the connection reset.
    begins(&mut scene, &mut control, 50_103, "reset.bin");
    let mut data = passive(50_103);
    scene.play(&data.open());
    scene.play(&data.send(1, &[1; 1000], 1000));
    scene.reset(&data, 0);
    scene.talk(&mut control, &["<426 Failure writing network stream."]);
    // The capture ends while it goes on.
    begins(&mut scene, &mut control, 50_104, "cut.bin");
    let mut data = passive(50_104);
    scene.play(&data.open());
    scene.play(&data.send(1, &[1; 2000], 1000));
    let analysis = scene.analyse();
    assert_eq!(
        all_told(&analysis),
        [
            "ftp download elsewhere.bin -/- announced 5000: complete 226 for -",
            "ftp download gap.bin 5000/1000 announced 5000: complete 226 for -",
            "ftp download tail.bin 2000/- announced 5000: complete 226 for -",
            "ftp download reset.bin 1000/- announced 5000: failed 426 for -",
            "ftp download cut.bin 2000/- announced 5000: cut - for -",
        ]
    );
    assert!(
        analysis
            .transfers
            .iter()
            .all(|transfer| transfer.device.as_deref() == Some(DEVICE))
    );
}

#[test]
fn a_capture_that_begins_in_the_middle_of_the_control_connection() {
    let mut scene = Scene::new();
    scene.session();
    let mut control = control(50_007);
    control.open();
    begins(&mut scene, &mut control, 50_110, "midway.bin");
    scene.data(&mut passive(50_110), 1, b"image");
    scene.talk(&mut control, &["<226 Transfer complete."]);
    scene.play(&control.close());
    let told = all_told(&scene.analyse());
    assert_eq!(
        told,
        ["ftp download midway.bin 5/0 announced 5000: complete 226 for -"]
    );
}

#[test]
fn a_lost_reply_leaves_the_result_open() {
    let mut scene = Scene::new();
    scene.session();
    let mut control = control(50_008);
    scene.play(&control.open());
    scene.talk(&mut control, &LOGIN);
    begins(&mut scene, &mut control, 50_120, "lost.bin");
    scene.data(&mut passive(50_120), 1, b"image");
    control.send(1, b"226 Transfer complete.\r\n", 1448);
    scene.talk(&mut control, &[">QUIT", "<221 Goodbye."]);
    scene.play(&control.close());
    let analysis = scene.analyse();
    assert_eq!(
        all_told(&analysis),
        ["ftp download lost.bin 5/0 announced 5000: cut - for -"]
    );
    assert_eq!(analysis.transfers[0].result, TransferResult::Cut);
}

#[test]
fn a_server_that_tells_an_address_behind_its_gateway() {
    let mut scene = Scene::new();
    scene.session();
    let mut control = control(50_009);
    scene.play(&control.open());
    scene.talk(&mut control, &LOGIN);
    let told = [
        ">PASV",
        "<227 Entering Passive Mode (10,0,0,8,195,130).",
        ">RETR inside.bin",
        "<150 Ok.",
    ];
    scene.talk(&mut control, &told);
    scene.data(&mut passive(50_050), 1, b"image");
    scene.talk(&mut control, &["<226 Transfer complete."]);
    // Another server has the files of this one: its connections are another shard's.
    let told = [
        ">PASV",
        "<227 Entering Passive Mode (10,9,8,7,195,131).",
        ">RETR farm.bin",
        "<150 Ok.",
    ];
    scene.talk(&mut control, &told);
    let mut data = Connection::new(
        Endpoint::new(CPE, 50_061),
        Endpoint::new([10, 9, 8, 7], 50_051),
    );
    scene.data(&mut data, 1, b"images");
    scene.talk(&mut control, &["<226 Transfer complete."]);
    scene.play(&control.close());
    assert_eq!(
        all_told(&scene.analyse()),
        [
            "ftp download inside.bin 5/0 announced -: complete 226 for -",
            "ftp download farm.bin 6/0 announced -: complete 226 for -",
        ]
    );
}

#[test]
fn mail_lists_strangers_and_hidden_connections_are_no_transfers() {
    let mut scene = Scene::new();
    scene.session();
    let mut mail = control(50_011);
    mail.server.port = 25;
    scene.play(&mail.open());
    let lines = [
        "<220 mx.example.org",
        ">EHLO phone",
        "<250 mx.example.org",
        ">STOR RETR",
        "<550 5.5.1 What?",
    ];
    scene.talk(&mut mail, &lines);
    scene.play(&mail.close());
    let mut list = control(50_012);
    scene.play(&list.open());
    scene.talk(&mut list, &LOGIN);
    scene.talk(
        &mut list,
        &[
            ">PASV",
            "<227 Entering Passive Mode (198,51,100,8,195,140).",
            ">LIST",
            "<150 Here.",
        ],
    );
    scene.data(&mut passive(50_060), 1, b"-rw-r--r-- phone.bin\r\n");
    scene.talk(&mut list, &["<226 Directory send OK."]);
    scene.play(&list.close());
    let mut stranger = control(50_013);
    stranger.client.address = [192, 0, 2, 99].into();
    scene.play(&stranger.open());
    scene.talk(&mut stranger, &LOGIN);
    scene.talk(&mut stranger, &[">RETR other.bin", "<550 No such file."]);
    scene.play(&stranger.close());
    let mut hidden = control(50_014);
    scene.play(&hidden.open());
    scene.talk(
        &mut hidden,
        &[
            "<220 Service ready.",
            ">AUTH TLS",
            "<234 Proceed.",
            ">\u{16}\u{3}\u{1}RETR x",
        ],
    );
    scene.play(&hidden.close());
    let analysis = scene.analyse();
    assert_eq!(all_told(&analysis), Vec::<String>::new());
    assert_eq!(analysis.summary.http_requests, 2, "those of the session");
    assert_eq!(analysis.summary.limits_reached.len(), 0);
}

#[test]
fn an_answer_of_http_may_begin_as_a_greeting_does() {
    // What stands behind a gap of HTTP's is no dialogue, and the next message is read.
    let mut scene = Scene::new();
    scene.session();
    let mut http = Connection::new(Endpoint::new(CPE, 51_000), ACS_LIKE);
    http.open();
    scene.play(&http.send(1, b"230 of the numbers\r\n226 more\r\n", 1448));
    scene.play(&http.send(0, &wire::post(""), 1448));
    scene.play(&http.send(1, &wire::reply(""), 1448));
    scene.play(&http.close());
    let summary = scene.analyse().summary;
    assert_eq!((summary.http_requests, summary.http_responses), (3, 3));
}

const ACS_LIKE: Endpoint = Endpoint {
    address: std::net::Ipv4Addr::new(198, 51, 100, 99),
    port: 80,
};

#[test]
fn files_of_a_neighbour_behind_the_same_nat_are_not_the_devices() {
    let nat = |port| Endpoint::new([203, 0, 113, 5], port);
    let mut scene = Scene::new();
    scene.play(&wire::session(nat(39_000), ACS, "A1", 1448));
    let mut control = Connection::new(nat(55_555), Endpoint::new(SERVER, 21));
    scene.play(&control.open());
    scene.talk(&mut control, &LOGIN);
    let lines = [
        ">PASV",
        "<227 Entering Passive Mode (198,51,100,8,195,150).",
        ">RETR image.iso",
        "<150 Ok.",
        "<226 Transfer complete.",
    ];
    scene.talk(&mut control, &lines);
    scene.play(&control.close());
    assert!(all_told(&scene.analyse()).is_empty());
}

#[test]
fn what_is_forgotten_of_a_transfer_is_counted() {
    let mut scene = Scene::new();
    scene.session();
    let mut control = control(50_013);
    scene.play(&control.open());
    scene.talk(&mut control, &LOGIN);
    // Of a command in more segments than are remembered the first are gone.
    let command = format!("RETR {}.bin\r\n", "a".repeat(300));
    scene.play(&control.send(0, command.as_bytes(), 1));
    scene.talk(&mut control, &["<550 No such file."]);
    for port in 0..300 {
        scene.data(&mut passive(40_000 + port), 1, b"image");
    }
    scene.play(&control.close());
    let reached = scene.analyse().summary.limits_reached;
    assert_eq!(
        reached.get("frames_a_dialogue_max"),
        Some(&1),
        "{reached:?}"
    );
    assert_eq!(reached.get("early_data_max"), Some(&44), "{reached:?}");
}
