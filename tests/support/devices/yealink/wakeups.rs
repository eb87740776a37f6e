//! Yealink's stories of how an ACS reaches the phone: Connection Requests over HTTP and UDP, STUN, and its gateway.

use super::super::gateway;
use super::super::plots::told;
use super::super::world::World;
use super::nat::{bound, comes, moved, silent, unbound};
use super::stories::{configured, known};
use crate::clean::datagrams;
use crate::clean::device::UDP_PORT;
use crate::clean::plots_wakeups::knock;
use crate::clean::story::Content;

pub fn connection_request(world: &mut World) {
    known(world);
    let first = world.blocks.len();
    knock(world);
    if world.is_broken {
        unasked(world, first);
    }
    told(world, &[("6 CONNECTION REQUEST", "")], &[]);
    world.mark("the Connection Request, and the session that it brings");
}

/// The phone asks nobody who he is: the first request is the last, and has no proof.
fn unasked(world: &mut World, first: usize) {
    let at = world.blocks[first..]
        .iter()
        .position(|block| block.what == "door");
    let door = first + at.expect("the door opens");
    world.blocks.drain(first + 1..door);
    let ends = [world.blocks[first].destination, world.blocks[first].source];
    let back = [ends[1], ends[0]];
    for block in &mut world.blocks[first + 1..] {
        let from_phone = block.source == ends[0];
        [block.source, block.destination] = if from_phone { ends } else { back };
    }
}

pub fn gateway_association(world: &mut World) {
    configured(world);
    gateway::leased(world);
    if world.is_broken {
        offers_nameless(world);
    }
    told(world, &[("1 BOOT", "")], &[]);
    world.mark("the phone's Inform: what it knows of its gateway is in `Device.GatewayInfo.`");
    world.later(3);
    gateway::maps(world);
    world.mark(
        "the ACS's session with the gateway that the phone has named: it maps a port to the phone",
    );
    world.later(5);
    gateway::wake_through(world);
    world.get_values(&["DeviceInfo.UpTime"]);
    world.end();
    world.mark("a Connection Request through the mapping, and the session that it brings");
}

/// The gateway leaves option 125 out of its offer.
fn offers_nameless(world: &mut World) {
    let mut blocks = world.blocks.iter_mut();
    let offer = blocks.find(|block| block.what == "offer");
    let Some(Content::Datagram(bytes)) = offer.map(|block| &mut block.content) else {
        panic!("the gateway makes an offer");
    };
    let forum = 3_561_u32.to_be_bytes();
    let found = bytes.windows(4).position(|four| four == forum);
    let enterprise = found.expect("the offer has option 125");
    let length = usize::from(bytes[enterprise - 1]);
    bytes.drain(enterprise - 2..enterprise + length);
}

pub fn stun(world: &mut World) {
    bound(world);
    let mapped = world.mapped.expect("it is bound").to_string();
    let own = format!("{}:{UDP_PORT}", world.device.address);
    world.replace("Inform", &mapped, &own);
    world.later(130);
    world.mark("keep-alives, one a minute");
    told(world, &[("2 PERIODIC", "")], &[]);
    world.mark("a periodic Inform");
}

pub fn udp_connection_request(world: &mut World) {
    bound(world);
    world.later(90);
    world.mark("keep-alives");
    let right = world.device.knocker.1.clone();
    if world.is_broken {
        "outdated".clone_into(&mut world.device.knocker.1);
    }
    datagrams::request(world, 3);
    world.mark("a Connection Request over UDP, in three copies");
    world.device.knocker.1 = right;
    if world.is_broken {
        world.later(45);
    } else {
        comes(world);
    }
}

pub fn udp_request_in_session(world: &mut World) {
    bound(world);
    world.later(90);
    world.mark("keep-alives");
    world.begin(&[("2 PERIODIC", "")], &[]);
    world.give_turn();
    datagrams::request(world, 3);
    world.get_values(&["DeviceInfo.UpTime"]);
    world.end();
    world.mark("a periodic session, and within it a Connection Request over UDP");
    if world.is_broken {
        world.later(90);
    } else {
        comes(world);
    }
}

pub fn binding_change(world: &mut World) {
    bound(world);
    world.later(70);
    world.mark("keep-alives");
    moved(world);
    world.later(20);
    datagrams::request(world, 3);
    world.mark("a Connection Request over UDP to the new binding");
    comes(world);
    world.later(60);
    world.mark("keep-alives");
}

pub fn stun_server_silent(world: &mut World) {
    unbound(world);
    for _ in 0..3 {
        silent(world);
        world.later(70);
    }
    world.mark("requests of STUN that come to nothing");
    told(world, &[("2 PERIODIC", "")], &[]);
    world.mark("the ACS hears of the phone when it calls by itself");
}
