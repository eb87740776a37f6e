//! Files that are written while a run waits for it: the audit log, without which nothing is sent, and the capture. A plain file is
//! simply written. A pipe or a terminal has a thread of its own, since its reader may not come, or stop reading: nobody waits for him
//! for ever, and the writing has failed then.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How a file is opened.
pub(super) type Opening = fn(&Path) -> io::Result<File>;

/// Opens a file to write to; who does not come to read a pipe is waited for, which is said.
///
/// # Errors
///
/// Where it cannot be opened, or nobody came.
pub(super) fn open(
    path: &Path,
    opening: Opening,
    complain: &dyn Fn(&str),
) -> io::Result<Box<dyn Write + Send>> {
    if std::fs::metadata(path).map_or(true, |there| there.is_file()) {
        return Ok(Box::new(opening(path)?));
    }
    let waits = || {
        let path = path.display();
        complain(&format!(
            "{path}: waiting for somebody who reads it, as `cat {path}` does"
        ));
    };
    Ok(Box::new(Piped::open(path, opening, PATIENCE, &waits)?))
}

/// How long a reader may take.
#[derive(Clone, Copy)]
struct Patience {
    /// Until it is said that one is waited for.
    told_after: Duration,
    /// To come.
    comes_within: Duration,
    /// To read what fills the pipe.
    reads_within: Duration,
}

/// What a thread writes, piece by piece; it is left behind where it is held up.
struct Piped {
    pieces: SyncSender<Vec<u8>>,
    written: Receiver<io::Result<()>>,
    reads_within: Duration,
    is_given_up: bool,
}

impl Piped {
    fn open(
        path: &Path,
        opening: Opening,
        patience: Patience,
        waits: &dyn Fn(),
    ) -> io::Result<Self> {
        let (pieces, to_write) = sync_channel::<Vec<u8>>(1);
        let (tell, written) = sync_channel(1);
        let path = path.to_owned();
        thread::spawn(move || write_all(opening(&path), &to_write, &tell));
        let mut piped = Self {
            pieces,
            written,
            reads_within: patience.reads_within,
            is_given_up: false,
        };
        let opened = match piped.written.recv_timeout(patience.told_after) {
            Err(RecvTimeoutError::Timeout) => {
                waits();
                piped.outcome(patience.comes_within, NOBODY_CAME)
            }
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
            Ok(opened) => opened,
        };
        opened.map(|()| piped)
    }

    /// What came of what the thread is at.
    fn outcome(&mut self, within: Duration, otherwise: &str) -> io::Result<()> {
        let outcome = self.written.recv_timeout(within);
        self.is_given_up = outcome.is_err();
        outcome.unwrap_or_else(|error| {
            Err(match error {
                RecvTimeoutError::Timeout => io::Error::new(io::ErrorKind::TimedOut, otherwise),
                RecvTimeoutError::Disconnected => gone(),
            })
        })
    }
}

impl Write for Piped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_given_up || self.pieces.send(bytes.to_vec()).is_err() {
            return Err(gone());
        }
        self.outcome(self.reads_within, NOBODY_READS)?;
        Ok(bytes.len())
    }

    /// The thread has done so.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The thread: says what came of opening, and then of each piece.
fn write_all(
    opened: io::Result<File>,
    pieces: &Receiver<Vec<u8>>,
    tell: &SyncSender<io::Result<()>>,
) {
    let mut file = match opened {
        Ok(file) => file,
        Err(error) => {
            // Nobody listens where it took too long.
            let _ = tell.send(Err(error));
            return;
        }
    };
    let mut outcome = Ok(());
    while tell.send(outcome).is_ok() {
        let Ok(piece) = pieces.recv() else {
            return;
        };
        outcome = file.write_all(&piece).and_then(|()| file.flush());
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads it any more")
}

const PATIENCE: Patience = Patience {
    told_after: Duration::from_secs(1),
    comes_within: Duration::from_secs(20),
    reads_within: Duration::from_secs(5),
};
const NOBODY_CAME: &str =
    "nobody came to read this pipe: begin its reader first (as `cat` is one), or name a file";
const NOBODY_READS: &str =
    "nobody reads this pipe: give it a reader that reads on (as `cat` does), or name a file";

#[cfg(all(test, unix))]
mod tests {
    use std::cell::Cell;
    use std::fs::File;
    use std::io::{ErrorKind, Read as _, Write as _};
    use std::path::Path;
    use std::time::Duration;

    use super::{Patience, Piped};

    fn create(path: &Path) -> std::io::Result<File> {
        File::create(path)
    }

    const SHORT: Patience = Patience {
        told_after: Duration::from_millis(1),
        comes_within: Duration::from_millis(50),
        reads_within: Duration::from_millis(50),
    };

    /// Long enough that nobody waits for it in vain.
    const LONG: Patience = Patience {
        told_after: Duration::from_secs(30),
        comes_within: Duration::from_secs(30),
        reads_within: Duration::from_secs(30),
    };

    fn pipe(folder: &Path) -> std::path::PathBuf {
        let path = folder.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("mkfifo runs").success());
        path
    }

    #[test]
    fn a_pipe_that_nobody_opens_is_told_of_and_given_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let told = Cell::new(0);
        let opened = Piped::open(&pipe(folder.path()), create, SHORT, &|| {
            told.set(told.get() + 1);
        });
        let error = opened.err().expect("nobody reads");
        assert_eq!((error.kind(), told.get()), (ErrorKind::TimedOut, 1));
        assert!(error.to_string().contains("nobody came"), "{error}");
    }

    #[test]
    fn a_pipe_that_nobody_reads_is_given_up_when_it_is_full() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = pipe(folder.path());
        let reader = std::thread::spawn({
            let path = path.clone();
            move || File::open(path).expect("a reader")
        });
        let patience = Patience {
            reads_within: SHORT.reads_within,
            ..LONG
        };
        let mut log = Piped::open(&path, create, patience, &|| {}).expect("it has a reader");
        let _reader = reader.join().expect("it came");
        let line = [b'x'; 4096];
        let mut lines = 0;
        let error = loop {
            match log.write_all(&line) {
                Ok(()) => lines += 1,
                Err(error) => break error,
            }
        };
        assert!(lines > 0, "a pipe holds something");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(error.to_string().contains("nobody reads"), "{error}");
        let again = log.write_all(&line).expect_err("it is given up");
        assert_eq!(again.kind(), ErrorKind::BrokenPipe);
    }

    #[test]
    fn whoever_reads_has_every_line_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = pipe(folder.path());
        let reader = std::thread::spawn({
            let path = path.clone();
            move || {
                let mut read = [0; 12];
                let mut file = File::open(path).expect("a reader");
                file.read_exact(&mut read).expect("two lines");
                read
            }
        });
        let mut log = Piped::open(&path, create, LONG, &|| {}).expect("it has a reader");
        for line in [b"first\n", b"other\n"] {
            log.write_all(line).expect("it is read");
        }
        assert_eq!(&reader.join().expect("it read"), b"first\nother\n");
    }
}
