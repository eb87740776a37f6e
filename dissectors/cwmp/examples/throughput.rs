//! Measures parsing against quick-xml on GetParameterNamesResponse and GetParameterValuesResponse bodies.
//!
//! `cargo run --release -p informant-cwmp --example throughput [FILE...]`: files are measured beside generated bodies.

use cwmp::{Hints, Limits, Rpc, RpcArg, Style, TypeName, parse, schema::Version, write};
use quick_xml::events::Event;
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    let values = values_response(180);
    let many = values_response(900);
    let pretty = Style {
        indentation: Some(2),
        ..Style::default()
    };
    let mut bodies = vec![
        (
            "values, compact, 40 KB".to_owned(),
            write(std::slice::from_ref(&values), &Style::default()),
        ),
        ("values, indented".to_owned(), write(&[values], &pretty)),
        (
            "values, compact, 200 KB".to_owned(),
            write(&[many], &Style::default()),
        ),
    ];
    for path in std::env::args().skip(1) {
        match std::fs::read(&path) {
            Ok(body) => bodies.push((path, body)),
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
    println!(
        "{:>10} {:>10} {:>10} {:>10} {:>6}  body",
        "parse", "+read", "quick-xml", "Ns", "ratio"
    );
    for (name, body) in &bodies {
        let ours = rate(body, |body| {
            parse(body.to_vec(), &Hints::default(), &Limits::default()).elements_count()
        });
        let read = rate(body, read_values);
        let plain = rate(body, quick_xml_events);
        let namespaced = rate(body, quick_xml_namespaced);
        println!(
            "{ours:>10.0} {read:>10.0} {plain:>10.0} {namespaced:>10.0} {:>6.2}  {name} ({} bytes)",
            ours / namespaced,
            body.len()
        );
    }
}

/// MB/s, the best of several runs.
fn rate(body: &[u8], read: impl Fn(&[u8]) -> usize) -> f64 {
    let mut best = Duration::MAX;
    let rounds = (2_000_000 / body.len()).max(1);
    for _ in 0..40 {
        let start = Instant::now();
        for _ in 0..rounds {
            black_box(read(black_box(body)));
        }
        best = best.min(start.elapsed());
    }
    (body.len() * rounds) as f64 / best.as_secs_f64() / 1e6
}

fn read_values(body: &[u8]) -> usize {
    let document = parse(body.to_vec(), &Hints::default(), &Limits::default());
    let parameters = document
        .envelope_refs()
        .flat_map(|envelope| envelope.parameters());
    parameters
        .map(|parameter| parameter.name().len() + parameter.value().map_or(0, |value| value.len()))
        .sum()
}

fn quick_xml_events(body: &[u8]) -> usize {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let mut reader = quick_xml::Reader::from_str(text);
    let mut count = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) | Err(_) => return count,
            Ok(Event::Start(start)) => count += 1 + start.attributes().with_checks(false).count(),
            Ok(_) => {}
        }
    }
}

fn quick_xml_namespaced(body: &[u8]) -> usize {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let mut reader = quick_xml::NsReader::from_str(text);
    let mut count = 0;
    loop {
        match reader.read_resolved_event() {
            Ok((_, Event::Eof)) | Err(_) => return count,
            Ok((_, Event::Start(start))) => {
                count += 1 + start.attributes().with_checks(false).count();
            }
            Ok(_) => {}
        }
    }
}

fn values_response(entries: usize) -> Rpc {
    let items = (0..entries).map(|index| {
        let name = format!("InternetGatewayDevice.LANDevice.1.Hosts.Host.{index}.IPAddress");
        let value = format!("192.168.1.{}", index % 256);
        RpcArg::structure(
            "ParameterValueStruct",
            vec![
                RpcArg::scalar("Name", &name),
                RpcArg::typed("Value", "string", &value),
            ],
        )
    });
    let item = TypeName::cwmp(Version::V1_0, "ParameterValueStruct");
    let list = RpcArg::array("ParameterList", item, items.collect());
    Rpc::call(Version::V1_0, "1", "GetParameterValuesResponse", vec![list])
}
