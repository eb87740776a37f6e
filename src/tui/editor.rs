//! A line that is being typed: text and a cursor in it. Nothing that could change the screen gets into it.

/// Text with a cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Editor {
    text: String,
    /// Byte of the text before which the next character goes.
    at: usize,
}

impl Editor {
    pub(super) fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            at: text.len(),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor, and behind it.
    pub(super) fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.at)
    }

    /// Puts a character in, if it may stand in a line and the line is not too long.
    pub(super) fn insert(&mut self, character: char) {
        let is_safe = !character.is_control() && !is_directing(character);
        if is_safe && self.text.len() < BYTES_MAX {
            self.text.insert(self.at, character);
            self.at += character.len_utf8();
        }
    }

    /// What stood before the cursor becomes another text.
    pub(super) fn replace_before(&mut self, text: &str) {
        let behind = self.halves().1.to_owned();
        self.text = format!("{text}{behind}");
        self.at = text.len();
    }

    pub(super) fn erase_before(&mut self) {
        if let Some(character) = self.halves().0.chars().next_back() {
            self.at -= character.len_utf8();
            self.text.remove(self.at);
        }
    }

    pub(super) fn erase_behind(&mut self) {
        if !self.halves().1.is_empty() {
            self.text.remove(self.at);
        }
    }

    /// Back to the blank before the word.
    pub(super) fn erase_word(&mut self) {
        let before = self.halves().0.trim_end();
        let kept = before.rfind(' ').map_or(0, |blank| blank + 1);
        self.text.replace_range(kept..self.at, "");
        self.at = kept;
    }

    pub(super) fn erase_all(&mut self) {
        *self = Self::default();
    }

    pub(super) fn left(&mut self) {
        let before = self.halves().0.chars().next_back();
        self.at -= before.map_or(0, char::len_utf8);
    }

    pub(super) fn right(&mut self) {
        let behind = self.halves().1.chars().next();
        self.at += behind.map_or(0, char::len_utf8);
    }

    pub(super) fn home(&mut self) {
        self.at = 0;
    }

    pub(super) fn end(&mut self) {
        self.at = self.text.len();
    }
}

/// Characters that turn the direction of writing, or end a line.
fn is_directing(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// Bytes of a line that is typed.
const BYTES_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::Editor;

    #[test]
    fn a_line_is_typed() {
        let mut editor = Editor::of("ab");
        editor.left();
        editor.insert('ü');
        editor.insert('\u{1b}');
        editor.insert('\u{202e}');
        assert_eq!(editor.halves(), ("aü", "b"));
        editor.erase_before();
        editor.erase_behind();
        editor.erase_behind();
        assert_eq!(editor.text(), "a");
        editor.end();
        for character in " two words".chars() {
            editor.insert(character);
        }
        editor.erase_word();
        assert_eq!(editor.text(), "a two ");
        editor.home();
        editor.left();
        editor.right();
        editor.replace_before("x");
        assert_eq!(editor.halves(), ("x", " two "));
        editor.erase_all();
        editor.erase_word();
        assert_eq!(editor.text(), "");
    }
}
