//! Ad hoc.
use http1::*;
use std::time::Instant;
fn run(name: &str, stream: &[u8], segment: usize, keep: Option<Keep>, rounds: usize) {
    let start = Instant::now();
    let (mut messages, mut bytes) = (0u64, 0u64);
    for _ in 0..rounds {
        let mut s = Stream::new(Kind::Request, Limits::default(), 0);
        for piece in stream.chunks(segment) {
            let mut input = piece;
            while let Some(e) = s.next(&mut input) {
                match e {
                    Event::Head => {
                        if let Some(k) = keep {
                            s.keep_body(k)
                        }
                    }
                    Event::Peek => s.keep_body(Keep::All),
                    Event::Message(m) => {
                        messages += 1;
                        bytes += m.body().len() as u64;
                    }
                    _ => panic!(),
                }
            }
        }
    }
    let t = start.elapsed().as_secs_f64();
    let total = (stream.len() * rounds) as f64;
    println!(
        "{name:28} segment {segment:6}: {:8.0} MB/s  {:7.0} ns/message {:6.1} ns/segment ({messages} messages, {bytes} body bytes)",
        total / t / 1e6,
        t * 1e9 / messages as f64,
        t * 1e9 / (total / segment as f64)
    );
}
fn main() {
    let body = "<ParameterValueStruct><Name>a.b.c</Name></ParameterValueStruct>".repeat(640);
    let body = &body[..40000];
    let head = |extra: &str| {
        format!(
            "POST /acs HTTP/1.1\r\nHost: acs.example.com:7547\r\nUser-Agent: Some CPE 1.0\r\nAccept: */*\r\nContent-Type: text/xml; charset=\"utf-8\"\r\nSOAPAction: \r\nCookie: session=0123456789abcdef\r\n{extra}\r\n\r\n"
        )
    };
    let one = format!("{}{body}", head("Content-Length: 40000"));
    let stream = one.repeat(500).into_bytes();
    let small = format!("{}{}", head("Content-Length: 500"), &body[..500])
        .repeat(20000)
        .into_bytes();
    let mut chunked = String::new();
    for _ in 0..500 {
        chunked += &head("Transfer-Encoding: chunked");
        for c in 0..10 {
            chunked += &format!("fa0\r\n{}\r\n", &body[c * 4000..][..4000]);
        }
        chunked += "0\r\n\r\n";
    }
    let chunked = chunked.into_bytes();
    let fold = format!(
        "{}{}",
        head("X: a\r\n b\r\nContent-Length: 500"),
        &body[..500]
    )
    .repeat(20000)
    .into_bytes();
    for seg in [1460, 65536] {
        for (n, k) in [
            ("keep", Some(Keep::All)),
            ("skip", Some(Keep::Nothing)),
            ("peek then keep", None),
        ] {
            run(&format!("40 KB {n}"), &stream, seg, k, 30);
            run(&format!("chunked {n}"), &chunked, seg, k, 20);
            run(&format!("500 B {n}"), &small, seg, k, 20);
        }
        run("500 B folded keep", &fold, seg, Some(Keep::All), 20);
    }
    run(
        "40 KB one byte a piece",
        &stream[..2_000_000],
        1,
        Some(Keep::All),
        5,
    );
}
