//! Arguments of the methods that the ACS calls, and of their answers; data only.

use super::field::{Facets, Field, array, choice, scalar, structure};

pub(super) const METHOD_LIST_ITEM: Field = scalar("string", Facets::text().max(64)).occurs(1, None);
pub(super) const GET_RPC_METHODS_RESPONSE: &[Field] =
    &[array("MethodList", &METHOD_LIST_ITEM).named("MethodList")];
pub(super) const PARAMETER_VALUE_STRUCT: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar("Value", Facets::any()),
];
pub(super) const PARAMETER_VALUE_LIST_ITEM: Field =
    structure("ParameterValueStruct", PARAMETER_VALUE_STRUCT)
        .named("ParameterValueStruct")
        .occurs(0, None);
pub(super) const SET_PARAMETER_VALUES_REQUEST: &[Field] = &[
    array("ParameterList", &PARAMETER_VALUE_LIST_ITEM).named("ParameterValueList"),
    scalar("ParameterKey", Facets::text().max(32)).named("ParameterKeyType"),
];
pub(super) const STATUS_VALUES: &[&str] = &["0", "1"];
pub(super) const SET_PARAMETER_VALUES_RESPONSE: &[Field] =
    &[scalar("Status", Facets::int().one_of(STATUS_VALUES))];
pub(super) const PARAMETER_NAMES_ITEM: Field =
    scalar("string", Facets::text().max(256)).occurs(1, None);
pub(super) const GET_PARAMETER_VALUES_REQUEST: &[Field] =
    &[array("ParameterNames", &PARAMETER_NAMES_ITEM).named("ParameterNames")];
pub(super) const GET_PARAMETER_VALUES_RESPONSE: &[Field] =
    &[array("ParameterList", &PARAMETER_VALUE_LIST_ITEM).named("ParameterValueList")];
pub(super) const GET_PARAMETER_NAMES_REQUEST: &[Field] = &[
    scalar("ParameterPath", Facets::text().max(256)),
    scalar("NextLevel", Facets::boolean()),
];
pub(super) const PARAMETER_INFO_STRUCT: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar("Writable", Facets::boolean()),
];
pub(super) const PARAMETER_INFO_LIST_ITEM: Field =
    structure("ParameterInfoStruct", PARAMETER_INFO_STRUCT)
        .named("ParameterInfoStruct")
        .occurs(0, None);
pub(super) const GET_PARAMETER_NAMES_RESPONSE: &[Field] =
    &[array("ParameterList", &PARAMETER_INFO_LIST_ITEM).named("ParameterInfoList")];
pub(super) const PARAMETER_ATTRIBUTE_NOTIFICATION_VALUE_TYPE_VALUES: &[&str] =
    &["0", "1", "2", "3", "4", "5", "6"];
pub(super) const ACCESS_LIST_VALUE_TYPE_VALUES: &[&str] = &["Subscriber"];
pub(super) const ACCESS_LIST_ITEM: Field = scalar(
    "string",
    Facets::text().max(64).one_of(ACCESS_LIST_VALUE_TYPE_VALUES),
)
.named("AccessListValueType")
.occurs(0, None);
pub(super) const SET_PARAMETER_ATTRIBUTES_STRUCT: &[Field] = &[
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
pub(super) const SET_PARAMETER_ATTRIBUTES_LIST_ITEM: Field = structure(
    "SetParameterAttributesStruct",
    SET_PARAMETER_ATTRIBUTES_STRUCT,
)
.named("SetParameterAttributesStruct")
.occurs(1, None);
pub(super) const SET_PARAMETER_ATTRIBUTES_REQUEST: &[Field] =
    &[array("ParameterList", &SET_PARAMETER_ATTRIBUTES_LIST_ITEM)
        .named("SetParameterAttributesList")];
pub(super) const NOTIFICATION_VALUES: &[&str] = &["0", "1", "2"];
pub(super) const ACCESS_LIST_ITEM_EARLIER: Field = scalar(
    "string",
    Facets::text().max(64).one_of(ACCESS_LIST_VALUE_TYPE_VALUES),
)
.occurs(0, None);
pub(super) const SET_PARAMETER_ATTRIBUTES_STRUCT_EARLIER: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar("NotificationChange", Facets::boolean()),
    scalar("Notification", Facets::int().one_of(NOTIFICATION_VALUES)),
    scalar("AccessListChange", Facets::boolean()),
    array("AccessList", &ACCESS_LIST_ITEM_EARLIER).named("AccessList"),
];
pub(super) const SET_PARAMETER_ATTRIBUTES_LIST_ITEM_EARLIER: Field = structure(
    "SetParameterAttributesStruct",
    SET_PARAMETER_ATTRIBUTES_STRUCT_EARLIER,
)
.named("SetParameterAttributesStruct")
.occurs(1, None);
pub(super) const SET_PARAMETER_ATTRIBUTES_REQUEST_V1_0: &[Field] =
    &[
        array("ParameterList", &SET_PARAMETER_ATTRIBUTES_LIST_ITEM_EARLIER)
            .named("SetParameterAttributesList"),
    ];
