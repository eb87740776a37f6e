//! Connection Requests of `informant serve`, each by a task of its own.

use tokio::sync::mpsc;

use super::{Run, TOLD_MAX};
use crate::replay::action::{WireEvent, WireEventKind};
use crate::replay::audit::Entry;
use crate::replay::drive::told::{Aside, Told};
use crate::replay::drive::{address, waking};
use crate::replay::guard;

/// What came of a Connection Request.
pub(super) struct Rung {
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
        let (tell, mut told) = mpsc::channel(TOLD_MAX);
        let bell = waking::Bell {
            to,
            account: self.serve.account.clone(),
            connection: self.number(),
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
            Rung { device, came }
        });
    }

    /// A part of a Connection Request, or of its answer.
    pub(super) fn aside(&mut self, aside: Aside) {
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
        let now = self.serve.clock.now();
        let event = WireEvent {
            time: now,
            connection: aside.connection,
            source: aside.source,
            destination: aside.destination,
            kind: aside.kind,
        };
        self.keep_loose(peer.ip(), vec![event]);
    }
}
