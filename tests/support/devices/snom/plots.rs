//! What snom's document describes, story by story.

use super::super::vendor::{Breach, Plot};
use super::stories;

pub const PLOTS: &[Plot] = &[
    Plot {
        name: "first-contact",
        title: "the first contact with an ACS",
        says: "With `tr69_use_acs` and `tr69_bootstrap` on, the phone calls the ACS of `tr69_acs_url` with `0 BOOTSTRAP`. The ACS is\n\
               one that fetches all that it wants to know at first contact, as Friendly does.",
        place: "Table 1: TR-069 ACS settings; Friendly ACS",
        breach: Breach {
            why: "The Inform's ParameterList says that it has one parameter more than it has.",
            found: &[("SOAP-010", "cpe")],
        },
        foretold: &["CWMP-GRM-004", "DM-003"],
        tell: stories::first_contact,
    },
    Plot {
        name: "new-acs",
        title: "a move to another ACS",
        says: "The ACS has the phone call another one: `tr69_bootstrap` needs to be on when a new ACS is contacted.",
        place: "Table 1: TR-069 ACS settings, tr69_bootstrap",
        breach: Breach {
            why: "`tr69_bootstrap` is off: the new ACS sees a phone that it does not know, without `0 BOOTSTRAP`.",
            found: &[("INF-026", "cpe")],
        },
        foretold: &[],
        tell: stories::new_acs,
    },
    Plot {
        name: "re-provisioning",
        title: "a line is set up anew",
        says: "Parameters are set at any time after the phone has booted, and the action is triggered by the ACS in real time.",
        place: "TR-069 introduction; SetParameterValues",
        breach: Breach {
            why: "The phone loses the ACS's cookie within the session.",
            found: &[("HTTP-023", "cpe")],
        },
        foretold: &[],
        tell: stories::re_provisioning,
    },
    Plot {
        name: "add-line",
        title: "a line more, and a line less",
        says: "AddObject adds an instance of an object that the phone has, DeleteObject takes it away again.",
        place: "Supported TR-069 RPC methods, AddObject, DeleteObject",
        breach: Breach {
            why: "The phone says that the new line has the number 0.",
            found: &[("CWMP-ADD-002", "cpe")],
        },
        foretold: &[],
        tell: stories::add_line,
    },
    Plot {
        name: "firmware-upgrade",
        title: "a firmware upgrade",
        says: "Download of the snom Firmware Upgrade Image; the phone loads it, restarts, and tells that it is done.",
        place: "Supported TR-069 RPC methods, Download",
        breach: Breach {
            why: "The phone calls TransferComplete in a session whose Inform has no `7 TRANSFER COMPLETE`.",
            found: &[("EVT-009", "cpe")],
        },
        foretold: &[],
        tell: stories::firmware_upgrade,
    },
    Plot {
        name: "configuration-backup",
        title: "the configuration is put on a server",
        says: "Upload of the current configuration, by HTTP PUT.",
        place: "Supported TR-069 RPC methods, Upload",
        breach: Breach {
            why: "TransferComplete has another CommandKey than the Upload that it tells of.",
            found: &[("CWMP-TC-005", "cpe")],
        },
        foretold: &[],
        tell: stories::configuration_backup,
    },
    Plot {
        name: "configuration-restore",
        title: "a configuration comes from a server",
        says: "Download of a snom XML configuration file.",
        place: "Supported TR-069 RPC methods, Download",
        breach: Breach {
            why: "The ACS asks for web content, which the document does not have, and is refused.",
            found: &[("PROFILE-004", "acs")],
        },
        foretold: &[],
        tell: stories::configuration_restore,
    },
    Plot {
        name: "parameter-mapping",
        title: "a parameter mapping file",
        says: "Download of a snom Parameter Mapping File; one line maps one parameter, and says whether it may be written and is told of.",
        place: "Supported TR-069 RPC methods, Download; Parameter mapping",
        breach: Breach {
            why: "The phone takes the request for one that is done at once (Status 0), and tells of its end later all the same.",
            found: &[("CWMP-DL-006", "cpe")],
        },
        foretold: &["CWMP-DL-002"],
        tell: stories::parameter_mapping,
    },
    Plot {
        name: "log-upload",
        title: "the log is put on a server",
        says: "Upload of the current log file, by HTTP PUT.",
        place: "Supported TR-069 RPC methods, Upload",
        breach: Breach {
            why: "The ACS wants the log over FTP, which the document does not have, and is refused.",
            found: &[("PROFILE-005", "acs")],
        },
        foretold: &[],
        tell: stories::log_upload,
    },
    Plot {
        name: "reboot",
        title: "a reboot",
        says: "The ACS reboots the phone remotely.",
        place: "Supported TR-069 RPC methods, Reboot",
        breach: Breach {
            why: "The phone comes back with `1 BOOT` alone: the ACS that has asked is not told by `M Reboot`.",
            found: &[("CWMP-RBT-001", "cpe")],
        },
        foretold: &[],
        tell: stories::reboot,
    },
    Plot {
        name: "factory-reset",
        title: "a factory reset that loses the ACS",
        says: "The phone goes back to standard provisioning and loses all ACS data. Once provisioned again, it calls its ACS with `0 BOOTSTRAP`.",
        place: "Supported TR-069 RPC methods, FactoryReset, Caution",
        breach: Breach {
            why: "The reset phone calls with `1 BOOT` alone, as if it had forgotten nothing.",
            found: &[("CWMP-FR-001", "cpe")],
        },
        foretold: &["CWMP-GRM-004", "DM-003"],
        tell: stories::factory_reset,
    },
    Plot {
        name: "passive-notification",
        title: "a change that is told with the next Inform",
        says: "A parameter with the modifier `=` is read-write with passive notification: a change waits for the next Inform.",
        place: "Table 4: Parameter modifiers",
        breach: Breach {
            why: "The phone calls at once for a change that can wait.",
            found: &[("EVT-028", "cpe")],
        },
        foretold: &[],
        tell: stories::passive_notification,
    },
    Plot {
        name: "active-notification",
        title: "a change that is told at once",
        says: "A parameter with the modifier `*=` has active notification: the ACS can be notified whenever a user changes a setting.",
        place: "TR-069 introduction; Table 4: Parameter modifiers",
        breach: Breach {
            why: "The Inform has `4 VALUE CHANGE` and does not say what has changed.",
            found: &[("INF-021", "cpe")],
        },
        foretold: &[],
        tell: stories::active_notification,
    },
    Plot {
        name: "user-change-corrected",
        title: "a user's change that the ACS corrects",
        says: "The server is notified when a user changes a setting: this enables the administrator to correct possible mistakes right away.",
        place: "TR-069 introduction",
        breach: Breach {
            why: "The phone answers the correction with Status 2, which there is not.",
            found: &[("CWMP-SPV-004", "cpe")],
        },
        foretold: &[],
        tell: stories::user_change_corrected,
    },
    Plot {
        name: "features",
        title: "features by parameters of the vendor",
        says: "An ACS without vendor methods sets `Device.X_snom_UploadGUI` and `Device.X_snom_UploadWeb` to change look and feel.",
        place: "X-snom-Customize, Tip",
        breach: Breach {
            why: "The phone refuses to have the parameter written that its document names for that.",
            found: &[("CWMP-GPN-007", "cpe"), ("PROFILE-007", "cpe")],
        },
        foretold: &["DM-003"],
        tell: stories::features,
    },
    Plot {
        name: "customize",
        title: "a skin by X-snom-Customize",
        says: "The method X-snom-Customize loads a tarball that changes look and feel.",
        place: "X-snom-Customize",
        breach: Breach {
            why: "The phone says that it does not know the method.",
            found: &[("PROFILE-001", "cpe")],
        },
        foretold: &[],
        tell: stories::customize,
    },
    Plot {
        name: "minibrowser",
        title: "a page pushed by X-snom-Minibrowser",
        says: "The method X-snom-Minibrowser pushes a page of XML onto the phone.",
        place: "X-snom-Minibrowser",
        breach: Breach {
            why: "The phone's answer has another cwmp:ID than the request.",
            found: &[("SOAP-020", "cpe")],
        },
        foretold: &[],
        tell: stories::minibrowser,
    },
    Plot {
        name: "empty-path",
        title: "the names of the empty path",
        says: "GetParameterNames with the empty path is answered with `Device.` alone; with `Device.` the phone lists all.",
        place: "Supported TR-069 RPC methods, GetParameterNames",
        breach: Breach {
            why: "The phone says to the empty path that its root is `InternetGatewayDevice.`.",
            found: &[("DM-011", "cpe")],
        },
        foretold: &["DM-003"],
        tell: stories::empty_path,
    },
    Plot {
        name: "connection-request",
        title: "a Connection Request",
        says: "The ACS triggers an action in real time: `tr69_cnr_user` and `tr69_cnr_pass` authenticate the request.",
        place: "TR-069 introduction; Table 1: TR-069 ACS settings",
        breach: Breach {
            why: "The phone accepts the request, and no session comes of it.",
            found: &[("CR-008", "cpe")],
        },
        foretold: &[],
        tell: stories::connection_request,
    },
    Plot {
        name: "gateway-association",
        title: "the phone and its gateway",
        says: "The phone names itself in option 125 of its DISCOVER (sub-options 1 to 3), the gateway in its OFFER (4 to 6); the phone\n\
               tells the ACS in its Inform, and the ACS makes port-forwarding rules in the gateway by which it reaches the phone.",
        place: "TR-111 Part I: Device Gateway Association",
        breach: Breach {
            why: "The phone knows its gateway from DHCP, and tells the ACS in `Device.GatewayInfo.` of none.",
            found: &[("DHCP-012", "cpe")],
        },
        foretold: &[],
        tell: stories::gateway_association,
    },
];
