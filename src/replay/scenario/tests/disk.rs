//! Directories: what is written appears whole, and what is there is not lost.

use std::fs;

use super::super::{TOML, file_names, read_directory, write_directory};
use super::{EXAMPLE, parsed};

#[test]
fn a_directory_appears_whole_and_is_read_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scenario = parsed(EXAMPLE).expect("it is well-formed");
    let fresh = folder.path().join("fresh");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    for directory in [&fresh, &empty] {
        write_directory(directory, &scenario, false).expect("nothing is in the way");
        assert_eq!(read_directory(directory), Ok(scenario.clone()));
        assert_eq!(
            file_names(directory).as_deref(),
            Ok(&["02-SetParameterValues.xml".to_owned()][..])
        );
    }
    // Nothing is left of the way there.
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 2);
}

#[test]
fn what_is_there_is_written_over_only_where_that_is_wanted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut scenario = parsed(EXAMPLE).expect("it is well-formed");
    let place = folder.path().join("scenario");
    write_directory(&place, &scenario, false).expect("nothing is in the way");
    fs::write(place.join("README"), "mine").expect("it is writable");
    let said = write_directory(&place, &scenario, false).expect_err("it is there");
    assert!(
        said.to_string().contains("--force writes over it"),
        "{said}"
    );
    scenario.steps.remove(1);
    scenario.files.clear();
    write_directory(&place, &scenario, true).expect("it may");
    assert_eq!(read_directory(&place), Ok(scenario.clone()));
    // The old message is gone, what belongs to nobody stays.
    assert_eq!(file_names(&place), Ok(vec!["README".to_owned()]));
    fs::remove_file(place.join(TOML)).expect("removable");
    for force in [false, true] {
        let said = write_directory(&place, &scenario, force).expect_err("it is none");
        assert!(said.to_string().contains("something else"), "{said}");
    }
    assert_eq!(file_names(&place), Ok(vec!["README".to_owned()]));
}

#[test]
fn what_is_no_scenario_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let said = |problem: super::Problem| problem.to_string();
    let missing = read_directory(folder.path()).map_err(said);
    assert_eq!(missing, Err(format!("{TOML}: is not there")));
    let file = folder.path().join("file");
    fs::write(&file, "x").expect("writable");
    let told = read_directory(&file).map_err(said).expect_err("a file");
    assert!(told.contains("a scenario is a directory"), "{told}");
    fs::write(folder.path().join(TOML), b"a = \"\xff\"").expect("writable");
    let told = read_directory(folder.path()).map_err(said);
    assert_eq!(told, Err(format!("{TOML}:1:6: this is no text in UTF-8")));
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let outside = folder.path().join("outside");
    fs::write(&outside, "a secret").expect("writable");
    let scenario = parsed(EXAMPLE).expect("it is well-formed");
    let place = folder.path().join("scenario");
    write_directory(&place, &scenario, false).expect("nothing is in the way");
    let message = place.join("02-SetParameterValues.xml");
    fs::remove_file(&message).expect("removable");
    std::os::unix::fs::symlink(&outside, &message).expect("a link");
    let said = read_directory(&place).expect_err("a link").to_string();
    assert!(said.contains("is a link"), "{said}");
}
