//! The terminal around the screens: entered once, left clean whatever ends them, and given up within a second when it is
//! gone. The only part of the screens that reads keys and writes to the terminal.

use std::fmt;
use std::io::{self, Stdout, Write};
use std::mem::ManuallyDrop;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, KeyCode, KeyEvent, KeyEventKind,
    KeyModifiers,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::ResetColor;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use ratatui::layout::Rect;

pub use super::keys::Key;
use super::{App, Commands, Deed, News, draw};

/// What the screens wait for.
#[derive(Debug)]
pub enum Event {
    /// A key was struck.
    Key(Key),
    /// A text was pasted.
    Paste(String),
    /// The screen has this size now.
    Resized(u16, u16),
    /// The program goes on after it was stopped: the terminal may have been somebody else's meanwhile.
    Resumed,
    /// News from beside the screens.
    News(News),
    /// The screens end.
    End(Ending),
}

/// How the screens ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// They were left.
    Left,
    /// The terminal is gone.
    Lost,
    /// A defect of ours beside the screens.
    Defect,
}

/// Columns and rows of the terminal; where it does not tell, as many as the first ones had.
#[must_use]
pub fn terminal_size() -> (u16, u16) {
    size().unwrap_or((80, 24))
}

/// Shows the screens until somebody leaves, or the terminal is gone.
///
/// # Errors
///
/// Where the terminal cannot be entered.
pub fn show(
    app: &mut App,
    commands: &mut dyn Commands,
    inbox: &Receiver<Event>,
) -> io::Result<Ending> {
    enable_raw_mode()?;
    let guard = Guard::enter(io::stdout(), || {
        // Where the terminal is gone, nothing has to be restored.
        let _ = disable_raw_mode();
    })?;
    // What it does when it goes out of scope the guard does; where the terminal is gone, it would panic.
    let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let mut terminal = ManuallyDrop::new(terminal);
    let ending = turn(app, commands, inbox, &mut terminal);
    drop(guard);
    Ok(ending)
}

/// Draws, waits, and again. Whatever the terminal refuses ends it: it is gone then.
fn turn(
    app: &mut App,
    commands: &mut dyn Commands,
    inbox: &Receiver<Event>,
    terminal: &mut Terminal<CrosstermBackend<Stdout>>,
) -> Ending {
    loop {
        let mut area = (0, 0);
        let drawn = terminal.draw(|frame| {
            area = (frame.area().width, frame.area().height);
            if area == app.size() {
                draw(app, frame);
            }
        });
        if drawn.is_err() {
            return Ending::Lost;
        }
        if area != app.size() {
            app.resize(area, commands);
            continue;
        }
        // Without an event it is drawn all the same: a terminal that is gone is found out by writing to it.
        let mut event = match inbox.recv_timeout(TICK) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ending::Defect,
        };
        let mut taken = 0;
        while let Some(next) = event {
            match take(app, commands, next, terminal) {
                Ok(None) => {}
                Ok(Some(ending)) => return ending,
                Err(_) => return Ending::Lost,
            }
            taken += 1;
            event = inbox.try_recv().ok().filter(|_| taken < EVENTS_MAX);
        }
    }
}

fn take(
    app: &mut App,
    commands: &mut dyn Commands,
    event: Event,
    terminal: &mut Terminal<CrosstermBackend<Stdout>>,
) -> io::Result<Option<Ending>> {
    let deed = match event {
        Event::Key(key) => app.key(key, commands),
        Event::Paste(text) => {
            app.paste(&text, commands);
            None
        }
        Event::Resized(width, height) => {
            app.resize((width, height), commands);
            None
        }
        Event::Resumed => {
            resume(terminal)?;
            None
        }
        Event::News(news) => {
            app.news(news, commands);
            None
        }
        Event::End(ending) => return Ok(Some(ending)),
    };
    match deed {
        None => {}
        Some(Deed::Leave) => return Ok(Some(Ending::Left)),
        Some(Deed::Redraw) => redraw(terminal)?,
        Some(Deed::Suspend) => suspend(terminal)?,
        Some(Deed::Copy(text)) => copy(&text, &mut io::stdout())?,
    }
    Ok(None)
}

/// Everything is written again. To clear it otherwise would ask the terminal where its cursor is, and the answer would be read
/// as keys.
fn redraw(terminal: &mut Terminal<CrosstermBackend<Stdout>>) -> io::Result<()> {
    let size = terminal.size()?;
    terminal.resize(Rect::new(0, 0, size.width, size.height))
}

