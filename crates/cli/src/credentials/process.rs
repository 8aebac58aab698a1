//! A program that prints credentials: `credential_process` of a profile.
//!
//! It is started without a shell and prints JSON ("Sourcing credentials with an external process" in the user guide of
//! the AWS command line).

use std::process::{Command, Stdio};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use serde_json::Value;

use super::{cache, unretrievable};
use crate::errors::Failure;

const PLACE: &str = "custom-process";
const VERSION: u64 = 1;

/// Runs the command, and reads what it prints.
pub(super) fn run(command: &str) -> Result<Credentials, Failure> {
    let words = shlex::split(command).filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| unretrievable(PLACE, format_args!("{command} is no command")))?;
    let output = Command::new(&words[0]).args(&words[1..]).stdin(Stdio::inherit()).output();
    let output = output.map_err(|error| unretrievable(PLACE, format_args!("{}: {error}", words[0])))?;
    if !output.status.success() {
        return Err(unretrievable(PLACE, String::from_utf8_lossy(&output.stderr).trim()));
    }
    let told: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| unretrievable(PLACE, format_args!("its output is not JSON: {error}")))?;
    read(&told)
}

fn read(told: &Value) -> Result<Credentials, Failure> {
    if told["Version"] != VERSION {
        let version = &told["Version"];
        return Err(unretrievable(
            PLACE,
            format_args!("Version {version} not supported. The version must be {VERSION}"),
        ));
    }
    let text = |name: &str| told[name].as_str().map(str::to_owned);
    let required = |name: &str| {
        text(name).ok_or_else(|| unretrievable(PLACE, format_args!("Missing required key in response: {name}")))
    };
    let ends: Option<SystemTime> = text("Expiration").as_deref().and_then(cache::time);
    Ok(Credentials::new(required("AccessKeyId")?, required("SecretAccessKey")?, text("SessionToken"), ends, PLACE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_process_prints_is_read() {
        let told = json!({ "Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c" });
        let found = read(&told).expect("it is complete");
        assert_eq!((found.access_key_id(), found.secret_access_key(), found.session_token()), ("a", "b", Some("c")));
        assert!(read(&json!({ "Version": 2 })).is_err());
        assert!(read(&json!({ "Version": 1, "AccessKeyId": "a" })).is_err());
    }

    #[test]
    fn a_process_runs_without_a_shell() {
        let Err(Failure::Other(message)) = run("/bin/echo 'a b' | cat") else { panic!("it prints no JSON") };
        assert!(message.contains("not JSON"), "{message}");
        assert!(run("'open").is_err() && run("").is_err() && run("/no/such/program").is_err() && run("false").is_err());
    }
}
