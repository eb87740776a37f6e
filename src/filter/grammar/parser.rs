//! The grammar: `||` over `&&` over `!` over tests. One pass, no going back, bounded depth.

use std::ops::Range;

use super::scanner::Scanner;
use crate::filter::expression::{Comparison, Expression, Item, Leaf, Test};
use crate::filter::names::{Field, Holds, Used, guess, listed, meant};
use crate::filter::operand::{Literal, Number, Operand, Unfit};
use crate::filter::pattern::{Glob, PATTERNS_MAX, Pattern};
use crate::filter::{FilterError, completions};

/// Parses a whole expression.
pub(in crate::filter) fn parse(text: &str) -> Result<Expression, FilterError> {
    if text.len() > EXPRESSION_BYTES_MAX {
        let starts = text.char_indices().map(|(at, _)| at);
        let end = starts
            .take_while(|at| *at <= EXPRESSION_BYTES_MAX)
            .last()
            .unwrap_or_default();
        let message = format!("an expression has at most {EXPRESSION_BYTES_MAX} bytes");
        return Err(FilterError::new(text, end..end, message));
    }
    if text.trim().is_empty() {
        let message = "expected a name: the expression is empty";
        return Err(FilterError::new("", 0..0, message).incomplete_if(true));
    }
    let mut parser = Parser {
        text,
        scanner: Scanner::new(text),
        depth: 0,
        patterns: 0,
        slots: 0,
    };
    let expression = parser.any()?;
    if parser.scanner.rest().is_empty() {
        return Ok(expression);
    }
    if parser.scanner.rest().starts_with(')') {
        let here = parser.scanner.here();
        let message = "a `)` without its `(`";
        return Err(FilterError::new(text, here..here + 1, message));
    }
    if let Some(mistaken) = parser.mistaken() {
        return Err(mistaken);
    }
    let message = match &expression {
        Expression::Leaf(leaf) if leaf.test == Test::Exists => {
            "expected an operator, `&&`, `||` or the end"
        }
        _ => "expected `&&`, `||` or the end",
    };
    Err(parser.unexpected(message))
}

