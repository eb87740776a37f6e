//! Requests and responses as trees, their arguments in the order of the schema.

use super::device::Parameter;
use super::moment::UNKNOWN;
use super::xml::{Node, array, leaf, node};

/// A value to be set: path, type, value.
pub type Value = (String, &'static str, String);

pub fn call(name: &str, arguments: Vec<Node>) -> Node {
    node(&format!("cwmp:{name}"), arguments)
}

fn value_struct(path: &str, kind: &str, value: &str) -> Node {
    let kind = if kind == "base64" {
        "enc:base64".to_owned()
    } else {
        format!("xsd:{kind}")
    };
    let members = vec![
        leaf("Name", path),
        leaf("Value", value).with("xsi:type", &kind),
    ];
    node("ParameterValueStruct", members)
}

fn values(listed: Vec<Node>) -> Node {
    array("ParameterList", "cwmp:ParameterValueStruct", listed)
}

/// What an Inform or GetParameterValuesResponse lists.
pub fn parameter_list(parameters: &[(String, &Parameter)]) -> Node {
    let listed = parameters.iter().map(|(path, parameter)| {
        let value = if parameter.hidden {
            ""
        } else {
            &parameter.value
        };
        value_struct(path, parameter.kind, value)
    });
    values(listed.collect())
}

pub fn set_parameter_values(set: &[Value], key: &str) -> Node {
    let listed = set.iter();
    let listed = listed.map(|(path, kind, value)| value_struct(path, kind, value));
    let arguments = vec![values(listed.collect()), leaf("ParameterKey", key)];
    call("SetParameterValues", arguments)
}

fn strings(name: &str, texts: &[&str]) -> Node {
    let members = texts.iter().map(|text| leaf("string", text)).collect();
    array(name, "xsd:string", members)
}

pub fn get_parameter_values(paths: &[&str]) -> Node {
    call("GetParameterValues", vec![strings("ParameterNames", paths)])
}

pub fn get_parameter_attributes(paths: &[&str]) -> Node {
    let names = vec![strings("ParameterNames", paths)];
    call("GetParameterAttributes", names)
}

pub fn get_parameter_names(path: &str, next_level: &str) -> Node {
    let arguments = vec![leaf("ParameterPath", path), leaf("NextLevel", next_level)];
    call("GetParameterNames", arguments)
}

pub fn names_response(names: &[(String, bool)], booleans: (&str, &str)) -> Node {
    let members = names.iter().map(|(name, writable)| {
        let writable = if *writable { booleans.0 } else { booleans.1 };
        let members = vec![leaf("Name", name), leaf("Writable", writable)];
        node("ParameterInfoStruct", members)
    });
    let list = array(
        "ParameterList",
        "cwmp:ParameterInfoStruct",
        members.collect(),
    );
    call("GetParameterNamesResponse", vec![list])
}

/// One entry: name, notification to be set, access list to be set.
pub type Attributes<'a> = (&'a str, Option<u8>, Option<&'a [&'a str]>);

