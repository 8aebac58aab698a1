//! `cargo xtask man`: the manual pages of the command line, written into `target/man`.
//!
//! The binary writes its own pages (`switchboard man`), so that what `man` shows and what `switchboard … help` shows
//! have one source.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Builds the binary and has it write its pages.
///
/// # Errors
/// When cargo cannot be run.
pub(crate) fn run(root: &Path) -> Result<ExitCode, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let folder = root.join("target/man");
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--package", "switchboard", "--", "man"]).arg(&folder).current_dir(root);
    let status = command.status().map_err(|error| format!("cargo run: {error}"))?;
    if !status.success() {
        return Ok(ExitCode::FAILURE);
    }
    println!("man -l {}/switchboard.1", folder.display());
    Ok(ExitCode::SUCCESS)
}
