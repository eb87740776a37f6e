//! The clock, the connections and the HTTP of a story: who says what when, with which fields, and what both sides remember.

use std::net::{Ipv4Addr, SocketAddr};

use super::device::Device;
use super::http::{Challenge, Manner};
use super::model::Root;
use super::story::{Accounts, Block, Story, Version};
use super::xml::Style;
use crate::random::Random;

/// A story in the making.
pub struct World {
    pub random: Random,
    pub device: Device,
    pub now_us: u64,
    /// The ACS that is called now.
    pub site: Site,
    /// The ACS it knows from the factory.
    pub home: Site,
    /// What goes another way than the shortest, in the sessions to come.
    pub ways: Ways,
    pub blocks: Vec<Block>,
    pub session: usize,
    pub connection: Option<Connection>,
    /// Names and values the ACS has set, in this session.
    pub cookies: Vec<(String, String)>,
    /// Does the last answer say HoldRequests?
    pub held: bool,
    /// Has the device told that it has no more requests?
    pub exhausted: bool,
    /// How many times the session was tried.
    pub retries: u32,
    /// When the next periodic Inform is due, and how far they are apart.
    pub periodic: Option<(u64, u64)>,
    /// The same for STUN keep-alives, with what they do.
    pub keepalive: Option<Keepalive>,
    /// What the device's address looks like to the server.
    pub mapped: Option<SocketAddr>,
    /// The ID of the request that waits for its answer.
    pub asked: String,
    /// Set by the caller to what the next periodic session does.
    pub routine: fn(&mut World),
    pub ids: [u32; 2],
    pub port: u16,
    pub sent: [Manner; 2],
    /// Attributes are told once they are known.
    pub transfers: Vec<super::arguments::File>,
}

/// When a keep-alive is due, how far they are apart, and what is done.
pub type Keepalive = (u64, u64, fn(&mut World));

/// Where the ACS is.
#[derive(Debug, Clone)]
pub struct Site {
    pub host: String,
    pub address: Ipv4Addr,
    pub port: u16,
    pub path: String,
}

/// What may be otherwise about a session.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// The Inform is redirected, with this status.
    pub redirect: Option<u16>,
    /// The challenge closes its connection.
    pub closing_challenge: bool,
    /// The ACS sends its answers in chunks.
    pub chunked: bool,
    /// HoldRequests: absent, or told in each envelope; true until the ACS has asked all.
    pub hold: Option<bool>,
    /// The ACS sets two cookies.
    pub two_cookies: bool,
    /// The ACS closes the connection behind an answer, once.
    pub closing_answer: bool,
    pub session_digest: bool,
    pub opaque: bool,
    /// The cookie comes with the challenge.
    pub early_cookie: bool,
}

/// A TCP connection between device and ACS.
#[derive(Debug, Clone)]
pub struct Connection {
    pub ends: [SocketAddr; 2],
    pub host: String,
    pub target: String,
    pub digest: Option<Challenge>,
}

impl World {
    /// A story in which all is written in the plainest way.
    pub fn plain(seed: u64, number: usize, version: Version, root: Root) -> Self {
        let mut random = Random::new(seed);
        let mut device = Device::new(&mut random, number, version, root);
        device.booleans = ("true", "false");
        let site = Site {
            host: "acs.example.net:7547".to_owned(),
            address: Ipv4Addr::new(198, 51, 100, 10),
            port: 7547,
            path: "/acs".to_owned(),
        };
        let manner = |product| Manner {
            style: Style::plain(),
            lower_case: false,
            turned: false,
            content_type: "text/xml; charset=utf-8",
            soap_action: "",
            product,
        };
        let now_us = START_US + (number as u64 % 1000) * 7_654_321;
        device.acs_url = site.url();
        device.booted_us = now_us - 40_000_000;
        device.reset();
        Self {
            home: site.clone(),
            site,
            random,
            device,
            now_us,
            ways: Ways::default(),
            blocks: Vec::new(),
            session: 0,
            connection: None,
            cookies: Vec::new(),
            held: false,
            exhausted: false,
            retries: 0,
            periodic: None,
            keepalive: None,
            mapped: None,
            asked: String::new(),
            routine: |_| (),
            ids: [0, 1000],
            port: 32_768,
            sent: [manner("Device/1.0"), manner("Server/2.0")],
            transfers: Vec::new(),
        }
    }

