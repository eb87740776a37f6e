//! What happens in a device's life, session by session.

use super::arguments::call;
use super::datagrams;
use super::faults;
use super::model::EXTERNAL_ADDRESS;
use super::model::Root;
use super::story::{Content, Version};
use super::world::{Site, World};
use super::xml::leaf;
use super::{plots_objects, plots_transfers, plots_wakeups};

/// One thing that may happen.
pub type Plot = fn(&mut World);

/// A whole life, or the beginning of one: first contact, then this and that.
pub fn tell(world: &mut World) {
    choose_ways(world);
    if world.device.root == Root::Device1 && world.random.chance(400) {
        datagrams::lease(world);
    }
    bootstrap(world);
    for _ in 0..world.random.between(1, 4) {
        let seconds = world.random.between(60, 1_500);
        world.later(seconds);
        let plots = plots(world);
        let plot = plots[world.random.below(plots.len())];
        choose_ways(world);
        plot(world);
    }
    let seconds = world.random.between(60, 4_000);
    world.later(seconds);
}

/// What may happen to this device.
pub fn plots(world: &World) -> Vec<Plot> {
    let (version, root) = (world.device.version, world.device.root);
    let mut plots: Vec<Plot> = vec![
        housekeeping,
        housekeeping,
        reboot,
        factory_reset,
        retry_after_503,
        retry_after_fault,
        again_8005,
        schedule_inform,
        value_change,
        diagnostics,
        change_url,
        redirected,
        held,
        moved_connection,
        asks_methods,
        plots_objects::refusals,
        plots_objects::objects,
        plots_objects::attributes,
        plots_transfers::configuration,
        plots_transfers::configuration_at_once,
        plots_transfers::firmware,
        plots_transfers::failed_download,
        plots_transfers::upload,
        plots_transfers::refused_report,
        plots_transfers::queue,
        plots_transfers::request_download,
        plots_wakeups::connection_request,
        plots_wakeups::connection_request,
        plots_wakeups::busy,
    ];
    if version <= Version::V1_1 {
        plots.extend([plots_objects::options as Plot, kicked]);
    }
    if version >= Version::V1_1 {
        plots.push(plots_transfers::autonomous);
    }
    if version >= Version::V1_2 {
        plots.extend([
            plots_transfers::scheduled_download as Plot,
            plots_transfers::cancelled,
        ]);
    }
    if version >= Version::V1_2 && root == Root::Device2 {
        plots.extend([
            plots_transfers::deployment as Plot,
            plots_transfers::autonomous_deployment,
        ]);
    }
    if root == Root::Gateway {
        plots.push(new_address);
    }
    if root == Root::Device1 && world.mapped.is_none() {
        plots.push(plots_wakeups::nat);
    }
    plots
}

fn choose_ways(world: &mut World) {
    let random = &mut world.random;
    let ways = &mut world.ways;
    ways.chunked = random.chance(150);
    ways.two_cookies = random.chance(200);
    ways.early_cookie = random.chance(200);
    ways.opaque = random.chance(500);
    ways.session_digest = random.chance(200);
    ways.closing_challenge = random.chance(150);
    ways.hold = if random.chance(300) {
        Some(false)
    } else {
        None
    };
}

