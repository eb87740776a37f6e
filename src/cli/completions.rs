//! `informant completions`: what clap makes of the grammar, and for `-Y` a question to the program itself.

use clap::CommandFactory;
use clap_complete::Shell;

use super::arguments::Arguments;
use super::exit::{FINE, Trouble};
use super::output::Sink;

pub(super) fn run(shell: Shell) -> Result<u8, Trouble> {
    let mut sink = Sink::stdout();
    let _ = sink.text(&script(shell));
    sink.finish().map(|()| FINE)
}

fn script(shell: Shell) -> String {
    // The generators offer what is hidden as well.
    let mut command = Arguments::command().mut_subcommand("filter", |filter| {
        let about = filter.get_about().cloned().unwrap_or_default();
        clap::Command::new("filter").about(about)
    });
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "informant", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let with_commands = |text: &str, between: &str| text.replace("COMMANDS", &filtered(between));
    match shell {
        Shell::Bash => script + &with_commands(BASH, "|"),
        Shell::Zsh => script
            .replacen('\n', &with_commands(ZSH, "|"), 1)
            .replace(":EXPRESSION:_default", ":EXPRESSION:_informant_filter"),
        Shell::Fish => script + &with_commands(FISH, " "),
        _ => script,
    }
}

/// The commands that take a display filter.
fn filtered(between: &str) -> String {
    let grammar = Arguments::command();
    let commands = grammar.get_subcommands();
    let takes_one = |command: &&clap::Command| {
        let mut known = command.get_arguments();
        known.any(|known| known.get_short() == Some('Y'))
    };
    let names = commands.filter(takes_one).map(clap::Command::get_name);
    names.collect::<Vec<_>>().join(between)
}

/// Stands around the function that clap wrote.
const BASH: &str = r#"
# What the expression of -Y may go on to, informant itself knows.
_informant_or_filter() {
    local flag="$3" word="${COMP_WORDS[COMP_CWORD]}" command= one line
    [[ $flag == "=" ]] && flag="${COMP_WORDS[COMP_CWORD - 2]}"
    if [[ $flag != "-Y" && $flag != "--filter" ]]; then
        _informant "$@"
        return
    fi
    compopt +o default +o bashdefault 2>/dev/null
    COMPREPLY=()
    for one in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$one" in COMMANDS) command="$one"; break ;; esac
    done
    while IFS= read -r line; do
        # Outside quotes a blank or a sign would end the word.
        [[ $word == [\'\"]* || $line != *[!a-z_.]* ]] && COMPREPLY+=("$line")
    done < <("$1" filter --complete "$command" "$2" 2>/dev/null)
    # A single answer would close the quotes; beside a second one that begins alike it does not.
    if [[ $word == [\'\"]* && ${#COMPREPLY[@]} -eq 1 ]]; then
        [[ ${COMPREPLY[0]} == *. ]] || COMPREPLY[0]+=" "
        COMPREPLY+=("${COMPREPLY[0]}...")
    fi
}
complete -F _informant_or_filter -o bashdefault -o default informant
complete -F _informant_or_filter -o nosort -o bashdefault -o default informant 2>/dev/null
"#;

/// Stands behind the first line, which says what the file completes: the last lines run it.
const ZSH: &str = r#"

# What the expression of -Y may go on to, informant itself knows.
_informant_filter() {
    local -a expressions
    local command=${words[(r)(COMMANDS)]} word=$PREFIX
    # Within quotes it comes without them.
    [[ -n $compstate[quoting] ]] || word=${(Q)PREFIX}
    expressions=("${(@f)$(_call_program expressions informant filter --complete ${(qq)command} ${(qq)word})}")
    compadd -S '' -a expressions
}
"#;

const FISH: &str = r#"
# What the expression of -Y may go on to, informant itself knows.
function __fish_informant_filter
    set -l words (commandline -opc)
    set -l word (commandline -ct | string replace -r '^(--filter=|-Y)' '')
    if string match -qr '^["\']' -- $word
        set word (string sub -s 2 -- $word)
    else
        set word (string unescape -- $word)
    end
    set -l command
    for one in $words[2..-1]
        if contains -- $one COMMANDS
            set command $one
            break
        end
    end
    informant filter --complete "$command" "$word" 2>/dev/null
end
complete -c informant -s Y -l filter -x -a '(__fish_informant_filter)'
"#;
