//! The project's own chores, run as `cargo xtask <name>`.

mod coverage;
mod man;
mod models;
mod pretty;
mod test;
mod tidy;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    run(std::env::args().skip(1)).unwrap_or_else(|message| {
        eprintln!("xtask: {message}");
        ExitCode::FAILURE
    })
}

fn run(mut args: impl Iterator<Item = String>) -> Result<ExitCode, String> {
    match args.next().as_deref() {
        Some("models") => models::run(&models::Options::parse(args)?).map(|()| ExitCode::SUCCESS),
        Some("test") => test::run(&test::Options::parse(args)?),
        Some("coverage") => coverage::run(&project_root()).map(|()| ExitCode::SUCCESS),
        Some("man") => man::run(&project_root()),
        Some("tidy") => tidy::run(),
        Some(other) => Err(format!("there is no task {other:?}\n{}", usage())),
        None => Err(usage()),
    }
}

fn usage() -> String {
    format!(
        "usage: cargo xtask models [--check] [--from BOTOCORE_DATA_DIR]\n       {}\n       cargo xtask coverage\n       cargo xtask man\n       cargo xtask tidy",
        test::USAGE
    )
}

/// The folder that holds the whole project.
fn project_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