    /// A story in which both sides write in ways of their own.
    pub fn varied(seed: u64, number: usize, version: Version, root: Root) -> Self {
        let mut world = Self::plain(seed, number, version, root);
        let random = &mut world.random;
        world.now_us += random.below(20_000_000) as u64 * 1_000_000;
        world.device.booted_us = world.now_us - 40_000_000;
        world.device.booleans = [("1", "0"), ("true", "false")][random.below(2)];
        world.site.path = ["/acs", "/", "/cwmp/ACS", "/tr069?x=1"][random.below(4)].to_owned();
        if random.chance(400) {
            world.site.port = 80;
            world.site.host = "acs.example.net".to_owned();
        }
        world.home = world.site.clone();
        world.port = 32_768 + random.below(20_000) as u16;
        world.device.acs_url = world.site.url();
        world.device.reset();
        let of =
            |random: &mut Random, choices: &[&'static str]| choices[random.below(choices.len())];
        for manner in &mut world.sent {
            manner.style = Style::some(random);
            manner.lower_case = random.chance(200);
            manner.turned = random.chance(300);
            manner.content_type = of(
                random,
                &[
                    "text/xml",
                    "text/xml; charset=utf-8",
                    "text/xml;charset=\"UTF-8\"",
                ],
            );
            manner.soap_action = of(
                random,
                &["", "\"\"", "\"urn:dslforum-org:cwmp-1-0#Inform\""],
            );
        }
        world
    }

    pub fn finish(self) -> Story {
        let device = &self.device;
        let id = if device.class.is_empty() {
            format!("{}-{}", device.oui, device.serial)
        } else {
            format!("{}-{}-{}", device.oui, device.class, device.serial)
        };
        let account = Accounts {
            device: id,
            acs: (device.user_name(), device.password.clone()),
            connection_request: device.knocker.clone(),
            stun: device.stun.clone(),
        };
        let mut blocks = self.blocks;
        blocks.sort_by_key(|block| block.time_us);
        Story {
            blocks,
            version: self.device.version,
            sessions: self.session,
            accounts: vec![account],
        }
    }

    /// Lets so much time pass, in which nothing but keep-alives happens.
    pub fn wait_ms(&mut self, milliseconds: usize) {
        let until_us = self.now_us + milliseconds as u64 * 1_000;
        while let Some((due, period, act)) = self.keepalive {
            if due > until_us {
                break;
            }
            self.now_us = self.now_us.max(due);
            self.keepalive = Some((due + period, period, act));
            act(self);
        }
        self.now_us = self.now_us.max(until_us);
    }

    /// Lets time pass; what is due meanwhile happens.
    pub fn later(&mut self, seconds: usize) {
        let until_us = self.now_us + seconds as u64 * 1_000_000;
        while let Some((due, interval)) = self.periodic {
            if due >= until_us {
                break;
            }
            self.wait_until(due);
            self.periodic = Some((due + interval, interval));
            self.report();
        }
        self.wait_until(until_us);
    }

    pub fn wait_until(&mut self, time_us: u64) {
        let wait_us = time_us.saturating_sub(self.now_us);
        self.wait_ms(wait_us.div_ceil(1_000) as usize);
    }

    fn report(&mut self) {
        self.begin(&[("2 PERIODIC", "")], &[]);
        self.give_turn();
        (self.routine)(self);
        self.end();
    }

    /// Periodic Informs as the parameters have them, counted from now.
    pub fn set_period(&mut self) {
        let interval = self.device.value("ManagementServer.PeriodicInformInterval");
        let interval: u64 = interval.parse().unwrap_or(86_400);
        let on = self.device.is_true("ManagementServer.PeriodicInformEnable");
        let interval_us = interval * 1_000_000;
        self.periodic = on.then_some((self.now_us + interval_us, interval_us));
    }
}

impl Site {
    pub fn url(&self) -> String {
        format!("http://{}{}", self.host, self.path)
    }
}

/// 2026-01-12 08:00:00 UTC.
const START_US: u64 = 1_768_204_800_000_000;
