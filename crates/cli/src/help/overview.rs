//! The pages above the operations: of the program, of a service, and of the program's own commands.

use switchboard_model::Service;

use super::globals;
use super::page::{Page, Text};
use super::texts::Texts;
use crate::catalog;
use crate::naming::kebab;

/// A command of our own: its name, how it is called, what it does in a line, and the rest.
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    usage: &'static [&'static str],
    pub(crate) summary: &'static str,
    text: &'static [&'static str],
    options: &'static [(&'static str, &'static str, &'static str)],
}

/// What the program can do besides calling operations. The first three are the server's: `--help` is their manual.
pub(crate) const VERBS: [Verb; 7] = [
    Verb {
        name: "serve",
        usage: &["switchboard serve [options]"],
        summary: "Serve Amazon Connect chat, the Participant Service and IVS Real-Time.",
        text: &["Every setting is explained by `switchboard serve --help`."],
        options: &[],
    },
    Verb {
        name: "demo",
        usage: &["switchboard demo [options]"],
        summary: "Serve from memory, with a small contact centre, and print what to try.",
        text: &["Every setting is explained by `switchboard demo --help`."],
        options: &[],
    },
    Verb {
        name: "env",
        usage: &["switchboard env [--data DIR]"],
        summary: "Print the environment for clients of the server, to be evaluated by a shell.",
        text: &["Every setting is explained by `switchboard env --help`."],
        options: &[],
    },
    Verb {
        name: "configure",
        usage: &[
            "switchboard configure [--profile <value>]",
            "switchboard configure list [--profile <value>]",
            "switchboard configure list-profiles",
            "switchboard configure get <name> [--profile <value>]",
            "switchboard configure set <name> <value> [--profile <value>]",
            "switchboard configure export-credentials [--format <value>] [--profile <value>]",
            "switchboard configure import --csv <value> [--skip-invalid] [--profile-prefix <value>]",
            "switchboard configure add-model --service-model <value> [--service-name <value>]",
        ],
        summary: "Show and change the shared files of settings and keys.",
        text: &[
            "Alone, it asks for the keys, the region and the output format of a profile, and shows what they are now; \
             Enter keeps a value.",
            "`list` prints the profile, the keys and the region in use, and where each comes from. `get` prints one \
             setting; when there is none it prints nothing and ends with 1. `set` writes one. A name is that of a key \
             in the file, such as `region`; `profile.dev.region` names one of another profile, and `a.b` one that is \
             nested in `a`.",
            "`get` and `set` take `--services` and `--sso-session` with the name of a section that is no profile.",
            "`export-credentials` prints the credentials that a call would be signed with: as the JSON that a \
             `credential_process` prints (`process`, which is the usual format), or as variables for a shell (`env`, \
             `env-no-export`, `powershell`, `windows-cmd`, `fish`).",
            "`import` makes a profile of each line of the CSV with keys that the console of AWS gives: \
             `--csv file://credentials.csv`. `--skip-invalid` passes over lines without a key, and \
             `--profile-prefix` stands before each profile's name.",
            "`add-model` keeps the model of another service, `--service-model file://service-2.json`, in \
             `~/.aws/models`: from then on it is a command, here and of `aws`.",
            "Keys go to the file that `AWS_SHARED_CREDENTIALS_FILE` names, else `~/.aws/credentials`; everything else \
             to the one of `AWS_CONFIG_FILE`, else `~/.aws/config`. A file that is made is its owner's only. \
             Comments, order and everything that is not changed stay as they are.",
        ],
        options: &[],
    },
    Verb {
        name: "tail",
        usage: &["switchboard tail <contact-id | stage-arn> [--json] [global options]"],
        summary: "Follow a chat or a stage live in the terminal.",
        text: &[
            "A chat: joins it as a silent supervisor, whom nobody else sees, prints what was said so far and then \
             every item as it comes: its time, the role and the name of who it is from, and its text. It ends when the \
             chat does.",
            "A stage: prints who is there, and then who comes, goes, begins or ends to publish, or mutes themselves: \
             the time when it was heard, what has happened, the participant's id, user id and attributes. To listen \
             it takes part in the stage, with the user id `switchboard tail`: others see it there, and the session \
             goes on as long as it does. It leaves itself out of what it prints, and ends when the stage is deleted.",
            "Ctrl-C leaves. A connection that breaks is made again, and nothing is missed or printed twice.",
            "It takes Switchboard's own server: AWS has no operation by which a program may listen to a chat.",
        ],
        options: &[(
            "--json",
            "boolean",
            "Prints one line of JSON each: an item as the chat socket carries it, or an event of a stage. So does \
             `--output json`.",
        )],
    },
    Verb {
        name: "complete",
        usage: &["switchboard complete bash|zsh|fish"],
        summary: "Print the script that makes a shell complete switchboard's commands.",
        text: &[
            "bash: put `source <(switchboard complete bash)` into `~/.bashrc`.",
            "zsh: put `source <(switchboard complete zsh)` into `~/.zshrc`, behind `compinit`.",
            "fish: `switchboard complete fish > ~/.config/fish/completions/switchboard.fish`.",
            "Services, operations, options and the values an option may have are completed from the models; ids and \
             ARNs are asked from the server that the environment names, for at most a second and a half.",
        ],
        options: &[],
    },
    Verb {
        name: "man",
        usage: &["switchboard man <folder>"],
        summary: "Write these pages as manual pages into a folder.",
        text: &["The folder is made if it is not there; `man -l <folder>/switchboard.1` shows the first."],
        options: &[],
    },
];

