//! Traffic without a breach is found without one; traffic with one breach is judged by it alone; and frames that the capture
//! lost accuse nobody.
//!
//! `STORY=N` prints what the story of that number gives, `KIND=HTTP-004` what the mutations of that code give, each with
//! every finding; `KEEP=folder` writes the transcripts there, and captures that accuse somebody for lost frames; `LOSS=N`
//! loses frames N times as often, and `CASE=STORY-PER_MILLE-ROUND` prints what one of its captures gives.

#[path = "support/clean/mod.rs"]
mod clean;
#[path = "support/random.rs"]
mod random;
mod support;

#[path = "conformance_clean/bases.rs"]
mod bases;
#[path = "conformance_clean/clean_traffic.rs"]
mod clean_traffic;
#[path = "conformance_clean/judge.rs"]
mod judge;
#[path = "conformance_clean/kinds/mod.rs"]
mod kinds;
#[path = "conformance_clean/loss.rs"]
mod loss;
#[path = "conformance_clean/mutation.rs"]
mod mutation;
