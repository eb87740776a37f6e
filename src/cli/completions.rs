//! `informant completions`.

use clap::CommandFactory;

use super::arguments::Arguments;
use super::exit::{FINE, Trouble};
use super::output::Sink;

pub(super) fn run(shell: clap_complete::Shell) -> Result<u8, Trouble> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "informant", &mut script);
    let mut sink = Sink::stdout();
    let _ = sink.with(|writer| writer.write_all(&script));
    sink.finish().map(|()| FINE)
}