/// The page of the whole program.
pub(crate) fn program() -> Page {
    let mut page = Page::new("switchboard");
    page.name("switchboard");
    let section = page.section("DESCRIPTION");
    section.paragraph(
        0,
        Text::plain(
            "Amazon Connect chat, the Participant Service, IVS Real-Time and Lex, served by your own machine; and a \
         command line for them that takes the place of aws.",
        ),
    );
    let section = page.section("SYNOPSIS");
    section.verbatim(1, ["switchboard [options] <command> <subcommand> [parameters]"]);
    section.paragraph(0, Text::marked(
        "`switchboard <command> help` tells more about a command, and `switchboard <service> <operation> help` about \
         an operation. A synopsis shows parameters and their use; what may be left out stands in square brackets.",
    ));
    globals::section(&mut page);
    let section = page.section("AVAILABLE COMMANDS");
    for verb in VERBS {
        section.term(0, Text::strong(verb.name));
        section.paragraph(1, Text::plain(verb.summary));
    }
    let section = page.section("AVAILABLE SERVICES");
    for name in catalog::names() {
        section.bullet(0, Text::plain(name));
    }
    let section = page.section("NOTICE");
    section.paragraph(0, Text::plain(
        "Not affiliated with Amazon. Amazon Connect, Amazon IVS and Amazon Lex are names of Amazon.com, Inc. or its \
         affiliates.",
    ));
    page
}

/// The page of a service: what it is, and its commands.
pub(crate) fn service(service: &Service, texts: &Texts) -> Page {
    let mut page = Page::new(&service.name);
    page.name(&service.name);
    let section = page.section("DESCRIPTION");
    section.paragraph(0, Text::plain(format!("{}, API version {}.", service.full_name, service.api_version)));
    for text in [texts.service(), texts.note()].into_iter().flatten() {
        section.paragraph(0, Text::marked(text));
    }
    let section = page.section("AVAILABLE COMMANDS");
    for name in commands(service) {
        section.bullet(0, Text::plain(name));
    }
    page
}

/// The words that may follow the name of a service, in the order of the alphabet.
pub(crate) fn commands(service: &Service) -> Vec<String> {
    let operations = service.operations.keys().map(|name| kebab(name));
    let mut names: Vec<_> = operations.filter(|name| catalog::operation(service, name).is_ok()).collect();
    names.push("help".to_owned());
    if !service.waiters.is_empty() {
        names.push("wait".to_owned());
    }
    names.sort();
    names
}

/// The page of a command of our own.
pub(crate) fn verb(verb: &Verb) -> Page {
    let mut page = Page::new(verb.name);
    page.name(verb.name);
    let section = page.section("DESCRIPTION");
    section.paragraph(0, Text::plain(verb.summary));
    for text in verb.text {
        section.paragraph(0, Text::marked(text));
    }
    page.section("SYNOPSIS").verbatim(1, verb.usage.iter().copied());
    if !verb.options.is_empty() {
        let section = page.section("OPTIONS");
        for (name, kind, text) in verb.options {
            section.entry(0, name, kind, text);
        }
    }
    page
}
