//! What a command costs as a whole process: time on the clock, time of a processor, and the most memory it had.
//!
//! A process of two milliseconds is too short for one reading, so the same command runs many times. The kernel adds up
//! the processor time of all children of a process, in microseconds, and keeps the peak of the largest; so each series
//! runs under a process of its own, which is this program again. That one stays small: until it becomes the command, a
//! child counts with the memory of its parent.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use nix::sys::{
    resource::{Usage, UsageWho, getrusage},
    time::{TimeVal, TimeValLike as _},
};
use serde_json::{Value, json};

use crate::{
    Outcome,
    process::{median, now, sibling},
};

/// One run of a command.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// The median of the runs.
    pub(crate) wall_ms: f64,
    /// User and system, the mean of the runs.
    pub(crate) cpu_ms: f64,
    /// The largest of the runs.
    pub(crate) peak_mib: f64,
}

/// Runs a command so many times, in an environment of just these variables.
pub(crate) async fn measure(
    program: &Path,
    words: &[String],
    environment: &[(String, String)],
    runs: usize,
) -> Outcome<Cost> {
    let mut meter = tokio::process::Command::new(sibling("switchboard-bench")?);
    meter.arg("meter").arg(runs.to_string()).arg(program).args(words);
    meter.env_clear().envs(environment.iter().cloned()).stderr(Stdio::inherit());
    let output = meter.output().await?;
    if !output.status.success() {
        return Err(format!("{} {} could not be measured", program.display(), words.join(" ")).into());
    }
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| told[name].as_f64().ok_or_else(|| format!("no {name} in {told}"));
    Ok(Cost { wall_ms: number("wall_ms")?, cpu_ms: number("cpu_ms")?, peak_mib: number("peak_mib")? })
}

/// The process that runs the children and tells what they cost: `meter RUNS PROGRAM WORD…`.
pub(crate) fn run(mut words: impl Iterator<Item = String>) -> Outcome {
    let runs: u32 = words.next().ok_or("how often?")?.parse()?;
    let program = words.next().ok_or("which program?")?;
    let words: Vec<String> = words.collect();
    let mut command = Command::new(&program);
    command.args(&words).stdin(Stdio::null()).stdout(Stdio::null());
    let mut wall_ms = Vec::new();
    for _ in 0..runs {
        let started = now();
        let status = command.status()?;
        wall_ms.push(started.elapsed().as_secs_f64() * 1e3);
        if !status.success() {
            return Err(format!("{program} {}: {status}", words.join(" ")).into());
        }
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    println!(
        "{}",
        json!({
            "wall_ms": median(wall_ms),
            "cpu_ms": cpu_us(&usage) / 1e3 / f64::from(runs),
            // Linux counts it in KiB.
            "peak_mib": usage.max_rss() as f64 / 1_024.0,
        })
    );
    Ok(())
}

fn cpu_us(usage: &Usage) -> f64 {
    let us = |time: TimeVal| time.num_microseconds() as f64;
    us(usage.user_time()) + us(usage.system_time())
}
