//! The TOML file: its values become the defaults of the flags of the same name.

use std::{fs, path::Path};

use clap::{Arg, ArgAction, Command, error::ErrorKind};
use toml::{Table, Value};

/// Reads the file and gives each value to the flag that it is for.
pub(super) fn as_defaults(mut command: Command, path: &Path) -> Result<Command, clap::Error> {
    let read = fs::read_to_string(path).map_err(|error| error.to_string());
    let table = read.and_then(|text| text.parse::<Table>().map_err(|error| error.to_string()));
    let settings = table.and_then(|table| settings(&command, table));
    match settings {
        Ok(settings) => Ok(settings
            .into_iter()
            .fold(command, |command, (id, values)| command.mut_arg(id, |arg| arg.default_values(values)))),
        Err(why) => Err(command.error(ErrorKind::Io, format!("{}: {why}", path.display()))),
    }
}

/// The id of each flag that the file speaks of, and what it says, as it would stand on the command line.
fn settings(command: &Command, table: Table) -> Result<Vec<(String, Vec<String>)>, String> {
    table
        .into_iter()
        .map(|(key, value)| {
            let named = |arg: &&Arg| arg.get_long() == Some(&key) && arg.get_id() != "config";
            let arg = command.get_arguments().find(named).ok_or_else(|| format!("{key}: there is no such setting"))?;
            let values = texts(value, matches!(arg.get_action(), ArgAction::Append))
                .ok_or_else(|| format!("{key}: expected {}", expectation(arg)))?;
            Ok((arg.get_id().to_string(), values))
        })
        .collect()
}

/// A value as it would stand on the command line. A table is what a flag takes as `KEY=VALUE`.
fn texts(value: Value, many: bool) -> Option<Vec<String>> {
    match value {
        Value::Array(values) if many => values.into_iter().map(text).collect(),
        Value::Table(table) if many => {
            table.into_iter().map(|(key, value)| text(value).map(|value| format!("{key}={value}"))).collect()
        }
        value => text(value).map(|text| vec![text]),
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Float(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

fn expectation(arg: &Arg) -> &'static str {
    match arg.get_action() {
        ArgAction::Append => "a text, or a list of texts",
        _ => "a text, a whole number, or true or false",
    }
}
