//! The methods of CWMP and their arguments, as the XSDs of CWMP 1.0 to 1.2 give them.
//!
//! Data only. CWMP 1.3 and 1.4 add headers, no arguments (cwmp-1-3.xsd, cwmp-1-4.xsd).

use super::field::{Facets, Field, array, choice, scalar, structure, union};
use super::method::{Args, Direction, Method, Requirement, Version};

/// Every method of CWMP 1.0 to 1.4, in the order of TR-069 Annex A.
pub const METHODS: &[Method] = &[
    Method {
        name: "GetRPCMethods",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::Both,
        clause: "TR-069 Amd 3 Annex A.3.1.1",
        requirement: &[
            Requirement::Required,
            Requirement::Optional,
            Requirement::Optional,
            Requirement::Required,
        ],
        fault_codes: &[8001, 8002, 8005, 9001, 9002],
        request: Args {
            element: "GetRPCMethods",
            fields: &[],
            by_version: &[],
        },
        response: Args {
            element: "GetRPCMethodsResponse",
            fields: GET_RPC_METHODS_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "SetParameterValues",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.3.2.1",
        requirement: &[Requirement::Required, Requirement::Required],
        fault_codes: &[9001, 9002, 9003, 9004, 9005, 9006, 9007, 9008],
        request: Args {
            element: "SetParameterValues",
            fields: SET_PARAMETER_VALUES_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "SetParameterValuesResponse",
            fields: SET_PARAMETER_VALUES_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "GetParameterValues",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.3.2.2",
        requirement: &[Requirement::Required, Requirement::Required],
        fault_codes: &[9001, 9002, 9003, 9004, 9005],
        request: Args {
            element: "GetParameterValues",
            fields: GET_PARAMETER_VALUES_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "GetParameterValuesResponse",
            fields: GET_PARAMETER_VALUES_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "GetParameterNames",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.3.2.3",
        requirement: &[Requirement::Required, Requirement::Required],
        fault_codes: &[9001, 9002, 9003, 9005],
        request: Args {
            element: "GetParameterNames",
            fields: GET_PARAMETER_NAMES_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "GetParameterNamesResponse",
            fields: GET_PARAMETER_NAMES_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "SetParameterAttributes",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.3.2.4",
        requirement: &[Requirement::Required, Requirement::Optional],
        fault_codes: &[9001, 9002, 9003, 9004, 9005, 9009],
        request: Args {
            element: "SetParameterAttributes",
            fields: SET_PARAMETER_ATTRIBUTES_REQUEST,
            by_version: &[
                (Version::V1_0, SET_PARAMETER_ATTRIBUTES_REQUEST_V1_0),
                (Version::V1_1, SET_PARAMETER_ATTRIBUTES_REQUEST_V1_0),
            ],
        },
        response: Args {
            element: "SetParameterAttributesResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "GetParameterAttributes",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.3.2.5",
        requirement: &[Requirement::Required, Requirement::Optional],
        fault_codes: &[9001, 9002, 9003, 9004, 9005],
        request: Args {
            element: "GetParameterAttributes",
            fields: GET_PARAMETER_VALUES_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "GetParameterAttributesResponse",
            fields: GET_PARAMETER_ATTRIBUTES_RESPONSE,
            by_version: &[
                (Version::V1_0, GET_PARAMETER_ATTRIBUTES_RESPONSE_V1_0),
                (Version::V1_1, GET_PARAMETER_ATTRIBUTES_RESPONSE_V1_0),
            ],
        },
    },
    Method {
        name: "AddObject",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.3.2.6",
        requirement: &[Requirement::Required, Requirement::Optional],
        fault_codes: &[9001, 9002, 9003, 9004, 9005],
        request: Args {
            element: "AddObject",
            fields: ADD_OBJECT_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "AddObjectResponse",
            fields: ADD_OBJECT_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "DeleteObject",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.3.2.7",
        requirement: &[Requirement::Required, Requirement::Optional],
        fault_codes: &[9001, 9002, 9003, 9005],
        request: Args {
            element: "DeleteObject",
            fields: ADD_OBJECT_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "DeleteObjectResponse",
            fields: SET_PARAMETER_VALUES_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "Download",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.3.2.8",
        requirement: &[Requirement::Conditional, Requirement::Conditional],
        fault_codes: &[9000, 9001, 9002, 9003, 9004, 9010, 9012, 9013],
        request: Args {
            element: "Download",
            fields: DOWNLOAD_REQUEST,
            by_version: &[
                (Version::V1_0, DOWNLOAD_REQUEST_V1_0),
                (Version::V1_1, DOWNLOAD_REQUEST_V1_0),
            ],
        },
        response: Args {
            element: "DownloadResponse",
            fields: DOWNLOAD_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "Reboot",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.3.2.9",
        requirement: &[Requirement::Required, Requirement::Optional],
        fault_codes: &[9001, 9002, 9003],
        request: Args {
            element: "Reboot",
            fields: REBOOT_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "RebootResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "GetQueuedTransfers",
        since: Version::V1_0,
        deprecated: Some("deprecated since CWMP 1.1 (use GetAllQueuedTransfers)"),
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.4.1.1",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[9000, 9001, 9002],
        request: Args {
            element: "GetQueuedTransfers",
            fields: &[],
            by_version: &[],
        },
        response: Args {
            element: "GetQueuedTransfersResponse",
            fields: GET_QUEUED_TRANSFERS_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "ScheduleInform",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.4.1.2",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[9000, 9001, 9002, 9003],
        request: Args {
            element: "ScheduleInform",
            fields: SCHEDULE_INFORM_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "ScheduleInformResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "SetVouchers",
        since: Version::V1_0,
        deprecated: Some("deprecated since CWMP 1.2"),
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.4.1.3",
        requirement: &[Requirement::Conditional, Requirement::Conditional],
        fault_codes: &[9000, 9001, 9002, 9003, 9004],
        request: Args {
            element: "SetVouchers",
            fields: SET_VOUCHERS_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "SetVouchersResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "GetOptions",
        since: Version::V1_0,
        deprecated: Some("deprecated since CWMP 1.2"),
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.4.1.4",
        requirement: &[Requirement::Conditional, Requirement::Conditional],
        fault_codes: &[9000, 9001, 9002, 9003],
        request: Args {
            element: "GetOptions",
            fields: GET_OPTIONS_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "GetOptionsResponse",
            fields: GET_OPTIONS_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "Upload",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.4.1.5",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[9000, 9001, 9002, 9003, 9004, 9011, 9012, 9013],
        request: Args {
            element: "Upload",
            fields: UPLOAD_REQUEST,
            by_version: &[
                (Version::V1_0, UPLOAD_REQUEST_V1_0),
                (Version::V1_1, UPLOAD_REQUEST_V1_0),
            ],
        },
        response: Args {
            element: "UploadResponse",
            fields: DOWNLOAD_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "FactoryReset",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.4.1.6",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[9000, 9001, 9002, 9003],
        request: Args {
            element: "FactoryReset",
            fields: &[],
            by_version: &[],
        },
        response: Args {
            element: "FactoryResetResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "GetAllQueuedTransfers",
        since: Version::V1_1,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.4.1.7",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[9000, 9001, 9002],
        request: Args {
            element: "GetAllQueuedTransfers",
            fields: &[],
            by_version: &[],
        },
        response: Args {
            element: "GetAllQueuedTransfersResponse",
            fields: GET_ALL_QUEUED_TRANSFERS_RESPONSE,
            by_version: &[(Version::V1_1, GET_ALL_QUEUED_TRANSFERS_RESPONSE_V1_1)],
        },
    },
    Method {
        name: "ScheduleDownload",
        since: Version::V1_2,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.4.1.8",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[9000, 9001, 9002, 9003, 9004, 9010, 9013],
        request: Args {
            element: "ScheduleDownload",
            fields: SCHEDULE_DOWNLOAD_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "ScheduleDownloadResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "CancelTransfer",
        since: Version::V1_2,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.4.1.9",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[9000, 9001, 9004, 9021],
        request: Args {
            element: "CancelTransfer",
            fields: REBOOT_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "CancelTransferResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "ChangeDUState",
        since: Version::V1_2,
        deprecated: None,
        direction: Direction::ToCpe,
        clause: "TR-069 Amd 3 Annex A.4.1.10",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[9000, 9001, 9002, 9004],
        request: Args {
            element: "ChangeDUState",
            fields: CHANGE_DU_STATE_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "ChangeDUStateResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "Inform",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToAcs,
        clause: "TR-069 Amd 3 Annex A.3.3.1",
        requirement: &[Requirement::Required, Requirement::Required],
        fault_codes: &[8001, 8002, 8003, 8004, 8005],
        request: Args {
            element: "Inform",
            fields: INFORM_REQUEST,
            by_version: &[
                (Version::V1_0, INFORM_REQUEST_V1_0),
                (Version::V1_1, INFORM_REQUEST_V1_1),
            ],
        },
        response: Args {
            element: "InformResponse",
            fields: INFORM_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "TransferComplete",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToAcs,
        clause: "TR-069 Amd 3 Annex A.3.3.2",
        requirement: &[Requirement::Conditional, Requirement::Conditional],
        fault_codes: &[8000, 8001, 8002, 8003, 8004, 8005],
        request: Args {
            element: "TransferComplete",
            fields: TRANSFER_COMPLETE_REQUEST,
            by_version: &[
                (Version::V1_0, TRANSFER_COMPLETE_REQUEST_V1_0),
                (Version::V1_1, TRANSFER_COMPLETE_REQUEST_V1_1),
            ],
        },
        response: Args {
            element: "TransferCompleteResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "AutonomousTransferComplete",
        since: Version::V1_1,
        deprecated: None,
        direction: Direction::ToAcs,
        clause: "TR-069 Amd 3 Annex A.3.3.3",
        requirement: &[Requirement::Optional, Requirement::Required],
        fault_codes: &[8000, 8001, 8002, 8003, 8004, 8005],
        request: Args {
            element: "AutonomousTransferComplete",
            fields: AUTONOMOUS_TRANSFER_COMPLETE_REQUEST,
            by_version: &[(Version::V1_1, AUTONOMOUS_TRANSFER_COMPLETE_REQUEST_V1_1)],
        },
        response: Args {
            element: "AutonomousTransferCompleteResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "Kicked",
        since: Version::V1_0,
        deprecated: Some("deprecated since CWMP 1.2"),
        direction: Direction::ToAcs,
        clause: "TR-069 Amd 3 Annex A.4.2.1",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[8000, 8001, 8002, 8003, 8005],
        request: Args {
            element: "Kicked",
            fields: KICKED_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "KickedResponse",
            fields: KICKED_RESPONSE,
            by_version: &[],
        },
    },
    Method {
        name: "RequestDownload",
        since: Version::V1_0,
        deprecated: None,
        direction: Direction::ToAcs,
        clause: "TR-069 Amd 3 Annex A.4.2.2",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[8000, 8001, 8002, 8003, 8005],
        request: Args {
            element: "RequestDownload",
            fields: REQUEST_DOWNLOAD_REQUEST,
            by_version: &[
                (Version::V1_0, REQUEST_DOWNLOAD_REQUEST_V1_0),
                (Version::V1_1, REQUEST_DOWNLOAD_REQUEST_V1_0),
            ],
        },
        response: Args {
            element: "RequestDownloadResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "DUStateChangeComplete",
        since: Version::V1_2,
        deprecated: None,
        direction: Direction::ToAcs,
        clause: "TR-069 Amd 3 Annex A.4.2.3",
        requirement: &[Requirement::Conditional, Requirement::Conditional],
        fault_codes: &[8000, 8001, 8002, 8003, 8004, 8005],
        request: Args {
            element: "DUStateChangeComplete",
            fields: DU_STATE_CHANGE_COMPLETE_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "DUStateChangeCompleteResponse",
            fields: &[],
            by_version: &[],
        },
    },
    Method {
        name: "AutonomousDUStateChangeComplete",
        since: Version::V1_2,
        deprecated: None,
        direction: Direction::ToAcs,
        clause: "TR-069 Amd 3 Annex A.4.2.4",
        requirement: &[Requirement::Optional, Requirement::Optional],
        fault_codes: &[8000, 8001, 8002, 8003, 8004, 8005],
        request: Args {
            element: "AutonomousDUStateChangeComplete",
            fields: AUTONOMOUS_DU_STATE_CHANGE_COMPLETE_REQUEST,
            by_version: &[],
        },
        response: Args {
            element: "AutonomousDUStateChangeCompleteResponse",
            fields: &[],
            by_version: &[],
        },
    },
];

const METHOD_LIST_ITEM: Field = scalar("string", Facets::text().max(64)).occurs(1, None);
const GET_RPC_METHODS_RESPONSE: &[Field] =
    &[array("MethodList", &METHOD_LIST_ITEM).named("MethodList")];
const PARAMETER_VALUE_STRUCT: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar("Value", Facets::any()),
];
const PARAMETER_VALUE_LIST_ITEM: Field = structure("ParameterValueStruct", PARAMETER_VALUE_STRUCT)
    .named("ParameterValueStruct")
    .occurs(0, None);
const SET_PARAMETER_VALUES_REQUEST: &[Field] = &[
    array("ParameterList", &PARAMETER_VALUE_LIST_ITEM).named("ParameterValueList"),
    scalar("ParameterKey", Facets::text().max(32)).named("ParameterKeyType"),
];
const STATUS_VALUES: &[&str] = &["0", "1"];
const SET_PARAMETER_VALUES_RESPONSE: &[Field] =
    &[scalar("Status", Facets::int().one_of(STATUS_VALUES))];
const PARAMETER_NAMES_ITEM: Field = scalar("string", Facets::text().max(256)).occurs(1, None);
const GET_PARAMETER_VALUES_REQUEST: &[Field] =
    &[array("ParameterNames", &PARAMETER_NAMES_ITEM).named("ParameterNames")];
const GET_PARAMETER_VALUES_RESPONSE: &[Field] =
    &[array("ParameterList", &PARAMETER_VALUE_LIST_ITEM).named("ParameterValueList")];
const GET_PARAMETER_NAMES_REQUEST: &[Field] = &[
    scalar("ParameterPath", Facets::text().max(256)),
    scalar("NextLevel", Facets::boolean()),
];
const PARAMETER_INFO_STRUCT: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar("Writable", Facets::boolean()),
];
const PARAMETER_INFO_LIST_ITEM: Field = structure("ParameterInfoStruct", PARAMETER_INFO_STRUCT)
    .named("ParameterInfoStruct")
    .occurs(0, None);
const GET_PARAMETER_NAMES_RESPONSE: &[Field] =
    &[array("ParameterList", &PARAMETER_INFO_LIST_ITEM).named("ParameterInfoList")];
const PARAMETER_ATTRIBUTE_NOTIFICATION_VALUE_TYPE_VALUES: &[&str] =
    &["0", "1", "2", "3", "4", "5", "6"];
const ACCESS_LIST_VALUE_TYPE_VALUES: &[&str] = &["Subscriber"];
const ACCESS_LIST_ITEM: Field = scalar(
    "string",
    Facets::text().max(64).one_of(ACCESS_LIST_VALUE_TYPE_VALUES),
)
.named("AccessListValueType")
.occurs(0, None);
const SET_PARAMETER_ATTRIBUTES_STRUCT: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar("NotificationChange", Facets::boolean()),
    scalar(
        "Notification",
        Facets::int().one_of(PARAMETER_ATTRIBUTE_NOTIFICATION_VALUE_TYPE_VALUES),
    )
    .named("ParameterAttributeNotificationValueType"),
    scalar("AccessListChange", Facets::boolean()),
    array("AccessList", &ACCESS_LIST_ITEM).named("AccessList"),
];
const SET_PARAMETER_ATTRIBUTES_LIST_ITEM: Field = structure(
    "SetParameterAttributesStruct",
    SET_PARAMETER_ATTRIBUTES_STRUCT,
)
.named("SetParameterAttributesStruct")
.occurs(1, None);
const SET_PARAMETER_ATTRIBUTES_REQUEST: &[Field] =
    &[array("ParameterList", &SET_PARAMETER_ATTRIBUTES_LIST_ITEM)
        .named("SetParameterAttributesList")];
const NOTIFICATION_VALUES: &[&str] = &["0", "1", "2"];
const ACCESS_LIST_ITEM_EARLIER: Field = scalar(
    "string",
    Facets::text().max(64).one_of(ACCESS_LIST_VALUE_TYPE_VALUES),
)
.occurs(0, None);
const SET_PARAMETER_ATTRIBUTES_STRUCT_EARLIER: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar("NotificationChange", Facets::boolean()),
    scalar("Notification", Facets::int().one_of(NOTIFICATION_VALUES)),
    scalar("AccessListChange", Facets::boolean()),
    array("AccessList", &ACCESS_LIST_ITEM_EARLIER).named("AccessList"),
];
const SET_PARAMETER_ATTRIBUTES_LIST_ITEM_EARLIER: Field = structure(
    "SetParameterAttributesStruct",
    SET_PARAMETER_ATTRIBUTES_STRUCT_EARLIER,
)
.named("SetParameterAttributesStruct")
.occurs(1, None);
const SET_PARAMETER_ATTRIBUTES_REQUEST_V1_0: &[Field] =
    &[
        array("ParameterList", &SET_PARAMETER_ATTRIBUTES_LIST_ITEM_EARLIER)
            .named("SetParameterAttributesList"),
    ];
const PARAMETER_ATTRIBUTE_STRUCT: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar(
        "Notification",
        Facets::int().one_of(PARAMETER_ATTRIBUTE_NOTIFICATION_VALUE_TYPE_VALUES),
    )
    .named("ParameterAttributeNotificationValueType"),
    array("AccessList", &ACCESS_LIST_ITEM).named("AccessList"),
];
const PARAMETER_ATTRIBUTE_LIST_ITEM: Field =
    structure("ParameterAttributeStruct", PARAMETER_ATTRIBUTE_STRUCT)
        .named("ParameterAttributeStruct")
        .occurs(0, None);
const GET_PARAMETER_ATTRIBUTES_RESPONSE: &[Field] =
    &[array("ParameterList", &PARAMETER_ATTRIBUTE_LIST_ITEM).named("ParameterAttributeList")];
const PARAMETER_ATTRIBUTE_STRUCT_EARLIER: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar("Notification", Facets::int().one_of(NOTIFICATION_VALUES)),
    array("AccessList", &ACCESS_LIST_ITEM_EARLIER).named("AccessList"),
];
const PARAMETER_ATTRIBUTE_LIST_ITEM_EARLIER: Field = structure(
    "ParameterAttributeStruct",
    PARAMETER_ATTRIBUTE_STRUCT_EARLIER,
)
.named("ParameterAttributeStruct")
.occurs(0, None);
const GET_PARAMETER_ATTRIBUTES_RESPONSE_V1_0: &[Field] =
    &[
        array("ParameterList", &PARAMETER_ATTRIBUTE_LIST_ITEM_EARLIER)
            .named("ParameterAttributeList"),
    ];
const OBJECT_NAME_TYPE_PATTERNS: &[&str] = &[r".*\."];
const ADD_OBJECT_REQUEST: &[Field] = &[
    scalar(
        "ObjectName",
        Facets::text().max(256).like(OBJECT_NAME_TYPE_PATTERNS),
    )
    .named("ObjectNameType"),
    scalar("ParameterKey", Facets::text().max(32)).named("ParameterKeyType"),
];
const ADD_OBJECT_RESPONSE: &[Field] = &[
    scalar("InstanceNumber", Facets::unsigned().range(Some(1), None)),
    scalar("Status", Facets::int().one_of(STATUS_VALUES)),
];
const DOWNLOAD_FILE_TYPE_PATTERNS: &[&str] = &[r"[1-9]\d*( \S+)+", "X [0-9A-F]{6} .+", r"X \S+ .+"];
const DOWNLOAD_REQUEST: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    scalar(
        "FileType",
        Facets::text().max(64).like(DOWNLOAD_FILE_TYPE_PATTERNS),
    )
    .named("DownloadFileType"),
    scalar("URL", Facets::text().max(256)),
    scalar("Username", Facets::text().max(256)),
    scalar("Password", Facets::text().max(256)),
    scalar("FileSize", Facets::unsigned()),
    scalar("TargetFileName", Facets::text().max(256)),
    scalar("DelaySeconds", Facets::unsigned()),
    scalar("SuccessURL", Facets::text().max(256)),
    scalar("FailureURL", Facets::text().max(256)),
];
const FILE_TYPE_PATTERNS: &[&str] = &[
    "1 Firmware Upgrade Image",
    "2 Web Content",
    "3 Vendor Configuration File",
    "X [0-9A-F]{6} .*",
];
const DOWNLOAD_REQUEST_V1_0: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    scalar("FileType", Facets::text().max(64).like(FILE_TYPE_PATTERNS)),
    scalar("URL", Facets::text().max(256)),
    scalar("Username", Facets::text().max(256)),
    scalar("Password", Facets::text().max(256)),
    scalar("FileSize", Facets::unsigned()),
    scalar("TargetFileName", Facets::text().max(256)),
    scalar("DelaySeconds", Facets::unsigned()),
    scalar("SuccessURL", Facets::text().max(256)),
    scalar("FailureURL", Facets::text().max(256)),
];
const DOWNLOAD_RESPONSE: &[Field] = &[
    scalar("Status", Facets::int().one_of(STATUS_VALUES)),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
];
const REBOOT_REQUEST: &[Field] =
    &[scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType")];
const TRANSFER_STATE_TYPE_VALUES: &[&str] = &["1", "2", "3"];
const QUEUED_TRANSFER_STRUCT: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    scalar("State", Facets::int().one_of(TRANSFER_STATE_TYPE_VALUES)).named("TransferStateType"),
];
const TRANSFER_LIST_ITEM: Field = structure("QueuedTransferStruct", QUEUED_TRANSFER_STRUCT)
    .named("QueuedTransferStruct")
    .occurs(0, Some(16));
const GET_QUEUED_TRANSFERS_RESPONSE: &[Field] =
    &[array("TransferList", &TRANSFER_LIST_ITEM).named("TransferList")];
const SCHEDULE_INFORM_REQUEST: &[Field] = &[
    scalar("DelaySeconds", Facets::unsigned()),
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
];
const VOUCHER_LIST_ITEM: Field = scalar("base64", Facets::base64()).occurs(1, None);
const SET_VOUCHERS_REQUEST: &[Field] =
    &[array("VoucherList", &VOUCHER_LIST_ITEM).named("VoucherList")];
const GET_OPTIONS_REQUEST: &[Field] = &[scalar("OptionName", Facets::text().max(64))];
const STATE_VALUES: &[&str] = &["0", "1", "2", "3"];
const OPTION_STRUCT: &[Field] = &[
    scalar("OptionName", Facets::text().max(64)),
    scalar("VoucherSN", Facets::unsigned()),
    scalar("State", Facets::unsigned().one_of(STATE_VALUES)),
    scalar("Mode", Facets::int().one_of(NOTIFICATION_VALUES)),
    scalar("StartDate", Facets::date_time()),
    scalar("ExpirationDate", Facets::date_time()).occurs(0, Some(1)),
    scalar("IsTransferable", Facets::int().one_of(STATUS_VALUES)),
];
const OPTION_LIST_ITEM: Field = structure("OptionStruct", OPTION_STRUCT)
    .named("OptionStruct")
    .occurs(0, None);
const GET_OPTIONS_RESPONSE: &[Field] =
    &[array("OptionList", &OPTION_LIST_ITEM).named("OptionList")];
const UPLOAD_FILE_TYPE_PATTERNS: &[&str] = &[
    r"[1-9]\d*( \S+)+",
    r"[1-9]\d*( \S+)+ [1-9]\d*",
    "X [0-9A-F]{6} .+",
    r"X \S+ .+",
];
const UPLOAD_REQUEST: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    scalar(
        "FileType",
        Facets::text().max(64).like(UPLOAD_FILE_TYPE_PATTERNS),
    )
    .named("UploadFileType"),
    scalar("URL", Facets::text().max(256)),
    scalar("Username", Facets::text().max(256)),
    scalar("Password", Facets::text().max(256)),
    scalar("DelaySeconds", Facets::unsigned()),
];
const FILE_TYPE_PATTERNS_EARLIER: &[&str] = &[
    "1 Vendor Configuration File",
    "2 Vendor Log File",
    "X [0-9A-F]{6} .*",
];
const UPLOAD_REQUEST_V1_0: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    scalar(
        "FileType",
        Facets::text().max(64).like(FILE_TYPE_PATTERNS_EARLIER),
    ),
    scalar("URL", Facets::text().max(256)),
    scalar("Username", Facets::text().max(256)),
    scalar("Password", Facets::text().max(256)),
    scalar("DelaySeconds", Facets::unsigned()),
];
const ALL_QUEUED_TRANSFER_STRUCT: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    scalar("State", Facets::int().one_of(TRANSFER_STATE_TYPE_VALUES)).named("TransferStateType"),
    scalar("IsDownload", Facets::boolean()),
    scalar(
        "FileType",
        Facets::text().max(64).like(UPLOAD_FILE_TYPE_PATTERNS),
    )
    .named("TransferFileType"),
    scalar("FileSize", Facets::unsigned()),
    scalar("TargetFileName", Facets::text().max(256)),
];
const ALL_TRANSFER_LIST_ITEM: Field =
    structure("AllQueuedTransferStruct", ALL_QUEUED_TRANSFER_STRUCT)
        .named("AllQueuedTransferStruct")
        .occurs(0, Some(16));
const GET_ALL_QUEUED_TRANSFERS_RESPONSE: &[Field] =
    &[array("TransferList", &ALL_TRANSFER_LIST_ITEM).named("AllTransferList")];
const FILE_TYPE_PATTERNS_EARLIER_2: &[&str] = &[
    "1 Firmware Upgrade Image",
    "2 Web Content",
    "3 Vendor Configuration File",
    "4 Vendor Log File",
    "X [0-9A-F]{6} .*",
];
const ALL_QUEUED_TRANSFER_STRUCT_EARLIER: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    scalar("State", Facets::int().one_of(TRANSFER_STATE_TYPE_VALUES)),
    scalar("IsDownload", Facets::boolean()),
    scalar(
        "FileType",
        Facets::text().max(64).like(FILE_TYPE_PATTERNS_EARLIER_2),
    ),
    scalar("FileSize", Facets::unsigned()),
    scalar("TargetFileName", Facets::text().max(256)),
];
const ALL_TRANSFER_LIST_ITEM_EARLIER: Field = structure(
    "AllQueuedTransferStruct",
    ALL_QUEUED_TRANSFER_STRUCT_EARLIER,
)
.named("AllQueuedTransferStruct")
.occurs(0, Some(16));
const GET_ALL_QUEUED_TRANSFERS_RESPONSE_V1_1: &[Field] =
    &[array("TransferList", &ALL_TRANSFER_LIST_ITEM_EARLIER).named("AllTransferList")];
const TIME_WINDOW_STRUCT: &[Field] = &[
    scalar("WindowStart", Facets::unsigned()),
    scalar("WindowEnd", Facets::unsigned()),
    scalar(
        "WindowMode",
        Facets::text().max(64).like(DOWNLOAD_FILE_TYPE_PATTERNS),
    )
    .named("TimeWindowModeValueType"),
    scalar("UserMessage", Facets::text().max(256)),
    scalar("MaxRetries", Facets::int()),
];
const TIME_WINDOW_LIST_ITEM: Field = structure("TimeWindowStruct", TIME_WINDOW_STRUCT)
    .named("TimeWindowStruct")
    .occurs(1, Some(2));
const SCHEDULE_DOWNLOAD_REQUEST: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    scalar(
        "FileType",
        Facets::text().max(64).like(DOWNLOAD_FILE_TYPE_PATTERNS),
    )
    .named("DownloadFileType"),
    scalar("URL", Facets::text().max(256)),
    scalar("Username", Facets::text().max(256)),
    scalar("Password", Facets::text().max(256)),
    scalar("FileSize", Facets::unsigned()),
    scalar("TargetFileName", Facets::text().max(256)),
    array("TimeWindowList", &TIME_WINDOW_LIST_ITEM).named("TimeWindowList"),
];
const DEPLOYMENT_UNIT_UUID_PATTERNS: &[&str] =
    &["[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"];
const INSTALL_OP_STRUCT: &[Field] = &[
    scalar("URL", Facets::any_uri().max(1024)),
    scalar("UUID", Facets::text().like(DEPLOYMENT_UNIT_UUID_PATTERNS))
        .named("DeploymentUnitUUID")
        .occurs(0, Some(1)),
    scalar("Username", Facets::text().max(256)).occurs(0, Some(1)),
    scalar("Password", Facets::text().max(256)).occurs(0, Some(1)),
    scalar("ExecutionEnvRef", Facets::text().max(256)).occurs(0, Some(1)),
];
const UPDATE_OP_STRUCT: &[Field] = &[
    scalar("UUID", Facets::text().like(DEPLOYMENT_UNIT_UUID_PATTERNS))
        .named("DeploymentUnitUUID")
        .occurs(0, Some(1)),
    scalar("Version", Facets::text().max(32)).occurs(0, Some(1)),
    scalar("URL", Facets::any_uri().max(1024)).occurs(0, Some(1)),
    scalar("Username", Facets::text().max(256)).occurs(0, Some(1)),
    scalar("Password", Facets::text().max(256)).occurs(0, Some(1)),
];
const UNINSTALL_OP_STRUCT: &[Field] = &[
    scalar("UUID", Facets::text().like(DEPLOYMENT_UNIT_UUID_PATTERNS)).named("DeploymentUnitUUID"),
    scalar("Version", Facets::text().max(32)).occurs(0, Some(1)),
    scalar("ExecutionEnvRef", Facets::text().max(256)).occurs(0, Some(1)),
];
const CHANGE_DU_STATE_REQUEST: &[Field] = &[
    choice(
        "Operations",
        &[
            ("InstallOpStruct", INSTALL_OP_STRUCT),
            ("UpdateOpStruct", UPDATE_OP_STRUCT),
            ("UninstallOpStruct", UNINSTALL_OP_STRUCT),
        ],
    )
    .named("OperationStruct")
    .occurs(1, None),
    scalar("CommandKey", Facets::text().max(32))
        .named("CommandKeyType")
        .occurs(0, Some(1)),
];
const OUI_PATTERNS: &[&str] = &["[0-9A-F]{6}"];
const DEVICE_ID_STRUCT: &[Field] = &[
    scalar("Manufacturer", Facets::text().max(64)),
    scalar("OUI", Facets::text().length(6).like(OUI_PATTERNS)),
    scalar("ProductClass", Facets::text().max(64)),
    scalar("SerialNumber", Facets::text().max(64)),
];
const EVENT_CODE_TYPE_PATTERNS: &[&str] = &[
    r"\d+( \S+)+",
    r"M \S+",
    r"M X_\S+",
    "X [0-9A-F]{6} .+",
    r"X \S+ .+",
];
const EVENT_STRUCT: &[Field] = &[
    scalar(
        "EventCode",
        Facets::text().max(64).like(EVENT_CODE_TYPE_PATTERNS),
    )
    .named("EventCodeType"),
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
];
const EVENT_LIST_ITEM: Field = structure("EventStruct", EVENT_STRUCT)
    .named("EventStruct")
    .occurs(0, Some(64));
const INFORM_REQUEST: &[Field] = &[
    structure("DeviceId", DEVICE_ID_STRUCT).named("DeviceIdStruct"),
    array("Event", &EVENT_LIST_ITEM).named("EventList"),
    scalar("MaxEnvelopes", Facets::unsigned()),
    scalar("CurrentTime", Facets::date_time()),
    scalar("RetryCount", Facets::unsigned()),
    array("ParameterList", &PARAMETER_VALUE_LIST_ITEM).named("ParameterValueList"),
];
const EVENT_CODE_PATTERNS: &[&str] = &[
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
const EVENT_STRUCT_EARLIER: &[Field] = &[
    scalar(
        "EventCode",
        Facets::text().max(64).like(EVENT_CODE_PATTERNS),
    ),
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
];
const EVENT_LIST_ITEM_EARLIER: Field = structure("EventStruct", EVENT_STRUCT_EARLIER)
    .named("EventStruct")
    .occurs(0, Some(64));
const INFORM_REQUEST_V1_0: &[Field] = &[
    structure("DeviceId", DEVICE_ID_STRUCT).named("DeviceIdStruct"),
    array("Event", &EVENT_LIST_ITEM_EARLIER).named("EventList"),
    scalar("MaxEnvelopes", Facets::unsigned()),
    scalar("CurrentTime", Facets::date_time()),
    scalar("RetryCount", Facets::unsigned()),
    array("ParameterList", &PARAMETER_VALUE_LIST_ITEM).named("ParameterValueList"),
];
const EVENT_CODE_PATTERNS_EARLIER: &[&str] = &[
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
const EVENT_STRUCT_EARLIER_2: &[Field] = &[
    scalar(
        "EventCode",
        Facets::text().max(64).like(EVENT_CODE_PATTERNS_EARLIER),
    ),
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
];
const EVENT_LIST_ITEM_EARLIER_2: Field = structure("EventStruct", EVENT_STRUCT_EARLIER_2)
    .named("EventStruct")
    .occurs(0, Some(64));
const INFORM_REQUEST_V1_1: &[Field] = &[
    structure("DeviceId", DEVICE_ID_STRUCT).named("DeviceIdStruct"),
    array("Event", &EVENT_LIST_ITEM_EARLIER_2).named("EventList"),
    scalar("MaxEnvelopes", Facets::unsigned()),
    scalar("CurrentTime", Facets::date_time()),
    scalar("RetryCount", Facets::unsigned()),
    array("ParameterList", &PARAMETER_VALUE_LIST_ITEM).named("ParameterValueList"),
];
const INFORM_RESPONSE: &[Field] = &[scalar("MaxEnvelopes", Facets::unsigned())];
const FAULT_CODE_VALUES: &[&str] = &["0"];
const FAULT_CODE_VALUES_EARLIER: &[&str] = &[
    "9001", "9002", "9010", "9011", "9012", "9014", "9015", "9016", "9017", "9018", "9019", "9020",
];
const TRANSFER_COMPLETE_FAULT_STRUCT_FAULT_CODE: &[Facets] = &[
    Facets::unsigned().one_of(FAULT_CODE_VALUES),
    Facets::unsigned()
        .range(Some(9000), Some(9799))
        .one_of(FAULT_CODE_VALUES_EARLIER),
    Facets::unsigned().range(Some(9033), Some(9799)),
    Facets::unsigned().range(Some(9800), Some(9899)),
];
const TRANSFER_COMPLETE_FAULT_STRUCT: &[Field] = &[
    union("FaultCode", TRANSFER_COMPLETE_FAULT_STRUCT_FAULT_CODE),
    scalar("FaultString", Facets::text().max(256)),
];
const TRANSFER_COMPLETE_REQUEST: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    structure("FaultStruct", TRANSFER_COMPLETE_FAULT_STRUCT).named("TransferCompleteFaultStruct"),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
];
const FAULT_CODE_VALUES_EARLIER_2: &[&str] = &["0", "9001", "9002", "9010", "9011", "9012"];
const FAULT_STRUCT: &[Field] = &[
    scalar(
        "FaultCode",
        Facets::unsigned().one_of(FAULT_CODE_VALUES_EARLIER_2),
    ),
    scalar("FaultString", Facets::text().max(256)),
];
const TRANSFER_COMPLETE_REQUEST_V1_0: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    structure("FaultStruct", FAULT_STRUCT).named("FaultStruct"),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
];
const FAULT_CODE_VALUES_EARLIER_3: &[&str] = &[
    "0", "9001", "9002", "9010", "9011", "9012", "9014", "9015", "9016", "9017", "9018", "9019",
];
const FAULT_STRUCT_FAULT_CODE: &[Facets] = &[
    Facets::unsigned().one_of(FAULT_CODE_VALUES_EARLIER_3),
    Facets::unsigned().range(Some(9020), Some(9799)),
    Facets::unsigned().range(Some(9800), Some(9899)),
];
const FAULT_STRUCT_EARLIER: &[Field] = &[
    union("FaultCode", FAULT_STRUCT_FAULT_CODE),
    scalar("FaultString", Facets::text().max(256)),
];
const TRANSFER_COMPLETE_REQUEST_V1_1: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    structure("FaultStruct", FAULT_STRUCT_EARLIER).named("FaultStruct"),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
];
const AUTONOMOUS_TRANSFER_COMPLETE_REQUEST: &[Field] = &[
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
const AUTONOMOUS_TRANSFER_COMPLETE_REQUEST_V1_1: &[Field] = &[
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
const KICKED_REQUEST: &[Field] = &[
    scalar("Command", Facets::text().max(32)),
    scalar("Referer", Facets::text().max(64)),
    scalar("Arg", Facets::text().max(256)),
    scalar("Next", Facets::text().max(1024)),
];
const KICKED_RESPONSE: &[Field] = &[scalar("NextURL", Facets::text().max(1024))];
const ARG_STRUCT: &[Field] = &[
    scalar("Name", Facets::text().max(64)),
    scalar("Value", Facets::text().max(256)),
];
const FILE_TYPE_ARG_ITEM: Field = structure("ArgStruct", ARG_STRUCT)
    .named("ArgStruct")
    .occurs(0, Some(16));
const REQUEST_DOWNLOAD_REQUEST: &[Field] = &[
    scalar(
        "FileType",
        Facets::text().max(64).like(DOWNLOAD_FILE_TYPE_PATTERNS),
    )
    .named("DownloadFileType"),
    array("FileTypeArg", &FILE_TYPE_ARG_ITEM).named("FileTypeArg"),
];
const REQUEST_DOWNLOAD_REQUEST_V1_0: &[Field] = &[
    scalar("FileType", Facets::text().max(64).like(FILE_TYPE_PATTERNS)),
    array("FileTypeArg", &FILE_TYPE_ARG_ITEM).named("FileTypeArg"),
];
const DEPLOYMENT_UNIT_STATE_VALUES: &[&str] = &["Installed", "Uninstalled", "Failed"];
const FAULT_CODE_VALUES_EARLIER_4: &[&str] = &[
    "9001", "9003", "9012", "9013", "9015", "9016", "9017", "9018", "9022", "9023", "9024", "9025",
    "9026", "9027", "9028", "9029", "9030", "9031", "9032",
];
const DEPLOYMENT_UNIT_FAULT_STRUCT_FAULT_CODE: &[Facets] = &[
    Facets::unsigned().one_of(FAULT_CODE_VALUES),
    Facets::unsigned()
        .range(Some(9000), Some(9799))
        .one_of(FAULT_CODE_VALUES_EARLIER_4),
    Facets::unsigned().range(Some(9033), Some(9799)),
    Facets::unsigned().range(Some(9800), Some(9899)),
];
const DEPLOYMENT_UNIT_FAULT_STRUCT: &[Field] = &[
    union("FaultCode", DEPLOYMENT_UNIT_FAULT_STRUCT_FAULT_CODE),
    scalar("FaultString", Facets::text()).occurs(0, Some(1)),
];
const OP_RESULT_STRUCT: &[Field] = &[
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
const DU_STATE_CHANGE_COMPLETE_REQUEST: &[Field] = &[
    structure("Results", OP_RESULT_STRUCT)
        .named("OpResultStruct")
        .occurs(1, None),
    scalar("CommandKey", Facets::text().max(32))
        .named("CommandKeyType")
        .occurs(0, Some(1)),
];
const DEPLOYMENT_UNIT_OPERATION_TYPE_VALUES: &[&str] = &["Install", "Update", "Uninstall"];
const DEPLOYMENT_UNIT_OPERATION_TYPE: &[Facets] = &[
    Facets::text().one_of(DEPLOYMENT_UNIT_OPERATION_TYPE_VALUES),
    Facets::text(),
];
const AUTON_OP_RESULT_STRUCT: &[Field] = &[
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
const AUTONOMOUS_DU_STATE_CHANGE_COMPLETE_REQUEST: &[Field] =
    &[structure("Results", AUTON_OP_RESULT_STRUCT)
        .named("AutonOpResultStruct")
        .occurs(1, None)];
