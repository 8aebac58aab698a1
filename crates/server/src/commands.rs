//! The server's own commands: `serve`, `demo` and `env`. Each takes its arguments and says how the program ends.

use std::{ffi::OsString, io::Write as _, process::ExitCode};

use clap::Parser;

use crate::{config::Config, keys::AccessKey, run};

/// `switchboard serve`: runs the server until it is told to stop.
#[must_use]
pub fn serve(arguments: Vec<OsString>) -> ExitCode {
    match Config::load("switchboard serve", arguments) {
        Ok(config) => run::run(config, run::First::Nothing),
        Err(error) => refuse(&error),
    }
}

/// `switchboard demo`: serves from memory, with a small contact centre already there, and prints what to try.
#[must_use]
pub fn demo(arguments: Vec<OsString>) -> ExitCode {
    match Config::load("switchboard demo", arguments) {
        Ok(config) => run::run(config, run::First::Tour),
        Err(error) => refuse(&error),
    }
}

/// Prints the environment with which AWS clients find a server that runs on this machine.
#[derive(Debug, Parser)]
#[command(name = "env", max_term_width = 100)]
struct Env {
    /// The server's data directory, where its access key is kept.
    #[arg(long, env = "SWITCHBOARD_DATA", value_name = "DIR", default_value = "switchboard-data")]
    data: std::path::PathBuf,
    /// The URL of the server.
    #[arg(long, env = "SWITCHBOARD_PUBLIC_URL", value_name = "URL", default_value = "http://127.0.0.1:4747")]
    public_url: crate::config::HttpUrl,
    /// The region the server says it is in.
    #[arg(long, env = "SWITCHBOARD_REGION", default_value = "us-east-1")]
    region: String,
    /// The access key, where it was given to the server and not made by it.
    #[arg(
        long,
        env = "SWITCHBOARD_ACCESS_KEYS",
        value_name = "ID:SECRET",
        hide_env_values = true,
        value_delimiter = ','
    )]
    access_key: Vec<AccessKey>,
}

/// `switchboard env`: lines to be `eval`ed by a shell.
#[must_use]
pub fn env(arguments: Vec<OsString>) -> ExitCode {
    let settings = match Env::try_parse_from(std::iter::once("switchboard env".into()).chain(arguments)) {
        Ok(settings) => settings,
        Err(error) => return refuse(&error),
    };
    let key = match settings.access_key.into_iter().next() {
        Some(key) => Ok(Some(key)),
        None => AccessKey::kept_in(&settings.data),
    };
    match key {
        Ok(Some(key)) => {
            print(&exports(&settings.public_url.to_string(), &settings.region, &key));
            ExitCode::SUCCESS
        }
        Ok(None) => {
            eprintln!("switchboard env: no access key in {}: has a server run there?", settings.data.display());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("switchboard env: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The environment that leads AWS clients to this server.
pub(crate) fn exports(url: &str, region: &str, key: &AccessKey) -> String {
    format!(
        "export AWS_ENDPOINT_URL={url}\nexport AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY='{}'\nexport AWS_REGION={region}\nexport AWS_DEFAULT_REGION={region}\n",
        key.id,
        key.secret.expose().replace('\'', "'\\''"),
    )
}

/// Prints to stdout at once; a reader that went away is no failure of ours.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a mistake in the arguments, or the help that was asked for.
fn refuse(error: &clap::Error) -> ExitCode {
    // When even this cannot be printed there is nobody to tell.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
