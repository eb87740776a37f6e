//! What an HTTP message becomes once it is over: its body decoded, its frames and times found.

use http1::{End, Kind};

use super::{Feed, announces_xml};
use crate::pipeline::outbox::{Arrival, Bodies};
use crate::session::{Arrived, Carried, Evidence, Provenance, Transport};
use crate::source::Timestamp;

impl Feed<'_> {
    /// A message is over.
    pub(super) fn message(&mut self, mut http: http1::Message) {
        if http.kind() == Kind::Response && !http.is_interim() && http.head_complete() {
            self.exchange.methods.pop_front();
        }
        match http.cut {
            Some(http1::Cut::Limit(http1::LimitKind::InflateRatio))
                if self.outbox.allowance.is_used_up() =>
            {
                self.outbox.reached("inflate_excess_max");
            }
            Some(http1::Cut::Limit(_)) => self.outbox.reached("http.message_bytes_max"),
            _ => {}
        }
        if http.is_coded() {
            let decoded = http.body().len() as u64;
            let cut = matches!(http.cut, Some(http1::Cut::Limit(_)));
            self.outbox.allowance.spend(http.body_bytes, decoded, cut);
        }
        let exchange = self.exchange_of(&http);
        let evidence = self.evidence(&http);
        let Some(provenance) = self.provenance(&http, evidence) else {
            return;
        };
        let soap = self.soap(&mut http);
        let first = http.kind() == Kind::Request && self.exchange.requests == 1;
        let mut arrived = Box::new(Arrived::new(http, soap, provenance, &self.limits.assemble));
        arrived.in_exchange(exchange);
        if let (true, Some(sequence), Some(acknowledgment)) =
            (first, self.first_sequence, self.acknowledgment)
        {
            let fingerprint = self
                .outbox
                .fingerprint(&arrived.http.raw, sequence, acknowledgment);
            arrived.open_with(fingerprint);
        }
        match self.outbox.bodies {
            Bodies::None => {
                let (document, room) = arrived.forget_bodies();
                if let Some(document) = document {
                    self.parser.recycle(document);
                }
                self.parser.take_back(room);
            }
            Bodies::Read => {
                if let Some(room) = arrived.forget_raw_body() {
                    self.parser.take_back(room);
                }
            }
            Bodies::Raw => {}
        }
        self.outbox.push(Arrival::Message(arrived));
    }

    /// Which exchange of the connection a message belongs to, counted from 0.
    fn exchange_of(&mut self, http: &http1::Message) -> Option<u64> {
        let exchange = &mut self.exchange;
        let countable = exchange.is_countable() && http.head_complete();
        let number = match http.kind() {
            Kind::Request => exchange.requests.checked_sub(1),
            Kind::Response => Some(exchange.responses),
        };
        if http.kind() == Kind::Response && !http.is_interim() && http.head_complete() {
            exchange.responses += 1;
        }
        number.filter(|_| countable)
    }

    fn soap(&mut self, http: &mut http1::Message) -> Option<cwmp::Document> {
        if !http.body_kept || http.body().is_empty() {
            return None;
        }
        match cwmp::looks_like_soap(http.body()) {
            Some(true) => {}
            Some(false) => return None,
            None if announces_xml(&http.view()) => {}
            None => return None,
        }
        let own = http.own_body();
        let body = own.unwrap_or_else(|| self.parser.body(http.body()));
        let charset = http.charset();
        let charset = charset.as_deref().map(String::from_utf8_lossy);
        let hints = cwmp::Hints {
            charset: charset.as_deref(),
            complete: http.body_complete,
        };
        let limits = if http.is_coded() {
            self.outbox.allowance.elements(self.limits.cwmp, body.len())
        } else {
            self.limits.cwmp
        };
        Some(self.parser.parse(body, &hints, &limits))
    }

    fn evidence(&mut self, http: &http1::Message) -> Evidence {
        let snapped = std::mem::take(&mut self.reader.snapped);
        match http.cut {
            None | Some(http1::Cut::End(End::Fin | End::Reset) | http1::Cut::Framing { .. }) => {
                Evidence::Complete
            }
            Some(http1::Cut::Gap { .. }) if !snapped => Evidence::Gap,
            Some(_) => Evidence::Truncated,
        }
    }

    fn transport(&self) -> Transport {
        let ends = [self.source, self.destination];
        let sealed = self.exchange.sealed.is_some();
        if sealed || ends.iter().any(|end| self.outbox.opened.contains(end)) {
            Transport::Https
        } else {
            Transport::Http
        }
    }

    /// The frames of a message, and its times; what lies before its end is forgotten.
    fn provenance(&mut self, http: &http1::Message, evidence: Evidence) -> Option<Provenance> {
        let transport = self.transport();
        let carried = &mut self.reader.carried;
        let (start, end) = (http.stream_offset, http.stream_end);
        while carried.get(1).is_some_and(|second| second.offset <= start) {
            carried.pop_front();
        }
        let within = carried.partition_point(|frame| frame.offset < end);
        let first = carried.front()?;
        let latest_ns = carried
            .iter()
            .take(within)
            .map(|frame| frame.time_ns)
            .max()
            .unwrap_or(first.time_ns);
        let digits = self.exchange.digits;
        let mut provenance = Provenance {
            connection: self.connection,
            source: self.source,
            destination: self.destination,
            transport,
            tls: self
                .exchange
                .sealed
                .as_ref()
                .map(|sealed| sealed.connection()),
            started: Timestamp {
                nanoseconds: first.time_ns,
                digits,
            },
            time: Timestamp {
                nanoseconds: latest_ns,
                digits,
            },
            carried: carried
                .iter()
                .take(within.max(1))
                .map(|frame| Carried {
                    offset: frame.offset.max(start),
                    frame: frame.frame,
                })
                .collect(),
            evidence,
            overlaps: Vec::new(),
            from_syn: self.reader.begun,
        };
        let overlaps = &mut self.reader.overlaps;
        provenance.overlaps = overlaps.take(start, end, |offset| provenance.frame_at(offset));
        while carried.get(1).is_some_and(|second| second.offset <= end) {
            carried.pop_front();
        }
        Some(provenance)
    }
}
