//! A message: as a tree of parameters, as XML, or as it was sent; what the rule book says of it stands below, and is
//! underlined where it is.

use std::collections::{HashMap, HashSet};

use super::{Scene, lines, markup};
use crate::cli::tui::opened::Item;
use crate::report::escape;
use crate::report::paint::wrapped;
use crate::report::text::{Detail, Leaf};
use crate::session::{Finding, Message, Part, Position, Severity};
use crate::tui::{Form, Ink, Line, Page, Stop, Target, Yank};

/// The page of the item at this place.
///
/// # Errors
///
/// Where there is none.
pub(super) fn page(scene: &Scene<'_>, at: usize, form: Form) -> Result<Page, String> {
    let items = &scene.opened.items;
    let item = items
        .get(at)
        .ok_or("this is the last message of the session")?;
    let title = format!("{}  message {} of {}", scene.title(), at + 1, items.len());
    let mut page = Page {
        title,
        ..Page::default()
    };
    match item {
        Item::Message(message, number) => {
            of_message(scene, message, *number, form, &mut page);
        }
        Item::Datagram(datagram) => {
            let mut out = String::new();
            let show = scene.show(Detail::Decoded);
            show.datagram(scene.opened.session.start, datagram, &mut out);
            page.lines = lines(out.trim_start_matches('\n'));
        }
    }
    Ok(page)
}

fn of_message(
    scene: &Scene<'_>,
    message: &Message,
    number: Option<usize>,
    form: Form,
    page: &mut Page,
) {
    let findings = shown_by(scene, message);
    let detail = match form {
        Form::Sent => Detail::Raw,
        Form::Tree | Form::Markup => Detail::Headers,
    };
    let start = scene.opened.session.start;
    let show = scene.show(detail);
    let mut out = String::new();
    show.message(number, start, message, &mut out);
    page.lines = lines(out.trim_start_matches('\n'));
    if form == Form::Markup {
        markup::replace_tree(scene, message, &findings, page);
    } else {
        mark_paths(&findings, page);
    }
    mark_head(&findings, message, page);
    if form != Form::Sent {
        let leaves = show.leaves(message);
        stops_of(&leaves, scene.opened.session.number, form, page);
        fit(page, scene.look.width, form == Form::Tree);
    }
    if form == Form::Markup {
        // Behind the start line, which is seen anyway.
        let mut lines = page.lines.iter().skip(1);
        let first = lines.position(Line::is_marked);
        page.first = first.map_or(0, |line| line + 1);
    }
    told(&findings, message, scene.look.width, page);
}

/// What the rule book says of a message: what it is the last to show.
fn shown_by<'a>(scene: &Scene<'a>, message: &Message) -> Vec<&'a Finding> {
    let frames = message.provenance.frames();
    let shows = |finding: &&Finding| {
        let mut here = finding.occurrences.iter();
        here.any(|one| {
            one.session == message.session
                && one.frames.last().is_some_and(|last| frames.contains(last))
        })
    };
    scene.findings.iter().copied().filter(shows).collect()
}

/// Where a finding points, if it was first seen in this message.
pub(super) fn position(finding: &Finding, message: &Message) -> Option<Position> {
    let frames = message.provenance.frames();
    let first = finding.frames().last()?;
    finding.position.filter(|_| frames.contains(first))
}

/// Underlines header fields that findings point at.
fn mark_head(findings: &[&Finding], message: &Message, page: &mut Page) {
    let head = message.http.view().raw();
    for finding in findings {
        let Some(position) = position(finding, message).filter(|at| at.part == Part::Head) else {
            continue;
        };
        let before = head.get(..position.offset as usize).unwrap_or(head);
        let start = before.iter().rposition(|byte| *byte == b'\n');
        let line = head.get(start.map_or(0, |at| at + 1)..).unwrap_or_default();
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        let is_field = |line: &&mut Line| {
            let text = line.text();
            text.trim_start()
                .strip_prefix(name.as_str())
                .is_some_and(|rest| rest.starts_with(':'))
        };
        if position.line == 1 {
            page.lines.first_mut().into_iter().for_each(Line::mark);
        } else if let Some(line) = page.lines.iter_mut().find(is_field) {
            line.mark();
        }
    }
}

/// Underlines what has the path that a finding is about.
fn mark_paths(findings: &[&Finding], page: &mut Page) {
    let paths = findings.iter().filter_map(|one| one.path.as_deref());
    let paths: Vec<&str> = paths.filter(|path| !path.is_empty()).collect();
    if paths.is_empty() {
        return;
    }
    for line in &mut page.lines {
        let text = line.text();
        let Some(word) = text.split_whitespace().next() else {
            continue;
        };
        if paths.iter().any(|path| is_of_path(word, path)) {
            line.mark();
        }
    }
}

/// Whether a name is of this path, in which `{i}` stands for any number.
fn is_of_path(name: &str, path: &str) -> bool {
    let mut parts = name.split('.');
    let mut wanted = path.split('.');
    loop {
        match (parts.next(), wanted.next()) {
            (None, None) => return true,
            (Some(part), Some("{i}")) if part.bytes().all(|byte| byte.is_ascii_digit()) => {}
            (Some(part), Some(wanted)) if part == wanted => {}
            _ => return false,
        }
    }
}

