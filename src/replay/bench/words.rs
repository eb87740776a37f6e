//! A line of the queue as words, quoted as a shell has it; what they mean is in `order.rs`.

/// A word, with where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In characters, counted from 1.
    pub(super) column: usize,
    /// Without its quotes.
    pub(super) text: String,
    /// Characters before the first quote, which alone may be syntax.
    pub(super) bare: usize,
}

impl Word {
    /// Both sides of the first of these signs that no quote holds; the right side with its column.
    pub(super) fn split(&self, sign: char) -> Option<(&str, &str, usize)> {
        let at = self.text.find(sign)?;
        let before = self.text.get(..at)?;
        let characters = before.chars().count();
        let after = self.text.get(at..)?.strip_prefix(sign)?;
        (characters < self.bare)
            .then(|| (before, after, self.column.saturating_add(characters + 1)))
    }

    /// For a problem: its name at most, for a value may be a secret.
    pub(super) fn shown(&self) -> String {
        let is_name = |name: &&str| {
            let mut letters = name.chars();
            letters.all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter))
        };
        let name = self.split('=').map(|(name, ..)| name).filter(is_name);
        name.map_or("this".to_owned(), |name| format!("`{name}`"))
    }
}

/// The words of a line; a `#` that begins one begins a comment.
///
/// # Errors
///
/// The column of a quote that nothing closes.
pub(super) fn words(line: &str) -> Result<Vec<Word>, usize> {
    let mut words = Vec::new();
    let mut characters = line.chars().zip(1..).peekable();
    while let Some(&(character, column)) = characters.peek() {
        if character.is_whitespace() {
            characters.next();
            continue;
        }
        if character == '#' {
            break;
        }
        let mut word = Word {
            column,
            text: String::new(),
            bare: usize::MAX,
        };
        while let Some((character, column)) =
            characters.next_if(|(character, _)| !character.is_whitespace())
        {
            match character {
                '"' | '\'' => {
                    word.bare = word.bare.min(word.text.chars().count());
                    quoted(character, &mut characters, &mut word.text).ok_or(column)?;
                }
                '\\' => {
                    word.bare = word.bare.min(word.text.chars().count());
                    word.text.push(characters.next().ok_or(column)?.0);
                }
                other => word.text.push(other),
            }
        }
        words.push(word);
    }
    Ok(words)
}

/// What stands up to the closing quote; nothing where none closes.
fn quoted(
    quote: char,
    characters: &mut impl Iterator<Item = (char, usize)>,
    text: &mut String,
) -> Option<()> {
    loop {
        match characters.next()?.0 {
            end if end == quote => return Some(()),
            // Within single quotes nothing is special.
            '\\' if quote == '"' => text.push(characters.next()?.0),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    fn texts(line: &str) -> Vec<String> {
        let words = words(line).expect("closed quotes");
        words.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn quotes_hold_blanks_and_comments_hold_nothing() {
        assert_eq!(texts("  a  b\t# c"), ["a", "b"]);
        assert_eq!(
            texts(r#"a="b c" d='e "f' g\ h a#b "" "#),
            ["a=b c", "d=e \"f", "g h", "a#b", ""]
        );
        assert_eq!(texts(r#""a\"b\\""#), [r#"a"b\"#]);
        assert_eq!(words("ab \"c"), Err(4));
        assert_eq!(words("ab 'c"), Err(4));
        assert_eq!(words("ab\\"), Err(3));
    }

    #[test]
    fn a_sign_within_quotes_is_text() {
        let split = |line: &str| {
            let words = words(line).expect("closed quotes");
            let split = words[0].split('=');
            split.map(|(before, after, column)| (before.to_owned(), after.to_owned(), column))
        };
        assert_eq!(
            split("  a=\"b=c\""),
            Some(("a".to_owned(), "b=c".to_owned(), 5))
        );
        assert_eq!(split("\"a=b\""), None);
        assert_eq!(split("ab"), None);
    }
}
