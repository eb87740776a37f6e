//! Keys, and what they mean on every screen that can be moved in.

/// A key that was struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// A letter with Control.
    Ctrl(char),
    /// A function key, from 1.
    Function(u8),
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Tabulator.
    Tab,
    /// Backwards.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
}

/// Where to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Motion {
    Up,
    Down,
    HalfUp,
    HalfDown,
    PageUp,
    PageDown,
    First,
    Last,
    Left,
    Right,
}

impl Motion {
    /// What a key means, as vi and sngrep have it.
    pub(super) fn of(key: Key) -> Option<Self> {
        Some(match key {
            Key::Up | Key::Char('k') => Self::Up,
            Key::Down | Key::Char('j') => Self::Down,
            Key::Ctrl('u') => Self::HalfUp,
            Key::Ctrl('d') => Self::HalfDown,
            Key::PageUp | Key::Ctrl('b') => Self::PageUp,
            Key::PageDown | Key::Ctrl('f') => Self::PageDown,
            Key::Home | Key::Char('g') => Self::First,
            Key::End | Key::Char('G') => Self::Last,
            Key::Left | Key::Char('h') => Self::Left,
            Key::Right | Key::Char('l') => Self::Right,
            _ => return None,
        })
    }

    /// The place that it leads to among so many, with so many on the screen.
    pub(super) fn from(self, at: usize, count: usize, height: usize) -> usize {
        let (half, page) = ((height / 2).max(1), height.max(1));
        let to = match self {
            Self::Up => at.saturating_sub(1),
            Self::Down => at.saturating_add(1),
            Self::HalfUp => at.saturating_sub(half),
            Self::HalfDown => at.saturating_add(half),
            Self::PageUp => at.saturating_sub(page),
            Self::PageDown => at.saturating_add(page),
            Self::First => 0,
            Self::Last => count,
            Self::Left | Self::Right => at,
        };
        to.min(count.saturating_sub(1))
    }
}

/// The first of so many that is shown, where this one has to be seen.
pub(super) fn top_for(top: usize, at: usize, height: usize) -> usize {
    let lowest = (at + 1).saturating_sub(height.max(1));
    top.clamp(lowest, at)
}