pub fn set_parameter_attributes(set: &[Attributes<'_>]) -> Node {
    let members = set.iter().map(|(name, notification, access)| {
        let members = vec![
            leaf("Name", name),
            leaf("NotificationChange", u8::from(notification.is_some())),
            leaf("Notification", notification.unwrap_or(0)),
            leaf("AccessListChange", u8::from(access.is_some())),
            strings("AccessList", access.unwrap_or(&[])),
        ];
        node("SetParameterAttributesStruct", members)
    });
    let list = array(
        "ParameterList",
        "cwmp:SetParameterAttributesStruct",
        members.collect(),
    );
    call("SetParameterAttributes", vec![list])
}

pub fn attributes_response(parameters: &[(String, &Parameter)]) -> Node {
    let members = parameters.iter().map(|(name, parameter)| {
        let access: Vec<&str> = parameter.access.iter().map(String::as_str).collect();
        let members = vec![
            leaf("Name", name),
            leaf("Notification", parameter.notification),
            strings("AccessList", &access),
        ];
        node("ParameterAttributeStruct", members)
    });
    let list = array(
        "ParameterList",
        "cwmp:ParameterAttributeStruct",
        members.collect(),
    );
    call("GetParameterAttributesResponse", vec![list])
}

pub fn method_list(methods: &[&str]) -> Node {
    let list = vec![strings("MethodList", methods)];
    call("GetRPCMethodsResponse", list)
}

/// Where a file is, and how it is asked for.
#[derive(Debug, Clone)]
pub struct File {
    pub key: String,
    pub kind: &'static str,
    pub url: String,
    pub account: (String, String),
    pub bytes: usize,
    pub delay_s: usize,
}

pub fn download(file: &File) -> Node {
    let mut arguments = started(file);
    arguments.extend([
        leaf("FileSize", file.bytes),
        leaf("TargetFileName", ""),
        leaf("DelaySeconds", file.delay_s),
        leaf("SuccessURL", ""),
        leaf("FailureURL", ""),
    ]);
    call("Download", arguments)
}

pub fn upload(file: &File) -> Node {
    let mut arguments = started(file);
    arguments.push(leaf("DelaySeconds", file.delay_s));
    call("Upload", arguments)
}

/// Each window is its start, its end and its mode.
pub fn schedule_download(file: &File, windows: &[(usize, usize, &str)]) -> Node {
    let windows = windows.iter().map(|(start, end, mode)| {
        let members = vec![
            leaf("WindowStart", start),
            leaf("WindowEnd", end),
            leaf("WindowMode", mode),
            leaf("UserMessage", ""),
            leaf("MaxRetries", 1),
        ];
        node("TimeWindowStruct", members)
    });
    let windows = array("TimeWindowList", "cwmp:TimeWindowStruct", windows.collect());
    let mut arguments = started(file);
    arguments.extend([
        leaf("FileSize", file.bytes),
        leaf("TargetFileName", ""),
        windows,
    ]);
    call("ScheduleDownload", arguments)
}

fn started(file: &File) -> Vec<Node> {
    vec![
        leaf("CommandKey", &file.key),
        leaf("FileType", file.kind),
        leaf("URL", &file.url),
        leaf("Username", &file.account.0),
        leaf("Password", &file.account.1),
    ]
}

/// The answer to Download or Upload; with times where the file is there already.
pub fn transfer_response(name: &str, done: Option<(String, String)>) -> Node {
    let status = u8::from(done.is_none());
    let (start, end) = done.unwrap_or((UNKNOWN.to_owned(), UNKNOWN.to_owned()));
    let arguments = vec![
        leaf("Status", status),
        leaf("StartTime", start),
        leaf("CompleteTime", end),
    ];
    call(name, arguments)
}

/// How a transfer ended: code, text, start and end.
pub type Outcome<'a> = (u32, &'a str, String, String);

pub fn transfer_complete(key: &str, outcome: &Outcome<'_>) -> Node {
    let mut arguments = vec![leaf("CommandKey", key)];
    arguments.extend(ended(outcome));
    call("TransferComplete", arguments)
}

fn ended((code, text, start, end): &Outcome<'_>) -> [Node; 3] {
    let fault = vec![leaf("FaultCode", code), leaf("FaultString", text)];
    [
        node("FaultStruct", fault),
        leaf("StartTime", start),
        leaf("CompleteTime", end),
    ]
}

pub fn autonomous_transfer_complete(file: &File, down: &str, outcome: &Outcome<'_>) -> Node {
    let mut arguments = vec![
        leaf("AnnounceURL", ""),
        leaf("TransferURL", &file.url),
        leaf("IsDownload", down),
        leaf("FileType", file.kind),
        leaf("FileSize", file.bytes),
        leaf("TargetFileName", "backup.cfg"),
    ];
    arguments.extend(ended(outcome));
    call("AutonomousTransferComplete", arguments)
}

