//! The project's own chores, run as `cargo xtask <name>`.

mod models;
mod pretty;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask models [--check] [--from BOTOCORE_DATA_DIR]";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: impl Iterator<Item = String>) -> Result<(), String> {
    match args.next().as_deref() {
        Some("models") => models::run(&models::Options::parse(args)?),
        Some(other) => Err(format!("there is no task {other:?}\n{USAGE}")),
        None => Err(USAGE.to_owned()),
    }
}
