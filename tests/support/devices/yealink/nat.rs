//! A phone behind a NAT: STUN, and what the phone tells the ACS of its binding (TR-111 part II).

use std::net::Ipv4Addr;

use super::super::world::World;
use super::stories::configured;
use crate::clean::datagrams;
use crate::clean::plots_wakeups::{
    ADDRESS, NAT_DETECTED, keep_alive, map, switch_stun_on, tell_binding,
};

/// The first session of a phone with a private address, in which the ACS switches STUN on.
pub fn unbound(world: &mut World) {
    let [.., last] = world.device.address.octets();
    world.device.address = Ipv4Addr::new(192, 168, 1, last);
    world.device.reset();
    configured(world);
    world.begin(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    world.give_turn();
    switch_stun_on(world);
    world.end();
    world.mark("the ACS switches STUN on, and asks to be told of the binding");
    world.wait_ms(500);
}

/// The same, and the phone has found out its binding and told of it.
pub fn bound(world: &mut World) {
    unbound(world);
    map(world, 0);
    world.mark("STUN: the mapped address, then BINDING-CHANGE with proof");
    world.wait_ms(3_000);
    tell_binding(world, &[ADDRESS, NAT_DETECTED]);
    world.mark("`4 VALUE CHANGE` tells of the binding");
    keep_alive(world);
}

/// The NAT gives the phone another port, which its next keep-alive shows.
pub fn moved(world: &mut World) {
    let (due_us, ..) = world.keepalive.take().expect("the binding is kept");
    world.wait_until(due_us);
    let before = world.blocks.len();
    map(world, 7);
    if world.is_broken {
        // The keep-alive shows the new binding; the requests that should follow it do not.
        world.blocks.truncate(before + 2);
    }
    world.mark("a keep-alive shows that the NAT gives another port now");
    world.wait_ms(3_000);
    tell_binding(world, &[ADDRESS]);
    world.mark("`4 VALUE CHANGE` tells of the new binding");
    keep_alive(world);
}

/// The phone asks the STUN server and gets no answer, or one that refuses.
pub fn silent(world: &mut World) {
    if world.is_broken {
        datagrams::refused(world);
    } else {
        datagrams::unanswered(world);
    }
}

/// The session that a Connection Request brings.
pub fn comes(world: &mut World) {
    world.wait_ms(400);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    world.get_values(&[ADDRESS]);
    world.end();
    world.mark("the session that it brings");
}