pub(super) const PARAMETER_ATTRIBUTE_STRUCT: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar(
        "Notification",
        Facets::int().one_of(PARAMETER_ATTRIBUTE_NOTIFICATION_VALUE_TYPE_VALUES),
    )
    .named("ParameterAttributeNotificationValueType"),
    array("AccessList", &ACCESS_LIST_ITEM).named("AccessList"),
];
pub(super) const PARAMETER_ATTRIBUTE_LIST_ITEM: Field =
    structure("ParameterAttributeStruct", PARAMETER_ATTRIBUTE_STRUCT)
        .named("ParameterAttributeStruct")
        .occurs(0, None);
pub(super) const GET_PARAMETER_ATTRIBUTES_RESPONSE: &[Field] =
    &[array("ParameterList", &PARAMETER_ATTRIBUTE_LIST_ITEM).named("ParameterAttributeList")];
pub(super) const PARAMETER_ATTRIBUTE_STRUCT_EARLIER: &[Field] = &[
    scalar("Name", Facets::text().max(256)),
    scalar("Notification", Facets::int().one_of(NOTIFICATION_VALUES)),
    array("AccessList", &ACCESS_LIST_ITEM_EARLIER).named("AccessList"),
];
pub(super) const PARAMETER_ATTRIBUTE_LIST_ITEM_EARLIER: Field = structure(
    "ParameterAttributeStruct",
    PARAMETER_ATTRIBUTE_STRUCT_EARLIER,
)
.named("ParameterAttributeStruct")
.occurs(0, None);
pub(super) const GET_PARAMETER_ATTRIBUTES_RESPONSE_V1_0: &[Field] =
    &[
        array("ParameterList", &PARAMETER_ATTRIBUTE_LIST_ITEM_EARLIER)
            .named("ParameterAttributeList"),
    ];
pub(super) const OBJECT_NAME_TYPE_PATTERNS: &[&str] = &[r".*\."];
pub(super) const ADD_OBJECT_REQUEST: &[Field] = &[
    scalar(
        "ObjectName",
        Facets::text().max(256).like(OBJECT_NAME_TYPE_PATTERNS),
    )
    .named("ObjectNameType"),
    scalar("ParameterKey", Facets::text().max(32)).named("ParameterKeyType"),
];
pub(super) const ADD_OBJECT_RESPONSE: &[Field] = &[
    scalar("InstanceNumber", Facets::unsigned().range(Some(1), None)),
    scalar("Status", Facets::int().one_of(STATUS_VALUES)),
];
pub(super) const DOWNLOAD_FILE_TYPE_PATTERNS: &[&str] =
    &[r"[1-9]\d*( \S+)+", "X [0-9A-F]{6} .+", r"X \S+ .+"];