/// Transfers that wait, each a key and a state; in the form of GetAllQueuedTransfers with whether they are downloads and
/// their file types.
pub fn queue_response(all: bool, queued: &[(&File, u8)], booleans: (&str, &str)) -> Node {
    let members = queued.iter().map(|(file, state)| {
        let mut members = vec![leaf("CommandKey", &file.key), leaf("State", state)];
        if all {
            members.extend([
                leaf("IsDownload", booleans.0),
                leaf("FileType", file.kind),
                leaf("FileSize", file.bytes),
                leaf("TargetFileName", ""),
            ]);
        }
        let name = if all {
            "AllQueuedTransferStruct"
        } else {
            "QueuedTransferStruct"
        };
        node(name, members)
    });
    let members: Vec<Node> = members.collect();
    if all {
        let list = array("TransferList", "cwmp:AllQueuedTransferStruct", members);
        return call("GetAllQueuedTransfersResponse", vec![list]);
    }
    let list = array("TransferList", "cwmp:QueuedTransferStruct", members);
    call("GetQueuedTransfersResponse", vec![list])
}

/// An option: name, state, mode.
pub fn options_response(options: &[(&str, u8, u8)]) -> Node {
    let members = options.iter().map(|(name, state, mode)| {
        let (start, end) = if *mode == 1 {
            ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
        } else {
            (UNKNOWN, UNKNOWN)
        };
        let members = vec![
            leaf("OptionName", name),
            leaf("VoucherSN", 4711),
            leaf("State", state),
            leaf("Mode", mode),
            leaf("StartDate", start),
            leaf("ExpirationDate", end),
            leaf("IsTransferable", 0),
        ];
        node("OptionStruct", members)
    });
    let list = array("OptionList", "cwmp:OptionStruct", members.collect());
    call("GetOptionsResponse", vec![list])
}

pub fn set_vouchers(vouchers: &[&str]) -> Node {
    let members = vouchers.iter().map(|voucher| leaf("base64", voucher));
    let list = array("VoucherList", "enc:base64", members.collect());
    call("SetVouchers", vec![list])
}

/// A change of a deployment unit.
#[derive(Debug, Clone, Copy)]
pub enum Operation<'a> {
    Install { url: &'a str, uuid: &'a str },
    Update { uuid: &'a str, url: &'a str },
    Uninstall { uuid: &'a str },
}

pub fn change_du_state(operations: &[Operation<'_>], key: &str) -> Node {
    let operations = operations.iter().map(|operation| {
        let (kind, members) = match operation {
            Operation::Install { url, uuid } => (
                "cwmp:InstallOpStruct",
                vec![
                    leaf("URL", url),
                    leaf("UUID", uuid),
                    leaf("Username", ""),
                    leaf("Password", ""),
                    leaf("ExecutionEnvRef", "Device.SoftwareModules.ExecEnv.1."),
                ],
            ),
            Operation::Update { uuid, url } => (
                "cwmp:UpdateOpStruct",
                vec![leaf("UUID", uuid), leaf("Version", "1.1"), leaf("URL", url)],
            ),
            Operation::Uninstall { uuid } => ("cwmp:UninstallOpStruct", vec![leaf("UUID", uuid)]),
        };
        node("Operations", members).with("xsi:type", kind)
    });
    let mut arguments: Vec<Node> = operations.collect();
    arguments.push(leaf("CommandKey", key));
    call("ChangeDUState", arguments)
}

/// What became of a deployment unit: UUID, state, code, text; and the times of all.
pub type Result<'a> = (&'a str, &'a str, u32, &'a str);

pub fn du_results(
    results: &[Result<'_>],
    times: (&str, &str),
    performed: Option<&str>,
) -> Vec<Node> {
    let results = results.iter().enumerate();
    let results = results.map(|(at, (uuid, state, code, text))| {
        let failed = *state == "Failed";
        let unit = format!("Device.SoftwareModules.DeploymentUnit.{}.", at + 1);
        let executed = format!("Device.SoftwareModules.ExecutionUnit.{}.", at + 1);
        let runs = *state == "Installed";
        let mut members = vec![
            leaf("UUID", uuid),
            leaf("DeploymentUnitRef", if failed { "" } else { &unit }),
            leaf("Version", "1.0"),
            leaf("CurrentState", state),
            leaf("Resolved", u8::from(!failed)),
            leaf("ExecutionUnitRefList", if runs { &executed } else { "" }),
            leaf("StartTime", times.0),
            leaf("CompleteTime", times.1),
            node(
                "Fault",
                vec![leaf("FaultCode", code), leaf("FaultString", text)],
            ),
        ];
        members.extend(performed.map(|performed| leaf("OperationPerformed", performed)));
        node("Results", members)
    });
    results.collect()
}
