//! Arguments of the methods that the CPE calls, and of their answers; data only.

use super::field::{Facets, Field, array, scalar, structure, union};
use super::to_cpe::{
    DEPLOYMENT_UNIT_UUID_PATTERNS, DOWNLOAD_FILE_TYPE_PATTERNS, FILE_TYPE_PATTERNS,
    FILE_TYPE_PATTERNS_EARLIER_2, PARAMETER_VALUE_LIST_ITEM, UPLOAD_FILE_TYPE_PATTERNS,
};

pub(super) const OUI_PATTERNS: &[&str] = &["[0-9A-F]{6}"];
pub(super) const DEVICE_ID_STRUCT: &[Field] = &[
    scalar("Manufacturer", Facets::text().max(64)),
    scalar("OUI", Facets::text().length(6).like(OUI_PATTERNS)),
    scalar("ProductClass", Facets::text().max(64)),
    scalar("SerialNumber", Facets::text().max(64)),
];
pub(super) const EVENT_CODE_TYPE_PATTERNS: &[&str] = &[
    r"\d+( \S+)+",
    r"M \S+",
    r"M X_\S+",
    "X [0-9A-F]{6} .+",
    r"X \S+ .+",
];
pub(super) const EVENT_STRUCT: &[Field] = &[
    scalar(
        "EventCode",
        Facets::text().max(64).like(EVENT_CODE_TYPE_PATTERNS),
    )
    .named("EventCodeType"),
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
];
pub(super) const EVENT_LIST_ITEM: Field = structure("EventStruct", EVENT_STRUCT)
    .named("EventStruct")
    .occurs(0, Some(64));
pub(super) const INFORM_REQUEST: &[Field] = &[
    structure("DeviceId", DEVICE_ID_STRUCT).named("DeviceIdStruct"),
    array("Event", &EVENT_LIST_ITEM).named("EventList"),
    scalar("MaxEnvelopes", Facets::unsigned()),
    scalar("CurrentTime", Facets::date_time()),
    scalar("RetryCount", Facets::unsigned()),
    array("ParameterList", &PARAMETER_VALUE_LIST_ITEM).named("ParameterValueList"),
];
pub(super) const EVENT_CODE_PATTERNS: &[&str] = &[
    "0 BOOTSTRAP",
    "1 BOOT",
    "2 PERIODIC",
    "3 SCHEDULED",
    "4 VALUE CHANGE",
    "5 KICKED",
    "6 CONNECTION REQUEST",
    "7 TRANSFER COMPLETE",
    "8 DIAGNOSTICS COMPLETE",
    "9 REQUEST DOWNLOAD",
    "M Reboot",
    "M ScheduleInform",
    "M Download",
    "M Upload",
    r"M X_\S+",
    "X [0-9A-F]{6} .*",
];
pub(super) const EVENT_STRUCT_EARLIER: &[Field] = &[
    scalar(
        "EventCode",
        Facets::text().max(64).like(EVENT_CODE_PATTERNS),
    ),
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
];
pub(super) const EVENT_LIST_ITEM_EARLIER: Field = structure("EventStruct", EVENT_STRUCT_EARLIER)
    .named("EventStruct")
    .occurs(0, Some(64));
pub(super) const INFORM_REQUEST_V1_0: &[Field] = &[
    structure("DeviceId", DEVICE_ID_STRUCT).named("DeviceIdStruct"),
    array("Event", &EVENT_LIST_ITEM_EARLIER).named("EventList"),
    scalar("MaxEnvelopes", Facets::unsigned()),
    scalar("CurrentTime", Facets::date_time()),
    scalar("RetryCount", Facets::unsigned()),
    array("ParameterList", &PARAMETER_VALUE_LIST_ITEM).named("ParameterValueList"),
];
pub(super) const EVENT_CODE_PATTERNS_EARLIER: &[&str] = &[
    "0 BOOTSTRAP",
    "1 BOOT",
    "2 PERIODIC",
    "3 SCHEDULED",
    "4 VALUE CHANGE",
    "5 KICKED",
    "6 CONNECTION REQUEST",
    "7 TRANSFER COMPLETE",
    "8 DIAGNOSTICS COMPLETE",
    "9 REQUEST DOWNLOAD",
    "10 AUTONOMOUS TRANSFER COMPLETE",
    r"\d+( \S+)+",
    "M Reboot",
    "M ScheduleInform",
    "M Download",
    "M Upload",
    r"M \S+",
    r"M X_\S+",
    "X [0-9A-F]{6} .*",
];
pub(super) const EVENT_STRUCT_EARLIER_2: &[Field] = &[
    scalar(
        "EventCode",
        Facets::text().max(64).like(EVENT_CODE_PATTERNS_EARLIER),
    ),
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
];
pub(super) const EVENT_LIST_ITEM_EARLIER_2: Field =
    structure("EventStruct", EVENT_STRUCT_EARLIER_2)
        .named("EventStruct")
        .occurs(0, Some(64));
