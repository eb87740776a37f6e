//! The tests of the standard data models: which objects have a DiagnosticsState, how its end is spelled, what may be written.
//!
//! From tr-098-1-8, tr-106-1-2, tr-143-1-1, tr-104-2-0, tr-181-1-7, tr-181-2-11 and tr-181-2-17; what any version of an object's
//! model lists is right.

/// An object with a DiagnosticsState.
#[derive(Debug)]
pub(super) struct Test {
    /// Its path, `{i}` for instance numbers, without a dot at the end.
    pub path: &'static str,
    pub spelling: Spelling,
    /// Canceled may be written.
    pub canceled: bool,
    /// None may be written.
    pub none: bool,
}

/// The word for the end of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Complete,
    Completed,
    Both,
}

/// The test whose DiagnosticsState this is; nothing for other parameters, and for objects that no standard model has.
pub(super) fn test(parameter: &str) -> Option<&'static Test> {
    let path = parameter.strip_suffix(".DiagnosticsState")?;
    TESTS.iter().find(|test| is_at(path, test.path))
}

fn is_at(path: &str, pattern: &str) -> bool {
    let mut nodes = path.split('.');
    let same = |wanted: &str| {
        nodes.next().is_some_and(|node| match wanted {
            "{i}" => !node.is_empty() && node.bytes().all(|byte| byte.is_ascii_digit()),
            wanted => node == wanted,
        })
    };
    pattern.split('.').all(same) && nodes.next().is_none()
}

const fn complete(path: &'static str) -> Test {
    Test {
        path,
        spelling: Spelling::Complete,
        canceled: false,
        none: false,
    }
}

const fn completed(path: &'static str) -> Test {
    Test {
        spelling: Spelling::Completed,
        ..complete(path)
    }
}

const fn cancelable(path: &'static str) -> Test {
    Test {
        canceled: true,
        ..complete(path)
    }
}

const fn either(path: &'static str) -> Test {
    Test {
        spelling: Spelling::Both,
        ..cancelable(path)
    }
}

const fn line_test(path: &'static str) -> Test {
    Test {
        none: true,
        ..cancelable(path)
    }
}

const TESTS: &[Test] = &[
    complete("InternetGatewayDevice.IPPingDiagnostics"),
    complete("InternetGatewayDevice.TraceRouteDiagnostics"),
    complete("InternetGatewayDevice.NSLookupDiagnostics"),
    complete("InternetGatewayDevice.SelfTestDiagnostics"),
    complete(
        "InternetGatewayDevice.WANDevice.{i}.WANConnectionDevice.{i}.WANATMF5LoopbackDiagnostics",
    ),
    completed("InternetGatewayDevice.DownloadDiagnostics"),
    completed("InternetGatewayDevice.UploadDiagnostics"),
    completed("InternetGatewayDevice.UDPEchoDiagnostics"),
    completed("InternetGatewayDevice.ServerSelectionDiagnostics"),
    cancelable("InternetGatewayDevice.Services.VoiceService.{i}.POTS.FXO.{i}.DiagTests"),
    cancelable("InternetGatewayDevice.Services.VoiceService.{i}.POTS.FXS.{i}.DiagTests"),
    cancelable("InternetGatewayDevice.Services.VoiceService.{i}.Terminal.{i}.DiagTests"),
    complete("Device.LAN.IPPingDiagnostics"),
    complete("Device.LAN.TraceRouteDiagnostics"),
    complete("Device.NSLookupDiagnostics"),
    completed("Device.DownloadDiagnostics"),
    completed("Device.UploadDiagnostics"),
    completed("Device.UDPEchoDiagnostics"),
    completed("Device.ServerSelectionDiagnostics"),
    cancelable("Device.SelfTestDiagnostics"),
    cancelable("Device.PacketCaptureDiagnostics"),
    cancelable("Device.IP.Diagnostics.IPPing"),
    cancelable("Device.IP.Diagnostics.TraceRoute"),
    cancelable("Device.IP.Diagnostics.IPLayerCapacityMetrics"),
    either("Device.IP.Diagnostics.DownloadDiagnostics"),
    either("Device.IP.Diagnostics.UploadDiagnostics"),
    either("Device.IP.Diagnostics.UDPEchoDiagnostics"),
    either("Device.IP.Diagnostics.ServerSelectionDiagnostics"),
    cancelable("Device.DNS.Diagnostics.NSLookupDiagnostics"),
    either("Device.WiFi.NeighboringWiFiDiagnostic"),
    cancelable("Device.WiFi.CCAMeasurementDiagnostic"),
    cancelable("Device.WiFi.RemoteMeasurementDiagnostic"),
    cancelable("Device.Users.CheckCredentialsDiagnostics"),
    cancelable("Device.DSL.Diagnostics.ADSLLineTest"),
    line_test("Device.DSL.Diagnostics.SELTUER"),
    line_test("Device.DSL.Diagnostics.SELTQLN"),
    line_test("Device.DSL.Diagnostics.SELTP"),
    cancelable("Device.ATM.Diagnostics.F5Loopback"),
    cancelable("Device.HPNA.Diagnostics.PHYThroughput"),
    cancelable("Device.HPNA.Diagnostics.PerformanceMonitoring"),
    cancelable("Device.MoCA.Interface.{i}.Aca"),
    cancelable("Device.Ghn.Diagnostics.PHYThroughput"),
    cancelable("Device.Ghn.Diagnostics.PerformanceMonitoring"),
    cancelable("Device.UPA.Diagnostics.InterfaceMeasurement"),
    cancelable("Device.Services.VoiceService.{i}.POTS.FXO.{i}.DiagTests"),
    cancelable("Device.Services.VoiceService.{i}.POTS.FXS.{i}.DiagTests"),
    cancelable("Device.Services.VoiceService.{i}.Terminal.{i}.DiagTests"),
];

#[cfg(test)]
mod told {
    use super::*;

    #[test]
    fn tests_are_found_by_the_path_of_their_state() {
        let spelling = |path| test(path).map(|test| test.spelling);
        assert_eq!(
            spelling("Device.LAN.IPPingDiagnostics.DiagnosticsState"),
            Some(Spelling::Complete)
        );
        assert_eq!(
            spelling("Device.IP.Diagnostics.UploadDiagnostics.DiagnosticsState"),
            Some(Spelling::Both)
        );
        let line = "Device.Services.VoiceService.1.POTS.FXS.2.DiagTests.DiagnosticsState";
        assert!(test(line).is_some_and(|test| test.canceled));
        for none in [
            "Device.LAN.IPPingDiagnostics.Host",
            "Device.X_VENDOR_Test.DiagnosticsState",
            "Device.LAN.IPPingDiagnostics.1.DiagnosticsState",
            "DiagnosticsState",
        ] {
            assert_eq!(spelling(none), None, "{none}");
        }
    }
}