/// The lines that have each of these names in them as a word, ascending.
fn lines_with<'n>(names: &HashSet<&'n str>, lines: &[Line]) -> HashMap<&'n str, Vec<usize>> {
    let is_of_name =
        |one: char| one.is_alphanumeric() || matches!(one, '.' | '_' | '-' | '{' | '}');
    let mut found: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        let text = line.text();
        for word in text.split(|one| !is_of_name(one)) {
            if let Some(name) = names.get(word) {
                found.entry(name).or_default().push(at);
            }
        }
    }
    found
}

/// Lines that are too wide go on below; in a tree they lose the blanks that align them first. Stops stay with their lines.
fn fit(page: &mut Page, width: usize, is_tree: bool) {
    let lines = std::mem::take(&mut page.lines);
    let mut stops = page.stops.iter_mut().peekable();
    for (at, line) in lines.into_iter().enumerate() {
        let begin = page.lines.len();
        while let Some(stop) = stops.next_if(|stop| stop.line <= at) {
            stop.line = begin;
        }
        if line.width() <= width {
            page.lines.push(line);
            continue;
        }
        let line = if is_tree { line.squeezed() } else { line };
        if width <= BEHIND {
            page.lines.push(line);
            continue;
        }
        page.lines.extend(line.folded(width, BEHIND));
    }
}

/// What can be copied of each line: values stand in the lines in their order.
fn stops_of(leaves: &[Leaf], session: u32, form: Form, page: &mut Page) {
    let names = leaves.iter().map(|leaf| leaf.path.as_str()).collect();
    let places = lines_with(&names, &page.lines);
    let mut behind = 0;
    for leaf in leaves {
        // What is drawn otherwise than it is listed does not take the others with it.
        let Some(&line) = places.get(leaf.path.as_str()).and_then(|lines| {
            let at = lines.partition_point(|line| *line < behind);
            lines.get(at)
        }) else {
            continue;
        };
        behind = line + 1;
        let filter = if leaf.is_parameter {
            format!("parameter == \"{}\"", leaf.path)
        } else {
            format!("session == {session}")
        };
        let yank = Yank {
            value: Some(leaf.value.clone()),
            path: Some(leaf.path.clone()),
            filter: Some(filter),
        };
        page.stops.push(Stop {
            line,
            target: None,
            yank: yank.clone(),
        });
        // In XML the value of a parameter has a line of its own.
        let below = page.lines.get(line + 1).filter(|_| form == Form::Markup);
        if below
            .is_some_and(|line| leaf.is_parameter && line.text().trim_start().starts_with("<Value"))
        {
            behind = line + 2;
            page.stops.push(Stop {
                line: line + 1,
                target: None,
                yank,
            });
        }
    }
}

/// The findings below the message, each leading to its rule.
fn told(findings: &[&Finding], message: &Message, width: usize, page: &mut Page) {
    let frames = message.provenance.frames();
    if findings.is_empty() {
        return;
    }
    page.lines.push(Line::default());
    for finding in findings {
        let words = format!(
            "! {} {} {}: {}",
            finding.severity.name(),
            finding.code,
            finding.blame.words(),
            escape::text(&finding.message_in(message.session, &frames))
        );
        page.stops.push(Stop {
            line: page.lines.len(),
            target: Some(Target::Rule(finding.code.to_owned())),
            yank: Yank {
                value: Some(finding.code.to_owned()),
                path: finding
                    .path
                    .clone()
                    .map(|path| escape::text(&path).into_owned()),
                filter: Some(format!("finding.code == {}", finding.code)),
            },
        });
        let ink = match finding.severity {
            Severity::Error => Ink::Fault,
            Severity::Warning => Ink::Warning,
            Severity::Info => Ink::Dim,
        };
        for text in wrapped(&words, width) {
            page.lines.push(Line::of(ink, text));
        }
    }
}

/// All messages of the session, one below the other.
pub(super) fn all(scene: &Scene<'_>) -> Page {
    let session = &scene.opened.session;
    let show = scene.show(Detail::Decoded);
    let mut page = Page {
        title: scene.title(),
        ..Page::default()
    };
    let mut out = String::new();
    show.session(session, &mut out);
    if scene.is_judged {
        show.verdict(&scene.findings, &mut out);
    }
    page.lines = lines(&out);
    for (at, item) in scene.opened.items.iter().enumerate() {
        let mut out = String::new();
        match item {
            Item::Message(message, number) => {
                show.message(*number, session.start, message, &mut out);
                show.findings(&scene.findings, message, &mut out);
            }
            Item::Datagram(datagram) => show.datagram(session.start, datagram, &mut out),
        }
        // Each begins with an empty line.
        page.stops.push(Stop {
            line: page.lines.len() + 1,
            target: Some(Target::Message {
                session: session.number,
                at,
            }),
            yank: Yank::default(),
        });
        page.lines.extend(lines(&out));
    }
    page
}

/// Columns before what goes on below.
const BEHIND: usize = 9;
