//! Writes the inputs that the targets start from: `corpus DESTINATION BYTES FOLDER`.
//!
//! Of each target a folder in DESTINATION, of at most BYTES in all, made of the files in FOLDER. Where FOLDER holds the
//! shared captures, each target takes those that concern it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use informant_fuzz::corpus;
use informant_fuzz::targets::{TARGETS, Target};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [destination, bytes, folder] = arguments.as_slice() else {
        eprintln!("usage: corpus DESTINATION BYTES FOLDER");
        return ExitCode::from(2);
    };
    let Ok(bytes_max) = bytes.parse() else {
        eprintln!("corpus: {bytes} is no number of bytes");
        return ExitCode::from(2);
    };
    for target in &TARGETS {
        let written = write(
            target,
            &Path::new(destination).join(target.name),
            bytes_max,
            Path::new(folder),
        );
        match written {
            Ok(count) => println!("{}: {count} inputs", target.name),
            Err(error) => {
                eprintln!("corpus: {}: {error}", target.name);
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn write(
    target: &Target,
    destination: &Path,
    bytes_max: usize,
    folder: &Path,
) -> io::Result<usize> {
    let mut inputs = Vec::new();
    let parts: Vec<PathBuf> = target
        .shared
        .iter()
        .map(|part| folder.join(part))
        .filter(|part| part.is_dir())
        .collect();
    let folders = if parts.is_empty() {
        vec![folder.to_owned()]
    } else {
        parts
    };
    for folder in folders {
        inputs.extend(corpus::of_folder(target, &folder, usize::MAX));
    }
    // The short ones first: each is something of its own.
    inputs.sort_by_key(Vec::len);
    inputs.dedup();
    fs::create_dir_all(destination)?;
    let (mut total, mut count) = (0, 0);
    for input in inputs {
        total += input.len();
        if total > bytes_max {
            break;
        }
        count += 1;
        fs::write(destination.join(name(&input)), &input)?;
    }
    Ok(count)
}

/// The same bytes have the same name (FNV-1a).
fn name(input: &[u8]) -> String {
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
