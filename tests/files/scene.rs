//! A phone that is told to fetch or to send files, and what fetches and sends them.

use std::ops::ControlFlow;
use std::process::Command;

use informant::pipeline::{Options, analyse};
use informant::session::{Output, Transfer};
use informant::source::Capture;

use super::support::wire::{self, ACK, Connection, Endpoint, FIN, RST};
use super::support::{Analysis, gather};

pub const CPE: [u8; 4] = [10, 0, 0, 17];
pub const ACS: Endpoint = Endpoint {
    address: std::net::Ipv4Addr::new(203, 0, 113, 10),
    port: 7547,
};
pub const SERVER: [u8; 4] = [198, 51, 100, 8];
pub const DEVICE: &str = "00D09E-X3-A1";

/// Frames with their times.
pub struct Scene {
    pub bytes: Vec<u8>,
    pub now_us: u64,
    pub frames: u64,
}

impl Scene {
    pub fn new() -> Self {
        Self {
            bytes: wire::pcap_head(),
            now_us: 1_700_000_000_000_000,
            frames: 0,
        }
    }

    /// Gives the numbers of the frames.
    pub fn play(&mut self, frames: &[Vec<u8>]) -> Vec<u64> {
        let first = self.frames + 1;
        for frame in frames {
            self.now_us += 1000;
            wire::put_record(self.now_us, frame, &mut self.bytes);
            self.frames += 1;
        }
        (first..=self.frames).collect()
    }

    pub fn wait_s(&mut self, seconds: u64) {
        self.now_us += seconds * 1_000_000;
    }

    /// A session in which the ACS asks for a file by this URL.
    pub fn asks(&mut self, method: &str, url: &str, command_key: &str) {
        let mut session = Connection::new(Endpoint::new(CPE, 40_000), ACS);
        session.next = [self.frames as u32 * 5000, 77];
        session.client.port += (self.frames % 1000) as u16;
        let body = format!(
            "<cwmp:{method}><CommandKey>{command_key}</CommandKey><FileType>1 Firmware Upgrade Image</FileType><URL>{url}</URL>\
             <Username>phone</Username><Password>swordfish</Password></cwmp:{method}>"
        );
        let accepted = format!("<cwmp:{method}Response><Status>1</Status></cwmp:{method}Response>");
        self.play(&session.open());
        for (ask, answer) in [
            (
                wire::inform("A1", "2 PERIODIC"),
                wire::envelope("1", INFORMED),
            ),
            (String::new(), wire::envelope("d", &body)),
            (wire::envelope("d", &accepted), String::new()),
        ] {
            self.play(&session.send(0, &wire::post(&ask), 1448));
            self.play(&session.send(1, &wire::reply(&answer), 1448));
        }
        self.play(&session.close());
    }

    /// A session in which nothing is asked for.
    pub fn session(&mut self) {
        self.play(&wire::session(Endpoint::new(CPE, 39_000), ACS, "A1", 1448));
    }

    /// Lines of a control connection, in turn from the server (`<`) and the client (`>`); gives the frame of each.
    pub fn talk(&mut self, control: &mut Connection, lines: &[&str]) -> Vec<u64> {
        lines
            .iter()
            .flat_map(|line| {
                let (side, text) = line.split_at(1);
                let side = usize::from(side == "<");
                let frames = control.send(side, format!("{text}\r\n").as_bytes(), 1448);
                self.play(&frames)
            })
            .collect()
    }

    /// A whole data connection; gives its frames with bytes.
    pub fn data(&mut self, data: &mut Connection, side: usize, bytes: &[u8]) -> Vec<u64> {
        self.play(&data.open());
        let carried = self.play(&data.send(side, bytes, 1448));
        let mut close = data.close();
        if side == 1 {
            // The sender closes first.
            let [c, s] = data.next;
            close[0] = wire::tcp(data.server, data.client, s, c, FIN | ACK, b"");
            close[1] = wire::tcp(data.client, data.server, c, s + 1, FIN | ACK, b"");
        }
        self.play(&close);
        carried
    }

