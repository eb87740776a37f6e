//! `NOTES.md` and `credentials.toml` of a story.

use std::fmt::Write;

use super::truth::{Session, Truth, texts};
use super::{Story, Telling};
use crate::clean::device::percent_encoded;
use crate::clean::story::Story as Conversation;

pub fn notes(story: &Story) -> String {
    let (vendor, plot) = (story.vendor, story.plot);
    let found = plot.breach.found.iter();
    let found: Vec<String> = found
        .map(|(code, blame)| format!("`{code}` by {blame}"))
        .collect();
    let foretold = match plot.foretold {
        [] => "`informant check` finds nothing in it.".to_owned(),
        codes => format!(
            "`informant check` finds what the document foretells: `{}`.",
            codes.join("`, `")
        ),
    };
    format!(
        "# {}: {}\n\n{}\n\n\
         The document ({}) says so under: {}.\n\n\
         ## What to look at\n\n{}\n{foretold}\n\n\
         ## What is broken in the other\n\n{} All else is told as above, in these frames:\n\n{}\n\
         `informant check broken.pcapng` has to say: {}.\n\n\
         ```\n{}```\n\n{ORIGIN}{}\n\n## Licence\n\nApache-2.0, as the project.\n",
        vendor.name,
        plot.title,
        plot.says,
        vendor.document,
        plot.place,
        table(&story.whole),
        plot.breach.why,
        table(&story.broken),
        found.join(", "),
        commands(story),
        passwords(&story.whole.conversation),
    )
}

/// The commands, with the profile where it has to be told, and the session in which the story happens.
fn commands(story: &Story) -> String {
    let commands = COMMANDS.replace("SESSION", &busiest(&story.whole.truth).to_string());
    let Some(profile) = story.vendor.told_profile() else {
        return commands;
    };
    let told = format!("credentials.toml --profile {profile}");
    commands.replace("credentials.toml", &told)
}

/// The number of the session in which the ACS asks for most; the first of those.
fn busiest(truth: &Truth) -> usize {
    let asked = |session: &Session| {
        let by_acs = session.envelopes.iter().filter(|(from, ..)| *from == "acs");
        by_acs
            .filter(|(_, name, _)| !name.ends_with("Response"))
            .count()
    };
    let numbered = truth.sessions.iter().enumerate().rev();
    let most = numbered.max_by_key(|(_, session)| asked(session));
    most.map_or(1, |(at, _)| at + 1)
}

fn table(telling: &Telling) -> String {
    let mut text = "| frames | what |\n| --- | --- |\n".to_owned();
    for (first, last, what) in &telling.marks {
        writeln!(text, "| {first}-{last} | {what} |").expect("a string takes all");
    }
    text
}

fn passwords(conversation: &Conversation) -> String {
    let accounts = conversation.accounts.iter().map(|account| {
        format!(
            "\n- `{}`: the ACS asks it for `{}` / `{}`, it asks the ACS for `{}` / `{}`",
            account.device,
            account.acs.0,
            account.acs.1,
            account.connection_request.0,
            account.connection_request.1
        )
    });
    accounts.collect()
}

/// The accounts as `--credentials` reads them.
pub fn credentials(conversation: &Conversation) -> String {
    let mut text = String::new();
    for account in &conversation.accounts {
        let section = match conversation.accounts.as_slice() {
            [_] => "default".to_owned(),
            _ => format!("device.\"{}\"", account.device),
        };
        let gap = if text.is_empty() { "" } else { "\n" };
        writeln!(text, "{gap}[{section}]").expect("a string takes all");
        let all = [
            ("acs", &account.acs),
            ("connection_request", &account.connection_request),
            ("stun", &account.stun),
        ];
        for (name, (user, password)) in all {
            writeln!(
                text,
                "{name} = {{ user_name = \"{user}\", password = \"{password}\" }}"
            )
            .expect("a string takes all");
        }
    }
    text
}

/// Who sends this Inform, as the outputs name it (TR-069 Amendment 3 section 3.4.4).
pub fn device_id(inform: &str) -> String {
    let of = |name| texts(inform, name).into_iter().next().unwrap_or_default();
    let fields = [of("OUI"), of("ProductClass"), of("SerialNumber")];
    let fields = fields.iter().filter(|field| !field.is_empty());
    let fields: Vec<String> = fields.map(|field| percent_encoded(field)).collect();
    fields.join("-")
}

const COMMANDS: &str = "informant flow capture.pcapng\n\
    informant check capture.pcapng --credentials credentials.toml\n\
    informant check broken.pcapng --credentials credentials.toml\n\
    informant scenario new capture.pcapng --session SESSION --as acs -o acs\n";
const ORIGIN: &str = "## Origin\n\n\
    Generated, all of it, these notes too, by `tests/support/devices`; `make bless` writes it again, with the same bytes. No\n\
    phone, ACS or person was recorded: the device does what its vendor's document describes, and the rest as TR-069 has it.\n\
    Addresses and names are those that RFC 5737, RFC 7042 and RFC 2606 set aside for documentation, or private; the serial\n\
    numbers are invented, and so are the passwords, which are nobody's:\n";
