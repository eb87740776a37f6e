//! Connection Requests of `informant serve`, each by a task of its own.

use tokio::sync::mpsc;

use super::calls::Called;
use super::{Run, ServeEvent, TOLD_MAX};
use crate::replay::action::{ConnectionId, WireEvent, WireEventKind};
use crate::replay::audit::Entry;
use crate::replay::drive::told::{Aside, Told};
use crate::replay::drive::{address, waking};
use crate::replay::guard;

/// What came of a Connection Request.
pub(super) struct Rung {
    pub(super) connection: ConnectionId,
    pub(super) device: String,
    pub(super) came: Result<u16, String>,
}

impl Run<'_> {
    /// Wakes a device, at the host that it came from and no other.
    pub(super) fn ring(&mut self, device: String, url: &str, from: std::net::IpAddr) {
        let now = self.serve.clock.now();
        let to = match address::allowed(url, None, Some(from), false) {
            Ok(to) => to,
            Err(why) => {
                let wanted = "connection_request";
                self.note(Entry::Refused { wanted, why: &why });
                self.serve.bench.woken(now, &device, Err(why));
                return;
            }
        };
        let connection = self.number();
        self.recordings.calls().begin(connection, &device, from);
        let (tell, mut told) = mpsc::channel(TOLD_MAX);
        let bell = waking::Bell {
            to,
            account: self.serve.account.clone(),
            connection,
            guard: self.guard(Some(&device), Some(&device)),
            tell,
        };
        let on = self.tell.clone();
        self.rings.spawn(async move {
            let mut came = Err("nobody answered".to_owned());
            let listening = async {
                while let Some(told) = told.recv().await {
                    match told {
                        Told::Aside(aside) => drop(on.send(Told::Aside(aside)).await),
                        Told::Woken(Ok(status)) => came = Ok(status.unwrap_or_default()),
                        Told::Woken(Err(why)) => came = Err(why),
                        _ => {}
                    }
                }
            };
            tokio::join!(bell.by_http(), listening);
            Rung {
                connection,
                device,
                came,
            }
        });
    }

    /// What came of a Connection Request, behind all that was said of it.
    pub(super) fn rung(&mut self, rung: Rung) {
        for _ in 0..TOLD_MAX {
            let Ok(told) = self.told.try_recv() else {
                break;
            };
            self.hear(told);
            self.act();
        }
        self.ring_is_over(rung.connection);
        let now = self.serve.clock.now();
        self.serve.bench.woken(now, &rung.device, rung.came);
    }

    /// Those that the end of the run has overtaken.
    pub(super) fn end_rings(&mut self) {
        for id in self.recordings.calls().ids() {
            self.ring_is_over(id);
        }
    }

    fn ring_is_over(&mut self, id: ConnectionId) {
        let now = self.serve.clock.now();
        let called = self.recordings.calls().end(id, now);
        self.called(called);
    }

    fn called(&mut self, called: Option<Called>) {
        let now = self.serve.clock.now();
        let gone = called.map(|called| self.recordings.called(called, now));
        for loose in gone.into_iter().flatten() {
            self.event(ServeEvent::Loose(loose));
        }
    }

    /// A part of a Connection Request, or of its answer.
    pub(super) fn aside(&mut self, mut aside: Aside) {
        let peer = if aside.ours {
            aside.destination
        } else {
            aside.source
        };
        if let WireEventKind::Bytes(bytes) = &aside.kind {
            let classified = guard::classify(bytes);
            let what = "connection_request";
            self.note(if aside.ours {
                Entry::Out {
                    peer,
                    step: None,
                    classified: &classified,
                    bytes,
                    refused: None,
                }
            } else {
                Entry::In { peer, what, bytes }
            });
        }
        aside.let_go(self.serve.audit);
        let now = self.serve.clock.now();
        let event = WireEvent {
            time: now,
            connection: aside.connection,
            source: aside.source,
            destination: aside.destination,
            kind: aside.kind,
        };
        let called = self.recordings.calls().take(event);
        self.called(called);
    }
}