struct Parser<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
    /// Open parentheses and `!`.
    depth: usize,
    patterns: usize,
    slots: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.all()?];
        while self.scanner.takes("||") || self.scanner.takes_word("or") {
            parts.push(self.all()?);
        }
        Ok(Expression::any(parts))
    }

    fn all(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.one()?];
        while self.scanner.takes("&&") || self.scanner.takes_word("and") {
            parts.push(self.one()?);
        }
        Ok(Expression::all(parts))
    }

    fn one(&mut self) -> Result<Expression, FilterError> {
        let start = self.scanner.here();
        if self.scanner.takes("!") || self.scanner.takes_word("not") {
            self.deeper(start)?;
            let negated = self.one()?;
            self.depth -= 1;
            return Ok(Expression::Not(Box::new(negated)));
        }
        if !self.scanner.takes("(") {
            return self.leaf().map(Expression::Leaf);
        }
        self.deeper(start)?;
        let inner = self.any()?;
        self.depth -= 1;
        if self.scanner.takes(")") {
            return Ok(inner);
        }
        if self.scanner.rest().is_empty() {
            let message = "a `(` without its `)`";
            let error = FilterError::new(self.text, start..start + 1, message);
            return Err(error.incomplete_if(true));
        }
        let mistaken = self.mistaken();
        Err(mistaken.unwrap_or_else(|| self.unexpected("expected an operator, `&&`, `||` or `)`")))
    }

    fn deeper(&mut self, start: usize) -> Result<(), FilterError> {
        self.depth += 1;
        if self.depth <= DEPTH_MAX {
            return Ok(());
        }
        let message = format!("`(` and `!` nest at most {DEPTH_MAX} deep");
        Err(FilterError::new(
            self.text,
            start..self.scanner.at(),
            message,
        ))
    }

    fn leaf(&mut self) -> Result<Leaf, FilterError> {
        let (word, mut span) = self.scanner.word();
        if word.is_empty() {
            return Err(self.unexpected("expected a name"));
        }
        let name = if word == PARAM {
            let name = self.parameter()?;
            span.end = self.scanner.at();
            Some(name)
        } else {
            Used::find(word)
        };
        let Some(name) = name else {
            let message = format!("there is no name `{word}`");
            return Err(FilterError::new(self.text, span, message).suggesting(guess(word)));
        };
        let test = self.test(&name, span)?;
        let in_messages = matches!(
            name.name.field,
            Field::Parameter | Field::Value | Field::ParameterNamed
        );
        let slot = in_messages.then_some(self.slots);
        self.slots += usize::from(in_messages);
        Ok(Leaf { name, test, slot })
    }

    /// The path behind `param`, in quotes: it may hold anything.
    fn parameter(&mut self) -> Result<Used, FilterError> {
        if !self.scanner.rest().starts_with(['"', '\'']) {
            return Err(self.unexpected("expected the name of a parameter in quotes"));
        }
        let (literal, span) = self.value()?;
        Used::parameter(literal.text).ok_or_else(|| {
            let message = "expected the name of a parameter: it is empty";
            FilterError::new(self.text, span, message)
        })
    }

    fn test(&mut self, name: &Used, name_at: Range<usize>) -> Result<Test, FilterError> {
        if let Some(mistaken) = self.mistaken() {
            return Err(mistaken);
        }
        let holds = name.name.holds;
        let start = self.scanner.here();
        for comparison in COMPARISONS {
            if self.scanner.takes(comparison.sign()) {
                self.comparable(name, &name_at)?;
                return self.comparison(comparison, holds, start..self.scanner.at());
            }
        }
        if self.scanner.takes("~") || self.scanner.takes_word("matches") {
            self.comparable(name, &name_at)?;
            return self.pattern().map(Test::Matches);
        }
        if self.scanner.takes_word("glob") {
            self.comparable(name, &name_at)?;
            return self.glob().map(Test::Glob);
        }
        if self.scanner.takes_word("contains") {
            self.comparable(name, &name_at)?;
            let (literal, _) = self.value()?;
            return Ok(Test::Contains(literal));
        }
        if self.scanner.takes_word("in") {
            self.comparable(name, &name_at)?;
            return self.set(holds).map(Test::In);
        }
        Ok(Test::Exists)
    }

    /// A group has no values to compare.
    fn comparable(&self, name: &Used, name_at: &Range<usize>) -> Result<(), FilterError> {
        if name.name.holds != Holds::Group {
            return Ok(());
        }
        let message = format!("`{name}` has no value of its own");
        let within = format!("{}.", name.name.name);
        let parts: Vec<&str> = completions(&within)
            .into_iter()
            .filter(|part| {
                part.strip_prefix(&within)
                    .is_some_and(|part| !part.contains('.'))
            })
            .collect();
        let suggestion = (!parts.is_empty()).then(|| format!("it has {}", listed(&parts)));
        Err(FilterError::new(self.text, name_at.clone(), message).suggesting(suggestion))
    }

    fn comparison(
        &mut self,
        comparison: Comparison,
        holds: Holds,
        sign_at: Range<usize>,
    ) -> Result<Test, FilterError> {
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if ordered && matches!(holds, Holds::Words(_) | Holds::Boolean) {
            let message = format!("nothing is less or greater among {}", holds.describe());
            return Err(FilterError::new(self.text, sign_at, message)
                .suggesting(Some("compare with `==`, `!=` or `in`".to_owned())));
        }
        let (literal, span) = self.value()?;
        let operand = self.operand(&literal, holds, span)?;
        Ok(Test::Compare(comparison, literal, operand))
    }

    fn operand(
        &self,
        literal: &Literal,
        holds: Holds,
        span: Range<usize>,
    ) -> Result<Operand, FilterError> {
        Operand::of(literal, holds).map_err(|Unfit { expected, near }| {
            FilterError::new(self.text, span, format!("expected {expected}"))
                .suggesting(near.map(meant))
        })
    }

    fn value(&mut self) -> Result<(Literal, Range<usize>), FilterError> {
        match self.scanner.literal()? {
            Some(value) => Ok(value),
            None => Err(self.unexpected("expected a value: a word, a number or a \"string\"")),
        }
    }

    fn pattern(&mut self) -> Result<Pattern, FilterError> {
        let start = self.scanner.here();
        let compiled = if self.scanner.rest().starts_with('/') {
            let (source, any_case) = self.scanner.pattern()?;
            Pattern::new(source, any_case)
        } else {
            let (literal, _) = self.value()?;
            Pattern::new(&literal.text, false)
        };
        self.compiled(compiled, start)
    }

    fn glob(&mut self) -> Result<Glob, FilterError> {
        let start = self.scanner.here();
        let (literal, _) = self.value()?;
        self.compiled(Glob::new(literal), start)
    }

    fn compiled<P>(&mut self, compiled: Result<P, String>, start: usize) -> Result<P, FilterError> {
        self.patterns += 1;
        let message = if self.patterns > PATTERNS_MAX {
            format!("an expression has at most {PATTERNS_MAX} patterns")
        } else {
            match compiled {
                Ok(pattern) => return Ok(pattern),
                Err(reason) => format!("the pattern cannot be used: {reason}"),
            }
        };
        let span = start..self.scanner.at();
        Err(FilterError::new(self.text, span, message))
    }

    fn set(&mut self, holds: Holds) -> Result<Vec<Item>, FilterError> {
        let start = self.scanner.here();
        let (open, close) = if self.scanner.takes("{") {
            ("{", "}")
        } else if self.scanner.takes("[") {
            ("[", "]")
        } else {
            return Err(self.unexpected("expected `{` and the values, such as `{9005, 9007}`"));
        };
        let mut items = vec![self.item(holds, close)?];
        loop {
            if self.scanner.takes(close) {
                return Ok(items);
            }
            if self.scanner.rest().is_empty() {
                let message = format!("a `{open}` without its `{close}`");
                let error = FilterError::new(self.text, start..start + 1, message);
                return Err(error.incomplete_if(true));
            }
            if !self.scanner.takes(",") {
                return Err(self.unexpected(&format!("expected `,` or `{close}`")));
            }
            items.push(self.item(holds, close)?);
        }
    }

    fn item(&mut self, holds: Holds, close: &str) -> Result<Item, FilterError> {
        let (mut literal, mut span) = self.value()?;
        if close == "]" && !literal.quoted {
            let length = before_close(&literal.text);
            let behind = literal.text.len().saturating_sub(length);
            literal.text.truncate(length);
            span.end = span.end.saturating_sub(behind);
            self.scanner.back_to(span.end);
            if literal.text.is_empty() {
                return Err(self.unexpected("expected a value: a word, a number or a \"string\""));
            }
        }
        let Some((from, to)) = ends(&literal, holds) else {
            let operand = self.operand(&literal, holds, span)?;
            return Ok(Item::One(literal, operand));
        };
        let middle = span.start + from.len();
        let from = word(from);
        let to = word(to);
        let first = self.operand(&from, holds, span.start..middle)?;
        let last = self.operand(&to, holds, middle + RANGE.len()..span.end)?;
        Ok(Item::Range([(from, first), (to, last)]))
    }

    /// What stands here where something else should.
    fn unexpected(&mut self, message: &str) -> FilterError {
        let rest = self.scanner.rest();
        let start = self.scanner.here();
        let word = self.scanner.next_word().len();
        let length = match rest.chars().next() {
            None => 0,
            Some(sign) => word.max(sign.len_utf8()),
        };
        FilterError::new(self.text, start..start + length, message).incomplete_if(length == 0)
    }

    /// Signs and words of other languages, where an operator may stand.
    fn mistaken(&mut self) -> Option<FilterError> {
        let rest = self.scanner.rest();
        let start = self.scanner.here();
        let word = self.scanner.next_word();
        let (wrong, right) = MISTAKEN.iter().find(|(wrong, right)| {
            let is_word = wrong.starts_with(char::is_alphabetic);
            // A single sign is the beginning of the right one, more often than not.
            let is_sign = !is_word && rest.starts_with(wrong) && !rest.starts_with(right);
            is_sign || is_word && word == *wrong
        })?;
        let message = format!("`{wrong}` is no operator");
        let error = FilterError::new(self.text, start..start + wrong.len(), message);
        Some(error.suggesting(Some(meant(right))))
    }
}