    pub fn reset(&mut self, connection: &Connection, side: usize) {
        let ends = [connection.client, connection.server];
        let frame = wire::tcp(
            ends[side],
            ends[1 - side],
            connection.next[side],
            connection.next[1 - side],
            RST | ACK,
            b"",
        );
        self.play(&[frame]);
    }

    /// What comes of it; the same whatever the number of threads.
    pub fn analyse(&self) -> Analysis {
        let alone = self.analyse_with(1);
        for threads in [2, 3, 5, 8] {
            let several = self.analyse_with(threads);
            assert_eq!(
                format!("{:?}", several.transfers),
                format!("{:?}", alone.transfers)
            );
            assert_eq!(
                format!("{:?}", several.summary),
                format!("{:?}", alone.summary)
            );
        }
        let order = self.order();
        assert!(order.is_sorted(), "in time order: {order:?}");
        alone
    }

    fn analyse_with(&self, threads: usize) -> Analysis {
        let options = Options {
            messages: true,
            threads,
            ..Options::default()
        };
        gather(self.capture(), &options)
    }

    /// The times of messages and of those transfers that have an end, in the order in which `messages` writes them.
    fn order(&self) -> Vec<i64> {
        let (mut times, mut waiting) = (Vec::new(), Vec::<i64>::new());
        let options = Options {
            messages: true,
            ..Options::default()
        };
        let mut deliver = |output| {
            let time = match output {
                Output::Message(message) => message.provenance.time.nanoseconds,
                Output::Transfer(transfer) => {
                    waiting.extend(transfer.end().map(|end| end.nanoseconds));
                    return ControlFlow::Continue(());
                }
                _ => return ControlFlow::Continue(()),
            };
            waiting.sort_unstable();
            times.extend(waiting.extract_if(.., |waits| *waits < time));
            times.push(time);
            ControlFlow::Continue(())
        };
        analyse(&mut self.capture(), &options, &mut deliver, &mut |_| {});
        times
    }

    fn capture(&self) -> Capture {
        let bytes = std::io::Cursor::new(self.bytes.clone());
        Capture::from_reader("scene.pcap", bytes).expect("the capture opens")
    }

    /// What tshark's fields say of the scene, row by row; none, visibly, where it is absent.
    pub fn tshark(&self, filter: &str, fields: &[&str]) -> Option<Vec<Vec<String>>> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("scene.pcap");
        std::fs::write(&path, &self.bytes).expect("the folder takes a file");
        let fields = fields.iter().flat_map(|field| ["-e", field]);
        let mut command = Command::new("tshark");
        command
            .arg("-r")
            .arg(&path)
            .args(["-Y", filter, "-T", "fields"]);
        let Ok(run) = command.args(fields).output() else {
            eprintln!("skipped: tshark is absent");
            return None;
        };
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
        let text = String::from_utf8_lossy(&run.stdout).into_owned();
        let row = |line: &str| line.split('\t').map(str::to_owned).collect();
        Some(text.lines().map(row).collect())
    }
}

/// A transfer in one line.
pub fn told(transfer: &Transfer) -> String {
    let number = |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
    let cause = transfer.caused_by.as_ref();
    format!(
        "{} {} {} {}/{} announced {}: {} {} for {}",
        transfer.method.name(),
        transfer.direction.name(),
        transfer.name,
        number(transfer.bytes),
        number(transfer.missing_bytes),
        number(transfer.announced_bytes),
        transfer.result.name(),
        number(transfer.code.map(u64::from)),
        cause.map_or("-", |cause| cause.command_key.as_str()),
    )
}

pub fn all_told(analysis: &Analysis) -> Vec<String> {
    analysis.transfers.iter().map(told).collect()
}

/// The frames of each step.
pub fn frames(transfer: &Transfer) -> Vec<Vec<u64>> {
    let steps = transfer.steps.iter();
    steps
        .map(|step| step.frames.iter().map(|frame| frame.number()).collect())
        .collect()
}

/// The control connection that the phone opens.
pub fn control(port: u16) -> Connection {
    Connection::new(Endpoint::new(CPE, port), Endpoint::new(SERVER, 21))
}

const INFORMED: &str = "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>";
