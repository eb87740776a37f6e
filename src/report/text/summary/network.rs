//! What the packets of a capture were, in two or three lines of its first screen.

use super::super::figures::{bytes, counted, grouped};
use super::{INDENT, Screen};
use crate::report::escape;
use crate::report::paint::{Ink, wrapped};

impl Screen<'_> {
    pub(super) fn network(&mut self) {
        let tcp = &self.summary.tcp;
        let mut connections = counted(tcp.connections, "TCP connection", "TCP connections");
        if tcp.midstream > 0 {
            connections.push_str(&format!(" ({} joined midway)", grouped(tcp.midstream)));
        }
        let mut facts = vec![(Ink::Plain, connections)];
        facts.push(match tcp.gaps {
            0 => (Ink::Plain, "no gap".to_owned()),
            gaps => {
                let missing = bytes(tcp.gap_bytes);
                (
                    Ink::Warning,
                    format!("{} ({missing} missing)", counted(gaps, "gap", "gaps")),
                )
            }
        });
        facts.extend(self.noted());
        self.inked(&facts);
        self.tls();
        self.passed_over();
        for (name, times) in &self.summary.limits_reached {
            let times = counted(*times, "time", "times");
            self.inked(&[(Ink::Warning, format!("bound reached: {name}, {times}"))]);
        }
    }

    /// TLS, and what it would take to read what could not be read, the most frequent first.
    fn tls(&mut self) {
        let tls = &self.summary.tls;
        if tls.connections == 0 {
            return;
        }
        let connections = counted(tls.connections, "TLS connection", "TLS connections");
        let ink = if tls.decrypted > 0 {
            Ink::Good
        } else {
            Ink::Plain
        };
        let read = match tls.decrypted {
            0 => "none decrypted".to_owned(),
            all if all == tls.connections => "decrypted".to_owned(),
            some => format!("{} decrypted", grouped(some)),
        };
        self.inked(&[(Ink::Plain, connections), (ink, read)]);
        let mut reasons: Vec<_> = tls.undecrypted.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (why, count) in reasons.into_iter().take(NAMES_MAX) {
            let told = format!("not decrypted: {}: {}", grouped(*count), escape::text(why));
            for part in wrapped(&told, self.look.width.saturating_sub(INDENT)) {
                self.inked(&[(Ink::Dim, part)]);
            }
        }
    }

    /// What carried neither TCP nor UDP, by name, the most frequent first.
    fn passed_over(&mut self) {
        let packets = &self.summary.packets;
        let links = packets
            .unsupported_link
            .iter()
            .map(|one| (Ink::Warning, one));
        let unread = packets.unread.iter().map(|one| (Ink::Plain, one));
        for (label, named) in [
            ("link types not read", links.collect::<Vec<_>>()),
            ("protocols passed over", unread.collect()),
        ] {
            let Some((ink, _)) = named.first() else {
                continue;
            };
            let (ink, mut named) = (*ink, named);
            named.sort_by_key(|(_, (_, count))| std::cmp::Reverse(**count));
            let mut parts: Vec<String> = named
                .iter()
                .take(NAMES_MAX)
                .map(|(_, (name, count))| format!("{name} {}", grouped(**count)))
                .collect();
            if named.len() > NAMES_MAX {
                parts.push(format!("{} more", named.len() - NAMES_MAX));
            }
            self.inked(&[(ink, format!("{label}: {}", parts.join(", ")))]);
        }
    }

    /// What is worth a word only where there is any of it.
    fn noted(&self) -> impl Iterator<Item = (Ink, String)> + use<> {
        let (packets, tcp) = (&self.summary.packets, &self.summary.tcp);
        let unread = packets.unsupported_link.values().sum();
        let noted = [
            (packets.udp, Ink::Plain, ["UDP datagram", "UDP datagrams"]),
            (
                tcp.retransmissions,
                Ink::Plain,
                ["retransmission", "retransmissions"],
            ),
            (
                tcp.out_of_order,
                Ink::Plain,
                ["segment out of order", "segments out of order"],
            ),
            (
                tcp.overlap_conflicts,
                Ink::Warning,
                ["overlap conflict", "overlap conflicts"],
            ),
            (
                tcp.copies,
                Ink::Plain,
                [
                    "connection seen again behind a NAT",
                    "connections seen again behind a NAT",
                ],
            ),
            (
                packets.fragments,
                Ink::Plain,
                ["IP fragment", "IP fragments"],
            ),
            (
                packets.fragment_conflicts,
                Ink::Warning,
                ["fragment conflict", "fragment conflicts"],
            ),
            (packets.checksum_wrong, Ink::Plain, WRONG_CHECKSUMS),
            (
                packets.malformed,
                Ink::Warning,
                ["malformed packet", "malformed packets"],
            ),
            (
                packets.cut,
                Ink::Warning,
                ["packet cut in its headers", "packets cut in their headers"],
            ),
            (
                unread,
                Ink::Warning,
                [
                    "frame of an unread link type",
                    "frames of unread link types",
                ],
            ),
        ];
        let noted = noted.into_iter().filter(|(number, ..)| *number > 0);
        noted.map(|(number, ink, [one, many])| (ink, counted(number, one, many)))
    }
}

/// Network cards fill checksums in after the capture point has seen the packet.
const WRONG_CHECKSUMS: [&str; 2] = ["wrong checksum (offload?)", "wrong checksums (offload?)"];
/// Names on one line.
const NAMES_MAX: usize = 6;
