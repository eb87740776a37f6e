//! Saves sessions: the same commands do it that people type, into a file that is not there yet, or may be replaced.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

#[cfg(feature = "live")]
use super::opened;
use super::packets;
use super::shared::Shared;
use crate::cli::arguments::{
    Check, CheckWhen, Files, Models, ScenarioNewArguments, ScenarioSide, ShowArguments, Shown,
    When, Writing,
};
use crate::cli::exit::Trouble;
use crate::cli::{scenario, show};
#[cfg(feature = "live")]
use crate::report::Transcript;
use crate::report::escape;
#[cfg(feature = "live")]
use crate::session::{Datagram, Message};
use crate::tui::{Kept, SaveForm, Saved};

/// Writes them, and says what became of it.
pub(super) fn save(
    shared: &Shared,
    sessions: &Kept,
    form: SaveForm,
    path: &Path,
    replace: bool,
) -> Saved {
    if path.symlink_metadata().is_ok() && !replace {
        return Saved::Exists;
    }
    let one = match sessions {
        Kept::These(sessions) => sessions.first().copied(),
        Kept::All => None,
    };
    let written = match (form, one) {
        #[cfg(feature = "live")]
        (SaveForm::Transcript, Some(session)) if shared.is_live() => heard(shared, session, path),
        (SaveForm::Pcapng, _) => packets::write(shared, sessions, path),
        (_, None) => Err(Trouble::Usage("this form holds one session".to_owned())),
        (SaveForm::Transcript, Some(session)) => transcript(shared, session, path),
        (SaveForm::ScenarioAcs, Some(session)) => {
            record(shared, session, ScenarioSide::Acs, path, replace)
        }
        (SaveForm::ScenarioCpe, Some(session)) => {
            record(shared, session, ScenarioSide::Cpe, path, replace)
        }
    };
    let name = escape::bytes(path.as_os_str().as_encoded_bytes()).into_owned();
    match written {
        Ok(words) if path.exists() => Saved::Written(format!("{name}: {words}")),
        Ok(_) => Saved::Failed(format!("{name}: nothing was written")),
        Err(trouble) => {
            let words = escape::text(&trouble.to_string()).into_owned();
            Saved::Failed(format!("{words}{}", rights(shared, &trouble)))
        }
    }
}

/// What is worth knowing where something is forbidden: root began it, and it is root no more.
fn rights(shared: &Shared, trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Output { source, .. }
            if shared.is_live() && source.kind() == ErrorKind::PermissionDenied =>
        {
            ": files go into the folder in which it was started, where the user that it has become may write"
        }
        _ => "",
    }
}

/// Why nothing can be saved in this form.
pub(super) fn refusal(shared: &Shared, form: SaveForm) -> Option<Trouble> {
    #[cfg(feature = "live")]
    if form == SaveForm::Pcapng && shared.is_live() {
        return packets::recording(shared).err();
    }
    let _ = (shared, form);
    None
}

fn transcript(shared: &Shared, session: u32, path: &Path) -> Result<String, Trouble> {
    let arguments = ShowArguments {
        positional: vec![PathBuf::from(session.to_string())],
        read: shared.paths.clone(),
        message: None,
        raw: false,
        verbose: false,
        filter: None,
        reading: shared.reading.clone(),
        writing: Writing {
            output: Some(path.to_path_buf()),
            color: When::Never,
            show_secrets: shared.writing.show_secrets,
            quiet: true,
        },
        check: Check {
            check: CheckWhen::Never,
            models: Models {
                data_models: Vec::new(),
            },
        },
        format: Shown::Transcript,
    };
    show::run(&arguments)?;
    Ok(format!("session {session} as a transcript"))
}

/// A session that was heard, as a transcript.
#[cfg(feature = "live")]
fn heard(shared: &Shared, session: u32, path: &Path) -> Result<String, Trouble> {
    let opened = held(shared, session)?;
    let mut messages: Vec<&Message> = opened.messages().collect();
    messages.sort_by_key(|message| message.provenance.started);
    let datagrams: Vec<&Datagram> = opened
        .items
        .iter()
        .filter_map(opened::Item::datagram)
        .collect();
    let all = messages.iter().copied();
    let mut out = String::new();
    let mut transcript =
        Transcript::begin(&opened.session, &datagrams, all, shared.masking(), &mut out);
    for message in &messages {
        transcript.message(message, &mut out);
    }
    transcript.end(&opened.session, &mut out);
    std::fs::write(path, out).map_err(|source| Trouble::Output {
        path: path.display().to_string(),
        source,
    })?;
    Ok(format!("session {session} as a transcript"))
}

/// A session that was heard, of which nothing is forgotten.
#[cfg(feature = "live")]
fn held(shared: &Shared, session: u32) -> Result<opened::Opened, Trouble> {
    let wanted = super::desk::Wanted::always();
    let opened = opened::open(shared, &wanted, session).map_err(Trouble::Usage)?;
    if opened.left_out > 0 {
        let words = format!(
            "session {session}: {} messages are not held any more",
            opened.left_out
        );
        return Err(Trouble::Usage(words));
    }
    Ok(opened)
}

fn record(
    shared: &Shared,
    session: u32,
    role: ScenarioSide,
    path: &Path,
    force: bool,
) -> Result<String, Trouble> {
    let arguments = ScenarioNewArguments {
        files: Files {
            files: Vec::new(),
            read: shared.paths.clone(),
        },
        session,
        role,
        output: path.to_path_buf(),
        force,
        until_session: None,
        transaction: false,
        allow: Vec::new(),
        reading: shared.reading.clone(),
        quiet: true,
    };
    #[cfg(feature = "live")]
    if let Some(heard) = shared.heard() {
        held(shared, session)?;
        let options = shared.options(true, true);
        scenario::of_outputs(&arguments, |take| {
            heard.read(Some(session), &options, take);
        })?;
        return Ok(format!("session {session} as a scenario"));
    }
    let code = scenario::record(&arguments)?;
    if code != crate::cli::exit::FINE && code != crate::cli::exit::INPUT {
        return Err(Trouble::Usage(format!(
            "no scenario can be made of session {session}"
        )));
    }
    Ok(format!("session {session} as a scenario"))
}
