//! Options that a file cannot give: what a replay may do to a device is allowed on the command line, each time anew
//! (docs/replay-safety.md).

/// Why this option has to be typed; nothing where it need not.
pub(super) fn why_typed(option: &str) -> Option<&'static str> {
    let found = TYPED.iter().find(|(name, _)| *name == option);
    found.map(|(_, why)| *why)
}

/// Options, each with what it permits.
pub(super) const TYPED: [(&str, &str); 6] = [
    ("allow", "it lets messages out that change a device"),
    (
        "device",
        "it names the device that may be changed beyond repair",
    ),
    ("impersonate-recorded", "it takes on the name of a device"),
    (
        "tls-insecure",
        "it speaks to an ACS that nobody has made sure of",
    ),
    ("force", "it writes over what is there"),
    ("config", "one file is enough"),
];
