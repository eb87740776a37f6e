//! The rule book: judges what the sessions' messages show, names the guilty side, the clause and the frames.
//!
//! Rules live in `rules/`, a folder a family and a file a topic. The [`Checker`] takes what `session::assemble` gives out, in one
//! pass, and shows it to them.

mod baseline;
mod catalogue;
mod checker;
mod doubts;
mod draft;
mod excerpt;
mod findings;
mod fingerprint;
mod forgiven;
mod gist;
mod glance;
mod limits;
mod names;
mod overlaps;
mod own_document;
mod parameters;
mod profiles;
mod right;
mod rule;
mod rules;
mod seen;
mod standing;
mod topic;
mod track;

pub use baseline::{Accepted, Baseline, Subtracted, accepting};
pub use catalogue::{rule, rules, undecidable};
pub use checker::{Checked, Checker};
pub(crate) use doubts::Doubts;
pub use draft::Draft;
pub use findings::{Counts, Findings, Selection};
pub use fingerprint::{fingerprint, fingerprint_of_parts};
pub use forgiven::in_issue_1;
pub use gist::{Gist, Informed};
pub use limits::CheckLimits;
pub use names::Traits;
pub use parameters::{Parameter, Parameters};
pub use profiles::{Chosen, ProfileChoice};
pub use rule::{Rule, Scope, Undecidable};
pub use seen::{Asked, Closed, Exchange, LastResponse, Seen, SessionFacts, Setting, is_whole};
pub use standing::Claim;
pub use topic::Topic;
