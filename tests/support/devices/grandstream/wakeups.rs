//! Grandstream's stories of how a session comes about: Connection Requests over HTTP and UDP, and ScheduleInform.

use super::super::plots::{bound, told};
use super::super::world::World;
use super::nat;
use crate::clean::arguments::call;
use crate::clean::datagrams;
use crate::clean::plots_wakeups::knocks;
use crate::clean::xml::leaf;

pub fn connection_request(world: &mut World) {
    world.known();
    if world.is_broken {
        let right = world.device.knocker.1.clone();
        "of-another-phone".clone_into(&mut world.device.knocker.1);
        knocks(world, "401 Unauthorized");
        world.device.knocker.1 = right;
        world.spoil("door", |message| {
            message.set("WWW-Authenticate", CHALLENGE);
        });
        world.wait_ms(700);
        world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
        world.give_turn();
    } else {
        world.wake();
    }
    world.get_values(&["DeviceInfo.UpTime"]);
    world.end();
    world.mark("the Connection Request to port 7547, and the session that it brings");
    world.later(900);
    told(world, &[("2 PERIODIC", "")], &[]);
    world.mark("the next periodic Inform");
}

/// The name of the ACS at the phone is a setting. With a longer one the requests would have 188 bytes, by which, and by
/// their first letter, tshark takes them for MPEG.
fn behind_nat(world: &mut World) {
    "acs-2140".clone_into(&mut world.device.knocker.0);
    bound(world);
}

pub fn udp_connection_request(world: &mut World) {
    behind_nat(world);
    world.later(130);
    if world.is_broken {
        nat::signed_otherwise(world, 3);
        world.mark("three copies of a UDP Connection Request, which the phone does not believe");
        world.later(120);
        return;
    }
    datagrams::request(world, 3);
    nat::answered(world);
    world.mark("three copies of a UDP Connection Request, and the session that they bring");
}

pub fn binding_change(world: &mut World) {
    behind_nat(world);
    world.later(70);
    if world.is_broken {
        nat::rebound(world);
        for _ in 0..3 {
            datagrams::keep_alive(world);
            world.later(60);
        }
        world.mark("the NAT gives another port: the phone goes on as if nothing had happened");
        told(world, &[("2 PERIODIC", "")], &[]);
        return;
    }
    nat::rebound_and_told(world);
    world.later(100);
    datagrams::request(world, 3);
    nat::answered(world);
    world.mark("a UDP Connection Request to the new port, and the session that it brings");
}

pub fn schedule_inform(world: &mut World) {
    world.known();
    world.wake();
    let key = world.key();
    let arguments = |seconds| vec![leaf("DelaySeconds", seconds), leaf("CommandKey", &key)];
    if world.is_broken {
        let asked = call("ScheduleInform", arguments(0));
        world.refused(&asked, 9003, "Invalid arguments");
        world.end();
        world.mark("the ACS wants a session at once, and is refused");
        return;
    }
    world.plain_call("ScheduleInform", arguments(300));
    let due_us = world.now_us + 300_400_000;
    world.end();
    world.mark("the ACS wants a session in five minutes");
    world.wait_until(due_us);
    let events = [("3 SCHEDULED", ""), ("M ScheduleInform", key.as_str())];
    told(world, &events, &[]);
    world.mark("the session that was wanted");
}

const CHALLENGE: &str =
    "Digest realm=\"device\", qop=\"auth\", nonce=\"5e7a91c04d2b8f36\", algorithm=MD5";
