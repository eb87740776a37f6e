//! Every file of the shared captures: no panic, no hang, no defect; what opens is read to its end.

mod support;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use informant::pipeline::{Options, analyse};
use informant::source::{Capture, Input};
use support::shared;

/// Longest time for one file.
const PATIENCE: Duration = Duration::from_secs(10);

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)
        .expect("the folder is readable")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_shared_file_is_read_without_panic_hang_or_defect() {
    let Some(folder) = shared("captures") else {
        return;
    };
    let (mut read, mut refused, mut frames) = (0, 0, 0);
    for path in files(&folder) {
        let begun = Instant::now();
        // A file that is no capture is refused at once or after its first bytes, with a message that names it.
        match Capture::open(vec![Input::Path(path.clone())]) {
            Ok(mut capture) => {
                let options = Options {
                    messages: true,
                    ..Options::default()
                };
                let summary = analyse(
                    &mut capture,
                    &options,
                    &mut |_| ControlFlow::Continue(()),
                    &mut |_| {},
                );
                assert_eq!(summary.defects, 0, "{}", path.display());
                frames += summary.files[0].frames;
                for problem in capture.problems() {
                    let name = path
                        .file_name()
                        .expect("a file has a name")
                        .to_string_lossy();
                    assert!(
                        problem.to_string().contains(&*name),
                        "{problem} names {name}"
                    );
                }
                read += 1;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "{} took {:?}",
            path.display(),
            begun.elapsed()
        );
    }
    eprintln!("{read} files read, {refused} refused, {frames} frames");
    assert!(read > 700, "the captures were read: {read}");
    assert!(frames > 30_000, "their frames too: {frames}");
}
