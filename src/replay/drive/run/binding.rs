//! Datagrams of a run: STUN on either side, and Connection Requests through the bindings that it tells.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinSet;

use super::Run;
use crate::replay::action::{Heard, WireEventKind};
use crate::replay::audit::Entry;
use crate::replay::binding::{Binding, Heard as HeardOfStun, Port, Progress};
use crate::replay::drive::doorbell::Doorbell;
use crate::replay::drive::stun::{Post, StunServer};
use crate::replay::drive::told::Aside;
use crate::replay::drive::{ANY_BINDING, Seat, WakeUrl, address, waking};
use crate::replay::guard::Errand;
use crate::replay::scenario::Via;

/// A Connection Request that the player wants.
pub(super) struct Ring {
    pub(super) step: usize,
    pub(super) url: String,
    pub(super) via: Via,
    pub(super) account: Option<(String, String)>,
    pub(super) copies: (u32, Duration),
}

/// What Connection Requests of a run need to know of each other.
#[derive(Default)]
pub(super) struct Ringing {
    /// `ts` of the last by UDP: a device takes none that is not later (TR-111 section 2.2.1.4).
    last_s: u64,
    /// One that waits for the binding that it goes to.
    waits: Option<Ring>,
    /// Those by UDP: their copies go out to the last, also where the device was quicker.
    pub(super) tasks: JoinSet<()>,
}

impl Ringing {
    pub(super) fn is_under_way(&mut self) -> bool {
        while self.tasks.try_join_next().is_some() {}
        !self.tasks.is_empty()
    }
}

/// What people want to know, each once.
#[derive(Default)]
pub(super) struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, note: &str) {
        let safe = note.replace(char::is_control, " ");
        if self.0.len() < NOTES_MAX && !self.0.contains(&safe) {
            self.0.push(safe);
        }
    }

    pub(super) fn finish(self) -> Vec<String> {
        self.0
    }
}

