//! `informant man`: one page with every command, from the same table as parser and help.

use std::io;

use clap::CommandFactory;
use clap_mangen::Man;

use super::arguments::Arguments;
use super::exit::{FINE, Trouble};
use super::output::Sink;

pub(super) fn run() -> Result<u8, Trouble> {
    let mut sink = Sink::stdout();
    let page = page();
    let _ = sink.with(|writer| writer.write_all(&page?));
    sink.finish().map(|()| FINE)
}

fn page() -> io::Result<Vec<u8>> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let mut page = Vec::new();
    let main = Man::new(command.clone());
    main.render_title(&mut page)?;
    main.render_name_section(&mut page)?;
    main.render_synopsis_section(&mut page)?;
    main.render_description_section(&mut page)?;
    main.render_options_section(&mut page)?;
    page.extend_from_slice(b".SH COMMANDS\n");
    for subcommand in command.get_subcommands() {
        page.extend_from_slice(&section(subcommand)?);
    }
    page.extend_from_slice(SECTIONS.as_bytes());
    Ok(page)
}

/// A command's own page as a section of this one.
fn section(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut own = Vec::new();
    let man = Man::new(command.clone());
    man.render_synopsis_section(&mut own)?;
    man.render_description_section(&mut own)?;
    man.render_options_section(&mut own)?;
    let own = String::from_utf8_lossy(&own).into_owned();
    let mut section = format!(".SS {}\n", command.get_name());
    // Headings of headings: the parts of a command stand without titles of their own.
    for line in own.lines().filter(|line| {
        !line.starts_with(".SH") && !line.starts_with(".ie") && !line.starts_with(".el")
    }) {
        section.push_str(line);
        section.push('\n');
        if line.starts_with("\\fB") && line.contains("informant") {
            section.push_str(".PP\n");
        }
    }
    Ok(section.into_bytes())
}

const SECTIONS: &str = r#".SH "EXIT STATUS"
.TP
0
Fine.
.TP
1
Findings at or above \-\-fail\-on, or a replay that differs.
.TP
2
Usage, filter or configuration.
.TP
3
Input unreadable or cut short; what was whole is still printed.
.TP
4
Nothing to check: no CWMP, STUN or DHCP of ours in the input.
.TP
5
A peer, the network or a disk failed; a silent peer is one of them.
.TP
6
The guard of replays refused.
.TP
70
A defect of informant in at least one flow; the others are still analysed.
.SH ENVIRONMENT
.TP
NO_COLOR
Any value but the empty one: no colours, unless \-\-color always is given.
.TP
COLUMNS
Width of the output where standard output is no terminal.
.TP
LC_ALL, LC_CTYPE, LANG, TERM
Line art and letters beyond ASCII are written where the locale says UTF\-8 and the terminal is not dumb.
.SH EXAMPLES
.TP
informant phone.pcapng
What is in the capture, and what to look at next.
.TP
informant flow phone.pcapng 3
The ladder of session 3.
.TP
informant devices phone.pcapng 0004135E6F41
The story of the device with this serial number: how it is reached, and what came of attempts to do so.
.TP
informant list phone.pcapng \-T ndjson
Every session as a line of JSON.
"#;