pub(super) const INFORM_REQUEST_V1_1: &[Field] = &[
    structure("DeviceId", DEVICE_ID_STRUCT).named("DeviceIdStruct"),
    array("Event", &EVENT_LIST_ITEM_EARLIER_2).named("EventList"),
    scalar("MaxEnvelopes", Facets::unsigned()),
    scalar("CurrentTime", Facets::date_time()),
    scalar("RetryCount", Facets::unsigned()),
    array("ParameterList", &PARAMETER_VALUE_LIST_ITEM).named("ParameterValueList"),
];
pub(super) const INFORM_RESPONSE: &[Field] = &[scalar("MaxEnvelopes", Facets::unsigned())];
pub(super) const FAULT_CODE_VALUES: &[&str] = &["0"];
pub(super) const FAULT_CODE_VALUES_EARLIER: &[&str] = &[
    "9001", "9002", "9010", "9011", "9012", "9014", "9015", "9016", "9017", "9018", "9019", "9020",
];
pub(super) const TRANSFER_COMPLETE_FAULT_STRUCT_FAULT_CODE: &[Facets] = &[
    Facets::unsigned().one_of(FAULT_CODE_VALUES),
    Facets::unsigned()
        .range(Some(9000), Some(9799))
        .one_of(FAULT_CODE_VALUES_EARLIER),
    Facets::unsigned().range(Some(9033), Some(9799)),
    Facets::unsigned().range(Some(9800), Some(9899)),
];
pub(super) const TRANSFER_COMPLETE_FAULT_STRUCT: &[Field] = &[
    union("FaultCode", TRANSFER_COMPLETE_FAULT_STRUCT_FAULT_CODE),
    scalar("FaultString", Facets::text().max(256)),
];
pub(super) const TRANSFER_COMPLETE_REQUEST: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    structure("FaultStruct", TRANSFER_COMPLETE_FAULT_STRUCT).named("TransferCompleteFaultStruct"),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
];
pub(super) const FAULT_CODE_VALUES_EARLIER_2: &[&str] =
    &["0", "9001", "9002", "9010", "9011", "9012"];
pub(super) const FAULT_STRUCT: &[Field] = &[
    scalar(
        "FaultCode",
        Facets::unsigned().one_of(FAULT_CODE_VALUES_EARLIER_2),
    ),
    scalar("FaultString", Facets::text().max(256)),
];
pub(super) const TRANSFER_COMPLETE_REQUEST_V1_0: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    structure("FaultStruct", FAULT_STRUCT).named("FaultStruct"),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
];
pub(super) const FAULT_CODE_VALUES_EARLIER_3: &[&str] = &[
    "0", "9001", "9002", "9010", "9011", "9012", "9014", "9015", "9016", "9017", "9018", "9019",
];
pub(super) const FAULT_STRUCT_FAULT_CODE: &[Facets] = &[
    Facets::unsigned().one_of(FAULT_CODE_VALUES_EARLIER_3),
    Facets::unsigned().range(Some(9020), Some(9799)),
    Facets::unsigned().range(Some(9800), Some(9899)),
];
pub(super) const FAULT_STRUCT_EARLIER: &[Field] = &[
    union("FaultCode", FAULT_STRUCT_FAULT_CODE),
    scalar("FaultString", Facets::text().max(256)),
];
pub(super) const TRANSFER_COMPLETE_REQUEST_V1_1: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    structure("FaultStruct", FAULT_STRUCT_EARLIER).named("FaultStruct"),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
];
pub(super) const AUTONOMOUS_TRANSFER_COMPLETE_REQUEST: &[Field] = &[
    scalar("AnnounceURL", Facets::text().max(1024)),
    scalar("TransferURL", Facets::text().max(1024)),
    scalar("IsDownload", Facets::boolean()),
    scalar(
        "FileType",
        Facets::text().max(64).like(UPLOAD_FILE_TYPE_PATTERNS),
    )
    .named("TransferFileType"),
    scalar("FileSize", Facets::unsigned()),
    scalar("TargetFileName", Facets::text().max(256)),
    structure("FaultStruct", TRANSFER_COMPLETE_FAULT_STRUCT).named("TransferCompleteFaultStruct"),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
];
pub(super) const AUTONOMOUS_TRANSFER_COMPLETE_REQUEST_V1_1: &[Field] = &[
    scalar("AnnounceURL", Facets::text().max(1024)),
    scalar("TransferURL", Facets::text().max(1024)),
    scalar("IsDownload", Facets::boolean()),
    scalar(
        "FileType",
        Facets::text().max(64).like(FILE_TYPE_PATTERNS_EARLIER_2),
    ),
    scalar("FileSize", Facets::unsigned()),
    scalar("TargetFileName", Facets::text().max(256)),
    structure("FaultStruct", FAULT_STRUCT_EARLIER).named("FaultStruct"),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
];
pub(super) const KICKED_REQUEST: &[Field] = &[
    scalar("Command", Facets::text().max(32)),
    scalar("Referer", Facets::text().max(64)),
    scalar("Arg", Facets::text().max(256)),
    scalar("Next", Facets::text().max(1024)),
];
pub(super) const KICKED_RESPONSE: &[Field] = &[scalar("NextURL", Facets::text().max(1024))];
pub(super) const ARG_STRUCT: &[Field] = &[
    scalar("Name", Facets::text().max(64)),
    scalar("Value", Facets::text().max(256)),
];
pub(super) const FILE_TYPE_ARG_ITEM: Field = structure("ArgStruct", ARG_STRUCT)
    .named("ArgStruct")
    .occurs(0, Some(16));
