//! Recorded connections with their keys, one file each.

use std::fs;
use std::path::Path;

use tls::{Direction, KeyLog, Sessions};

use super::{Pieces, Told, read};

pub struct Vector {
    pub name: String,
    pub log: KeyLog,
    pub pieces: Pieces,
}

fn bytes(hex: &str) -> Vec<u8> {
    let value = |place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(value).collect()
}

pub fn vector(name: &str) -> Vector {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let mut log = KeyLog::default();
    let mut pieces = Vec::new();
    for line in text.lines() {
        match line.split_once(' ').unwrap() {
            ("key", line) => log.insert(tls::read_line(line.as_bytes()).unwrap().unwrap()),
            (">", hex) => pieces.push((Direction::Forward, bytes(hex))),
            ("<", hex) => pieces.push((Direction::Backward, bytes(hex))),
            _ => {}
        }
    }
    Vector {
        name: name.to_owned(),
        log,
        pieces,
    }
}

pub fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 11);
    names.iter().map(|name| vector(name)).collect()
}

pub fn read_vector(vector: &Vector) -> Told {
    read(&vector.pieces, &vector.log, &[], &mut Sessions::default())
}

/// The bytes of a direction, all of them.
pub fn stream(pieces: &Pieces, wanted: Direction) -> Vec<u8> {
    let of = pieces.iter().filter(|(direction, _)| *direction == wanted);
    of.flat_map(|(_, bytes)| bytes.iter().copied()).collect()
}
