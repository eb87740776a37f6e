//! What is found of a path.

use informant::model::{
    Access, Base, Found, Object, ObjectAccess, Place, Root, Version, is_vendor_path, standard,
};

const GATEWAY: Root = Root::InternetGatewayDevice1;

#[test]
fn numbers_aliases_and_wildcards_stand_for_instances() {
    let model = standard(Root::Device2);
    for instance in ["1", "42", "4294967295", "[cpe-1]", "[a.b]", "*", "{i}"] {
        let path = format!("Device.IP.Interface.{instance}.IPv4Address.3.IPAddress");
        let parameter = model.parameter(&path).unwrap_or_else(|| panic!("{path}"));
        assert_eq!(
            parameter.path(),
            "Device.IP.Interface.{i}.IPv4Address.{i}.IPAddress"
        );
        assert_eq!(parameter.name(), "IPAddress");
        assert_eq!(parameter.newest().syntax.base, Base::String);
    }
    for path in [
        "Device.IP.Interface.x.Enable",
        "Device.IP.Interface..Enable",
        "Device.IP.Interface.Enable",
        "Device.IP.Interface.1.Enable.",
        "Device.IP.Interface.1",
        "Device.IP.Interface.[.Enable",
        "device.IP.Interface.1.Enable",
        ".Device.IP.Interface.1.Enable",
        "",
        ".",
    ] {
        assert!(model.parameter(path).is_none(), "{path}");
    }
}

#[test]
fn roots_see_their_own_models() {
    let found = |root, path: &str| standard(root).parameter(path).is_some();
    let lan = "Device.LAN.IPAddress";
    let ip = "Device.IP.IPv4Capable";
    assert!(found(Root::Device1, lan) && !found(Root::Device2, lan));
    assert!(found(Root::Device2, ip) && !found(Root::Device1, ip));
    assert!(found(Root::DeviceUnknown, lan) && found(Root::DeviceUnknown, ip));
    let software = "InternetGatewayDevice.DeviceInfo.SoftwareVersion";
    assert!(found(GATEWAY, software) && !found(Root::DeviceUnknown, software));
    let line = "Services.VoiceService.1.VoiceProfile.1.Line.2.SIP.AuthPassword";
    for root in [GATEWAY, Root::Device1, Root::Device2, Root::DeviceUnknown] {
        assert!(found(root, &format!("{}.{line}", root.name())));
    }
    assert!(!found(GATEWAY, &format!("Device.{line}")));
    assert_eq!(Root::of_path("InternetGatewayDevice.X"), Some(GATEWAY));
    assert_eq!(Root::of_path("Device."), Some(Root::DeviceUnknown));
    assert_eq!(Root::of_path("Devices."), None);
}

#[test]
fn the_newest_version_at_hand_is_told() {
    let newest = |root| standard(root).newest_version();
    assert_eq!(newest(GATEWAY), Some(Version::new(1, 14)));
    assert_eq!(newest(Root::Device1), Some(Version::new(1, 14)));
    assert_eq!(newest(Root::Device2), Some(Version::new(2, 17)));
    assert_eq!(newest(Root::DeviceUnknown), Some(Version::new(2, 17)));
}

#[test]
fn what_either_model_allows_is_allowed_of_an_unknown_device() {
    let path = "Device.DeviceInfo.ModelName";
    let either = standard(Root::DeviceUnknown)
        .parameter(path)
        .expect("it is there");
    let majors: Vec<u16> = either
        .editions()
        .iter()
        .map(|edition| edition.from.major)
        .collect();
    assert!(majors.contains(&1) && majors.contains(&2), "{majors:?}");
    let second = standard(Root::Device2)
        .parameter(path)
        .expect("it is there");
    assert!(
        second
            .editions()
            .iter()
            .all(|edition| edition.from.major == 2)
    );
}