pub(super) const DOWNLOAD_REQUEST: &[Field] = &[
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
pub(super) const FILE_TYPE_PATTERNS: &[&str] = &[
    "1 Firmware Upgrade Image",
    "2 Web Content",
    "3 Vendor Configuration File",
    "X [0-9A-F]{6} .*",
];
pub(super) const DOWNLOAD_REQUEST_V1_0: &[Field] = &[
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
pub(super) const DOWNLOAD_RESPONSE: &[Field] = &[
    scalar("Status", Facets::int().one_of(STATUS_VALUES)),
    scalar("StartTime", Facets::date_time()),
    scalar("CompleteTime", Facets::date_time()),
];
pub(super) const REBOOT_REQUEST: &[Field] =
    &[scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType")];
pub(super) const TRANSFER_STATE_TYPE_VALUES: &[&str] = &["1", "2", "3"];
pub(super) const QUEUED_TRANSFER_STRUCT: &[Field] = &[
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
    scalar("State", Facets::int().one_of(TRANSFER_STATE_TYPE_VALUES)).named("TransferStateType"),
];
pub(super) const TRANSFER_LIST_ITEM: Field =
    structure("QueuedTransferStruct", QUEUED_TRANSFER_STRUCT)
        .named("QueuedTransferStruct")
        .occurs(0, Some(16));
pub(super) const GET_QUEUED_TRANSFERS_RESPONSE: &[Field] =
    &[array("TransferList", &TRANSFER_LIST_ITEM).named("TransferList")];
pub(super) const SCHEDULE_INFORM_REQUEST: &[Field] = &[
    scalar("DelaySeconds", Facets::unsigned()),
    scalar("CommandKey", Facets::text().max(32)).named("CommandKeyType"),
];
pub(super) const VOUCHER_LIST_ITEM: Field = scalar("base64", Facets::base64()).occurs(1, None);
pub(super) const SET_VOUCHERS_REQUEST: &[Field] =
    &[array("VoucherList", &VOUCHER_LIST_ITEM).named("VoucherList")];
pub(super) const GET_OPTIONS_REQUEST: &[Field] = &[scalar("OptionName", Facets::text().max(64))];
pub(super) const STATE_VALUES: &[&str] = &["0", "1", "2", "3"];
pub(super) const OPTION_STRUCT: &[Field] = &[
    scalar("OptionName", Facets::text().max(64)),
    scalar("VoucherSN", Facets::unsigned()),
    scalar("State", Facets::unsigned().one_of(STATE_VALUES)),
    scalar("Mode", Facets::int().one_of(NOTIFICATION_VALUES)),
    scalar("StartDate", Facets::date_time()),
    scalar("ExpirationDate", Facets::date_time()).occurs(0, Some(1)),
    scalar("IsTransferable", Facets::int().one_of(STATUS_VALUES)),
];
pub(super) const OPTION_LIST_ITEM: Field = structure("OptionStruct", OPTION_STRUCT)
    .named("OptionStruct")
    .occurs(0, None);
pub(super) const GET_OPTIONS_RESPONSE: &[Field] =
    &[array("OptionList", &OPTION_LIST_ITEM).named("OptionList")];
pub(super) const UPLOAD_FILE_TYPE_PATTERNS: &[&str] = &[
    r"[1-9]\d*( \S+)+",
    r"[1-9]\d*( \S+)+ [1-9]\d*",
    "X [0-9A-F]{6} .+",
    r"X \S+ .+",
];
pub(super) const UPLOAD_REQUEST: &[Field] = &[
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
pub(super) const FILE_TYPE_PATTERNS_EARLIER: &[&str] = &[
    "1 Vendor Configuration File",
    "2 Vendor Log File",
    "X [0-9A-F]{6} .*",
];
pub(super) const UPLOAD_REQUEST_V1_0: &[Field] = &[
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
pub(super) const ALL_QUEUED_TRANSFER_STRUCT: &[Field] = &[
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
pub(super) const ALL_TRANSFER_LIST_ITEM: Field =
    structure("AllQueuedTransferStruct", ALL_QUEUED_TRANSFER_STRUCT)
        .named("AllQueuedTransferStruct")
        .occurs(0, Some(16));
pub(super) const GET_ALL_QUEUED_TRANSFERS_RESPONSE: &[Field] =
    &[array("TransferList", &ALL_TRANSFER_LIST_ITEM).named("AllTransferList")];
pub(super) const FILE_TYPE_PATTERNS_EARLIER_2: &[&str] = &[
    "1 Firmware Upgrade Image",
    "2 Web Content",
    "3 Vendor Configuration File",
    "4 Vendor Log File",
    "X [0-9A-F]{6} .*",
];
pub(super) const ALL_QUEUED_TRANSFER_STRUCT_EARLIER: &[Field] = &[
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
pub(super) const ALL_TRANSFER_LIST_ITEM_EARLIER: Field = structure(
    "AllQueuedTransferStruct",
    ALL_QUEUED_TRANSFER_STRUCT_EARLIER,
)
.named("AllQueuedTransferStruct")
.occurs(0, Some(16));
pub(super) const GET_ALL_QUEUED_TRANSFERS_RESPONSE_V1_1: &[Field] =
    &[array("TransferList", &ALL_TRANSFER_LIST_ITEM_EARLIER).named("AllTransferList")];
pub(super) const TIME_WINDOW_STRUCT: &[Field] = &[
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
pub(super) const TIME_WINDOW_LIST_ITEM: Field = structure("TimeWindowStruct", TIME_WINDOW_STRUCT)
    .named("TimeWindowStruct")
    .occurs(1, Some(2));
pub(super) const SCHEDULE_DOWNLOAD_REQUEST: &[Field] = &[
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
pub(super) const DEPLOYMENT_UNIT_UUID_PATTERNS: &[&str] =
    &["[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"];
pub(super) const INSTALL_OP_STRUCT: &[Field] = &[
    scalar("URL", Facets::any_uri().max(1024)),
    scalar("UUID", Facets::text().like(DEPLOYMENT_UNIT_UUID_PATTERNS))
        .named("DeploymentUnitUUID")
        .occurs(0, Some(1)),
    scalar("Username", Facets::text().max(256)).occurs(0, Some(1)),
    scalar("Password", Facets::text().max(256)).occurs(0, Some(1)),
    scalar("ExecutionEnvRef", Facets::text().max(256)).occurs(0, Some(1)),
];
pub(super) const UPDATE_OP_STRUCT: &[Field] = &[
    scalar("UUID", Facets::text().like(DEPLOYMENT_UNIT_UUID_PATTERNS))
        .named("DeploymentUnitUUID")
        .occurs(0, Some(1)),
    scalar("Version", Facets::text().max(32)).occurs(0, Some(1)),
    scalar("URL", Facets::any_uri().max(1024)).occurs(0, Some(1)),
    scalar("Username", Facets::text().max(256)).occurs(0, Some(1)),
    scalar("Password", Facets::text().max(256)).occurs(0, Some(1)),
];
pub(super) const UNINSTALL_OP_STRUCT: &[Field] = &[
    scalar("UUID", Facets::text().like(DEPLOYMENT_UNIT_UUID_PATTERNS)).named("DeploymentUnitUUID"),
    scalar("Version", Facets::text().max(32)).occurs(0, Some(1)),
    scalar("ExecutionEnvRef", Facets::text().max(256)).occurs(0, Some(1)),
];
pub(super) const CHANGE_DU_STATE_REQUEST: &[Field] = &[
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
