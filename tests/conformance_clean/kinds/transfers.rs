//! Breaches in transfers and deployment.

use super::{Kind, acs, as_told, cpe};
use crate::bases;
use crate::clean::model::Root;
use crate::clean::story::Version::{V1_0, V1_1, V1_2};

const TAKEN: &[(&str, &str)] = &[
    ("SOAP-045", "the other side takes it"),
    ("FLT-026", "the other side takes it"),
];

pub const KINDS: &[Kind] = &[
    acs(
        "CWMP-DL-001",
        "no SuccessURL",
        bases::configuration,
        |story| story.cut(0, "Download", "SuccessURL"),
    )
    .also(&[
        ("SOAP-008", "the schema has it"),
        ("SOAP-045", "the device takes it"),
        ("FLT-026", "the device takes it"),
    ]),
    acs(
        "CWMP-DL-001",
        "URL before FileType",
        bases::configuration,
        |story| story.turn(0, "Download", "FileType", "URL"),
    )
    .also(&[
        ("SOAP-008", "the order of the schema"),
        ("SOAP-045", "the device takes it"),
        ("FLT-026", "the device takes it"),
    ]),
    acs("CWMP-DL-002", "1 Firmware", bases::firmware, |story| {
        story.retext(0, "Download", "FileType", "1 Firmware")
    })
    .also(TAKEN),
    acs(
        "CWMP-DL-002",
        "a vendor in small letters",
        bases::configuration,
        |story| story.retext(0, "Download", "FileType", "X acme config"),
    )
    .to(V1_1)
    .also(TAKEN),
    acs(
        "CWMP-DL-003",
        "a password in the URL",
        bases::configuration,
        |story| story.swap(0, "Download", "<URL>http://", "<URL>http://u:p@"),
    )
    .also(&[
        ("FLT-022", "the device takes it"),
        ("SOAP-045", "the device takes it"),
        ("FLT-026", "the device takes it"),
    ]),
    acs(
        "CWMP-DL-003",
        "a URL without a scheme",
        bases::configuration,
        |story| story.swap(0, "Download", "<URL>http://", "<URL>//"),
    )
    .also(TAKEN),
    cpe(
        "CWMP-DL-004",
        "1970 for the unknown time",
        bases::configuration,
        |story| {
            story.retext(
                0,
                "DownloadResponse",
                "CompleteTime",
                "1970-01-01T00:00:00Z",
            )
        },
    )
    .also(&[("SOAP-033", "the same")]),
    cpe(
        "CWMP-DL-004",
        "a Status of 2",
        bases::configuration,
        |story| story.retext(0, "DownloadResponse", "Status", "2"),
    ),
    cpe("CWMP-DL-005", "no report", bases::firmware, |story| {
        story.remove(3, "TransferComplete")
            && story.remove(3, "TransferCompleteResponse")
            && story.drop_event(3, "7 TRANSFER COMPLETE")
            && story.drop_event(3, "M Download")
    }),
    cpe(
        "CWMP-DL-006",
        "a report after Status 0",
        bases::configuration,
        |story| {
            story.retext(0, "DownloadResponse", "Status", "0")
                && story.retext(0, "DownloadResponse", "StartTime", "2026-01-12T08:00:00Z")
                && story.retext(
                    0,
                    "DownloadResponse",
                    "CompleteTime",
                    "2026-01-12T08:00:01Z",
                )
        },
    )
    .also(&[
        ("CWMP-TC-005", "no transfer is open"),
        ("EVT-012", "no transfer is open"),
    ]),
    cpe(
        "CWMP-DL-008",
        "two hours late",
        bases::configuration,
        |story| {
            let begins = story.places("GET").first().copied();
            let Some(begins) = begins else { return false };
            for block in &mut story.blocks[begins..] {
                block.time_us += 7_200_000_000;
            }
            story.retext(-1, "TransferComplete", "StartTime", "2026-01-12T11:30:00Z")
                && story.retext(
                    -1,
                    "TransferComplete",
                    "CompleteTime",
                    "2026-01-12T11:30:05Z",
                )
        },
    )
    .also(&[
        ("SESS-030", "no periodic Inform meanwhile"),
        ("INF-011", "the clock stands still"),
    ]),
    cpe(
        "CWMP-DL-009",
        "a retry of its own",
        bases::fetches_again,
        as_told,
    ),
    cpe(
        "CWMP-DL-010",
        "success before the image runs",
        bases::firmware,
        |story| {
            let new = story.body(-1, "Inform");
            let new = new
                .split("SoftwareVersion</Name><Value xsi:type=\"xsd:string\">")
                .nth(1)
                .unwrap_or_default();
            let new = new.split('<').next().unwrap_or_default().to_owned();
            let old = new.trim_end_matches(".1").to_owned();
            story.swap(3, "Inform", &format!(">{new}<"), &format!(">{old}<"))
                && story.add_event(-1, "1 BOOT", "")
        },
    )
    .also(&[
        ("SESS-030", "after a boot the period may begin anew"),
        ("INF-021", "nothing has changed yet"),
        ("INF-020", "then it changes"),
        ("INF-032", "then it changes"),
        ("INF-035", "then it changes"),
    ]),
    acs(
        "CWMP-DL-014",
        "8000 for TransferComplete",
        bases::refused_report,
        |story| story.swap(3, "Fault", ">8002<", ">8000<"),
    )
    .also(&[("FLT-024", "it called Download")]),
    cpe(
        "CWMP-DL-015",
        "the file over the connection of the ACS",
        bases::at_once,
        |story| {
            let ask = story
                .blocks
                .iter()
                .find(|block| block.what == "Download")
                .map(|block| (block.source, block.destination));
            let Some((acs, device)) = ask else {
                return false;
            };
            story.blocks.retain(|block| {
                !(block.session == 0
                    && block.what == "fin"
                    && block.source.port() != 7_547
                    && block.destination.port() != 7_547)
            });
            let mut done = false;
            for block in story
                .blocks
                .iter_mut()
                .filter(|block| block.what == "GET" || block.what == "file")
            {
                (block.source, block.destination) = if block.what == "GET" {
                    (device, acs)
                } else {
                    (acs, device)
                };
                if let crate::clean::story::Content::Message(message) = &mut block.content {
                    done |= message.drop("Connection");
                }
            }
            done
        },
    ),
    cpe(
        "CWMP-TC-001",
        "CommandKey behind the fault",
        bases::configuration,
        |story| story.turn(0, "TransferComplete", "CommandKey", "FaultStruct"),
    )
    .also(&[
        ("SOAP-008", "the order of the schema"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "CWMP-TC-002",
        "9013 in a report",
        bases::failed_download,
        |story| story.retext(0, "TransferComplete", "FaultCode", "9013"),
    )
    .also(&[
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "CWMP-TC-002",
        "9014 in 1.0",
        bases::failed_download,
        |story| story.retext(0, "TransferComplete", "FaultCode", "9014"),
    )
    .to(V1_0)
    .also(&[
        ("VER-006", "it is too young"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "CWMP-TC-003",
        "OK for a FaultString",
        bases::configuration,
        |story| story.retext(0, "TransferComplete", "FaultString", "OK"),
    ),
    cpe(
        "CWMP-TC-004",
        "a FaultString of 257 characters",
        bases::failed_download,
        |story| story.retext(0, "TransferComplete", "FaultString", &"f".repeat(257)),
    )
    .also(&[
        ("SOAP-027", "it is too long"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "CWMP-TC-004",
        "no FaultString",
        bases::failed_download,
        |story| story.cut(0, "TransferComplete", "FaultString"),
    )
    .also(&[
        ("SOAP-008", "the schema has it"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "CWMP-TC-005",
        "a key that nobody gave",
        bases::configuration,
        |story| {
            let key = story.text(0, "Download", "CommandKey");
            story.swap(-1, "TransferComplete", &key, "other")
        },
    )
    .also(&[("CWMP-DL-005", "the right one is not reported")]),
    cpe(
        "CWMP-TC-006",
        "the report twice",
        bases::configuration,
        |story| {
            let pair = [
                story.place("TransferComplete"),
                story.place("TransferCompleteResponse"),
            ];
            let [Some(ask), Some(answer)] = pair else {
                return false;
            };
            let mut again = [story.blocks[ask].clone(), story.blocks[answer].clone()];
            let time_us = story.blocks[answer].time_us;
            again[0].time_us = time_us + 500;
            again[1].time_us = time_us + 1_000;
            let [ask, reply] = again;
            story.blocks.insert(answer + 1, ask);
            story.blocks.insert(answer + 2, reply);
            story.recount(-1);
            true
        },
    )
    .also(&[
        ("SOAP-022", "one ID twice"),
        ("CWMP-TC-005", "no transfer is open"),
        ("CWMP-DL-005", "one report is due"),
    ]),
    cpe(
        "CWMP-TC-007",
        "local time in a report",
        bases::configuration,
        |story| {
            let time = story.text(0, "TransferComplete", "StartTime");
            story.retext(
                0,
                "TransferComplete",
                "StartTime",
                &time.replace('Z', "+02:00"),
            )
        },
    )
    .also(&[("CWMP-DL-008", "two hours early")]),
    cpe(
        "CWMP-TC-008",
        "9011 for a download",
        bases::failed_download,
        |story| story.retext(0, "TransferComplete", "FaultCode", "9011"),
    ),
    cpe(
        "CWMP-TC-009",
        "no second report after a fault",
        bases::refused_report,
        |story| {
            story.remove(-1, "TransferComplete")
                && story.remove(-1, "TransferCompleteResponse")
                && story.drop_event(-1, "M Download")
                && story.rename_event(-1, "7 TRANSFER COMPLETE", "8 DIAGNOSTICS COMPLETE")
        },
    )
    .also(&[
        ("EVT-014", "the events are undelivered"),
        ("EVT-020", "no test was asked for"),
        ("SESS-039", "the events are undelivered"),
        ("CWMP-DL-005", "the transfer is never reported"),
    ]),
    acs("CWMP-UL-001", "no DelaySeconds", bases::upload, |story| {
        story.cut(0, "Upload", "DelaySeconds")
    })
    .also(&[
        ("SOAP-008", "the schema has it"),
        ("SOAP-045", "the device takes it"),
        ("FLT-026", "the device takes it"),
    ]),
    acs(
        "CWMP-UL-002",
        "the numbering of Download",
        bases::upload,
        |story| story.retext(0, "Upload", "FileType", "3 Vendor Configuration File"),
    )
    .also(TAKEN),
    cpe(
        "CWMP-UL-003",
        "POST for an upload",
        bases::upload,
        |story| story.start(0, "PUT", "PUT ", "POST "),
    ),
    cpe(
        "CWMP-UL-004",
        "1970 for the unknown time",
        bases::upload,
        |story| story.retext(0, "UploadResponse", "CompleteTime", "1970-01-01T00:00:00Z"),
    )
    .also(&[("SOAP-033", "the same")]),
    acs(
        "CWMP-UL-005",
        "a password in the URL",
        bases::upload,
        |story| story.swap(0, "Upload", "<URL>http://", "<URL>http://u:p@"),
    )
    .also(&[
        ("FLT-022", "the device takes it"),
        ("SOAP-045", "the device takes it"),
        ("FLT-026", "the device takes it"),
    ]),
    cpe(
        "CWMP-GQT-001",
        "a transfer in state 4",
        bases::queue,
        |story| story.retext(0, "GetQueuedTransfersResponse", "State", "4"),
    )
    .to(V1_0),
    cpe(
        "CWMP-GQT-002",
        "a queue without keys",
        bases::queue,
        |story| story.cut(0, "GetAllQueuedTransfersResponse", "CommandKey"),
    )
    .from(V1_1)
    .also(&[
        ("SOAP-008", "the schema has them"),
        ("CWMP-GQT-003", "the transfer is not listed"),
    ]),
    cpe(
        "CWMP-GQT-002",
        "an upload that is a download",
        bases::queue,
        |story| {
            story.retext(
                0,
                "GetAllQueuedTransfersResponse",
                "FileType",
                "1 Firmware Upgrade Image",
            ) && story.retext(0, "GetAllQueuedTransfersResponse", "IsDownload", "false")
        },
    )
    .from(V1_1),
    cpe("CWMP-ATC-001", "a CommandKey", bases::autonomous, |story| {
        story.swap(
            0,
            "AutonomousTransferComplete",
            "<AnnounceURL>",
            "<CommandKey></CommandKey><AnnounceURL>",
        )
    })
    .from(V1_1)
    .also(&[
        ("SOAP-008", "the schema has none"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "CWMP-ATC-002",
        "an uploaded firmware image",
        bases::autonomous,
        |story| {
            story.retext(
                0,
                "AutonomousTransferComplete",
                "FileType",
                "1 Firmware Upgrade Image",
            ) && story.retext(0, "AutonomousTransferComplete", "IsDownload", "false")
        },
    )
    .from(V1_1),
    cpe(
        "CWMP-ATC-003",
        "another event",
        bases::autonomous,
        |story| story.rename_event(-1, "10 AUTONOMOUS TRANSFER COMPLETE", "1 BOOT"),
    )
    .from(V1_1),
    cpe(
        "CWMP-ATC-004",
        "9013 for a transfer of its own",
        bases::autonomous,
        |story| story.retext(0, "AutonomousTransferComplete", "FaultCode", "9013"),
    )
    .from(V1_1)
    .also(TAKEN),
    cpe(
        "CWMP-RD-001",
        "a file type that does not exist",
        bases::request_download,
        |story| story.retext(0, "RequestDownload", "FileType", "Web pages"),
    )
    .also(TAKEN),
    cpe(
        "CWMP-RD-002",
        "another event",
        bases::request_download,
        |story| story.rename_event(2, "9 REQUEST DOWNLOAD", "1 BOOT"),
    ),
    acs(
        "CWMP-SDL-001",
        "windows that overlap",
        bases::window,
        |story| {
            let window = "<WindowStart>300</WindowStart><WindowEnd>900</WindowEnd>\
                 <WindowMode>2 Immediately</WindowMode><UserMessage>\
                 </UserMessage><MaxRetries>1</MaxRetries>";
            story.each(0, "ScheduleDownload", |message| {
                let first = message.body.find("<TimeWindowStruct>");
                let end = message.body.find("</TimeWindowList>");
                let (Some(first), Some(end)) = (first, end) else {
                    return false;
                };
                let own = message.body[first..end]
                    .split("</TimeWindowStruct>")
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                message.body.replace_range(
                    first..end,
                    &format!(
                        "{own}</TimeWindowStruct><TimeWindowStruct>\
                 {window}</TimeWindowStruct>"
                    ),
                );
                message.replace("TimeWindowStruct[1]", "TimeWindowStruct[2]");
                true
            })
        },
    )
    .from(V1_2)
    .also(TAKEN),
    cpe("CWMP-SDL-002", "a Status", bases::window, |story| {
        story.swap(
            0,
            "ScheduleDownloadResponse",
            "<cwmp:ScheduleDownloadResponse>",
            "<cwmp:ScheduleDownloadResponse><Status>1</Status>",
        )
    })
    .from(V1_2)
    .also(&[("SOAP-008", "the schema has none")]),
    acs(
        "CWMP-SDL-005",
        "DelaySeconds for windows",
        bases::window,
        |story| {
            story.cut(0, "ScheduleDownload", "TimeWindowList")
                && story.swap(
                    0,
                    "ScheduleDownload",
                    "</cwmp:ScheduleDownload>",
                    "<DelaySeconds>60</DelaySeconds></cwmp:ScheduleDownload>",
                )
        },
    )
    .from(V1_2)
    .also(&[
        ("SOAP-008", "the schema has windows"),
        ("SOAP-045", "the device takes it"),
        ("FLT-026", "the device takes it"),
        ("CWMP-SDL-001", "there is no window"),
    ]),
    acs(
        "CWMP-SDL-005",
        "a password in the URL",
        bases::window,
        |story| story.swap(0, "ScheduleDownload", "<URL>http://", "<URL>http://u:p@"),
    )
    .from(V1_2)
    .also(&[
        ("FLT-022", "the device takes it"),
        ("SOAP-045", "the device takes it"),
        ("FLT-026", "the device takes it"),
    ]),
    cpe(
        "CWMP-SDL-004",
        "success behind the window",
        bases::window,
        |story| {
            story.retext(
                0,
                "TransferComplete",
                "CompleteTime",
                "2026-01-13T23:00:00Z",
            )
        },
    )
    .from(V1_2),
    cpe(
        "CWMP-CT-001",
        "a report of what was cancelled",
        bases::reports_cancelled,
        as_told,
    )
    .from(V1_2)
    .also(&[
        ("CWMP-TC-005", "no transfer is open"),
        ("EVT-012", "no transfer is open"),
    ]),
    cpe(
        "CWMP-CT-002",
        "9005 for an unknown key",
        bases::cancelled,
        |story| {
            let fault = "<soap:Fault><faultcode>soap:Client</faultcode>\
                 <faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
                 <FaultCode>9005</FaultCode><FaultString>\
                 Unknown</FaultString></cwmp:Fault></detail></soap:Fault>";
            let at = story.places("CancelTransferResponse").last().copied();
            let Some(crate::clean::story::Content::Message(message)) =
                at.map(|at| &mut story.blocks[at].content)
            else {
                return false;
            };
            message.replace(
                "<cwmp:CancelTransferResponse></cwmp:CancelTransferResponse>",
                fault,
            )
        },
    )
    .from(V1_2)
    .also(&[("FLT-009", "it is not of this method")]),
    acs(
        "CWMP-DU-001",
        "operations as an array",
        bases::deployment,
        |story| {
            story.swap(
                0,
                "ChangeDUState",
                "<Operations xsi:type=\"cwmp:UninstallOpStruct\">",
                "<Operations soapenc:arrayType=\"cwmp:OperationStruct[1]\">",
            )
        },
    )
    .from(V1_2)
    .on(Root::Device2)
    .also(TAKEN),
    acs(
        "CWMP-DU-002",
        "a UUID without hyphens",
        bases::deployment,
        |story| {
            story.swap(
                0,
                "ChangeDUState",
                "6f1a2b3c-0d4e-5f60-8172-93a4b5c6d7e8",
                "6f1a2b3c0d4e5f60817293a4b5c6d7e8",
            )
        },
    )
    .from(V1_2)
    .on(Root::Device2)
    .also(&[
        ("SOAP-045", "the device takes it"),
        ("FLT-026", "the device takes it"),
        ("CWMP-DU-005", "another is reported"),
    ]),
    acs(
        "CWMP-DU-002",
        "no UUID to uninstall",
        bases::deployment,
        |story| {
            story.swap(
                0,
                "ChangeDUState",
                "<UUID>0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9</UUID>",
                "",
            )
        },
    )
    .from(V1_2)
    .on(Root::Device2)
    .also(&[
        ("SOAP-008", "the schema has it"),
        ("SOAP-045", "the device takes it"),
        ("FLT-026", "the device takes it"),
        ("CWMP-DU-005", "another is reported"),
    ]),
    acs(
        "CWMP-DU-004",
        "an environment that is a table",
        bases::deployment,
        |story| {
            story.retext(
                0,
                "ChangeDUState",
                "ExecutionEnvRef",
                "Device.SoftwareModules.ExecEnv.",
            )
        },
    )
    .from(V1_2)
    .on(Root::Device2)
    .also(TAKEN),
    acs(
        "CWMP-DU-007",
        "a password in the URL",
        bases::deployment,
        |story| story.swap(0, "ChangeDUState", "<URL>http://", "<URL>http://u:p@"),
    )
    .from(V1_2)
    .on(Root::Device2)
    .also(TAKEN),
    acs(
        "CWMP-DU-008",
        "8000 for DUStateChangeComplete",
        bases::deployment,
        |story| {
            let fault = "<soap:Fault><faultcode>soap:Server</faultcode>\
                 <faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
                 <FaultCode>8000</FaultCode><FaultString>\
                 Method not supported</FaultString></cwmp:Fault></detail>\
                 </soap:Fault>";
            story.swap(
                0,
                "DUStateChangeCompleteResponse",
                "<cwmp:DUStateChangeCompleteResponse>\
                 </cwmp:DUStateChangeCompleteResponse>",
                fault,
            )
        },
    )
    .from(V1_2)
    .on(Root::Device2),
    cpe(
        "CWMP-DU-009",
        "two hours and success",
        bases::deployment,
        |story| {
            story.each(0, "DUStateChangeComplete", |message| {
                let Some(at) = message.body.find("<StartTime>").map(|at| at + 11) else {
                    return false;
                };
                message
                    .body
                    .replace_range(at..at + 20, "2026-01-12T05:00:00Z");
                true
            })
        },
    )
    .from(V1_2)
    .on(Root::Device2),
    cpe(
        "CWMP-DSC-001",
        "Version before CurrentState's place",
        bases::deployment,
        |story| story.turn(0, "DUStateChangeComplete", "Version", "CurrentState"),
    )
    .from(V1_2)
    .on(Root::Device2)
    .also(&[
        ("SOAP-008", "the order of the schema"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "CWMP-DSC-002",
        "9010 for a unit",
        bases::deployment,
        |story| {
            story.swap(
                0,
                "DUStateChangeComplete",
                "<FaultCode>9028<",
                "<FaultCode>9010<",
            )
        },
    )
    .from(V1_2)
    .on(Root::Device2)
    .also(TAKEN),
    cpe(
        "CWMP-DSC-003",
        "a reference without its dot",
        bases::deployment,
        |story| {
            story.swap(
                0,
                "DUStateChangeComplete",
                "DeploymentUnit.1.<",
                "DeploymentUnit.1<",
            )
        },
    )
    .from(V1_2)
    .on(Root::Device2),
    cpe(
        "CWMP-DSC-004",
        "Failed with code 0",
        bases::deployment,
        |story| {
            story.swap(
                0,
                "DUStateChangeComplete",
                "<FaultCode>9028<",
                "<FaultCode>0<",
            )
        },
    )
    .from(V1_2)
    .on(Root::Device2)
    .also(&[("CWMP-TC-003", "a text with code 0")]),
    cpe(
        "CWMP-ADSC-001",
        "an operation that does not exist",
        bases::own_deployment,
        |story| {
            story.retext(
                0,
                "AutonomousDUStateChangeComplete",
                "OperationPerformed",
                "Replace",
            )
        },
    )
    .from(V1_2)
    .on(Root::Device2),
    cpe(
        "CWMP-ADSC-001",
        "no operation",
        bases::own_deployment,
        |story| story.cut(0, "AutonomousDUStateChangeComplete", "OperationPerformed"),
    )
    .from(V1_2)
    .on(Root::Device2)
    .also(&[
        ("SOAP-008", "the schema has it"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "CWMP-ADSC-002",
        "told a day late",
        bases::tells_late,
        |story| {
            let [start, end] = [100_000_000, 110_000_000].map(|after| {
                let first = story.blocks.first().map_or(0, |block| block.time_us);
                crate::clean::moment::utc(first + after)
            });
            story.retext(0, "AutonomousDUStateChangeComplete", "StartTime", &start)
                && story.retext(0, "AutonomousDUStateChangeComplete", "CompleteTime", &end)
        },
    )
    .from(V1_2)
    .on(Root::Device2),
];
