//! What an ACS asks within a session, and what the device answers. Names of parameters stand without their root.

use super::arguments::{
    self, Attributes, Value, attributes_response, call, method_list, names_response, parameter_list,
};
use super::device::Device;
use super::faults;
use super::model::Root;
use super::story::Version;
use super::world::World;
use super::xml::{Node, leaf};

impl World {
    pub fn get_values(&mut self, names: &[&str]) {
        let now_us = self.now_us;
        self.device.age(now_us);
        let paths: Vec<String> = names.iter().map(|name| self.device.path(name)).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let list = parameter_list(&self.device.below(&paths));
        let response = call("GetParameterValuesResponse", vec![list]);
        self.ask(&arguments::get_parameter_values(&paths), &response);
    }

    /// Sets values; the answer says whether they hold at once.
    pub fn set_values(&mut self, set: &[(&str, &str)], key: &str, status: u8) {
        let values: Vec<Value> = set
            .iter()
            .map(|(name, value)| {
                let path = self.device.path(name);
                let kind = self.device.parameters.get(&path);
                let kind = kind.expect("the parameter is there").kind;
                (path, kind, (*value).to_owned())
            })
            .collect();
        for (name, value) in set {
            self.device.set(name, value);
        }
        self.device.set("ManagementServer.ParameterKey", key);
        let response = call("SetParameterValuesResponse", vec![leaf("Status", status)]);
        self.ask(&arguments::set_parameter_values(&values, key), &response);
        if set.iter().any(|(name, _)| name.contains("PeriodicInform")) {
            self.set_period();
        }
    }

    /// Sets a value that is refused.
    pub fn set_refused(&mut self, value: Value, code: u32, text: &str) {
        let fault = faults::with_parameters(9003, "Invalid arguments", &[(&value.0, code, text)]);
        self.ask(&arguments::set_parameter_values(&[value], "lost"), &fault);
    }

    /// GetParameterNames; an empty name is the root, `.` is the empty path.
    pub fn get_names(&mut self, name: &str, next_level: bool) {
        let path = if name == "." {
            String::new()
        } else {
            self.device.path(name)
        };
        let listed = self.device.names(&path, next_level);
        let booleans = self.device.booleans;
        let response = names_response(&listed, booleans);
        let next_level = u8::from(next_level).to_string();
        self.ask(
            &arguments::get_parameter_names(&path, &next_level),
            &response,
        );
    }

    pub fn set_attributes(&mut self, set: &[Attributes<'_>]) {
        let paths: Vec<String> = set
            .iter()
            .map(|(name, ..)| self.device.path(name))
            .collect();
        let entries = paths.iter().zip(set);
        let entries: Vec<Attributes<'_>> = entries
            .map(|(path, (_, notification, access))| (path.as_str(), *notification, *access))
            .collect();
        let request = arguments::set_parameter_attributes(&entries);
        for (path, (_, notification, access)) in paths.iter().zip(set) {
            let below = self.device.parameters.iter_mut();
            let below = below.filter(|(name, _)| {
                *name == path || (path.ends_with('.') && name.starts_with(path.as_str()))
            });
            for (_, parameter) in below {
                parameter.notification = notification.unwrap_or(parameter.notification);
                if let Some(access) = access {
                    parameter.access = access.iter().map(|entity| (*entity).to_owned()).collect();
                }
            }
        }
        self.ask(
            &request,
            &call("SetParameterAttributesResponse", Vec::new()),
        );
    }

    pub fn get_attributes(&mut self, names: &[&str]) {
        let paths: Vec<String> = names.iter().map(|name| self.device.path(name)).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let response = attributes_response(&self.device.below(&paths));
        self.ask(&arguments::get_parameter_attributes(&paths), &response);
    }

    /// AddObject in the device's table; the new instance with its last dot, without the root.
    pub fn add(&mut self, key: &str) -> String {
        let table = self.device.table().path;
        let number = self.device.add();
        self.device.set("ManagementServer.ParameterKey", key);
        let request = vec![
            leaf("ObjectName", self.device.path(table)),
            leaf("ParameterKey", key),
        ];
        let response = vec![leaf("InstanceNumber", number), leaf("Status", 0)];
        let response = call("AddObjectResponse", response);
        self.ask(&call("AddObject", request), &response);
        format!("{table}{number}.")
    }

    pub fn delete(&mut self, object: &str, key: &str) {
        let path = self.device.path(object);
        self.device.remove(&path);
        self.device.set("ManagementServer.ParameterKey", key);
        let request = vec![leaf("ObjectName", path), leaf("ParameterKey", key)];
        let response = call("DeleteObjectResponse", vec![leaf("Status", 0)]);
        self.ask(&call("DeleteObject", request), &response);
    }

    pub fn get_methods(&mut self) {
        let methods = device_methods(&self.device);
        let response = method_list(&methods);
        self.ask(&call("GetRPCMethods", Vec::new()), &response);
    }

    /// The device asks the ACS what it knows.
    pub fn asks_methods(&mut self) {
        let methods = acs_methods(self.device.version);
        let response = method_list(&methods);
        self.request(&call("GetRPCMethods", Vec::new()), &response);
    }

    pub fn plain_call(&mut self, name: &str, arguments: Vec<Node>) {
        let response = call(&format!("{name}Response"), Vec::new());
        self.ask(&call(name, arguments), &response);
    }

    pub fn key(&mut self) -> String {
        format!("k{:06x}", self.random.below(0xff_ffff))
    }

    /// Where its URL and its door are reported.
    pub fn is_gateway(&self) -> bool {
        self.device.root == Root::Gateway
    }
}

/// What a device knows. Options and vouchers come together (TR-069 Amendment 2 table 5).
pub fn device_methods(device: &Device) -> Vec<&'static str> {
    if let Some(described) = device.described {
        return described.methods.to_vec();
    }
    let mut methods = vec![
        "GetRPCMethods",
        "SetParameterValues",
        "GetParameterValues",
        "GetParameterNames",
        "SetParameterAttributes",
        "GetParameterAttributes",
        "AddObject",
        "DeleteObject",
        "Reboot",
        "Download",
        "Upload",
        "ScheduleInform",
        "FactoryReset",
        "GetQueuedTransfers",
    ];
    if device.version <= Version::V1_1 {
        methods.extend(["SetVouchers", "GetOptions"]);
    }
    if device.version >= Version::V1_1 {
        methods.push("GetAllQueuedTransfers");
    }
    if device.version >= Version::V1_2 {
        methods.extend(["ScheduleDownload", "CancelTransfer", "ChangeDUState"]);
    }
    methods
}

fn acs_methods(version: Version) -> Vec<&'static str> {
    let mut methods = vec![
        "Inform",
        "GetRPCMethods",
        "TransferComplete",
        "RequestDownload",
    ];
    if version <= Version::V1_1 {
        methods.push("Kicked");
    }
    if version >= Version::V1_1 {
        methods.push("AutonomousTransferComplete");
    }
    if version >= Version::V1_2 {
        methods.extend(["DUStateChangeComplete", "AutonomousDUStateChangeComplete"]);
    }
    methods
}