/// The first contact: the ACS looks around and sets a few things.
pub fn bootstrap(world: &mut World) {
    world.begin(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    world.give_turn();
    if world.random.chance(400) {
        world.get_methods();
    }
    world.get_names("", true);
    world.get_values(&["DeviceInfo.", "ManagementServer.PeriodicInformInterval"]);
    let interval = (world.random.between(2, 12) * 300).to_string();
    provision(world, &interval);
    world.end();
}

/// Periodic Informs at this interval.
pub fn provision(world: &mut World, interval: &str) {
    let on = world.device.boolean(true);
    let key = world.key();
    world.set_values(
        &[
            ("ManagementServer.PeriodicInformEnable", on),
            ("ManagementServer.PeriodicInformInterval", interval),
        ],
        &key,
        0,
    );
}

/// Any session in which the ACS asks this and that.
pub fn housekeeping(world: &mut World) {
    start_again(world, 40);
    world.begin(&[("1 BOOT", "")], &[]);
    world.give_turn();
    for _ in 0..world.random.between(1, 4) {
        match world.random.below(6) {
            0 => world.get_values(&["DeviceInfo.", "Time."]),
            1 => world.get_values(&["DeviceInfo.UpTime", "DeviceInfo.SoftwareVersion"]),
            2 => world.get_names("Time.", false),
            3 => world.get_names("ManagementServer.", true),
            4 => {
                let server = format!("ntp{}.example.net", world.random.below(100_000));
                let key = world.key();
                let status = u8::from(world.random.chance(300));
                world.set_values(&[("Time.NTPServer2", &server)], &key, status);
            }
            _ => world.get_attributes(&["DeviceInfo."]),
        }
    }
    world.end();
}

/// Reboot, and the two events that tell of it.
pub fn reboot(world: &mut World) {
    wake(world);
    let key = world.key();
    world.plain_call("Reboot", vec![leaf("CommandKey", &key)]);
    world.end();
    let seconds = world.random.between(25, 90);
    start_again(world, seconds);
    world.begin(&[("1 BOOT", ""), ("M Reboot", &key)], &[]);
    world.give_turn();
    world.get_values(&["DeviceInfo.UpTime"]);
    world.end();
}

/// A session that the ACS has asked for, up to its turn.
pub fn wake(world: &mut World) {
    plots_wakeups::knock(world);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
}

/// The device is down for so long; its periods begin anew.
pub fn start_again(world: &mut World, seconds: usize) {
    let keepalive = world.keepalive.take();
    world.periodic = None;
    world.later(seconds);
    world.device.booted_us = world.now_us - 15_000_000;
    if let Some((_, period, act)) = keepalive {
        datagrams::bind(world);
        world.keepalive = Some((world.now_us + period, period, act));
    }
    world.set_period();
}

pub fn factory_reset(world: &mut World) {
    wake(world);
    world.plain_call("FactoryReset", Vec::new());
    world.end();
    world.site = world.home.clone();
    world.device.acs_url = world.site.url();
    world.device.reset();
    world.keepalive = None;
    world.mapped = None;
    start_again(world, 60);
    bootstrap(world);
}

/// The ACS is too busy, twice at most; the device comes back after 5 to 10 s, then 10 to 20 s.
pub fn retry_after_503(world: &mut World) {
    let times = world.random.between(1, 2);
    let event = [("2 PERIODIC", "")];
    let event: &[(&str, &str)] = if world.periodic.is_some() {
        &event
    } else {
        &[("1 BOOT", "")]
    };
    await_period(world);
    for time in 0..times {
        world.inform(event, &[]);
        world.status("503 Service Unavailable", Vec::new());
        world.hang_up();
        wait_for_retry(world, time);
    }
    world.begin(event, &[]);
    world.give_turn();
    world.end();
}

/// Waits until the next periodic Inform is due, and takes it.
pub fn await_period(world: &mut World) {
    if let Some((due, interval)) = world.periodic {
        let seconds = due.saturating_sub(world.now_us) / 1_000_000;
        world.periodic = None;
        world.later(seconds as usize);
        world.wait_until(due);
        world.periodic = Some((due + interval, interval));
    } else {
        world.device.booted_us = world.now_us - 30_000_000;
    }
}

/// The wait before a retry (TR-069 Amendment 2 section 3.2.1.1).
pub fn wait_for_retry(world: &mut World, failures: usize) {
    world.retries += 1;
    let least = 5_000 << failures;
    let milliseconds = world.random.between(least + 200, 2 * least - 200);
    world.wait_ms(milliseconds);
}

/// The ACS refuses an Inform.
pub fn retry_after_fault(world: &mut World) {
    await_period(world);
    let event: &[(&str, &str)] = if world.periodic.is_some() {
        &[("2 PERIODIC", "")]
    } else {
        &[("1 BOOT", "")]
    };
    world.inform(event, &[]);
    let code = [8001, 8002][world.random.below(2)];
    let id = world.asked.clone();
    let body = world.by_acs(&faults::fault(code, "Not now"), Some(&id));
    world.reply("Fault", body);
    world.hang_up();
    wait_for_retry(world, 0);
    world.begin(event, &[]);
    world.give_turn();
    world.end();
}

/// The ACS wants to hear a request again.
pub fn again_8005(world: &mut World) {
    await_period(world);
    let event: &[(&str, &str)] = if world.periodic.is_some() {
        &[("2 PERIODIC", "")]
    } else {
        &[("1 BOOT", "")]
    };
    world.ways.closing_challenge = false;
    world.inform(event, &[]);
    let id = world.asked.clone();
    let body = world.by_acs(&faults::fault(8005, "Retry request"), Some(&id));
    world.reply("Fault", body);
    let said = world
        .blocks
        .iter()
        .rev()
        .find(|block| block.what == "Inform");
    let said = said.and_then(|block| match &block.content {
        Content::Message(message) => Some(message.body.clone()),
        _ => None,
    });
    world.post("Inform", &said.unwrap_or_default());
    world.accept();
    world.give_turn();
    world.end();
}

pub fn schedule_inform(world: &mut World) {
    wake(world);
    let key = world.key();
    let delay = world.random.between(20, 600);
    world.plain_call(
        "ScheduleInform",
        vec![leaf("DelaySeconds", delay), leaf("CommandKey", &key)],
    );
    let asked_us = world.now_us;
    world.end();
    let due_us = asked_us + delay as u64 * 1_000_000 + 300_000;
    let seconds = due_us.saturating_sub(world.now_us) / 1_000_000;
    world.later(seconds as usize);
    world.wait_until(due_us);
    world.begin(&[("3 SCHEDULED", ""), ("M ScheduleInform", &key)], &[]);
    world.give_turn();
    world.end();
}

/// Somebody sets another time server at the device itself, and the ACS has asked to be told.
pub fn value_change(world: &mut World) {
    wake(world);
    world.set_attributes(&[("Time.NTPServer1", Some(2), None)]);
    world.end();
    let seconds = world.random.between(40, 400);
    world.later(seconds);
    let server = format!("time{}.example.org", world.random.below(100_000));
    world.device.set("Time.NTPServer1", &server);
    world.begin(&[("4 VALUE CHANGE", "")], &["Time.NTPServer1"]);
    world.give_turn();
    if world.random.chance(500) {
        world.get_values(&["Time.NTPServer1"]);
    }
    world.end();
}

/// A ping test and what came of it.
pub fn diagnostics(world: &mut World) {
    let ping = world.device.root.ping();
    wake(world);
    let [state, host, repetitions] =
        ["DiagnosticsState", "Host", "NumberOfRepetitions"].map(|name| format!("{ping}{name}"));
    let key = world.key();
    world.set_values(
        &[
            (&state, "Requested"),
            (&host, "192.0.2.77"),
            (&repetitions, "3"),
        ],
        &key,
        0,
    );
    world.end();
    world.later(5);
    world.device.set(&state, "Complete");
    for (name, value) in [("SuccessCount", "3"), ("AverageResponseTime", "12")] {
        world.device.set(&format!("{ping}{name}"), value);
    }
    world.begin(&[("8 DIAGNOSTICS COMPLETE", "")], &[]);
    world.give_turn();
    world.get_values(&[ping]);
    world.end();
}

/// Another ACS is to be called from now on.
pub fn change_url(world: &mut World) {
    wake(world);
    let site = Site {
        host: "new.example.net:7547".to_owned(),
        address: std::net::Ipv4Addr::new(198, 51, 100, 40),
        port: 7547,
        path: "/acs".to_owned(),
    };
    if site.host == world.site.host {
        world.get_values(&["ManagementServer.URL"]);
        world.end();
        return;
    }
    let key = world.key();
    world.set_values(&[("ManagementServer.URL", &site.url())], &key, 0);
    world.end();
    world.site = site;
    world.device.acs_url = world.site.url();
    let seconds = world.random.between(2, 20);
    world.wait_ms(seconds * 1_000);
    world.begin(&[("0 BOOTSTRAP", "")], &[]);
    world.give_turn();
    world.get_values(&["ManagementServer.URL"]);
    world.end();
}

pub fn redirected(world: &mut World) {
    world.ways.redirect = Some([302, 307][world.random.below(2)]);
    wake(world);
    world.get_values(&["DeviceInfo.SoftwareVersion"]);
    world.end();
}

/// The ACS wants to speak first.
pub fn held(world: &mut World) {
    world.ways.hold = Some(true);
    wake(world);
    world.get_values(&["DeviceInfo.SoftwareVersion"]);
    world.get_names("Time.", true);
    world.end();
    world.ways.hold = None;
}

/// The ACS closes in the middle, and the session goes on.
pub fn moved_connection(world: &mut World) {
    wake(world);
    world.ways.closing_answer = true;
    world.get_values(&["DeviceInfo.SoftwareVersion"]);
    world.get_values(&["DeviceInfo.HardwareVersion"]);
    world.end();
}

pub fn asks_methods(world: &mut World) {
    plots_wakeups::knock(world);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.asks_methods();
    world.give_turn();
    world.get_methods();
    world.end();
}

/// Somebody has clicked a button of the ACS's page.
pub fn kicked(world: &mut World) {
    world.begin(&[("5 KICKED", "")], &[]);
    let request = call(
        "Kicked",
        vec![
            leaf("Command", "order"),
            leaf("Referer", "www.example.net"),
            leaf("Arg", "a=1"),
            leaf("Next", "http://www.example.net/next"),
        ],
    );
    let next = leaf("NextURL", "http://www.example.net/next");
    world.request(&request, &call("KickedResponse", vec![next]));
    world.give_turn();
    world.end();
}

/// The address of a gateway's WAN connection changes, and with it where it is called.
pub fn new_address(world: &mut World) {
    if world.device.address.octets()[0] == 192 {
        return housekeeping(world);
    }
    let [.., last] = world.device.address.octets();
    world.device.address = [192, 0, 2, last].into();
    let address = world.device.address.to_string();
    let door = world.device.door_url();
    world.device.set(EXTERNAL_ADDRESS, &address);
    world
        .device
        .set("ManagementServer.ConnectionRequestURL", &door);
    world.begin(
        &[("4 VALUE CHANGE", "")],
        &[EXTERNAL_ADDRESS, "ManagementServer.ConnectionRequestURL"],
    );
    world.give_turn();
    world.end();
}