#[test]
fn tables_rows_and_single_objects_are_told_apart() {
    let model = standard(Root::Device2);
    let place = |path| model.object(path).map(|object| object.place());
    assert_eq!(place("Device."), Some(Place::Single));
    assert_eq!(place("Device.IP.Interface."), Some(Place::Table));
    assert_eq!(place("Device.IP.Interface.3."), Some(Place::Row));
    assert_eq!(place("Device.IP.Interface.3"), Some(Place::Row));
    assert_eq!(place("Device.IP.Interface.3.Stats."), Some(Place::Single));
    assert_eq!(place("Device.IP.Nothing."), None);
    let table = model.object("Device.IP.Interface.").expect("a table");
    assert_eq!(table.newest().access, ObjectAccess::CreateDelete);
    assert!(!table.forbids_add() && table.forbids_delete());
    let row = model.object("Device.IP.Interface.1.").expect("a row");
    assert!(row.forbids_add() && !row.forbids_delete());
    for object in [table, row] {
        let counter = object.number_of_entries().expect("it is counted");
        assert_eq!(counter.path(), "Device.IP.InterfaceNumberOfEntries");
    }
    assert_eq!(row.newest().enable.as_deref(), Some("Enable"));
    let inside: Vec<String> = row.objects().map(|object| object.path()).collect();
    assert!(
        inside.contains(&"Device.IP.Interface.{i}.Stats.".to_owned()),
        "{inside:?}"
    );
    let enable = row
        .parameters()
        .find(|parameter| parameter.name() == "Enable");
    let enable = enable.expect("a row can be enabled");
    assert_eq!(
        enable.object().map(|object: Object<'_>| object.path()),
        Some(row.path())
    );
    let voice = model
        .object("Device.Services.VoiceService.1.")
        .expect("a service");
    assert_eq!(voice.document().map(|one| &*one.name), Some("VoiceService"));
}

#[test]
fn what_is_not_known_is_told_apart() {
    let model = standard(Root::Device1);
    let vendor = |path| matches!(model.find(path), Found::Vendor);
    assert!(vendor("Device.X_00085D_Key"));
    assert!(vendor(
        "Device.Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.SIP.Server"
    ));
    assert!(vendor("Device.LAN.X_Y.IPAddress"));
    assert!(matches!(
        model.find("Device.Services.STBService.1.Enable"),
        Found::Service
    ));
    let Found::Unknown { known_bytes } = model.find("Device.LAN.IpAddress") else {
        panic!("not known");
    };
    assert_eq!(known_bytes, "Device.LAN.".len());
    // Known in a service that is described: whatever is not there is not known.
    let inside = model.find("Device.Services.VoiceService.1.Nothing");
    assert!(matches!(inside, Found::Unknown { .. }));
    assert!(matches!(model.find("Device.LAN."), Found::Object(_)));
    assert!(matches!(
        model.find("Device.LAN.IPAddress"),
        Found::Parameter(_)
    ));
    assert!(
        matches!(model.find("Device.IP."), Found::Unknown { .. }),
        "it is Device:2's"
    );
    assert!(matches!(
        model.find("Other."),
        Found::Unknown { known_bytes: 0 }
    ));
    assert!(is_vendor_path("X_Y.Z") && !is_vendor_path("Device.MAX_Y"));
}

#[test]
fn the_nearest_name_is_suggested() {
    let near = |root, path: &str| standard(root).nearest(path);
    let is = |root, path: &str, meant: &str| {
        assert_eq!(near(root, path).as_deref(), Some(meant), "{path}");
    };
    is(
        Root::Device1,
        "Device.LAN.IpAddress",
        "Device.LAN.IPAddress",
    );
    is(
        Root::Device1,
        "device.lan.IPAddress",
        "Device.LAN.IPAddress",
    );
    is(
        GATEWAY,
        "InternetGatewayDevice.DeviceInfo.SoftwareVerison",
        "InternetGatewayDevice.DeviceInfo.SoftwareVersion",
    );
    is(
        Root::Device2,
        "Device.IP.Interface.2.IPv4Address.1.IPAdress",
        "Device.IP.Interface.2.IPv4Address.1.IPAddress",
    );
    is(
        Root::Device2,
        "Device.IP.Interface.Enable",
        "Device.IP.Interface.{i}.Enable",
    );
    is(
        Root::Device2,
        "Device.Ip.Interface.",
        "Device.IP.Interface.",
    );
    assert_eq!(
        near(Root::Device2, "Device.LAN.IPAddress"),
        None,
        "Device:1 alone has it"
    );
    assert_eq!(near(Root::Device2, "Device.Frobnicate.Enable"), None);
    assert_eq!(
        near(Root::Device2, "Device.IP.Interface.1.Enable"),
        None,
        "it is known"
    );
    assert_eq!(near(Root::Device2, &"Device.".repeat(10_000)), None);
}

#[test]
fn versions_tell_what_a_device_cannot_have() {
    let since = |root, path: &str| {
        let parameter = standard(root).parameter(path);
        parameter.unwrap_or_else(|| panic!("{path}")).since()
    };
    let stated = since(Root::Device2, "Device.DeviceInfo.BootFirmwareImage");
    assert_eq!(stated.first, Version::new(2, 12));
    assert_eq!(stated.absent, Some(Version::new(2, 11)));
    assert!(stated.surely_after(Version::new(2, 11)) && !stated.surely_after(Version::new(2, 12)));
    let summary = since(GATEWAY, "InternetGatewayDevice.DeviceSummary");
    assert_eq!(
        (summary.first, summary.absent),
        (Version::new(1, 1), Some(Version::new(1, 0)))
    );
    let between = since(
        GATEWAY,
        "InternetGatewayDevice.ManagementServer.AliasBasedAddressing",
    );
    assert!(between.surely_after(Version::new(1, 3)));
    assert!(!between.surely_after(Version::new(1, 10)), "no file tells");
    let root = since(Root::Device2, "Device.RootDataModelVersion");
    assert_eq!(root.first, Version::new(2, 4));
}

#[test]
fn a_rule_accuses_only_what_no_version_allows() {
    let model = standard(GATEWAY);
    let mut changed = 0;
    for parameter in model.parameters() {
        let read_only = parameter.editions().iter();
        let read_only = read_only
            .filter(|one| one.facts.access == Access::ReadOnly)
            .count();
        if read_only > 0 && read_only < parameter.editions().len() {
            assert!(!parameter.is_read_only(), "{}", parameter.path());
            changed += 1;
        }
    }
    assert!(changed > 0, "some became writable");
    // TR-098 1.0 has `Complete`, later versions more: all of them fit.
    let path = "InternetGatewayDevice.IPPingDiagnostics.DiagnosticsState";
    let state = model.parameter(path).expect("it is there");
    assert_eq!(state.misfit("Complete"), None);
    assert!(state.misfit("complete").is_some());
    let password = model.parameter("InternetGatewayDevice.ManagementServer.Password");
    let password = password.expect("it is there");
    assert!(password.is_hidden() && password.may_be_secret());
    let path = "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.PreSharedKey.1.PreSharedKey";
    assert!(model.parameter(path).expect("it is there").is_hidden());
}
