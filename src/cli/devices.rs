//! `informant devices`: one row for each device, or the story of one.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use super::arguments::{DevicesArguments, Records, files_and_device};
use super::exit::{self, Trouble};
use super::list::{item, list_end};
use super::output::{Sink, complain};
use super::reading::{Done, Source, end};
use super::screen;
use super::select::{self, Count};
use crate::report::{Choice, Teller, json, text};
use crate::session::{Device, Masking, Output};

pub(super) fn run(arguments: &DevicesArguments) -> Result<u8, Trouble> {
    let (paths, device) = files_and_device(&arguments.read, &arguments.positional);
    match device {
        Some(device) => one(arguments, &paths, &device),
        None => all(arguments, &paths),
    }
}

/// Counts of the Connection Requests to each device.
type Requests = HashMap<Arc<str>, json::RequestCounts>;

fn note(output: &Output, requests: &mut Requests) {
    if let Output::ConnectionRequest(request) = output
        && let Some(device) = &request.device
        && (requests.len() < DEVICES_MAX || requests.contains_key(device))
    {
        let counts = requests.entry(Arc::clone(device)).or_default();
        counts.note(request);
    }
}

fn counts(device: &Device, requests: &Requests) -> json::RequestCounts {
    requests.get(&device.device).copied().unwrap_or_default()
}

fn all(arguments: &DevicesArguments, paths: &[PathBuf]) -> Result<u8, Trouble> {
    let filter = select::parse(
        arguments.filter.as_deref(),
        select::DEVICES,
        &arguments.writing,
    )?;
    let mut sink = Sink::open(&arguments.writing, paths)?;
    let source = source(arguments, paths);
    let mut requests = Requests::new();
    let options = arguments.reading.options(false).learning();
    let done = source.read_as(&options, &mut |output| {
        note(&output, &mut requests);
        ControlFlow::Continue(())
    })?;
    let mut count = Count::default();
    let devices = done.summary.devices.iter().filter(|device| {
        let shown = filter.as_ref().is_none_or(|filter| filter.device(device));
        count.note(shown);
        shown
    });
    let shown: Vec<_> = devices
        .map(|device| (device, counts(device, &requests)))
        .collect();
    let setting = setting(arguments, paths);
    let _ = match arguments.format {
        Records::Text => {
            let look = screen::look(&arguments.writing);
            sink.text(&text::devices(&shown, setting.masking, look))
        }
        format => records(&shown, format, setting, &mut sink),
    };
    done.remark_on_nothing(&arguments.writing);
    count.remark_on_none(filter.as_ref(), "devices", &arguments.writing);
    Ok(end(&done, sink))
}

fn records(
    shown: &[(&Device, json::RequestCounts)],
    format: Records,
    setting: json::Setting,
    sink: &mut Sink,
) -> ControlFlow<()> {
    for (at, (device, requests)) in shown.iter().enumerate() {
        let record = json::line(&json::DeviceRecord::new(device, *requests, setting));
        sink.text(&item(&record, format, at == 0))?;
    }
    if format == Records::Json {
        sink.text(list_end(shown.is_empty()))?;
    }
    ControlFlow::Continue(())
}

fn one(arguments: &DevicesArguments, paths: &[PathBuf], wanted: &str) -> Result<u8, Trouble> {
    if arguments.filter.is_some() {
        return Err(Trouble::Usage(
            "with a DEVICE there is nothing for -Y to select".to_owned(),
        ));
    }
    let mut sink = Sink::open(&arguments.writing, paths)?;
    let setting = setting(arguments, paths);
    let mut teller = Teller::new(wanted, setting.masking);
    let mut requests = Requests::new();
    let mut options = arguments.reading.options(false).learning();
    options.datagrams = true;
    let mut done = source(arguments, paths).read_as(&options, &mut |output| {
        note(&output, &mut requests);
        teller.take(&output);
        ControlFlow::Continue(())
    })?;
    let devices = std::mem::take(&mut done.summary.devices);
    let device = match teller.choose(&devices) {
        Choice::One(device) => device,
        Choice::Several(fitting) => {
            let several = format!("'{wanted}' may be any of {} devices", fitting.len());
            return Ok(not_one(done, &several, &fitting));
        }
        Choice::None(near) => {
            let none = format!("no device of the capture has '{wanted}' in its id");
            return Ok(not_one(done, &none, &near));
        }
    };
    let story = teller.tell(device, &devices);
    let _ = match arguments.format {
        Records::Text => {
            let look = screen::look(&arguments.writing);
            sink.text(&text::story(device, &story, setting.several_files, look))
        }
        format => {
            let record = json::DeviceRecord::new(device, counts(device, &requests), setting);
            let record = record.with_story(&story, setting);
            let layout = match format {
                Records::Ndjson => json::Layout::Compact,
                Records::Json | Records::Text => json::Layout::Indented,
            };
            sink.with(|writer| json::write(&record, layout, writer))
        }
    };
    Ok(end(&done, sink))
}

/// Says which devices may have been meant.
fn not_one(mut done: Done, what: &str, devices: &[&Device]) -> u8 {
    let names: Vec<&str> = devices
        .iter()
        .take(NAMES_MAX)
        .map(|device| &*device.device)
        .collect();
    let more = devices.len().saturating_sub(NAMES_MAX);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    match names.as_slice() {
        [] => complain(&format!("{what}: it holds none")),
        names => complain(&format!("{what}: {}{more}", names.join(", "))),
    }
    done.codes.push(exit::USAGE);
    exit::first_of(&done.codes)
}

fn source<'a>(arguments: &'a DevicesArguments, paths: &'a [PathBuf]) -> Source<'a> {
    Source {
        paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: false,
        appears: false,
    }
}

fn setting(arguments: &DevicesArguments, paths: &[PathBuf]) -> json::Setting {
    json::Setting {
        several_files: paths.len() > 1,
        masking: Masking {
            show_secrets: arguments.writing.show_secrets,
        },
    }
}

/// Devices whose Connection Requests are counted, as many as the analysis remembers.
const DEVICES_MAX: usize = 1 << 16;
/// Devices named where it is not clear which is meant.
const NAMES_MAX: usize = 10;
