//! ad hoc
use std::time::Instant;
fn main() {
    let mut frames = Vec::new();
    for i in 0..1024u32 {
        let body = vec![b'x'; 200 + (i as usize % 700)];
        let mut f = vec![2u8; 12];
        f.extend([8, 0]);
        let total = (40 + body.len()) as u16;
        let mut ip = vec![
            0x45,
            0,
            (total >> 8) as u8,
            total as u8,
            0,
            1,
            0x40,
            0,
            64,
            6,
            0,
            0,
            192,
            0,
            2,
            (i % 250) as u8,
            10,
            0,
            0,
            1,
        ];
        let mut s: u32 = ip
            .chunks(2)
            .map(|c| u32::from(c[0]) << 8 | u32::from(c[1]))
            .sum();
        while s > 0xffff {
            s = (s >> 16) + (s & 0xffff);
        }
        let c = !(s as u16);
        ip[10] = (c >> 8) as u8;
        ip[11] = c as u8;
        f.extend(ip);
        f.extend([
            0xc7,
            0x38,
            0x1d,
            0x7b,
            0,
            0,
            3,
            (i % 256) as u8,
            0,
            0,
            7,
            208,
            0x50,
            0x10,
            0x20,
            0,
            0,
            0,
            0,
            0,
        ]);
        f.extend(body);
        frames.push(f);
    }
    let mut udp = frames.clone();
    for f in &mut udp {
        f[23] = 17;
        let l = (f.len() - 34) as u16;
        f[38] = (l >> 8) as u8;
        f[39] = l as u8;
    }
    for (name, frames) in [("tcp", &frames), ("udp", &udp)] {
        let mut best = f64::MAX;
        let mut keep = 0u64;
        for _ in 0..60 {
            let start = Instant::now();
            let mut n = 0u64;
            for _ in 0..200 {
                for f in frames {
                    let d =
                        link::decode(link::LinkType(std::hint::black_box(1)), f, f.len() as u32);
                    if let link::Decoded::Ip(p) = &d {
                        match &p.payload {
                            link::Payload::Tcp(t) => {
                                keep = keep.wrapping_add(
                                    u64::from(t.sequence)
                                        + t.payload.len() as u64
                                        + u64::from(p.header_checksum_wrong),
                                )
                            }
                            link::Payload::Udp(t) => {
                                keep = keep.wrapping_add(t.payload.len() as u64)
                            }
                            _ => {}
                        }
                        if p.source.is_ipv4() {
                            keep += 1;
                        }
                    }
                    std::hint::black_box(&d);
                    n += 1;
                }
            }
            best = best.min(start.elapsed().as_nanos() as f64 / n as f64);
        }
        println!("{name}: {best:.2} ns {keep}");
    }
}
