//! Sockets and the clock of a replay: the only room part that has them.
//!
//! It carries bytes between a player and its peer and decides nothing, but for two things: the guard is asked last before
//! anything is written, and every wait ends, whatever the peer does.

mod address;
mod connection;
mod doorbell;
mod exchange;
mod files;
mod interrupt;
mod reading;
mod run;
mod serve;
mod stun;
pub mod tls;
mod told;
mod waking;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;

pub use address::{Reachable, WakeUrl};
pub use doorbell::Doorbell;
pub use files::FileServer;
pub use interrupt::Interrupt;
pub use serve::{Recorded, Serve, ServeEvent, Served, serve};
pub use stun::StunServer;

use self::tls::{Calling, Listening};
use super::action::{ConnectionId, Now, WireEvent};
use super::audit::Audit;
use super::guard::Guard;
use super::player::Player;
use crate::session::Replayed;
use crate::source::Timestamp;

/// When a run began, and how time goes in it.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
    wall: Timestamp,
}

/// Where a player sits: what it is reached at, and whom it may reach.
#[derive(Debug)]
pub enum Seat {
    /// It plays the ACS.
    Acs {
        /// Where devices connect.
        listener: TcpListener,
        /// They speak TLS.
        tls: Option<Listening>,
        /// Where Connection Requests go; to the host of the live device alone where there is none.
        wake: Option<WakeUrl>,
        /// What serves Downloads and takes Uploads, where the scenario has any.
        files: Option<FileServer>,
        /// What tells devices where their bindings stand, where one is wanted.
        stun: Option<StunServer>,
    },
    /// It plays the CPE.
    Cpe {
        /// The ACS; nothing else is connected to.
        acs: SocketAddr,
        /// It speaks TLS.
        tls: Option<Calling>,
        /// Where Connection Requests come in, where the scenario waits for any.
        doorbell: Option<Doorbell>,
    },
}

impl Seat {
    /// Does HTTP go over TLS here?
    fn is_https(&self) -> bool {
        match self {
            Self::Acs { tls, .. } => tls.is_some(),
            Self::Cpe { tls, .. } => tls.is_some(),
        }
    }
}

/// What a run needs beside its player and its seat.
pub struct Drive<'d> {
    /// The scenario, as the audit log calls it.
    pub name: &'d str,
    /// Asked before anything is written.
    pub guard: Guard,
    /// Told of everything that goes out or comes in.
    pub audit: &'d mut Audit,
    /// Told of every byte on the wire.
    pub on_event: &'d mut dyn FnMut(WireEvent),
    /// The longest that the run may take, however it goes.
    pub limit: Duration,
    /// The clock that the player was made with.
    pub clock: Clock,
    /// Ends the run before its end.
    pub interrupt: &'d mut Interrupt,
}

/// In the place of an address of UDP Connection Requests: wherever the device has its binding, as soon as it has one.
pub const ANY_BINDING: &str = "0.0.0.0:0";

/// What came of a run.
#[derive(Debug)]
pub struct Played {
    /// For reports.
    pub replayed: Replayed,
    /// It was ended at the keyboard.
    pub interrupted: bool,
    /// Role acs: connections on which nothing was said that belongs to the device that is served.
    pub strangers: BTreeSet<ConnectionId>,
    /// What people want to know beside; safe to print, without control characters.
    pub notes: Vec<String>,
    /// Role acs: where the device is woken, as it said last.
    pub reachable: Option<Reachable>,
}

/// Plays a scenario to its end, which comes within the limit.
pub async fn play(player: Player, seat: &mut Seat, drive: Drive<'_>) -> Played {
    run::Run::new(player, drive).play(seat).await
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        let nanoseconds = jiff::Timestamp::now().as_nanosecond();
        Self {
            began: Instant::now(),
            wall: Timestamp {
                nanoseconds: i64::try_from(nanoseconds).unwrap_or_default(),
                digits: 6,
            },
        }
    }

    /// The time of the run.
    #[must_use]
    pub fn now(&self) -> Now {
        self.began.elapsed()
    }

    /// The time of day at a time of the run.
    #[must_use]
    pub fn wall(&self, now: Now) -> Timestamp {
        let since = i64::try_from(now.as_nanos()).unwrap_or(i64::MAX);
        Timestamp {
            nanoseconds: self.wall.nanoseconds.saturating_add(since),
            ..self.wall
        }
    }

    /// Waits until a time of the run; for ever where it is none that the clock can tell.
    async fn until(&self, at: Option<Now>) {
        match at.and_then(|at| self.began.checked_add(at)) {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

/// A random number, fit for nonces.
pub fn random() -> u64 {
    let mut bytes = [0; 8];
    // Where the system has no random numbers, nonces have to be new at least.
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        Err(_) => jiff::Timestamp::now().as_nanosecond().unsigned_abs() as u64,
    }
}
