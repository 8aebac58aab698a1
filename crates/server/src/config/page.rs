//! Whether `docs/configuration.md` says of every setting what its flag says: the tables there are this text.

use clap::{Arg, ArgAction, CommandFactory as _};

use super::Config;

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md"));

#[test]
fn the_page_holds_every_setting() {
    let expected = tables();
    assert!(PAGE.contains(&expected), "docs/configuration.md should hold these tables:\n\n{expected}");
}

/// A table for each heading of the help, in its order.
fn tables() -> String {
    let mut text = String::new();
    let mut heading = None;
    for arg in Config::command().get_arguments() {
        if arg.get_help_heading() != heading {
            heading = arg.get_help_heading();
            let start = if text.is_empty() { "" } else { "\n" };
            text +=
                &format!("{start}### {}\n\n| flag | variable | default | what it is |\n", heading.unwrap_or_default());
            text += "|---|---|---|---|\n";
        }
        text += &row(arg);
    }
    text
}

fn row(arg: &Arg) -> String {
    let flag = arg.get_long().unwrap_or_default();
    let value = arg.get_value_names().and_then(|names| names.first()).filter(|name| name.as_str() != "BOOL");
    let value = value.map(|value| format!(" {value}")).unwrap_or_default();
    let variable = arg.get_env().unwrap_or_default().to_string_lossy();
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    let many = if matches!(arg.get_action(), ArgAction::Append) { "…" } else { "" };
    format!("| `--{flag}{value}`{many} | `{variable}` | {} | {} |\n", defaults.join(" "), explanation(arg))
}

/// The help on one line, with what each possible value means.
fn explanation(arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let sentences: Vec<&str> = help.split("\n\n").map(|paragraph| paragraph.trim_end_matches('.')).collect();
    let mut text = sentences.join(". ").replace('|', "\\|") + ".";
    let meanings = arg.get_possible_values();
    for (name, help) in meanings.iter().filter_map(|value| Some((value.get_name(), value.get_help()?))) {
        text += &format!(" `{name}`: {help}.");
    }
    text
}
