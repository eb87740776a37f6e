//! `informant scenario show`: the steps of a scenario as a table, and what it needs to be played.

mod record;

use record::{SecretRecord, ShowRecord, StepRecord};

use crate::cli::arguments::{Document, ScenarioShowArguments};
use crate::cli::exit::{self, Trouble};
use crate::cli::output::Sink;
use crate::cli::screen;
use crate::replay::scenario::read_directory;
use crate::report::columns::{Cell, Cells, Column, Columns};
use crate::report::escape;
use crate::report::json::{self, Layout};
use crate::report::paint::{Ink, Line, Look};
use crate::session::Masking;

pub(super) fn run(arguments: &ScenarioShowArguments) -> Result<u8, Trouble> {
    let path = &arguments.scenario;
    let scenario = read_directory(path).map_err(|problem| {
        let hint = "informant scenario lint tells all that is wrong";
        Trouble::Usage(format!("{}: {problem}\n{hint}", path.display()))
    })?;
    let masking = Masking {
        show_secrets: arguments.writing.show_secrets,
    };
    let record = ShowRecord::new(path, &scenario, masking);
    let mut sink = Sink::open(&arguments.writing, &[])?;
    let _ = match arguments.format {
        Document::Text => sink.text(&text(&record, screen::look(&arguments.writing))),
        Document::Json => sink.with(|writer| json::write(&record, Layout::Indented, writer)),
    };
    sink.finish()?;
    Ok(exit::FINE)
}

fn text(record: &ShowRecord, look: Look) -> String {
    let mut out = String::new();
    let mut title = Line::of(Ink::Bold, escape::text(&record.scenario).into_owned());
    title.push(Ink::Plain, "  plays the ");
    title.push(ink_of(record.role), record.role);
    let steps = record.steps.len();
    let many = if steps == 1 { "" } else { "s" };
    title.push(Ink::Plain, format!(", {steps} step{many}"));
    title.write(look, &mut out);
    for (name, value) in facts(record) {
        fact(name, Ink::Plain, &value, look, &mut out);
    }
    for secret in &record.secrets {
        let ink = if secret.present {
            Ink::Good
        } else {
            Ink::Fault
        };
        fact("secret", ink, &secret_words(secret), look, &mut out);
    }
    out.push('\n');
    table(&record.steps, look, &mut out);
    out
}

fn fact(name: &str, ink: Ink, value: &str, look: Look, out: &mut String) {
    let mut line = Line::of(Ink::Dim, format!("  {name:<9}"));
    line.push(ink, escape::text(value).into_owned());
    line.write(look, out);
}

fn facts(record: &ShowRecord) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(device) = &record.device {
        facts.push(("device", device.clone()));
    }
    if let Some(path) = &record.acs_path {
        facts.push(("ACS path", path.clone()));
    }
    if let Some(source) = &record.source {
        let sessions: Vec<String> = source.sessions.iter().map(u32::to_string).collect();
        let short: String = source.sha256.chars().take(SHA256_SHOWN).collect();
        let sessions = sessions.join(", ");
        facts.push((
            "source",
            format!("session {sessions} of the capture {short}"),
        ));
    }
    if let Some(scheme) = record.auth {
        facts.push(("auth", format!("HTTP {scheme}")));
    }
    let allow = match record.allow.as_slice() {
        [] => "nothing but reading".to_owned(),
        classes => classes.join(", "),
    };
    facts.push(("allows", allow));
    facts
}

/// `sip_password from SIP_PASSWORD, which is not set`.
fn secret_words(secret: &SecretRecord) -> String {
    let name = &secret.name;
    match (&secret.env, &secret.file, secret.present) {
        (Some(env), _, true) => format!("{name} from {env}, which is set"),
        (Some(env), None, false) => format!("{name} from {env}, which is not set"),
        (Some(env), Some(file), false) => {
            format!("{name} from {env}, which is not set, or the file {file}, which is not there")
        }
        (None, Some(file), true) => format!("{name} from the file {file}"),
        (None, Some(file), false) => format!("{name} from the file {file}, which is not there"),
        (None, None, _) => format!("{name} comes from nowhere: give `env` or `file`"),
    }
}

fn table(steps: &[StepRecord], look: Look, out: &mut String) {
    let columns = [
        Column::fixed("#", Cells::Number),
        Column::fixed("after", Cells::Number),
        Column::fixed("from", Cells::Text),
        Column::giving("step", Cells::Text, 1, 24, 12),
        Column::fixed("class", Cells::Text),
        Column::giving("with", Cells::Text, 2, 20, 8),
    ];
    let rows: Vec<Vec<Cell>> = steps.iter().map(row).collect();
    let columns = Columns::fitting(&columns, &rows, INDENT.len(), look);
    let mut push = |line: &Line| {
        out.push_str(INDENT);
        line.write(look, out);
    };
    push(&columns.heading());
    for row in &rows {
        push(&columns.row(row));
    }
}

fn row(step: &StepRecord) -> Vec<Cell> {
    let after = step.after_ms.map(|after| format!("+{after} ms"));
    let class = step.class.unwrap_or_default();
    let ink = match class {
        "destroy" => Ink::Fault,
        "disrupt" | "set" => Ink::Warning,
        _ => Ink::Dim,
    };
    let from = step.from.unwrap_or_default();
    vec![
        (Ink::Plain, step.step.to_string()),
        (Ink::Dim, after.unwrap_or_default()),
        (ink_of(from), from.to_owned()),
        (Ink::Plain, escape::text(&step.words()).into_owned()),
        (ink, class.to_owned()),
        (Ink::Dim, escape::text(&step.details()).into_owned()),
    ]
}

fn ink_of(side: &str) -> Ink {
    match side {
        "cpe" => Ink::Cpe,
        "acs" => Ink::Acs,
        _ => Ink::Plain,
    }
}

const INDENT: &str = "  ";
/// Digits of a capture's SHA-256 that tell it from others.
const SHA256_SHOWN: usize = 12;
