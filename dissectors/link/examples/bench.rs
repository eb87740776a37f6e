//! ad hoc
use link::*;
use std::hint::black_box;
use std::time::Instant;
fn by_etherparse(bytes: &[u8]) -> Option<(u32, u16, u16, u32, usize)> {
    use etherparse::*;
    let (h, rest) = bytes.split_first_chunk::<14>()?;
    let [.., a, b] = *h;
    if u16::from_be_bytes([a, b]) != 0x0800 {
        return None;
    }
    let ip = Ipv4HeaderSlice::from_slice(rest).ok()?;
    let rest = rest.get(ip.slice().len()..)?;
    let pl = usize::from(ip.total_len()).checked_sub(ip.slice().len())?;
    let rest = rest.get(..pl).unwrap_or(rest);
    if ip.is_fragmenting_payload() {
        return None;
    }
    let mut s = 0u64;
    for c in ip.slice().as_chunks::<4>().0 {
        s += u64::from(u32::from_ne_bytes(*c));
    }
    black_box(s);
    if ip.protocol() == ip_number::TCP {
        let t = TcpHeaderSlice::from_slice(rest).ok()?;
        Some((
            u32::from_be_bytes(ip.source()) ^ u32::from_be_bytes(ip.destination()),
            t.source_port(),
            t.destination_port(),
            t.sequence_number(),
            rest.len() - t.slice().len(),
        ))
    } else {
        let t = UdpHeaderSlice::from_slice(rest).ok()?;
        Some((
            u32::from_be_bytes(ip.source()) ^ u32::from_be_bytes(ip.destination()),
            t.source_port(),
            t.destination_port(),
            0,
            rest.len() - 8,
        ))
    }
}
fn lax(bytes: &[u8]) -> Option<usize> {
    let p = etherparse::LaxSlicedPacket::from_ethernet(bytes).ok()?;
    match p.transport? {
        etherparse::TransportSlice::Tcp(t) => Some(t.payload().len()),
        etherparse::TransportSlice::Udp(t) => Some(t.payload().len()),
        _ => None,
    }
}
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let data = std::fs::read(path).unwrap();
    let mut frames = vec![];
    let mut at = 24;
    while at + 16 <= data.len() {
        let cap = u32::from_le_bytes(data[at + 8..at + 12].try_into().unwrap()) as usize;
        let orig = u32::from_le_bytes(data[at + 12..at + 16].try_into().unwrap());
        frames.push((&data[at + 16..at + 16 + cap], orig));
        at += 16 + cap;
    }
    let n = frames.len() as f64;
    hot(&frames);
    hot(&frames);
    for _ in 0..1 {
        let t = Instant::now();
        let mut s = 0usize;
        for (b, _) in &frames {
            s += usize::from(b[b.len().min(20) - 1]);
        }
        let base = t.elapsed();
        black_box(s);
        let t = Instant::now();
        let mut s = 0u64;
        for (b, o) in &frames {
            if let Decoded::Ip(p) = black_box(decode(LinkType::ETHERNET, b, *o)) {
                match &p.payload {
                    Payload::Tcp(t) => s += t.payload.len() as u64 + u64::from(t.source_port),
                    Payload::Udp(u) => s += u.payload.len() as u64,
                    _ => {}
                }
            }
        }
        let a = t.elapsed();
        black_box(s);
        let t = Instant::now();
        let mut s = 0u64;
        for (b, _) in &frames {
            if let Some(x) = black_box(by_etherparse(b)) {
                s += x.4 as u64
            }
        }
        let e = t.elapsed();
        black_box(s);
        let t = Instant::now();
        let mut s = 0u64;
        for (b, _) in &frames {
            if let Some(x) = black_box(lax(b)) {
                s += x as u64
            }
        }
        let l = t.elapsed();
        black_box(s);
        let t = Instant::now();
        let mut s = 0u64;
        let mut bytes = 0u64;
        let mut m = 0;
        for (b, o) in frames.iter().take(400_000) {
            if let Decoded::Ip(p) = decode(LinkType::ETHERNET, b, *o)
                && let Payload::Tcp(t) = &p.payload
            {
                m += 1;
                bytes += t.segment.len() as u64;
                s += u64::from(tcp_checksum_valid(&p, t) == Some(true));
            }
        }
        let c = t.elapsed();
        println!(
            "touch {:.1} decode {:.1} etherparse-headers {:.1} etherparse-lax {:.1} ns/packet; checksum {:.1} ns/segment, {:.2} GB/s, {s}/{m} valid",
            base.as_nanos() as f64 / n,
            a.as_nanos() as f64 / n,
            e.as_nanos() as f64 / n,
            l.as_nanos() as f64 / n,
            c.as_nanos() as f64 / f64::from(m),
            bytes as f64 / c.as_nanos() as f64
        );
    }
}
#[allow(dead_code)]
pub fn hot(frames: &[(&[u8], u32)]) {
    let set: Vec<_> = frames.iter().skip(5000).take(400).collect();
    let n = 400.0 * 2000.0;
    let run = |name: &str, f: &mut dyn FnMut(&[u8], u32) -> u64| {
        let t = Instant::now();
        let mut s = 0u64;
        for _ in 0..2000 {
            for (b, o) in &set {
                s = s.wrapping_add(f(b, *o));
            }
        }
        println!("  hot {name}: {:.1} ns", t.elapsed().as_nanos() as f64 / n);
        black_box(s);
    };
    run("touch", &mut |b, _| u64::from(b[b.len().min(20) - 1]));
    run(
        "decode",
        &mut |b, o| match decode(LinkType::ETHERNET, b, o) {
            Decoded::Ip(p) => match &p.payload {
                Payload::Tcp(t) => {
                    t.payload.len() as u64 + u64::from(t.source_port) + u64::from(t.sequence)
                }
                Payload::Udp(u) => u.payload.len() as u64,
                _ => 0,
            },
            _ => 0,
        },
    );
    run(
        "decode bb",
        &mut |b, o| match black_box(decode(LinkType::ETHERNET, b, o)) {
            Decoded::Ip(p) => match &p.payload {
                Payload::Tcp(t) => {
                    t.payload.len() as u64 + u64::from(t.source_port) + u64::from(t.sequence)
                }
                Payload::Udp(u) => u.payload.len() as u64,
                _ => 0,
            },
            _ => 0,
        },
    );
    run("decode+addr", &mut |b, o| match decode_n(b, o) {
        Decoded::Ip(p) => match &p.payload {
            Payload::Tcp(t) => {
                t.payload.len() as u64
                    + u64::from(t.source_port)
                    + u64::from(t.sequence)
                    + u64::from(p.source < p.destination)
            }
            Payload::Udp(u) => u.payload.len() as u64,
            _ => 0,
        },
        _ => 0,
    });
    run("etherparse", &mut |b, _| {
        black_box(by_etherparse(b)).map_or(0, |x| x.4 as u64 + u64::from(x.1) + u64::from(x.3))
    });
    run("etherparse full", &mut |b, o| match ep_full(b, o) {
        Decoded::Ip(p) => match &p.payload {
            Payload::Tcp(t) => {
                t.payload.len() as u64
                    + u64::from(t.source_port)
                    + u64::from(t.sequence)
                    + u64::from(p.source < p.destination)
            }
            Payload::Udp(u) => u.payload.len() as u64,
            _ => 0,
        },
        _ => 0,
    });
    run("lax", &mut |b, _| lax(b).map_or(0, |x| x as u64));
}
#[inline(never)]
fn decode_n(b: &[u8], o: u32) -> Decoded<'_> {
    decode(LinkType::ETHERNET, b, o)
}
#[inline(never)]
fn ep_full(bytes: &[u8], original: u32) -> Decoded<'_> {
    use etherparse::*;
    let lost = original - bytes.len() as u32;
    let Some((h, rest)) = bytes.split_first_chunk::<14>() else {
        return Decoded::Cut;
    };
    let [.., a, b] = *h;
    if u16::from_be_bytes([a, b]) != 0x0800 {
        return Decoded::NotIp;
    }
    let Ok(ip) = Ipv4HeaderSlice::from_slice(rest) else {
        return Decoded::Malformed("x");
    };
    let hl = ip.slice().len();
    let rest = &rest[hl..];
    let pl = match usize::from(ip.total_len()) {
        0 => rest.len() + lost as usize,
        n => match n.checked_sub(hl) {
            Some(n) => n,
            None => return Decoded::Malformed("y"),
        },
    };
    let rest = rest.get(..pl).unwrap_or(rest);
    let missing = (pl - rest.len()) as u32;
    let source = std::net::IpAddr::V4(ip.source().into());
    let destination = std::net::IpAddr::V4(ip.destination().into());
    let mut s = 0u64;
    for c in ip.slice().as_chunks::<4>().0 {
        s += u64::from(u32::from_ne_bytes(*c));
    }
    let s = (s >> 32) + (s & 0xffff_ffff);
    let s = (s >> 16) + (s & 0xffff);
    let s = (s >> 16) + (s & 0xffff);
    let s = (s >> 16) + (s & 0xffff);
    let payload = if ip.is_fragmenting_payload() {
        Payload::Fragment(Fragment {
            source,
            destination,
            identification: u32::from(ip.identification()),
            protocol: ip.protocol().0,
            offset: u32::from(ip.fragments_offset().byte_offset()),
            more: ip.more_fragments(),
            payload: rest,
            missing,
        })
    } else if ip.protocol() == ip_number::TCP {
        let Ok(t) = TcpHeaderSlice::from_slice(rest) else {
            return Decoded::Cut;
        };
        Payload::Tcp(Tcp {
            source_port: t.source_port(),
            destination_port: t.destination_port(),
            sequence: t.sequence_number(),
            acknowledgment: t.acknowledgment_number(),
            flags: t.slice()[13],
            window: t.window_size(),
            payload: &rest[t.slice().len()..],
            missing,
            segment: rest,
        })
    } else if ip.protocol() == ip_number::UDP {
        let Ok(t) = UdpHeaderSlice::from_slice(rest) else {
            return Decoded::Cut;
        };
        Payload::Udp(Udp {
            source_port: t.source_port(),
            destination_port: t.destination_port(),
            payload: &rest[8..],
            missing,
        })
    } else {
        Payload::Other(ip.protocol().0)
    };
    Decoded::Ip(Packet {
        source,
        destination,
        payload,
        header_checksum_wrong: s != 0xffff,
    })
}
