//! A story of a device while it is told: the conversation of `clean`, with a device as its vendor describes it, marks for
//! the notes, and the breach of the broken variant.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};

use super::Telling;
use super::capture::{self, Wires};
use super::truth::Truth;
use super::vendor::Vendor;
use crate::clean::http::Manner;
use crate::clean::plots;
use crate::clean::story::{Block, Message, Story as Conversation};
use crate::clean::world::World as Plain;
use crate::clean::xml::Style;

pub struct World {
    plain: Plain,
    pub vendor: &'static Vendor,
    pub is_broken: bool,
    /// Conversations of others at the same time.
    beside: Vec<Conversation>,
    /// When each part of the story ended, and what it was.
    marks: Vec<(u64, String)>,
    pub wires: Wires,
}

impl Deref for World {
    type Target = Plain;

    fn deref(&self) -> &Plain {
        &self.plain
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Plain {
        &mut self.plain
    }
}

impl World {
    pub fn new(vendor: &'static Vendor, number: usize, is_broken: bool) -> Self {
        let mut plain = Plain::plain(SEED + number as u64, number, vendor.version, vendor.root);
        plain.now_us += number as u64 * DAY_US;
        describe(&mut plain, vendor);
        plain.device.booted_us = plain.now_us - 40_000_000;
        plain.sent = manners(vendor);
        plain.routine = |_| ();
        Self {
            wires: Wires::of(vendor.mac),
            plain,
            vendor,
            is_broken,
            beside: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Says what has happened since the last mark.
    pub fn mark(&mut self, text: &str) {
        let now_us = self.now_us;
        let text = text.replace("the phone", self.vendor.device());
        self.marks.push((now_us, text));
    }

    /// In the broken variant, changes every message of this name (of CWMP, or `empty`, `204`, `401`, `knock`, `GET`, ...; `*` is any)
    /// that was said in the session that runs, or in the last.
    pub fn spoil(&mut self, what: &str, edit: impl Fn(&mut Message)) {
        let session = self.session;
        if !self.is_broken {
            return;
        }
        let mut spoilt = 0;
        for block in &mut self.plain.blocks {
            let meant = what == "*" || block.what == what;
            let when = block.session == session || block.session == 0;
            if let Some(message) = block.content.message().filter(|_| meant && when) {
                edit(message);
                spoilt += 1;
            }
        }
        assert!(spoilt > 0, "there is no {what} to be spoilt");
    }

    /// In the broken variant, changes text in the bodies of these messages.
    pub fn replace(&mut self, what: &str, from: &str, to: &str) {
        let found = std::cell::Cell::new(!self.is_broken);
        self.spoil(what, |message| {
            found.set(message.replace(from, to) || found.get());
        });
        assert!(found.get(), "no {what} has {from}");
    }

    /// A device that the ACS knows: it is seen once before the story.
    pub fn known(&mut self) {
        self.begin(&[("2 PERIODIC", "")], &[]);
        self.give_turn();
        self.end();
        self.mark("the phone in everyday life: a periodic Inform");
        self.later(45);
    }

    /// A device that the ACS sees for the first time: all that is asked of it from now on is known.
    pub fn installed(&mut self) {
        self.begin(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
        self.give_turn();
        self.end();
        self.mark("the phone is new to the ACS");
        self.later(45);
    }

    /// The device starts again, and is away for as long as its kind takes.
    pub fn restart(&mut self) {
        let seconds = self.vendor.restart_s;
        plots::start_again(self, seconds);
    }

    /// Other firmware runs: its parameter says so, and so does what the device calls itself over HTTP.
    pub fn runs(&mut self, version: &str) {
        version.clone_into(&mut self.device.software);
        self.device.set("DeviceInfo.SoftwareVersion", version);
        let vendor = self.vendor;
        let product = vendor.user_agent.replace(vendor.software, version);
        self.sent[0].product = product.leak();
    }

    /// A request of the ACS brings the session, up to the ACS's turn.
    pub fn wake(&mut self) {
        plots::wake(self);
    }

    /// Another device tells its own story at the same time: what `tell` has it do begins now.
    pub fn beside(&mut self, other: Plain, tell: impl FnOnce(&mut Plain)) {
        let mut other = other;
        other.now_us = self.now_us;
        tell(&mut other);
        self.plain.now_us = other.now_us;
        self.beside.push(other.finish());
    }

    pub fn finish(mut self) -> Telling {
        let now_us = self.now_us;
        if self.marks.last().is_none_or(|(end_us, _)| *end_us < now_us) {
            self.mark("the rest");
        }
        // As the Inform's DeviceId gives it (TR-069 Amendment 2 section 3.4.4).
        let id = self.plain.device.user_name();
        let mut first = self.plain.finish();
        first.accounts[0].device = id;
        let conversation = self.beside.into_iter().fold(first, Conversation::beside);
        let written = capture::write(&conversation.blocks, &self.wires);
        Telling {
            marks: marks(&self.marks, &conversation.blocks, &written.frames),
            truth: Truth::of(&conversation, &written),
            pcapng: written.pcapng,
            conversation,
        }
    }
}

/// Makes a device of `clean` that of a vendor.
pub fn describe(plain: &mut Plain, vendor: &'static Vendor) {
    let device = &mut plain.device;
    vendor.manufacturer.clone_into(&mut device.manufacturer);
    vendor.oui.clone_into(&mut device.oui);
    vendor.product_class.clone_into(&mut device.class);
    vendor.serial_number.clone_into(&mut device.serial);
    vendor.software.clone_into(&mut device.software);
    device.mac = vendor.mac;
    device.booleans = vendor.booleans;
    device.described = Some(&vendor.described);
    let fields = [vendor.oui, vendor.product_class, vendor.serial_number];
    let fields = fields.map(crate::clean::device::percent_encoded);
    device.knocker.0 = format!("acs-{}", fields.join("-"));
    device.stun.0 = format!("st{}", vendor.serial_number);
    device.reset();
}

fn manners(vendor: &'static Vendor) -> [Manner; 2] {
    let of = |product, style| Manner {
        style,
        lower_case: false,
        turned: false,
        content_type: "text/xml; charset=utf-8",
        soap_action: "",
        product,
    };
    [
        of(vendor.user_agent, vendor.style.clone()),
        of("example-acs", Style::plain()),
    ]
}

/// Marks by frames in place of times.
fn marks(
    marks: &[(u64, String)],
    blocks: &[Block],
    frames: &[Vec<u64>],
) -> Vec<(u64, u64, String)> {
    let mut begin_us = 0;
    let mut told = Vec::new();
    for (end_us, text) in marks {
        let within = blocks.iter().zip(frames);
        let within = within.filter(|(block, _)| (begin_us..=*end_us).contains(&block.time_us));
        let numbers: Vec<u64> = within.flat_map(|(_, frames)| frames).copied().collect();
        if let (Some(first), Some(last)) = (numbers.iter().min(), numbers.iter().max()) {
            told.push((*first, *last, text.clone()));
        }
        begin_us = end_us + 1;
    }
    told
}

/// Where a server is.
pub fn at(address: [u8; 4], port: u16) -> SocketAddr {
    SocketAddr::from((address, port))
}

const SEED: u64 = 0x0b5e_55ed;
const DAY_US: u64 = 86_400_000_000;
