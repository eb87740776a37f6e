//! Names of file types: `1 Firmware Upgrade Image` and its like, which downloads and uploads number differently.

use cwmp::schema::Version;

/// How a name fits its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// One of the table, or a vendor's.
    Known,
    /// It has the form, and its number is of no table known here.
    Later,
    /// A number with other words, or another form.
    Wrong,
}

/// Which way a file of a type goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Download,
    Upload,
    Either,
}

/// A type of downloads (TR-069 Amendment 3, Table 30; TR-104 appendix B for tones and ringers, in every version).
pub(super) fn of_download(name: &str, version: Version) -> Fit {
    if DOWNLOADS.contains(&name) {
        return Fit::Known;
    }
    otherwise(name, version, DOWNLOADS.len() as u32)
}

/// A type of uploads (TR-069 Amendment 3, Table 53); those with an instance came with CWMP 1.2.
pub(super) fn of_upload(name: &str, version: Version) -> Fit {
    if UPLOADS.contains(&name) {
        return Fit::Known;
    }
    let numbered = UPLOADS_NUMBERED
        .iter()
        .any(|stem| is_instance_of(name, stem));
    if numbered && version >= Version::V1_2 {
        return Fit::Known;
    }
    otherwise(name, version, UPLOADS_MAX)
}

/// Which way a type of the common table goes (TR-069 Amendment 3, Table 41); `None` for one that it does not have.
pub(super) fn direction(name: &str, version: Version) -> Option<Direction> {
    if is_vendor(name, version) {
        return Some(Direction::Either);
    }
    let late = version >= Version::V1_2;
    let instance = |stem: &str| late && is_instance_of(name, stem);
    match name {
        "1 Firmware Upgrade Image" | "2 Web Content" => Some(Direction::Download),
        "4 Tone File" | "5 Ringer File" if late => Some(Direction::Download),
        "3 Vendor Configuration File" => Some(Direction::Either),
        "4 Vendor Log File" => Some(Direction::Upload),
        _ if instance("6 Vendor Configuration File") || instance("7 Vendor Log File") => {
            Some(Direction::Upload)
        }
        _ => None,
    }
}

/// What is in no table: a vendor's, one of a later version, or none.
fn otherwise(name: &str, version: Version, known_max: u32) -> Fit {
    if is_vendor(name, version) {
        return Fit::Known;
    }
    let number = name.split_once(' ').and_then(|(number, rest)| {
        let words = !rest.is_empty() && rest.split(' ').all(|word| !word.is_empty());
        number.parse::<u32>().ok().filter(|_| words)
    });
    match number {
        Some(number) if number > known_max => Fit::Later,
        _ => Fit::Wrong,
    }
}

/// `X 001122 text`; a domain in place of the OUI came with CWMP 1.2.
fn is_vendor(name: &str, version: Version) -> bool {
    let Some((vendor, text)) = name
        .strip_prefix("X ")
        .and_then(|rest| rest.split_once(' '))
    else {
        return false;
    };
    let hex = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    let is_oui = vendor.len() == 6 && vendor.bytes().all(hex);
    is_oui || (version >= Version::V1_2 && !vendor.is_empty() && !text.is_empty())
}

/// The stem and a number from 1 on, without leading zeros.
fn is_instance_of(name: &str, stem: &str) -> bool {
    name.strip_prefix(stem)
        .and_then(|rest| rest.strip_prefix(' '))
        .is_some_and(|number| {
            !number.starts_with('0')
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
}

const DOWNLOADS: [&str; 6] = [
    "1 Firmware Upgrade Image",
    "2 Web Content",
    "3 Vendor Configuration File",
    "4 Tone File",
    "5 Ringer File",
    "6 Stored Firmware Image",
];
const UPLOADS: [&str; 2] = ["1 Vendor Configuration File", "2 Vendor Log File"];
const UPLOADS_NUMBERED: [&str; 2] = ["3 Vendor Configuration File", "4 Vendor Log File"];
/// The greatest number of the table of uploads.
const UPLOADS_MAX: u32 = 4;

#[cfg(test)]
mod tests {
    use super::{Direction, Fit, direction, of_download, of_upload};
    use cwmp::schema::Version::{V1_0, V1_2};

    #[test]
    fn downloads_and_uploads_have_tables_of_their_own() {
        for (name, wanted) in [
            ("1 Firmware Upgrade Image", Fit::Known),
            ("5 Ringer File", Fit::Known),
            ("X 001122 anything", Fit::Known),
            ("1 Firmware", Fit::Wrong),
            ("Firmware", Fit::Wrong),
            ("9 Something Else", Fit::Later),
        ] {
            assert_eq!(of_download(name, V1_0), wanted, "{name}");
        }
        assert_eq!(of_upload("3 Vendor Configuration File", V1_2), Fit::Wrong);
        assert_eq!(of_upload("3 Vendor Configuration File 1", V1_2), Fit::Known);
        assert_eq!(of_upload("3 Vendor Configuration File 1", V1_0), Fit::Wrong);
        assert_eq!(of_download("X ACME text", V1_0), Fit::Wrong);
        assert_eq!(of_download("X ACME text", V1_2), Fit::Known);
    }

    #[test]
    fn a_type_says_which_way_it_goes() {
        assert_eq!(
            direction("4 Vendor Log File", V1_0),
            Some(Direction::Upload)
        );
        assert_eq!(
            direction("7 Vendor Log File 2", V1_2),
            Some(Direction::Upload)
        );
        assert_eq!(direction("8 Other", V1_2), None);
    }
}
