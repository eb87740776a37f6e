//! What tshark says of a capture, as its PDML has it. Not a reader of XML: of the lines that tshark writes.

use std::path::{Path, PathBuf};
use std::process::Command;

/// One DHCP or DHCPv6 datagram as tshark dissects it.
pub struct Datagram {
    /// Of the captures that were read, counted from 0.
    pub capture: usize,
    /// `dhcp` or `dhcpv6`
    pub protocol: String,
    /// The payload as the capture kept it.
    pub payload: Vec<u8>,
    /// The payload's length in the header of UDP.
    pub wire_bytes: usize,
    /// In the order of the page; places count from the first byte of the payload.
    pub fields: Vec<Field>,
}

/// One field of the dissection.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub position: usize,
    pub show: String,
    pub value: Vec<u8>,
}

impl Datagram {
    /// What fields of this name show.
    pub fn shows(&self, name: &str) -> Vec<String> {
        let named = self.fields.iter().filter(|field| field.name == name);
        named.map(|field| field.show.clone()).collect()
    }

    /// The bytes of fields of this name.
    pub fn values(&self, name: &str) -> Vec<Vec<u8>> {
        let named = self.fields.iter().filter(|field| field.name == name);
        named.map(|field| field.value.clone()).collect()
    }
}

/// The folder of shared captures; says so where it is absent.
pub fn shared() -> Option<PathBuf> {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/captures"
    ));
    if folder.is_dir() {
        return Some(folder.to_owned());
    }
    println!("skipped: ../shared is absent");
    None
}

/// The DHCP datagrams of captures, in their order; says so where tshark is absent.
///
/// The captures are put behind each other first, each an interface of its own, since most of a run of tshark is its start.
pub fn tshark(captures: &[PathBuf]) -> Option<Vec<Datagram>> {
    let folder = tempfile::tempdir().ok()?;
    let all = folder.path().join("all.pcapng");
    let merged = Command::new("mergecap")
        .args(["-a", "-I", "none", "-w"])
        .arg(&all)
        .args(captures)
        .output();
    let run = Command::new("tshark")
        .arg("-r")
        .arg(&all)
        .args(["-Y", "dhcp or dhcpv6", "-T", "pdml"])
        .output();
    let (Ok(merged), Ok(run)) = (merged, run) else {
        println!("skipped: tshark is absent");
        return None;
    };
    let complaint = String::from_utf8_lossy(&merged.stderr);
    assert!(merged.status.success(), "{complaint}");
    Some(read(&String::from_utf8_lossy(&run.stdout)))
}

fn read(pdml: &str) -> Vec<Datagram> {
    let mut datagrams: Vec<Datagram> = Vec::new();
    let mut capture = 0;
    let mut udp: Option<(usize, usize, Vec<u8>)> = None;
    let mut protocol = String::new();
    let mut payload_at = 0;
    for line in pdml.lines().map(str::trim_start) {
        let name = attribute(line, "name");
        if line.starts_with("<proto ") {
            protocol = name.to_owned();
            if matches!(name, "dhcp" | "dhcpv6")
                && let Some((start, wire_bytes, payload)) = udp.take()
            {
                assert_eq!(start, number(line, "pos"), "the payload begins there");
                payload_at = start;
                datagrams.push(Datagram {
                    capture,
                    protocol: protocol.clone(),
                    payload,
                    wire_bytes,
                    fields: Vec::new(),
                });
            }
        } else if line.starts_with("<field ") {
            match (protocol.as_str(), name) {
                ("frame", "frame.interface_id") => {
                    capture = attribute(line, "show").parse().unwrap_or_default();
                }
                ("udp", "udp.length") => {
                    let length: usize = attribute(line, "show").parse().unwrap_or_default();
                    udp = Some((0, length.saturating_sub(8), Vec::new()));
                }
                ("udp", "udp.payload") => {
                    let wire_bytes = udp.map(|(_, wire_bytes, _)| wire_bytes);
                    let payload = bytes(attribute(line, "value"));
                    udp = Some((number(line, "pos"), wire_bytes.unwrap_or_default(), payload));
                }
                ("dhcp" | "dhcpv6", name) => {
                    if let Some(datagram) = datagrams.last_mut() {
                        datagram.fields.push(Field {
                            name: name.to_owned(),
                            position: number(line, "pos").saturating_sub(payload_at),
                            show: unescaped(attribute(line, "show")),
                            value: bytes(attribute(line, "value")),
                        });
                    }
                }
                _ => {}
            }
        }
    }
    datagrams
}

fn attribute<'a>(line: &'a str, name: &str) -> &'a str {
    let start = format!(" {name}=\"");
    let found = line.split_once(start.as_str());
    found
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("", |(value, _)| value)
}

fn number(line: &str, name: &str) -> usize {
    attribute(line, name).parse().unwrap_or_default()
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<u32> = hexadecimal.chars().filter_map(|c| c.to_digit(16)).collect();
    digits
        .chunks_exact(2)
        .filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok())
        .collect()
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