pub(super) const REQUEST_DOWNLOAD_REQUEST: &[Field] = &[
    scalar(
        "FileType",
        Facets::text().max(64).like(DOWNLOAD_FILE_TYPE_PATTERNS),
    )
    .named("DownloadFileType"),
    array("FileTypeArg", &FILE_TYPE_ARG_ITEM).named("FileTypeArg"),
];
pub(super) const REQUEST_DOWNLOAD_REQUEST_V1_0: &[Field] = &[
    scalar("FileType", Facets::text().max(64).like(FILE_TYPE_PATTERNS)),
    array("FileTypeArg", &FILE_TYPE_ARG_ITEM).named("FileTypeArg"),
];
pub(super) const DEPLOYMENT_UNIT_STATE_VALUES: &[&str] = &["Installed", "Uninstalled", "Failed"];
pub(super) const FAULT_CODE_VALUES_EARLIER_4: &[&str] = &[
    "9001", "9003", "9012", "9013", "9015", "9016", "9017", "9018", "9022", "9023", "9024", "9025",
    "9026", "9027", "9028", "9029", "9030", "9031", "9032",
];
pub(super) const DEPLOYMENT_UNIT_FAULT_STRUCT_FAULT_CODE: &[Facets] = &[
    Facets::unsigned().one_of(FAULT_CODE_VALUES),
    Facets::unsigned()
        .range(Some(9000), Some(9799))
        .one_of(FAULT_CODE_VALUES_EARLIER_4),
    Facets::unsigned().range(Some(9033), Some(9799)),
    Facets::unsigned().range(Some(9800), Some(9899)),
];
pub(super) const DEPLOYMENT_UNIT_FAULT_STRUCT: &[Field] = &[
    union("FaultCode", DEPLOYMENT_UNIT_FAULT_STRUCT_FAULT_CODE),
    scalar("FaultString", Facets::text()).occurs(0, Some(1)),
];
pub(super) const OP_RESULT_STRUCT: &[Field] = &[
    scalar("UUID", Facets::text().like(DEPLOYMENT_UNIT_UUID_PATTERNS)).named("DeploymentUnitUUID"),
    scalar("DeploymentUnitRef", Facets::text()),
    scalar("Version", Facets::text().max(32)),
    scalar(
        "CurrentState",
        Facets::text().one_of(DEPLOYMENT_UNIT_STATE_VALUES),
    )
    .named("DeploymentUnitState"),
    scalar("Resolved", Facets::boolean()),
    scalar("ExecutionUnitRefList", Facets::text()),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
    structure("Fault", DEPLOYMENT_UNIT_FAULT_STRUCT).named("DeploymentUnitFaultStruct"),
];
pub(super) const DU_STATE_CHANGE_COMPLETE_REQUEST: &[Field] = &[
    structure("Results", OP_RESULT_STRUCT)
        .named("OpResultStruct")
        .occurs(1, None),
    scalar("CommandKey", Facets::text().max(32))
        .named("CommandKeyType")
        .occurs(0, Some(1)),
];
pub(super) const DEPLOYMENT_UNIT_OPERATION_TYPE_VALUES: &[&str] =
    &["Install", "Update", "Uninstall"];
pub(super) const DEPLOYMENT_UNIT_OPERATION_TYPE: &[Facets] = &[
    Facets::text().one_of(DEPLOYMENT_UNIT_OPERATION_TYPE_VALUES),
    Facets::text(),
];
pub(super) const AUTON_OP_RESULT_STRUCT: &[Field] = &[
    scalar("UUID", Facets::text().like(DEPLOYMENT_UNIT_UUID_PATTERNS)).named("DeploymentUnitUUID"),
    scalar("DeploymentUnitRef", Facets::text()),
    scalar("Version", Facets::text().max(32)),
    scalar(
        "CurrentState",
        Facets::text().one_of(DEPLOYMENT_UNIT_STATE_VALUES),
    )
    .named("DeploymentUnitState"),
    scalar("Resolved", Facets::boolean()),
    scalar("ExecutionUnitRefList", Facets::text()),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
    structure("Fault", DEPLOYMENT_UNIT_FAULT_STRUCT).named("DeploymentUnitFaultStruct"),
    union("OperationPerformed", DEPLOYMENT_UNIT_OPERATION_TYPE)
        .named("DeploymentUnitOperationType"),
];
pub(super) const AUTONOMOUS_DU_STATE_CHANGE_COMPLETE_REQUEST: &[Field] =
    &[structure("Results", AUTON_OP_RESULT_STRUCT)
        .named("AutonOpResultStruct")
        .occurs(1, None)];
