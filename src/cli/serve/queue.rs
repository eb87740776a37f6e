//! `--queue`: a file, read before any socket is opened, or standard input, read line by line while phones come and go.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use super::{Allowed, Order, Outlet, TYPED_MAX};
use crate::cli::exit::Trouble;

/// The lines.
#[derive(Default)]
pub(super) struct Lines {
    /// Those of a file.
    pub(super) orders: Vec<Order>,
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
}

impl Lines {
    /// Reads a file; all its problems are told at once.
    pub(super) fn read(path: Option<&Path>, allowed: &Allowed) -> Result<Self, Trouble> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let mut reader = Reader {
            name: path.display().to_string(),
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            allowed: allowed.clone(),
        };
        if path.as_os_str() == "-" {
            "standard input".clone_into(&mut reader.name);
            return Ok(Self {
                orders: Vec::new(),
                typed: Some(reader),
            });
        }
        let mut text = String::new();
        let read = File::open(path).and_then(|file| {
            let mut limited = file.take(FILE_BYTES_MAX);
            limited.read_to_string(&mut text)
        });
        read.map_err(|error| Trouble::Usage(format!("{}: {error}", reader.name)))?;
        let (mut orders, mut problems) = (Vec::new(), Vec::new());
        for (line, number) in text.lines().zip(1..) {
            match reader.line(line, number) {
                Ok(order) => orders.extend(order),
                Err(problem) if problems.len() < PROBLEMS_MAX => problems.push(problem),
                Err(_) => {}
            }
        }
        if problems.is_empty() {
            return Ok(Self {
                orders,
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
    fn line(&self, line: &str, number: u64) -> Result<Option<Order>, String> {
        let place = format!("{}:{number}", self.name);
        let order = Order::read(line, &place, &|file| self.file(file));
        let order = order.map_err(|problem| format!("{place}:{problem}"))?;
        let device = order.as_ref().and_then(|order| order.device.as_deref());
        match device.filter(|device| !self.allowed.admits(device)) {
            Some(device) => Err(format!(
                "{place}:1: {device} is not served: --device does not name it"
            )),
            None => Ok(order),
        }
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let file = File::open(self.folder.join(name));
        let read = file.and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes));
        read.map(|_| bytes).map_err(|error| error.to_string())
    }

    /// A line that cannot be read is complained about and passed over.
    fn listen(&self, tell: &mpsc::Sender<Order>, complaints: &Outlet) {
        let mut input = BufReader::new(io::stdin());
        for number in 1.. {
            let mut line = Vec::new();
            let read = (&mut input)
                .take(LINE_BYTES_MAX)
                .read_until(b'\n', &mut line);
            if !matches!(read, Ok(1..)) {
                return;
            }
            let order = match std::str::from_utf8(&line) {
                Ok(line) => self.line(line, number),
                Err(_) => Err(format!("{}:{number}:1: the line is no UTF-8", self.name)),
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

const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;
const LINE_BYTES_MAX: u64 = 256 * 1024;
/// Problems of one file that are told.
const PROBLEMS_MAX: usize = 50;