impl Run<'_> {
    /// Role cpe: does not begin before the binding is known that the scenario needs.
    pub(super) async fn find_binding(&mut self, seat: &mut Seat) {
        while self.stopped.is_none() && lacks_binding(seat) {
            let next = self.next(seat).await;
            self.handle(next, seat);
            if self.drive.audit.has_failed() {
                self.stop("the audit log cannot be written");
            }
        }
    }

    pub(super) fn wake_device(&mut self, ring: Ring, seat: &Seat) {
        let Seat::Acs { wake, stun, .. } = seat else {
            return;
        };
        match self.goes_to(&ring, wake.as_ref(), stun.as_ref()) {
            Ok(Some(to)) => self.ring(to, ring, stun.as_ref()),
            Ok(None) => self.ringing.waits = Some(ring),
            Err(why) => {
                let now = self.drive.clock.now();
                self.note(Entry::Refused {
                    wanted: "connection_request",
                    why: &why,
                });
                self.player.refused(now, None, Some(ring.step), why);
            }
        }
    }

    /// Where a Connection Request goes: by UDP to the device's binding, if the STUN server knows one; nothing where it has to wait
    /// for that.
    fn goes_to(
        &self,
        ring: &Ring,
        wake: Option<&WakeUrl>,
        stun: Option<&StunServer>,
    ) -> Result<Option<WakeUrl>, String> {
        // Whoever else connected says nothing of where the device is.
        let live = self.served.as_ref().map(|(address, _)| *address);
        let is_udp = ring.via == Via::Udp;
        if let Some(stun) = stun.filter(|_| is_udp) {
            let here = |binding: &Binding| binding.address.to_string();
            let is_allowed = |binding: &&Binding| {
                binding.is_proven || address::allowed(&here(binding), wake, live, true).is_ok()
            };
            if let Some(binding) = stun.bindings().find(is_allowed) {
                return WakeUrl::read(&here(binding)).map(Some);
            }
            if ring.url == ANY_BINDING {
                return Ok(None);
            }
        }
        address::allowed(&ring.url, wake, live, is_udp).map(Some)
    }

    fn ring(&mut self, to: WakeUrl, ring: Ring, stun: Option<&StunServer>) {
        let mut timestamp_s = 0;
        if ring.via == Via::Udp {
            let wall = self.drive.clock.wall(self.drive.clock.now());
            let seconds = wall.nanoseconds.div_euclid(1_000_000_000);
            let later = self.ringing.last_s.saturating_add(1);
            timestamp_s = u64::try_from(seconds).unwrap_or_default().max(later);
            self.ringing.last_s = timestamp_s;
        }
        let bell = waking::Bell {
            to,
            account: ring.account,
            connection: self.aside(),
            guard: self.drive.guard.clone(),
            tell: self.tell.clone(),
        };
        let how = waking::ByUdp {
            timestamp_s,
            copies: ring.copies,
            socket: stun.map(|stun| stun.post(Port::Primary).socket()),
        };
        match ring.via {
            Via::Http => self.tasks.spawn(bell.by_http()),
            Via::Udp => self.ringing.tasks.spawn(bell.by_udp(how)),
        };
    }

    /// Role acs: a datagram came to the STUN server.
    pub(super) fn asked_for_binding(
        &mut self,
        now: Duration,
        (stun, wake): (&mut StunServer, Option<&WakeUrl>),
        (port, datagram, peer): (Port, Vec<u8>, SocketAddr),
    ) {
        let served = self.served.as_ref();
        let is_served = served.is_some_and(|(ip, _)| ip.to_canonical() == peer.ip().to_canonical());
        if !stun.admits(now, peer, is_served) || datagram.is_empty() {
            self.passed_over();
            return;
        }
        let here = stun.post(port).local();
        let heard = stun.hear(port, peer, &datagram);
        self.datagram_came(now, peer, here, datagram);
        let (answer, is_new) = match heard {
            HeardOfStun::Answered(answer) => (answer, false),
            HeardOfStun::Bound(answer, _) => (answer, true),
            HeardOfStun::PassedOver(why) => {
                self.note(Entry::Refused {
                    wanted: "stun",
                    why,
                });
                return;
            }
        };
        let errand = Errand::AnswersStun(peer);
        self.datagram_goes(
            now,
            stun.post(answer.from),
            &answer.bytes,
            answer.to,
            errand,
        );
        if is_new && let Some(ring) = self.ringing.waits.take() {
            match self.goes_to(&ring, wake, Some(stun)) {
                Ok(Some(to)) => self.ring(to, ring, Some(stun)),
                _ => self.ringing.waits = Some(ring),
            }
        }
    }

    /// Role cpe: it is time to ask, or to ask again.
    pub(super) fn keep_binding(&mut self, now: Duration, doorbell: &mut Doorbell) {
        if let Some(keeper) = &mut doorbell.keeper {
            let progress = keeper.cpe.handle_timeout(now);
            self.progressed(now, doorbell, progress);
        }
    }

    /// Role cpe: a datagram came where the device listens.
    pub(super) fn datagram(
        &mut self,
        now: Duration,
        doorbell: &mut Doorbell,
        datagram: Vec<u8>,
        peer: SocketAddr,
    ) {
        if !doorbell.admits(now, peer) || datagram.is_empty() {
            self.passed_over();
            return;
        }
        let here = doorbell.post().local();
        self.datagram_came(now, peer, here, datagram.clone());
        if matches!(
            ::stun::recognise(&datagram, datagram.len()),
            Some(::stun::Datagram::Stun(_))
        ) {
            if let Some(keeper) = &mut doorbell.keeper {
                let progress = keeper.cpe.hear(now, peer, &datagram);
                self.progressed(now, doorbell, progress);
            }
            return;
        }
        match doorbell.hears(&datagram, peer) {
            Ok(true) => self.player.handle(now, Heard::WokenBy(peer)),
            Ok(false) => {}
            Err(why) => self.note(Entry::Refused {
                wanted: "connection_request",
                why,
            }),
        }
    }

    /// Role cpe: an ACS may set STUNEnable and STUNServerAddress, and is not followed there.
    pub(super) fn look_for_stun(&mut self, body: &[u8]) {
        let holds = |text: &[u8]| memchr::memmem::find(body, text).is_some();
        if holds(b":SetParameterValues>") && holds(b".ManagementServer.STUN") {
            self.notes.add(SET);
        }
    }

    fn progressed(&mut self, now: Duration, doorbell: &mut Doorbell, progress: Progress) {
        let Some(keeper) = &doorbell.keeper else {
            return;
        };
        let (to, is_needed) = (keeper.cpe.stun_server(), keeper.is_needed);
        let is_lacking = is_needed && keeper.cpe.mapped().is_none();
        if let Some(bytes) = progress.send {
            self.datagram_goes(now, doorbell.post(), &bytes, to, Errand::AsksStun(to));
        }
        if let Some(mapped) = progress.bound {
            self.player.bound(mapped);
        }
        if let Some(trouble) = progress.trouble {
            self.note(Entry::Refused {
                wanted: "stun",
                why: &trouble,
            });
            if is_lacking {
                let why = format!("{trouble}, and the scenario needs its binding");
                self.stop(&why);
            } else {
                self.notes.add(&trouble);
            }
        }
    }

    /// The last thing before the socket: the guard is asked, the log is written, and only then a datagram goes out.
    fn datagram_goes(
        &mut self,
        now: Duration,
        post: &Post,
        bytes: &[u8],
        to: SocketAddr,
        errand: Errand,
    ) {
        let permit = match self.drive.guard.permit_datagram(bytes, to, errand) {
            Ok(permit) => permit,
            Err(refusal) => {
                let why = refusal.to_string();
                self.note(Entry::Refused {
                    wanted: "stun",
                    why: &why,
                });
                return;
            }
        };
        let Some(room) = post.room() else {
            return;
        };
        let aside = Aside {
            connection: self.aside(),
            source: post.local(),
            destination: to,
            kind: WireEventKind::Datagram(bytes.to_vec()),
            ours: true,
            go: None,
        };
        self.noted(now, aside);
        if !self.drive.audit.has_failed() {
            room.send(&permit, to);
        }
    }

    fn datagram_came(
        &mut self,
        now: Duration,
        peer: SocketAddr,
        here: SocketAddr,
        datagram: Vec<u8>,
    ) {
        let aside = Aside {
            connection: self.aside(),
            source: peer,
            destination: here,
            kind: WireEventKind::Datagram(datagram),
            ours: false,
            go: None,
        };
        self.noted(now, aside);
    }

    /// A datagram beyond the bounds is neither kept nor told, but that there were such.
    fn passed_over(&mut self) {
        if self.notes.0.iter().all(|note| note != PASSED_OVER) {
            self.notes.add(PASSED_OVER);
            self.note(Entry::Refused {
                wanted: "datagram",
                why: PASSED_OVER,
            });
        }
    }
}

/// Is a binding needed that is not known yet?
fn lacks_binding(seat: &Seat) -> bool {
    let Seat::Cpe {
        doorbell: Some(doorbell),
        ..
    } = seat
    else {
        return false;
    };
    let keeper = doorbell.keeper.as_ref();
    keeper.is_some_and(|keeper| keeper.is_needed && keeper.cpe.mapped().is_none())
}

const PASSED_OVER: &str =
    "more datagrams came than are listened to, or longer ones: they were passed over";
const SET: &str =
    "the ACS set parameters of STUN: no other STUN server is asked for that than the one of --stun";
const NOTES_MAX: usize = 16;
