//! The grammar of DeviceSummary.

use super::pages::SUMMARY;
use super::walk::{Entry, Telling};
use crate::conformance::Rule;
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&SUMMARY];

/// Looks at the value of a parameter of that name.
pub(super) fn look(entry: &Entry<'_>, value: &str, telling: &mut Telling<'_, '_>) {
    // Models with SupportedDataModel leave it empty.
    if value.is_empty() {
        return;
    }
    if let Err(what) = summary(value, entry.root.name()) {
        telling.tell(
            &SUMMARY,
            entry.at_value(),
            entry.name,
            Severity::Error,
            || {
                let shown: String = value.chars().take(SHOWN_MAX).collect();
                format!("in '{shown}' {what}")
            },
        );
    }
}

/// `Root:1.0[](Profile:1, ...), Service:1.0[1](Profile:1, ...)`.
fn summary(value: &str, root: &str) -> Result<(), &'static str> {
    let mut rest = value.trim();
    let mut first = true;
    loop {
        let (name, behind) = rest.split_once(':').ok_or("an object has no version")?;
        if first && name.trim() != root {
            return Err("the first object is not the root");
        }
        if !is_name(name.trim()) {
            return Err("an object has no name");
        }
        let (version, behind) = behind.split_once('[').ok_or("brackets are missing")?;
        if !is_version(version.trim()) {
            return Err("a version is not of the form 1.0");
        }
        let (instances, behind) = behind.split_once(']').ok_or("a bracket is not closed")?;
        if first && !instances.is_empty() {
            return Err("the brackets of the root are not empty");
        }
        if !is_count(instances) {
            return Err("the brackets hold no number");
        }
        let behind = behind.trim_start();
        let behind = behind.strip_prefix('(').ok_or("profiles are missing")?;
        let (profiles, behind) = behind.split_once(')').ok_or("profiles have no end")?;
        if !are_profiles(profiles) {
            return Err("a profile is not of the form Name:1");
        }
        let behind = behind.trim();
        if behind.is_empty() {
            return Ok(());
        }
        rest = behind.strip_prefix(',').ok_or("a comma is missing")?;
        first = false;
    }
}

fn is_name(name: &str) -> bool {
    let fits = |one: char| one.is_alphanumeric() || matches!(one, '_' | '-' | '.');
    name.starts_with(|first: char| first.is_alphabetic() || first == '_') && name.chars().all(fits)
}

fn is_version(version: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = version.split_once('.');
    parts.is_some_and(|(major, minor)| number(major) && number(minor))
}

/// Nothing, or a number from 1 with or without a plus.
fn is_count(instances: &str) -> bool {
    let digits = instances.strip_prefix('+').unwrap_or(instances);
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    instances.is_empty() || (!digits.is_empty() && number)
}

fn are_profiles(profiles: &str) -> bool {
    let is_profile = |profile: &str| {
        let parts = profile.trim().split_once(':');
        parts.is_some_and(|(name, version)| {
            let number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
            is_name(name) && number
        })
    };
    profiles.trim().is_empty() || profiles.split(',').all(is_profile)
}

/// Characters of a summary that are shown.
const SHOWN_MAX: usize = 120;

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn the_examples_of_tr_106_are_summaries() {
        for fine in [
            "InternetGatewayDevice:1.0[](Baseline:1)",
            "InternetGatewayDevice:1.1[](Baseline:1), VoiceService:1.0[1](Baseline:1)",
            "Device:1.0[](Baseline:1), VoiceService:1.0[2](Endpoint:1, SIPEndpoint:1), X_EXAMPLE-COM_Service:1.0[+4]()",
        ] {
            let root = fine.split(':').next().unwrap_or_default();
            assert_eq!(summary(fine, root), Ok(()), "{fine}");
        }
        for broken in [
            "Device-1.1 Baseline",
            "Device:1.0(Baseline:1)",
            "Device:1[](Baseline:1)",
            "Device:1.0[](Baseline)",
            "Device:1.0[](Baseline:1) VoiceService:1.0[1](Endpoint:1)",
            "Device:1.0[](Baseline:1), VoiceService:1.0[0](Endpoint:1)",
        ] {
            assert!(summary(broken, "Device").is_err(), "{broken}");
        }
    }
}