/// Gives the terminal back, and stops until somebody has the program go on; where nobody could, it goes on at once.
fn suspend(terminal: &mut Terminal<CrosstermBackend<Stdout>>) -> io::Result<()> {
    leave(&mut io::stdout())?;
    disable_raw_mode()?;
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        kill_process(getpid(), Signal::TSTP)?;
    }
    resume(terminal)
}

/// Takes the terminal again, whatever it was used for meanwhile.
fn resume(terminal: &mut Terminal<CrosstermBackend<Stdout>>) -> io::Result<()> {
    // What is thought of its mode may be true no more: it is set in any case.
    disable_raw_mode()?;
    enable_raw_mode()?;
    enter(&mut io::stdout())?;
    redraw(terminal)
}

fn enter(out: &mut impl Write) -> io::Result<()> {
    execute!(out, EnterAlternateScreen, EnableBracketedPaste)
}

fn leave(out: &mut impl Write) -> io::Result<()> {
    execute!(
        out,
        ResetColor,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    )
}

/// OSC 52: the terminal puts the text into the clipboard, wherever it runs.
fn copy(text: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "\x1b]52;c;{}\x07", Base64(text.as_bytes()))?;
    out.flush()
}

/// Bytes as base64 (RFC 4648 section 4).
struct Base64<'b>(&'b [u8]);

impl fmt::Display for Base64<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.chunks(3) {
            let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for place in 0..4 {
                let digit = (bits >> (18 - 6 * place)) & 63;
                let digit = DIGITS.get(digit as usize).filter(|_| place <= chunk.len());
                write!(out, "{}", char::from(digit.copied().unwrap_or(b'=')))?;
            }
        }
        Ok(())
    }
}

/// Reads keys on a thread of its own, until nobody listens any more.
pub fn listen(inbox: SyncSender<Event>) {
    std::thread::spawn(move || {
        loop {
            let event = match event::read() {
                Ok(event::Event::Key(key)) => key_of(key).map(Event::Key),
                Ok(event::Event::Paste(text)) => Some(Event::Paste(text)),
                Ok(event::Event::Resize(width, height)) => Some(Event::Resized(width, height)),
                Ok(_) => None,
                Err(_) => Some(Event::End(Ending::Lost)),
            };
            let is_over = matches!(event, Some(Event::End(_)));
            if event.is_some_and(|event| inbox.send(event).is_err()) || is_over {
                break;
            }
        }
    });
}

fn key_of(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let with_control = event.modifiers.contains(KeyModifiers::CONTROL);
    Some(match event.code {
        KeyCode::Char(letter) if with_control => Key::Ctrl(letter.to_ascii_lowercase()),
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::F(number) => Key::Function(number),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Tab => Key::Tab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        _ => return None,
    })
}

/// Leaves the terminal as it was, when it goes out of scope: at the end, after an error, after a panic.
struct Guard<W: Write, F: FnMut()> {
    out: W,
    restore: F,
}

impl<W: Write, F: FnMut()> Guard<W, F> {
    fn enter(out: W, restore: F) -> io::Result<Self> {
        let mut guard = Self { out, restore };
        enter(&mut guard.out)?;
        Ok(guard)
    }
}

impl<W: Write, F: FnMut()> Drop for Guard<W, F> {
    fn drop(&mut self) {
        // Where the terminal is gone, nothing has to be restored.
        let _ = leave(&mut self.out);
        (self.restore)();
    }
}

/// How long nothing may happen until the terminal is written to.
const TICK: Duration = Duration::from_millis(200);
/// Events that are taken before the screen is drawn again.
const EVENTS_MAX: usize = 128;
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::{Base64, Guard, copy};

    #[test]
    fn base64_as_rfc_4648_section_10_has_it() {
        for (text, digits) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(Base64(text.as_bytes()).to_string(), digits);
        }
        let mut out = Vec::new();
        copy("foo", &mut out).expect("memory can be written to");
        assert_eq!(out, b"\x1b]52;c;Zm9v\x07");
    }

    #[test]
    fn the_terminal_is_left_clean_after_a_panic() {
        let mut out = Vec::new();
        let restored = Cell::new(0);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let _guard = Guard::enter(&mut out, || restored.set(restored.get() + 1));
            std::panic::resume_unwind(Box::new("a defect"));
        }));
        assert!(outcome.is_err());
        assert_eq!(restored.get(), 1);
        let out = String::from_utf8(out).expect("it is text");
        let (entered, left) = out.split_once("\x1b[0m").expect("colours are reset");
        assert!(entered.contains("\x1b[?1049h"));
        assert!(left.contains("\x1b[?1049l") && left.contains("\x1b[?25h"));
    }
}
