//! A server under measurement: started, asked what it used, stopped.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::Outcome;

/// Longest start of any server here; moto imports for seconds.
const START: Duration = Duration::from_secs(60);

/// A running server.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
    /// From the start of the process to its word that it is ready.
    pub(crate) ready_after: Duration,
}

/// The access key of every server here.
pub(crate) const ACCESS_KEY: (&str, &str) = ("AKIDBENCH", "secret");

impl Server {
    /// Switchboard, in that data directory or in memory.
    pub(crate) async fn switchboard(data: Option<&Path>) -> Outcome<Self> {
        let mut command = Command::new(sibling("switchboard")?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--media", "127.0.0.1:0"]);
        command.args(["--log", "warn", "--max-connections", "30000"]);
        command.args(["--access-key", &format!("{}:{}", ACCESS_KEY.0, ACCESS_KEY.1)]);
        if let Some(data) = data {
            command.arg("--data").arg(data);
        }
        Self::start(command, "switchboard ready http://").await
    }

    /// Starts a process and waits for the line that begins with `word`; its address follows.
    pub(crate) async fn start(mut command: Command, word: &str) -> Outcome<Self> {
        let started = now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let out = child.stdout.take().ok_or("no stdout")?;
        let mut lines = BufReader::new(out).lines();
        let address = timeout(START, async {
            while let Some(line) = lines.next_line().await? {
                if let Some(address) = line.strip_prefix(word) {
                    return Outcome::Ok(address.trim().to_owned());
                }
            }
            Err("it ended before it was ready".into())
        })
        .await??;
        let ready_after = started.elapsed();
        // Whatever it prints later is read and thrown away, so that it never waits for us.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, address, ready_after })
    }

    /// A server that was started some other way.
    pub(crate) fn of(child: Child, address: String) -> Self {
        Self { child, address, ready_after: Duration::ZERO }
    }

    /// CPU time that the process has used, user and system.
    pub(crate) fn cpu(&self) -> Outcome<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid()?))?;
        // After the name in brackets: state is field 3, utime 14, stime 15 (proc_pid_stat(5)).
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        let per_second = rustix::param::clock_ticks_per_second();
        Ok(Duration::from_micros((ticks(11) + ticks(12)) * 1_000_000 / per_second))
    }

    /// Resident memory, in MiB.
    pub(crate) fn resident_mib(&self) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kib / 1_024.0)
    }

    /// Its number.
    pub(crate) fn pid(&self) -> Outcome<u32> {
        self.child.id().ok_or_else(|| "the server has ended".into())
    }

    /// Ends the process.
    pub(crate) async fn stop(mut self) -> Outcome {
        self.child.kill().await?;
        Ok(())
    }
}

/// A program that was built beside this one.
pub(crate) fn sibling(name: &str) -> Outcome<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    if path.exists() {
        Ok(path)
    } else {
        Err(format!("{} is missing: cargo build --profile dist", path.display()).into())
    }
}

/// Where cargo puts what it makes.
pub(crate) fn target() -> Outcome<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().and_then(Path::parent).ok_or("no target directory")?.to_owned())
}

/// A directory of this run's own, on the disk that the project is on.
pub(crate) fn scratch(name: &str) -> Outcome<PathBuf> {
    let path = target()?.join("bench").join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&path)?;
    Ok(path)
}

/// The stopwatch.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
