//! What a path that is written puts at stake.

use super::{class, classify, envelope, response, set};
use crate::replay::scenario::Class;

#[test]
fn what_may_lock_a_device_out_is_the_worst_to_write() {
    for name in [
        "InternetGatewayDevice.DeviceConfig.ConfigFile",
        "Device.DeviceConfig.ConfigFile",
        "Device.DeviceConfig.",
        "Device.DeviceInfo.BootFirmwareImage",
        "Device.DeviceInfo.FirmwareImage.2.Available",
        "Device.DeviceInfo.FirmwareImage.",
        "Device.DeviceInfo.",
        "InternetGatewayDevice.UserInterface.AutoUpdateServer",
        "Device.X_00156500_ManagementServer.URL",
        "Device.Services.VoiceService.1.X_ACME_TR069.AcsUrl",
        "Device.X_ACME_CWMP.Enable",
        "Device.DeviceInfo.X_ACME_FactoryReset",
        "Device.X_ACME_RestoreDefaults",
        "Device.X_ACME_Firmware.URL",
        "Device.deviceconfig.CONFIGFILE",
    ] {
        assert_eq!(class(&set(name)), Class::Destroy, "{name}");
    }
}

#[test]
fn what_restarts_a_part_disrupts() {
    for name in [
        "InternetGatewayDevice.Services.VoiceService.1.VoiceProfile.1.Reset",
        "Device.WiFi.Reset",
        "Device.MoCA.Interface.1.Reset.NodeMask",
        "Device.DeviceInfo.X_ACME_Reboot",
        "Device.X_ACME_RestartNow",
    ] {
        assert_eq!(class(&set(name)), Class::Disrupt, "{name}");
    }
}

#[test]
fn ordinary_parameters_are_only_set() {
    for name in [
        "Device.DeviceInfo.ProvisioningCode",
        "Device.DeviceInfo.VendorConfigFile.1.Alias",
        "InternetGatewayDevice.DeviceConfig.PersistentData",
        "Device.UserInterface.UpgradeAvailable",
        "Device.IP.Interface.1.Enable",
        "Device.BulkData.Profile.1.HTTP.PersistAcrossReboot",
        "Device.Services.VoiceService.1.X_ACME_Dialplan",
    ] {
        assert_eq!(class(&set(name)), Class::Set, "{name}");
    }
}

#[test]
fn attributes_write_nothing_but_reach_the_management_server() {
    let attributes = |name: &str| {
        envelope(
            "<cwmp:ID>1</cwmp:ID>",
            &format!(
                "<cwmp:SetParameterAttributes><ParameterList><SetParameterAttributesStruct>\
                 <Name>{name}</Name><NotificationChange>1</NotificationChange><Notification>2\
                 </Notification><AccessListChange>0</AccessListChange><AccessList/>\
                 </SetParameterAttributesStruct></ParameterList></cwmp:SetParameterAttributes>"
            ),
        )
    };
    for name in [
        "Device.DeviceInfo.",
        "Device.DeviceConfig.ConfigFile",
        "Device.WiFi.Reset",
    ] {
        assert_eq!(class(&attributes(name)), Class::Set, "{name}");
    }
    for name in ["Device.ManagementServer.URL", "Device."] {
        assert_eq!(class(&attributes(name)), Class::Destroy, "{name}");
    }
}

#[test]
fn objects_are_added_and_deleted_where_that_does_no_harm() {
    let object = |method: &str, name: &str| {
        let body = format!(
            "<cwmp:{method}><ObjectName>{name}</ObjectName><ParameterKey/></cwmp:{method}>"
        );
        classify(&response(&envelope("<cwmp:ID>1</cwmp:ID>", &body))).class
    };
    assert_eq!(object("AddObject", "Device.NAT.PortMapping."), Class::Set);
    assert_eq!(
        object("DeleteObject", "Device.NAT.PortMapping.1."),
        Class::Disrupt
    );
    for name in ["Device.DeviceInfo.FirmwareImage.2.", "Device.DeviceConfig."] {
        assert_eq!(object("AddObject", name), Class::Destroy, "{name}");
        assert_eq!(object("DeleteObject", name), Class::Destroy, "{name}");
    }
}
