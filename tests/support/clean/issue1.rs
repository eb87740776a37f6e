//! TR-069 as it was in 2004: several envelopes in a body, NoMoreRequests, times in UTC.

use super::arguments::{self, call, transfer_response};
use super::conversation::{envelope, local_name};
use super::moment::utc;
use super::plots_transfers::{fetch, file};
use super::story::By;
use super::world::World;
use super::xml::{Node, leaf};

/// First contact, a Periodic Inform or two, a reboot, a download.
pub fn tell(world: &mut World) {
    for manner in &mut world.sent {
        manner.style = manner.style.clone().without_declaration();
    }
    bootstrap(world);
    for _ in 0..world.random.between(1, 3) {
        let seconds = world.random.between(60, 2_000);
        world.later(seconds);
        match world.random.below(3) {
            0 => reboot(world),
            1 => download(world),
            _ => look(world),
        }
    }
    world.later(700);
}

pub fn bootstrap(world: &mut World) {
    world.begin(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    world.give_turn();
    let on = world.device.boolean(true);
    let key = world.key();
    let set = [
        ("ManagementServer.PeriodicInformEnable", "boolean", on),
        (
            "ManagementServer.PeriodicInformInterval",
            "unsignedInt",
            "900",
        ),
    ];
    let values: Vec<arguments::Value> = set
        .iter()
        .map(|(name, kind, value)| (world.device.path(name), *kind, (*value).to_owned()))
        .collect();
    for (name, _, value) in set {
        world.device.set(name, value);
    }
    let read = world.device.path("DeviceInfo.SoftwareVersion");
    let list = arguments::parameter_list(&world.device.below(&[&read]));
    world.device.set("ManagementServer.ParameterKey", &key);
    world.ask_all(&[
        (
            arguments::get_parameter_values(&[&read]),
            call("GetParameterValuesResponse", vec![list]),
        ),
        (
            arguments::set_parameter_values(&values, &key),
            call("SetParameterValuesResponse", vec![leaf("Status", 0)]),
        ),
    ]);
    world.set_period();
    world.end();
}

fn look(world: &mut World) {
    super::plots_wakeups::knock(world);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    world.get_values(&["DeviceInfo.SoftwareVersion", "Time.NTPServer1"]);
    world.end();
}

fn reboot(world: &mut World) {
    super::plots_wakeups::knock(world);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    let key = world.key();
    world.ask_all(&[(
        call("Reboot", vec![leaf("CommandKey", &key)]),
        call("RebootResponse", Vec::new()),
    )]);
    world.end();
    super::plots::start_again(world, 50);
    world.begin(&[("1 BOOT", ""), ("M Reboot", &key)], &[]);
    world.give_turn();
    world.end();
}

fn download(world: &mut World) {
    let file = file(world, "3 Vendor Configuration File", "old.cfg");
    super::plots_wakeups::knock(world);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    world.ask(
        &arguments::download(&file),
        &transfer_response("DownloadResponse", None),
    );
    world.end();
    world.later(5);
    let (start, _) = fetch(world, &file, "GET", "200 OK");
    let end = utc(world.now_us);
    world.later(3);
    let events = [
        ("7 TRANSFER COMPLETE", ""),
        ("M Download", file.key.as_str()),
    ];
    world.begin(&events, &[]);
    let request = arguments::transfer_complete(&file.key, &(0, "", start, end));
    world.request(&request, &call("TransferCompleteResponse", Vec::new()));
    world.give_turn();
    world.end();
}

impl World {
    /// Requests of the ACS in one body, and the device's answers in another.
    pub fn ask_all(&mut self, calls: &[(Node, Node)]) {
        let mut asked = String::new();
        let mut answered = String::new();
        for (request, response) in calls {
            let id = self.new_id(By::Acs);
            asked.push_str(&self.told(1, request, &id, false));
            answered.push_str(&self.told(0, response, &id, true));
        }
        let names = calls
            .iter()
            .map(|(request, response)| [request, response].map(|node| local_name(node).to_owned()));
        let [mut requests, mut responses] = [Vec::new(), Vec::new()];
        for [request, response] in names {
            requests.push(request);
            responses.push(response);
        }
        self.reply(&requests.join("+"), asked);
        self.post(&responses.join("+"), &answered);
    }

    fn told(&self, side: usize, body: &Node, id: &str, last: bool) -> String {
        let mut headers = vec![leaf("cwmp:ID", id).with("soap:mustUnderstand", "1")];
        if last {
            headers.push(leaf("cwmp:NoMoreRequests", 1).with("soap:mustUnderstand", "0"));
        }
        let namespace = self.device.version.namespace();
        let style = &self.sent[side].style;
        style.document(&envelope(headers, body), namespace)
    }
}