/// The ends of a range such as `9000..9019`; of text only where both are numbers.
fn ends(literal: &Literal, holds: Holds) -> Option<(&str, &str)> {
    let (from, to) = literal.text.split_once(RANGE)?;
    let numbers = || Number::parse(from).is_some() && Number::parse(to).is_some();
    let is_range = match holds {
        Holds::Text => numbers(),
        Holds::Number | Holds::Duration | Holds::Time | Holds::Scale(_) => true,
        Holds::Words(_) | Holds::Boolean | Holds::Group => false,
    };
    (is_range && !literal.quoted).then_some((from, to))
}

/// The length of a value in front of the `]` that ends its list; those of an address or a glob have a `[` of their own.
fn before_close(text: &str) -> usize {
    let mut open = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '[' => open = open.saturating_add(1),
            ']' if open == 0 => return at,
            ']' => open -= 1,
            _ => {}
        }
    }
    text.len()
}

fn word(text: &str) -> Literal {
    Literal {
        text: text.to_owned(),
        quoted: false,
    }
}

/// Longer signs before those they begin with.
const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::LessOrEqual,
    Comparison::GreaterOrEqual,
    Comparison::Less,
    Comparison::Greater,
];
const RANGE: &str = "..";
/// The name that is followed by that of a parameter.
const PARAM: &str = "param";
const MISTAKEN: &[(&str, &str)] = &[
    ("=~", "~"),
    ("!~", "!(... ~ ...)"),
    ("=", "=="),
    ("<>", "!="),
    ("&", "&&"),
    ("|", "||"),
    ("eq", "=="),
    ("ne", "!="),
    ("lt", "<"),
    ("le", "<="),
    ("gt", ">"),
    ("ge", ">="),
    ("is", "=="),
    ("like", "glob"),
    ("AND", "and"),
    ("OR", "or"),
];
/// Bytes of an expression: far more than anybody types, far less than would take noticeable time.
const EXPRESSION_BYTES_MAX: usize = 8 << 10;
/// Parentheses and `!` within each other: the stack of the parser and of the evaluation.
const DEPTH_MAX: usize = 64;
