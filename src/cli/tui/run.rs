//! What has to be right before the terminal is taken, and what is left to say after it.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use super::desk::Desk;
use super::shared::Shared;
use super::{Trouble, TuiArguments};
use crate::cli::arguments::{Writing, inputs};
use crate::cli::marks::can_be_read_twice;
use crate::cli::output::Held;
use crate::cli::{credentials, exit, models, screen, select};
use crate::report::escape;
use crate::source::Capture;
use crate::tui::terminal::{Ending, Event, listen, show, terminal_size};
use crate::tui::{App, Opening};

/// Runs the screens.
pub(in crate::cli) fn run(arguments: &TuiArguments) -> Result<u8, Trouble> {
    let shared = prepared(arguments)?;
    can_be_shown("`informant list` and `informant flow` write text")?;
    let stage = Stage {
        title: title(&shared),
        is_live: false,
        filter: arguments.filter.as_deref(),
    };
    let codes = turn(shared, &stage, |_, desk| desk.load(), &mut || {})?;
    Ok(exit::first_of(&codes))
}

/// Whether there is a terminal; where there is none, what does without.
pub(in crate::cli) fn can_be_shown(otherwise: &str) -> Result<(), Trouble> {
    if io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Trouble::Usage(format!(
        "the screens need a terminal; {otherwise}"
    )))
}

/// How the screens begin.
pub(super) struct Stage<'a> {
    /// What is looked at, safe to print.
    pub title: String,
    /// Sessions come as they close.
    pub is_live: bool,
    pub filter: Option<&'a str>,
}

/// Shows the screens until they are left; the exit codes that apply. `begin` has them filled; behind them `end` is called
/// once nobody takes any more.
pub(super) fn turn(
    shared: Shared,
    stage: &Stage<'_>,
    begin: impl FnOnce(&Arc<Shared>, &Desk),
    end: &mut dyn FnMut(),
) -> Result<Vec<u8>, Trouble> {
    let held = Held::begin();
    let (inbox, arriving) = sync_channel(ARRIVING_MAX);
    let shared = shared.telling(inbox.clone());
    let mut desk = Desk::open(&shared);
    let look = screen::look(&shared.writing);
    let mut app = App::new(Opening {
        title: stage.title.clone(),
        colour: look.colour,
        unicode: look.unicode,
        size: terminal_size(),
        is_live: stage.is_live,
    });
    if let Some(expression) = stage.filter {
        app.filter_by(expression, &mut desk);
    }
    watch_signals(inbox.clone());
    listen(inbox);
    begin(&shared, &desk);
    let ending = show(&mut app, &mut desk, &arriving);
    // Whoever still has something to tell finds nobody, and ends.
    drop(arriving);
    end();
    drop(held);
    let mut codes = shared.codes();
    match ending {
        Ok(Ending::Left) => {}
        Ok(Ending::Lost) => codes.push(exit::FAILURE),
        Ok(Ending::Defect) => codes.push(exit::DEFECT),
        Err(error) => {
            let words = format!("the terminal cannot be used: {error}");
            return Err(Trouble::Peer(words));
        }
    }
    Ok(codes)
}

/// Everything that can be wrong with what was asked for.
fn prepared(arguments: &TuiArguments) -> Result<Shared, Trouble> {
    let paths = arguments.files.paths();
    if let Some(path) = paths.iter().find(|path| !can_be_read_twice(path)) {
        return Err(unreadable(path));
    }
    let writing = Writing {
        output: None,
        color: arguments.color,
        show_secrets: arguments.show_secrets,
        quiet: arguments.quiet,
    };
    select::parse(arguments.filter.as_deref(), select::SESSIONS, &writing)?;
    models::of_files(&arguments.check.models.data_models)?;
    let file = arguments.reading.credentials.as_deref();
    let credentials = credentials::read(file, arguments.quiet)?;
    Capture::open(inputs(&paths))?;
    Ok(Shared::new(arguments, paths, writing, credentials))
}

/// A file is read again for every page.
fn unreadable(path: &Path) -> Trouble {
    let is_standard_input = path.as_os_str() == "-";
    let path = path.display();
    match std::fs::metadata(path.to_string()) {
        Err(_) if is_standard_input => Trouble::Usage(
            "standard input can be read only once, and the screens read again what they show: save it to a file first"
                .to_owned(),
        ),
        Err(error) => Trouble::Usage(format!("{path}: cannot be opened: {error}")),
        Ok(_) => Trouble::Usage(format!(
            "{path}: can be read only once, and the screens read again what they show: save it to a file first"
        )),
    }
}

/// The names of the files.
fn title(shared: &Shared) -> String {
    let name = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        escape::bytes(name.as_encoded_bytes()).into_owned()
    };
    let names: Vec<String> = shared.paths.iter().map(name).collect();
    names.join(", ")
}

/// A terminal that hangs up says so by a signal; a process that is asked to end ends as if it were left.
fn watch_signals(inbox: SyncSender<Event>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        return;
    };
    // Before anything is drawn: a signal that nobody hears would leave the terminal as it is then.
    let signals = {
        let _inside = runtime.enter();
        signals(inbox.clone())
    };
    std::thread::spawn(move || {
        let ending = runtime.block_on(signals);
        // Where nobody listens, the screens have ended already.
        let _ = inbox.send(Event::End(ending));
    });
}

/// Those that come from now on.
#[cfg(unix)]
fn signals(inbox: SyncSender<Event>) -> impl Future<Output = Ending> {
    use rustix::process::Signal;
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (
        signal(SignalKind::hangup()),
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::from_raw(Signal::CONT.as_raw())),
    );
    async move {
        let (Ok(mut hangup), Ok(mut terminate), Ok(mut interrupt), Ok(mut resumed)) = signals
        else {
            return std::future::pending().await;
        };
        loop {
            tokio::select! {
                _ = hangup.recv() => return Ending::Lost,
                _ = terminate.recv() => return Ending::Left,
                _ = interrupt.recv() => return Ending::Left,
                _ = resumed.recv() => {
                    // Where nobody listens, the screens have ended already.
                    let _ = inbox.send(Event::Resumed);
                }
            }
        }
    }
}

#[cfg(not(unix))]
async fn signals(_: SyncSender<Event>) -> Ending {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Ending::Left,
        Err(_) => std::future::pending().await,
    }
}

/// Events on their way: whoever reads faster than the screens take waits.
const ARRIVING_MAX: usize = 64;
