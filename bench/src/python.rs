//! Peers written in Python, each pinned, from PyPI into a virtual environment of the benchmarks' own.

use std::{path::PathBuf, process::Stdio};

use tokio::process::Command;

use crate::{Outcome, process::target};

/// The path of a program of that package, which is installed first where it is missing.
pub(crate) async fn installed(package: &str, program: &str) -> Outcome<PathBuf> {
    let venv = target()?.join("bench/venv");
    let path = venv.join("bin").join(program);
    if path.exists() {
        return Ok(path);
    }
    println!("installing {package} …");
    if !venv.join("bin/pip").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv)).await?;
    }
    run(Command::new(venv.join("bin/pip")).args(["install", "--quiet", package])).await?;
    Ok(path)
}

async fn run(command: &mut Command) -> Outcome {
    let status = command.stdout(Stdio::null()).status().await?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}
