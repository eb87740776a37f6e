//! The generated stories of what wakes a device under `captures/`: Connection Requests over HTTP and UDP that work, each way
//! in which they fail, and gateways that help or do not. Invented, with what each holds told exactly.

mod actors;
mod binding;
mod gateway;
mod http;
mod lease;
mod ring;
mod soap;
mod telling;
mod udp;

use std::fmt::Write;

use actors::Device;
use telling::{Telling, Truth, View};
pub use udp::NEAR_MISS;

/// A story before it is told.
struct Plot {
    name: &'static str,
    /// Days after the first.
    day: u64,
    view: View,
    title: &'static str,
    text: &'static str,
    tell: fn(&mut Telling) -> Vec<Device>,
}

/// A folder: its files, and what holds of the capture.
pub struct Story {
    pub name: &'static str,
    pub pcapng: Vec<u8>,
    pub notes: String,
    pub credentials: String,
    pub frames: u64,
    pub truth: Truth,
}

/// Tells them all.
pub fn tell() -> Vec<Story> {
    let all = http::PLOTS.iter().chain(&udp::PLOTS);
    all.chain(&gateway::PLOTS).map(Plot::told).collect()
}

impl Plot {
    fn told(&self) -> Story {
        let start_us = START_US + self.day * DAY_US;
        let mut telling = Telling::new(self.view, self.interfaces(), start_us);
        let devices = (self.tell)(&mut telling);
        let secrets = devices.iter().flat_map(|device| {
            [&device.acs, &device.connection_request, &device.stun]
                .map(|account| account.password.clone())
        });
        telling.truth.secrets.extend(secrets);
        Story {
            name: self.name,
            pcapng: telling.scene.pcapng(COMMENT),
            notes: self.notes(&telling, &devices),
            credentials: credentials(&devices),
            frames: telling.scene.frames(),
            truth: telling.truth,
        }
    }

    fn interfaces(&self) -> &'static [&'static str] {
        match self.view {
            View::BesidePhone => &["mirror0"],
            View::BesideAcs if self.name == "gateway-association" => &["lan0", "eth0"],
            View::BesideAcs => &["eth0"],
        }
    }

    fn notes(&self, telling: &Telling, devices: &[Device]) -> String {
        let mut notes = format!(
            "# {}\n\n{}\n\n## What to look at\n\n| frames | what |\n| --- | --- |\n",
            self.title, self.text
        );
        let mut line = |text: String| {
            writeln!(notes, "{text}").expect("a string takes all");
        };
        for (first, last, text) in &telling.marks {
            line(format!("| {} | {text} |", range(*first, *last)));
        }
        if !telling.truth.verdicts.is_empty() {
            line("\n## What is to be said of it\n\n| Connection Request in frame | result | reasons | session |\n| --- | --- | --- | --- |".to_owned());
        }
        for verdict in &telling.truth.verdicts {
            let session = verdict
                .session
                .map_or("-".to_owned(), |one| one.to_string());
            let reasons = match verdict.reasons {
                [] => "-".to_owned(),
                reasons => format!("`{}`", reasons.join("`, `")),
            };
            line(format!(
                "| {} | `{}` | {reasons} | {session} |",
                verdict.frame, verdict.result
            ));
        }
        line(
            "\n```\ninformant flow capture.pcapng\ninformant list capture.pcapng -T ndjson\n```\n"
                .to_owned(),
        );
        line(ORIGIN.to_owned());
        for device in devices {
            line(passwords(device));
        }
        line("\n## Licence\n\nApache-2.0, as the project.".to_owned());
        notes
    }
}

/// The accounts of one device; the same ones stand in `credentials.toml`.
fn passwords(device: &Device) -> String {
    let mut all = vec![
        ("the ACS asks it for", &device.acs),
        ("it asks the ACS for", &device.connection_request),
    ];
    if device.binding.is_some() {
        all.push(("the STUN server asks it for", &device.stun));
    }
    let all = all
        .iter()
        .map(|(who, account)| format!("{who} `{}` / `{}`", account.user_name, account.password));
    format!(
        "- `{}`: {}",
        device.id(),
        all.collect::<Vec<_>>().join(", ")
    )
}

/// One device's accounts are everybody's; of several each has its own.
fn credentials(devices: &[Device]) -> String {
    let mut text = String::new();
    for device in devices {
        let section = match devices {
            [_] => "default".to_owned(),
            _ => format!("device.\"{}\"", device.id()),
        };
        let mut accounts = vec![
            ("acs", &device.acs),
            ("connection_request", &device.connection_request),
        ];
        if device.binding.is_some() {
            accounts.push(("stun", &device.stun));
        }
        writeln!(
            text,
            "{}[{section}]",
            if text.is_empty() { "" } else { "\n" }
        )
        .expect("a string takes all");
        for (name, account) in accounts {
            writeln!(
                text,
                "{name} = {{ user_name = \"{}\", password = \"{}\" }}",
                account.user_name, account.password
            )
            .expect("a string takes all");
        }
    }
    text
}

fn range(first: u64, last: u64) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

/// 2026-03-18 08:30:00 UTC.
const START_US: u64 = 1_773_822_600_000_000;
const DAY_US: u64 = 86_400_000_000;
const COMMENT: &str = "Informant sample: generated, no device was recorded";
const ORIGIN: &str = "## Origin\n\n\
    Generated, all of it, these notes too, by `tests/support/wakeups`; `make bless` writes it again, with the same bytes. No\n\
    phone, ACS or person was recorded. Addresses and names are those that RFC 5737, RFC 7042 and RFC 2606 set aside for\n\
    documentation, or private; serial numbers are invented, and so are the passwords, which are nobody's:\n";
