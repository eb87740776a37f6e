//! A phone behind a NAT that its ACS reaches over UDP (TR-111 part II). The capture is one of the phone's LAN.

use std::net::SocketAddr;

use super::super::world::World;
use crate::clean::datagrams;
use crate::clean::plots_wakeups::{ADDRESS, NAT_DETECTED, keep_alive, tell_binding};

/// Waits until the binding is to be kept again: by then the NAT has another for it.
pub fn rebound(world: &mut World) {
    let mapped = world.mapped.expect("the phone is behind NAT");
    let (due_us, ..) = world.keepalive.take().expect("the binding is kept");
    world.wait_until(due_us);
    world.mapped = Some(SocketAddr::new(mapped.ip(), mapped.port() + 1_117));
}

/// The phone finds out, proves it to the STUN server, and tells the ACS.
pub fn rebound_and_told(world: &mut World) {
    rebound(world);
    datagrams::bind(world);
    world.wait_ms(800);
    tell_binding(world, &[ADDRESS]);
    keep_alive(world);
    world.mark(
        "the NAT gives another port: the phone finds out, sends BINDING-CHANGE, and tells the ACS",
    );
}

/// The session that a Connection Request over UDP brings.
pub fn answered(world: &mut World) {
    world.wait_ms(400);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    world.get_values(&[ADDRESS, NAT_DETECTED]);
    world.end();
}

/// A request that the ACS signs with another password than the phone's.
pub fn signed_otherwise(world: &mut World, copies: usize) {
    let right = world.device.knocker.1.clone();
    "of-another-phone".clone_into(&mut world.device.knocker.1);
    datagrams::request(world, copies);
    world.device.knocker.1 = right;
}
