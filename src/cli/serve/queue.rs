//! `--queue`: a file, read before any socket is opened, or standard input, read line by line while phones come and go.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use super::{Allowed, Order, Outlet, Secrets, TYPED_MAX};
use crate::cli::exit::Trouble;

/// The lines.
#[derive(Default)]
pub(super) struct Lines {
    /// Those of a file.
    pub(super) orders: Vec<Order>,
    /// The files of XML that they name.
    pub(super) files: Vec<PathBuf>,
    /// For those of standard input.
    typed: Option<Reader>,
}

/// Reads lines into orders.
#[derive(Clone)]
struct Reader {
    name: String,
    /// Where files of XML are looked for.
    folder: PathBuf,
    allowed: Allowed,
    secrets: Secrets,
}

impl Lines {
    /// Reads a file; all its problems are told at once.
    pub(super) fn read(
        path: Option<&Path>,
        allowed: &Allowed,
        secrets: &Secrets,
    ) -> Result<Self, Trouble> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let mut reader = Reader {
            name: path.display().to_string(),
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            allowed: allowed.clone(),
            secrets: secrets.clone(),
        };
        if path.as_os_str() == "-" {
            "standard input".clone_into(&mut reader.name);
            return Ok(Self {
                typed: Some(reader),
                ..Self::default()
            });
        }
        let text = reader.whole(path).map_err(Trouble::Usage)?;
        let (mut orders, mut problems) = (Vec::new(), Vec::new());
        let files = RefCell::new(Vec::new());
        let file = |name: &str| {
            files.borrow_mut().push(reader.folder.join(name));
            reader.file(name)
        };
        for (line, number) in text.lines().zip(1..) {
            match reader.line(line, number, &file) {
                Ok(order) => orders.extend(order),
                Err(problem) if problems.len() < PROBLEMS_MAX => problems.push(problem),
                Err(_) => {}
            }
        }
        if problems.is_empty() {
            return Ok(Self {
                orders,
                files: files.into_inner(),
                typed: None,
            });
        }
        Err(Trouble::Usage(problems.join("\n")))
    }

    /// Begins to read standard input, if that is wanted.
    pub(super) fn typed(&mut self, complaints: &Outlet) -> Option<mpsc::Receiver<Order>> {
        let reader = self.typed.take()?;
        let (tell, told) = mpsc::channel(TYPED_MAX);
        let complaints = complaints.clone();
        // It ends with the program: nothing ends a wait for a line.
        std::thread::spawn(move || reader.listen(&tell, &complaints));
        Some(told)
    }
}

impl Reader {
    /// One line, with its place in the problem.
    fn line(
        &self,
        line: &str,
        number: u64,
        file: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    ) -> Result<Option<Order>, String> {
        let place = format!("{}:{number}", self.name);
        let order = Order::read(line, &place, file);
        let order = order.map_err(|problem| format!("{place}:{problem}"))?;
        // Before anything can be said of it.
        self.secrets
            .learn(order.as_ref().map(Order::secrets).unwrap_or_default());
        let device = order.as_ref().and_then(|order| order.device.as_deref());
        match device.filter(|device| !self.allowed.admits(device)) {
            Some(device) => Err(format!(
                "{place}:1: {device} is not served: --device does not name it"
            )),
            None => Ok(order),
        }
    }

    /// All lines of a file.
    fn whole(&self, path: &Path) -> Result<String, String> {
        let name = &self.name;
        let bytes = read(path).map_err(|error| format!("{name}: {error}"))?;
        let kept = bytes.get(..FILE_BYTES_MAX).unwrap_or(&bytes);
        if kept.len() < bytes.len() {
            let line = number_of_last(kept);
            return Err(format!("{name}:{line}: {TOO_LONG}"));
        }
        String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let line = number_of_last(error.as_bytes().get(..valid).unwrap_or_default());
            format!("{name}:{line}: {NO_UTF8}")
        })
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, String> {
        let bytes = read(&self.folder.join(name)).map_err(|error| error.to_string())?;
        if bytes.len() > FILE_BYTES_MAX {
            return Err(TOO_LONG.to_owned());
        }
        Ok(bytes)
    }

    /// A line that cannot be read is complained about and passed over.
    fn listen(&self, tell: &mpsc::Sender<Order>, complaints: &Outlet) {
        let mut input = BufReader::new(io::stdin());
        for number in 1.. {
            let order = match next_line(&mut input) {
                Typed::Line(line) => match std::str::from_utf8(&line) {
                    Ok(line) => self.line(line, number, &|file| self.file(file)),
                    Err(_) => Err(format!("{}:{number}: {NO_UTF8}", self.name)),
                },
                Typed::TooLong => Err(format!(
                    "{}:{number}: the line is longer than 256 KiB: none of it is asked",
                    self.name
                )),
                Typed::End => return,
            };
            match order {
                Ok(Some(order)) => {
                    if tell.blocking_send(order).is_err() {
                        return;
                    }
                }
                Ok(None) => {}
                Err(problem) => complaints.complain(&problem),
            }
        }
    }
}

/// What comes from standard input.
#[derive(Debug, PartialEq, Eq)]
enum Typed {
    Line(Vec<u8>),
    /// It is passed over to its end.
    TooLong,
    End,
}

fn next_line(input: &mut impl BufRead) -> Typed {
    let (mut line, mut is_long) = (Vec::new(), false);
    loop {
        let mut limited = input.take(LINE_BYTES_MAX);
        match limited.read_until(b'\n', &mut line) {
            Ok(0) if is_long => return Typed::TooLong,
            Ok(0) | Err(_) => return Typed::End,
            Ok(_) => {}
        }
        let is_whole = line.last() == Some(&b'\n') || (line.len() as u64) < LINE_BYTES_MAX;
        match (is_whole, is_long) {
            (true, false) => return Typed::Line(line),
            (true, true) => return Typed::TooLong,
            (false, _) => is_long = true,
        }
        line.clear();
    }
}

/// A file, up to a byte more than may be.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = FILE_BYTES_MAX as u64 + 1;
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The line that the last byte is in.
fn number_of_last(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count() + 1
}

const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
const TOO_LONG: &str = "the file is longer than 8 MiB: none of it is asked";
const NO_UTF8: &str = "the line is no UTF-8";
const LINE_BYTES_MAX: u64 = 256 * 1024;
/// Problems of one file that are told.
const PROBLEMS_MAX: usize = 50;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{LINE_BYTES_MAX, Typed, next_line};

    #[test]
    fn a_line_that_is_too_long_is_passed_over_as_one() {
        let most = vec![b'x'; LINE_BYTES_MAX as usize - 1];
        let more = vec![b'y'; 3 * LINE_BYTES_MAX as usize];
        let exact = vec![b'z'; LINE_BYTES_MAX as usize];
        let whole = |line: &[u8]| Typed::Line([line, b"\n"].concat());
        let typed = [&most[..], &more, b"a", &exact, b"b"].join(&b'\n');
        let mut input = Cursor::new(typed);
        let mut next = || next_line(&mut input);
        assert!(next() == whole(&most) && next() == Typed::TooLong);
        assert_eq!(next(), whole(b"a"));
        assert!(next() == Typed::TooLong, "with its end it is one byte more");
        assert_eq!(next(), Typed::Line(b"b".to_vec()), "nothing ends it");
        assert_eq!(next(), Typed::End);
        let mut endless = Cursor::new(more);
        assert!(next_line(&mut endless) == Typed::TooLong && next_line(&mut endless) == Typed::End);
    }
}
