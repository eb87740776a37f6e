//! Scenarios read, written and read again.

mod disk;
mod reading;
mod writing;

use super::{Problem, Scenario, parse};

/// The example of the design.
const EXAMPLE: &str = r#"
format = 1
role = "acs"
source = { sha256 = "...", session = 3 }
[identity]                     # acs role: the device this may be played against; checked at the Inform
device = "001565-0015651234AB"
[vars]
parameter_key = { fresh = "uuid" }
sip_password = { secret = true, env = "SIP_PASSWORD" }
[safety]
allow = ["set"]
[defaults]
timeout_s = 30
on_unexpected = "fail"         # fail | fault | answer | ignore
unordered = ["ParameterList"]
[[step]]
expect = "Inform"
assert = ['event contains "1 BOOT"', 'param "Device.DeviceInfo.SoftwareVersion" matches /^2\./']
capture = { connection_request_url = 'param "Device.ManagementServer.ConnectionRequestURL"' }
[[step]]
send = "02-SetParameterValues.xml"        # holds {{cwmp.id}} {{parameter_key}} {{sip_password}}
[[step]]
expect = "SetParameterValuesResponse"
assert = ["status in [0, 1]"]
tolerate = ["fault 9007"]
within_s = 5
[[step]]
await = { session_with_event = "M Download", within_s = 600 }      # transactions that span sessions
[[step]]
action = { connection_request = "{{connection_request_url}}", via = "http" }   # or "udp"
"#;

/// A scenario whose every file holds its own name.
fn parsed(toml: &str) -> Result<Scenario, Problem> {
    parse(toml, |name| Ok(Some(name.as_bytes().to_vec())))
}
