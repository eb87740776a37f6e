//! What the document of the access point describes, story by story.

use super::super::vendor::{Breach, Plot};
use super::stories;

pub const PLOTS: &[Plot] = &[
    Plot {
        name: "first-contact",
        title: "the first install",
        says: "The first time it is installed, the access point calls its ACS, and the initial configuration runs automatically and remotely.",
        place: "TR69 Connection flow; Auto configuration and dynamic service activation",
        breach: Breach {
            why: "The Inform lacks ProvisioningCode, which each Inform of a TR-181 device has.",
            found: &[("INF-015", "cpe")],
        },
        foretold: &[],
        tell: stories::first_contact,
    },
    Plot {
        name: "startup",
        title: "a startup",
        says: "The access point calls its ACS on startup.",
        place: "TR69 Connection flow",
        breach: Breach {
            why: "The access point says `0 BOOTSTRAP` at each startup, as if the ACS were new to it.",
            found: &[("EVT-026", "cpe")],
        },
        foretold: &[],
        tell: stories::startup,
    },
    Plot {
        name: "periodic-inform",
        title: "the periodic Inform",
        says: "The access point calls its ACS periodically.",
        place: "TR69 Connection flow",
        breach: Breach {
            why: "The event is called `2 PERIODIC INFORM`, which there is not.",
            found: &[("EVT-001", "cpe")],
        },
        foretold: &[],
        tell: stories::periodic_inform,
    },
    Plot {
        name: "connection-request",
        title: "a Connection Request",
        says: "The access point calls when requested by the server.",
        place: "TR69 Connection flow",
        breach: Breach {
            why: "The access point agrees to the request with `202 Accepted`.",
            found: &[("CR-005", "cpe")],
        },
        foretold: &[],
        tell: stories::connection_request,
    },
    Plot {
        name: "active-notification",
        title: "a value that changes",
        says: "The access point calls whenever particular parameter values change; SetParameterAttributes sets active subscriptions.",
        place: "TR69 Connection flow; TR181 Data Model Supported Operations, SetParameterAttributes",
        breach: Breach {
            why: "The access point refuses to tell of a parameter of which every device tells.",
            found: &[("CWMP-SPA-006", "cpe")],
        },
        foretold: &[],
        tell: stories::active_notification,
    },
    Plot {
        name: "passive-notification",
        title: "a value that changes, told with the next Inform",
        says: "SetParameterAttributes sets passive subscriptions, GetParameterAttributes reads them.",
        place: "TR181 Data Model Supported Operations, SetParameterAttributes, GetParameterAttributes",
        breach: Breach {
            why: "The access point agrees to the subscription, and reads as if there were none.",
            found: &[("CWMP-SPA-004", "cpe")],
        },
        foretold: &[],
        tell: stories::passive_notification,
    },
    Plot {
        name: "access-rights",
        title: "who else may write",
        says: "SetParameterAttributes sets access rights.",
        place: "TR181 Data Model Supported Operations, SetParameterAttributes",
        breach: Breach {
            why: "The ACS gives the right to an `Admin` whom TR-069 does not know.",
            found: &[("CWMP-SPA-003", "acs")],
        },
        foretold: &[],
        tell: stories::access_rights,
    },
    Plot {
        name: "firmware-upgrade",
        title: "a firmware upgrade",
        says: "Remote updates of the firmware in the field; the access point calls when the file transfer is complete.",
        place: "Firmware management; TR69 Connection flow",
        breach: Breach {
            why: "The access point says that the download is done (Status 0), and has to start again for it.",
            found: &[("CWMP-DL-011", "cpe")],
        },
        foretold: &[],
        tell: stories::firmware_upgrade,
    },
    Plot {
        name: "log-upload",
        title: "the log is put on a web server",
        says: "Logfiles are analysed: the ACS asks for the log, and the access point calls when the transfer is complete.",
        place: "Status and performance control; TR69 Connection flow",
        breach: Breach {
            why: "The web server does not take the file, and the access point gives the status of HTTP as its fault code.",
            found: &[("CWMP-TC-002", "cpe")],
        },
        foretold: &[],
        tell: stories::log_upload,
    },
    Plot {
        name: "monitoring",
        title: "how the access point fares",
        says: "Status and performance are monitored.",
        place: "Status and performance control; Advantages of having TR69 on an AP",
        breach: Breach {
            why: "The access point gives a counter as text.",
            found: &[("CWMP-GPV-009", "cpe")],
        },
        foretold: &[],
        tell: stories::monitoring,
    },
    Plot {
        name: "ip-ping",
        title: "a ping from the access point",
        says: "The access point pings, and calls when the diagnostics test is complete.",
        place: "IP Ping Diagnostics; Status and performance control; TR69 Connection flow",
        breach: Breach {
            why: "The access point has ended the test, and calls with the periodic Inform alone.",
            found: &[("CWMP-DIAG-002", "cpe")],
        },
        foretold: &[],
        tell: stories::ip_ping,
    },
    Plot {
        name: "features",
        title: "a feature that is switched on",
        says: "Remotely enabling of new or extra features, by parameters.",
        place: "Insight to the home network of the user; SetParameterValues",
        breach: Breach {
            why: "The access point says that the second band is on, and reads as if it were off.",
            found: &[("CWMP-SPV-005", "cpe")],
        },
        foretold: &[],
        tell: stories::features,
    },
    Plot {
        name: "add-ssid",
        title: "a Wi-Fi network more, and one less",
        says: "AddObject adds an entry and returns its new unique number, DeleteObject deletes one.",
        place: "TR181 Data Model Supported Operations, AddObject, DeleteObject",
        breach: Breach {
            why: "The new network has the number of the one that there is.",
            found: &[("CWMP-ADD-003", "cpe")],
        },
        foretold: &[],
        tell: stories::add_ssid,
    },
    Plot {
        name: "names",
        title: "the names of the tables' rows",
        says: "GetParameterNames retrieves the names of parameters, including object instance numbers.",
        place: "TR181 Data Model Supported Operations, GetParameterNames",
        breach: Breach {
            why: "The ACS asks for one level, and the access point lists all that is below.",
            found: &[("CWMP-GPN-002", "cpe")],
        },
        foretold: &[],
        tell: stories::names,
    },
    Plot {
        name: "active-devices",
        title: "the devices that are there",
        says: "The list of active devices gives insight to the home network.",
        place: "Insight to the home network of the user",
        breach: Breach {
            why: "The table says that it has three rows, and has two.",
            found: &[("CWMP-GPV-010", "cpe")],
        },
        foretold: &[],
        tell: stories::active_devices,
    },
    Plot {
        name: "session-end",
        title: "the end of a session",
        says: "The access point keeps sending HTTP POST requests; the session is closed as soon as both sides have nothing more to send.",
        place: "An example management session message flow",
        breach: Breach {
            why: "The ACS ends the session with `200 OK` and nothing in it.",
            found: &[("HTTP-009", "acs")],
        },
        foretold: &[],
        tell: stories::session_end,
    },
];
