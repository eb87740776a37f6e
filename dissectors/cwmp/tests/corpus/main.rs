//! The messages of ../shared: what they decode to, how others read them, which quirks they show.

mod decoding;
mod folder;
mod manifest;
mod mutation;
mod peer;
mod vectors;
