//! A parsed expression, and how it is written: what it writes, the grammar reads back as the same.

use std::fmt;

use super::names::Used;
use super::operand::{Literal, Operand};
use super::pattern::{Glob, Pattern};

/// An expression. Chains are lists, so that only parentheses and `!` nest.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Any(Vec<Expression>),
    All(Vec<Expression>),
    Not(Box<Expression>),
    Leaf(Leaf),
}

/// One test of one name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    pub name: Used,
    pub test: Test,
    /// Of a name that a session has in its messages only: its place among the leaves of that sort.
    pub slot: Option<usize>,
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Exists,
    Compare(Comparison, Literal, Operand),
    In(Vec<Item>),
    Matches(Pattern),
    Glob(Glob),
    Contains(Literal),
}

/// An operator that compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A member of a set.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    One(Literal, Operand),
    /// Both ends belong to it.
    Range([(Literal, Operand); 2]),
}

impl Expression {
    /// Joins with `||`; parts that were joined so too become one list with it.
    pub fn any(parts: Vec<Self>) -> Self {
        let open = |part| match part {
            Self::Any(inner) => inner,
            other => vec![other],
        };
        alone(parts.into_iter().flat_map(open).collect(), Self::Any)
    }

    /// Joins with `&&`, likewise.
    pub fn all(parts: Vec<Self>) -> Self {
        let open = |part| match part {
            Self::All(inner) => inner,
            other => vec![other],
        };
        alone(parts.into_iter().flat_map(open).collect(), Self::All)
    }

    /// Every leaf, in the order of the text.
    pub fn leaves<'a>(&'a self, visit: &mut dyn FnMut(&'a Leaf)) {
        match self {
            Self::Any(parts) | Self::All(parts) => {
                parts.iter().for_each(|part| part.leaves(visit));
            }
            Self::Not(part) => part.leaves(visit),
            Self::Leaf(leaf) => visit(leaf),
        }
    }

    /// Its truth, given that of its leaves; no more leaves are asked than needed.
    pub fn holds(&self, leaf_holds: &dyn Fn(&Leaf) -> bool) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.holds(leaf_holds)),
            Self::All(parts) => parts.iter().all(|part| part.holds(leaf_holds)),
            Self::Not(part) => !part.holds(leaf_holds),
            Self::Leaf(leaf) => leaf_holds(leaf),
        }
    }
}

/// One part needs no joining.
fn alone(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(parts) => chain(parts, " || ", formatter),
            Self::All(parts) => chain(parts, " && ", formatter),
            Self::Not(part) => {
                formatter.write_str("!")?;
                match part.as_ref() {
                    // `!` binds tighter than an operator, for the reader too.
                    Self::Leaf(leaf) if leaf.test != Test::Exists => write!(formatter, "({leaf})"),
                    part => nested(part, formatter),
                }
            }
            Self::Leaf(leaf) => write!(formatter, "{leaf}"),
        }
    }
}

fn chain(parts: &[Expression], between: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            formatter.write_str(between)?;
        }
        nested(part, formatter)?;
    }
    Ok(())
}

fn nested(part: &Expression, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match part {
        Expression::Any(_) | Expression::All(_) => write!(formatter, "({part})"),
        Expression::Not(_) | Expression::Leaf(_) => write!(formatter, "{part}"),
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.test {
            Test::Exists => write!(formatter, "{name}"),
            Test::Compare(comparison, literal, _) => {
                write!(formatter, "{name} {} {literal}", comparison.sign())
            }
            Test::In(items) => {
                write!(formatter, "{name} in {{")?;
                for (at, item) in items.iter().enumerate() {
                    let between = if at > 0 { ", " } else { "" };
                    match item {
                        Item::One(literal, _) => write!(formatter, "{between}{literal}")?,
                        Item::Range([(from, _), (to, _)]) => {
                            write!(formatter, "{between}{from}..{to}")?;
                        }
                    }
                }
                formatter.write_str("}")
            }
            Test::Matches(pattern) => write!(formatter, "{name} ~ {pattern}"),
            Test::Glob(glob) => write!(formatter, "{name} glob {glob}"),
            Test::Contains(literal) => write!(formatter, "{name} contains {literal}"),
        }
    }
}

impl Comparison {
    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}
