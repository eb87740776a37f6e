//! What is being typed or asked at the bottom of the screen.

use super::editor::Editor;
use super::keys::Key;
use super::saving::Saving;

/// What keys mean just now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Prompt {
    /// What the screen says they mean.
    #[default]
    None,
    /// A text to be looked for.
    Search(Editor),
    /// A display filter.
    Filter(FilterLine),
    /// What of the line is to be copied.
    Yank,
    /// Which column is to be shown or hidden.
    Columns,
    /// Where and how sessions are to be saved.
    Save(Saving),
}

/// A display filter on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FilterLine {
    pub editor: Editor,
    /// How it may go on, shown after a tabulator.
    pub offers: Vec<String>,
    /// What is wrong with it, shown after Enter.
    pub flaw: Vec<String>,
}

impl FilterLine {
    pub(super) fn of(expression: &str) -> Self {
        Self {
            editor: Editor::of(expression),
            ..Self::default()
        }
    }

    /// Takes what the expression may go on to: what all have in common goes into the line.
    pub(super) fn complete(&mut self, expressions: Vec<String>) {
        let before = self.editor.halves().0.to_owned();
        self.flaw.clear();
        let Some(first) = expressions.first() else {
            self.offers = vec!["nothing to offer here".to_owned()];
            return;
        };
        let shared = expressions.iter().fold(first.as_str(), |shared, other| {
            let same = shared
                .char_indices()
                .zip(other.chars())
                .find(|((_, one), other)| one != other)
                .map_or(shared.len().min(other.len()), |((at, _), _)| at);
            shared.get(..same).unwrap_or_default()
        });
        let is_alone = expressions.len() == 1;
        if shared.len() > before.len() || is_alone {
            let behind = if is_alone && !shared.ends_with('.') {
                " "
            } else {
                ""
            };
            self.editor.replace_before(&format!("{shared}{behind}"));
        }
        let start = before
            .rfind([' ', '(', '{', '!'])
            .map_or(0, |blank| blank + 1);
        let words = expressions.iter().filter_map(|one| one.get(start..));
        self.offers = if is_alone {
            Vec::new()
        } else {
            words.map(str::to_owned).collect()
        };
    }
}

/// What a key does to a line that is typed; false where it does nothing to it.
pub(super) fn edit(editor: &mut Editor, key: Key) -> bool {
    match key {
        Key::Char(character) => editor.insert(character),
        Key::Backspace | Key::Ctrl('h') => editor.erase_before(),
        Key::Delete => editor.erase_behind(),
        Key::Ctrl('w') => editor.erase_word(),
        Key::Ctrl('u') => editor.erase_all(),
        Key::Left => editor.left(),
        Key::Right => editor.right(),
        Key::Home | Key::Ctrl('a') => editor.home(),
        Key::End | Key::Ctrl('e') => editor.end(),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::FilterLine;

    #[test]
    fn what_all_have_in_common_is_typed() {
        let all = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let mut line = FilterLine::of("rpc == Reboot && ou");
        line.complete(all(&["rpc == Reboot && oui", "rpc == Reboot && outcome"]));
        assert_eq!(line.editor.text(), "rpc == Reboot && ou");
        assert_eq!(line.offers, ["oui", "outcome"]);
        let mut line = FilterLine::of("outc");
        line.complete(all(&["outcome"]));
        assert_eq!(line.editor.text(), "outcome ");
        line.complete(Vec::new());
        assert_eq!(line.offers.len(), 1);
        let mut line = FilterLine::of("fin");
        line.complete(all(&["finding.code", "findings.error"]));
        assert_eq!(line.editor.text(), "finding");
    }
}
