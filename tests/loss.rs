//! What the way of the packets does to what is read: nothing where every byte arrives, and nothing beyond what is lost
//! where some do not.

#[path = "support/fragments.rs"]
mod fragments;
#[path = "support/memory.rs"]
mod memory;
#[path = "support/random.rs"]
mod random;
mod support;

#[path = "loss/compare.rs"]
mod compare;
#[path = "loss/network.rs"]
mod network;
#[path = "loss/overlap.rs"]
mod overlap;
#[path = "loss/peers.rs"]
mod peers;
#[path = "loss/recording.rs"]
mod recording;
#[path = "loss/segmentation.rs"]
mod segmentation;
#[path = "loss/skew.rs"]
mod skew;
#[path = "loss/turns.rs"]
mod turns;
