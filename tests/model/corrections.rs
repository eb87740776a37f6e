//! What the specifications state of forced Inform parameters and the XML files do not (TR-069 Issue 1, Table 33;
//! TR-098 Amendment 1, 2.4.1 with its footnotes 9 and 10).

use informant::model::{ActiveNotification, Edition, Facts, ForcedInform, Version};

/// The facts of an edition, put right.
pub fn corrected(path: &str, edition: &Edition<Facts>) -> Facts {
    let mut facts = (*edition.facts).clone();
    let issue_1 = edition.from == Version::new(1, 0);
    if issue_1 && FORCED_INFORM_OF_ISSUE_1.contains(&path) {
        facts.forced_inform = ForcedInform::Yes;
    }
    if issue_1 && FORCED_ACTIVE_OF_ISSUE_1.contains(&path) {
        facts.active_notification = ActiveNotification::ForceEnabled;
    }
    if EXTERNAL_ADDRESS.contains(&path) {
        facts.forced_inform = ForcedInform::DefaultConnection;
        if facts.active_notification != ActiveNotification::ForceDefaultEnabled {
            facts.active_notification = ActiveNotification::ForceEnabledOnDefaultConnection;
        }
    }
    facts
}

/// Whether a correction concerns a path.
pub fn concerns(path: &str) -> bool {
    FORCED_INFORM_OF_ISSUE_1.contains(&path) || EXTERNAL_ADDRESS.contains(&path)
}

const FORCED_INFORM_OF_ISSUE_1: [&str; 6] = [
    "InternetGatewayDevice.DeviceInfo.SpecVersion",
    "InternetGatewayDevice.DeviceInfo.HardwareVersion",
    "InternetGatewayDevice.DeviceInfo.SoftwareVersion",
    "InternetGatewayDevice.DeviceInfo.ProvisioningCode",
    "InternetGatewayDevice.ManagementServer.ConnectionRequestURL",
    "InternetGatewayDevice.ManagementServer.ParameterKey",
];
const FORCED_ACTIVE_OF_ISSUE_1: [&str; 3] = [
    "InternetGatewayDevice.DeviceInfo.SoftwareVersion",
    "InternetGatewayDevice.DeviceInfo.ProvisioningCode",
    "InternetGatewayDevice.ManagementServer.ConnectionRequestURL",
];
pub const EXTERNAL_ADDRESS: [&str; 2] = [
    "InternetGatewayDevice.WANDevice.{i}.WANConnectionDevice.{i}.WANIPConnection.{i}.ExternalIPAddress",
    "InternetGatewayDevice.WANDevice.{i}.WANConnectionDevice.{i}.WANPPPConnection.{i}.ExternalIPAddress",
];
