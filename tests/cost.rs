//! What input costs: hostile bytes at most ten times what ordinary ones do, and the largest things in time and memory.

#[path = "support/fragments.rs"]
mod fragments;
#[path = "support/memory.rs"]
mod memory;
#[path = "support/random.rs"]
mod random;
mod support;

#[path = "cost/adversaries.rs"]
mod adversaries;
#[path = "cost/bodies.rs"]
mod bodies;
#[path = "support/child.rs"]
mod child;
#[path = "cost/figures.rs"]
mod figures;
#[path = "cost/ratio.rs"]
mod ratio;
#[path = "cost/talk.rs"]
mod talk;
#[path = "cost/traffic.rs"]
mod traffic;
#[path = "cost/udp.rs"]
mod udp;
