//! Forced Inform parameters and forced notification, against the lists drawn from the specifications.

use std::collections::BTreeSet;
use std::fs;

use informant::model::{ActiveNotification, Facts, ForcedInform, Root, Version, standard};
use serde_json::Value;

use crate::corrections::EXTERNAL_ADDRESS;
use crate::support::shared;

#[test]
fn forced_parameters_are_those_of_the_lists() {
    let Some(folder) = shared("spec") else {
        return;
    };
    let text = fs::read_to_string(folder.join("forced_inform.json")).expect("readable");
    let lists: Value = serde_json::from_str(&text).expect("JSON");
    let mut checked = 0;
    for (file, root, version) in MODELS {
        let list = &lists[file];
        let forced = |facts: &Facts| facts.forced_inform != ForcedInform::No;
        let active = |facts: &Facts| {
            matches!(
                facts.active_notification,
                ActiveNotification::ForceEnabled
                    | ActiveNotification::ForceEnabledOnDefaultConnection
            )
        };
        let default =
            |facts: &Facts| facts.active_notification == ActiveNotification::ForceDefaultEnabled;
        let mut wanted = names(&list["forcedInform"]);
        let mut wanted_active = names(&list["forcedActive"]);
        // data_corrections.json: the XML of old files is silent, the documents are not.
        for (corrected, parameters, actives) in CORRECTED {
            if corrected == file {
                wanted.extend(parameters.iter().map(|name| (*name).to_owned()));
                wanted_active.extend(actives.iter().map(|name| (*name).to_owned()));
            }
        }
        if root == Root::InternetGatewayDevice1 && version < Version::new(1, 14) {
            wanted.extend(EXTERNAL_ADDRESS.map(str::to_owned));
            wanted_active.extend(EXTERNAL_ADDRESS.map(str::to_owned));
        }
        assert_eq!(held(root, version, forced), wanted, "{file}");
        assert_eq!(held(root, version, active), wanted_active, "{file}");
        assert_eq!(
            held(root, version, default),
            names(&list["defaultActive"]),
            "{file}"
        );
        checked += wanted.len();
    }
    assert!(checked > 40, "{checked}");
}

const MODELS: [(&str, Root, Version); 9] = [
    (
        "tr-069-1-0-0-full.xml",
        Root::InternetGatewayDevice1,
        Version::new(1, 0),
    ),
    (
        "tr-098-1-0-0-full.xml",
        Root::InternetGatewayDevice1,
        Version::new(1, 1),
    ),
    (
        "tr-098-1-8-0-full.xml",
        Root::InternetGatewayDevice1,
        Version::new(1, 14),
    ),
    ("tr-106-1-0-0-full.xml", Root::Device1, Version::new(1, 0)),
    ("tr-106-1-1-0-full.xml", Root::Device1, Version::new(1, 1)),
    ("tr-106-1-2-0-full.xml", Root::Device1, Version::new(1, 2)),
    ("tr-181-1-7-0-full.xml", Root::Device1, Version::new(1, 14)),
    ("tr-181-2-11-0-full.xml", Root::Device2, Version::new(2, 11)),
    (
        "tr-181-2-17-0-cwmp-full.xml",
        Root::Device2,
        Version::new(2, 17),
    ),
];

type Corrected = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const CORRECTED: [Corrected; 1] = [(
    "tr-069-1-0-0-full.xml",
    &[
        "InternetGatewayDevice.DeviceInfo.SpecVersion",
        "InternetGatewayDevice.DeviceInfo.HardwareVersion",
        "InternetGatewayDevice.DeviceInfo.SoftwareVersion",
        "InternetGatewayDevice.DeviceInfo.ProvisioningCode",
        "InternetGatewayDevice.ManagementServer.ConnectionRequestURL",
        "InternetGatewayDevice.ManagementServer.ParameterKey",
    ],
    &[
        "InternetGatewayDevice.DeviceInfo.SoftwareVersion",
        "InternetGatewayDevice.DeviceInfo.ProvisioningCode",
        "InternetGatewayDevice.ManagementServer.ConnectionRequestURL",
    ],
)];

fn names(list: &Value) -> BTreeSet<String> {
    let list = list.as_array().expect("a list");
    list.iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The names of which something holds in a version that has them.
fn held(root: Root, version: Version, holds: impl Fn(&Facts) -> bool) -> BTreeSet<String> {
    let parameters = standard(root).parameters();
    let there = parameters.filter(|parameter| parameter.since().first <= version);
    let own = there.filter(|parameter| parameter.document().is_some_and(|one| !one.is_service));
    let held = own.filter(|parameter| holds(parameter.at(version)));
    held.map(|parameter| parameter.path()).collect()
}

#[test]
fn the_address_of_the_default_connection_alone_is_forced() {
    let model = standard(Root::InternetGatewayDevice1);
    let path = "InternetGatewayDevice.WANDevice.1.WANConnectionDevice.2.WANIPConnection.1.ExternalIPAddress";
    let parameter = model.parameter(path).expect("it is there");
    let forced = |facts: &Facts| facts.forced_inform == ForcedInform::DefaultConnection;
    assert!(parameter.always(forced));
}
