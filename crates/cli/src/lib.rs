//! The half of `switchboard` that does what `aws <service> <operation>` does.
//!
//! Every command follows from the facts in `models/`: its options, its request and how its answer is printed. One
//! rule: nothing about a single operation is written here. A command goes
//! `args` (words to options) → `values` (texts to values) → `validate` → `request` → `sign` and `transport` →
//! `response` → `output`; `run` puts these together.
//!
//! Behaviour follows version 2 of the AWS command line where the two versions differ: exit codes, times printed as
//! ISO 8601, three attempts. What is different on purpose stands in `docs/cli-differences.md`.

mod argparse;
mod args;
mod call;
mod catalog;
mod client;
mod clock;
mod complete;
mod config;
mod configure;
mod credentials;
mod dry_run;
mod endpoint;
mod errors;
mod globals;
mod help;
mod ini;
mod jmespath;
mod log;
mod naming;
mod options;
mod output;
mod paging;
mod paramfile;
mod preferences;
mod proxy;
mod python;
mod request;
mod response;
mod run;
mod service_error;
mod shapes;
mod shorthand;
mod sign;
mod similar;
mod skeleton;
mod sources;
mod tail;
mod terminal;
mod timestamps;
mod transport;
mod validate;
mod value;
mod values;
mod verbs;
mod wait;
mod yaml;

use std::ffi::OsString;
use std::process::ExitCode;

/// Whether `name` is a service whose operations can be called.
#[must_use]
pub fn is_service(name: &str) -> bool {
    catalog::is_service(name)
}

/// Runs `<service> <operation> …`: prints the answer on stdout, an error on stderr, and gives the exit code.
#[must_use]
pub fn run(args: Vec<OsString>) -> ExitCode {
    // What is not UTF-8 is passed on as far as it can be; nothing that AWS names is written otherwise.
    let words: Vec<String> = args.into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    run::run(&words)
}
