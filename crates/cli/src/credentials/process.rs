//! A program that prints credentials: `credential_process` of a profile.
//!
//! It is started without a shell and prints JSON ("Sourcing credentials with an external process" in the user guide of
//! the AWS command line).

use std::process::{Command, Stdio};

use aws_credential_types::Credentials;
use serde_json::Value;

use super::{cache, unretrievable};
use crate::errors::Failure;
use crate::python;

const PLACE: &str = "custom-process";
const VERSION: u64 = 1;

/// The variable that tells a program for which profiles credentials are being looked for already.
pub(crate) const CHAIN: &str = "_AWS_CLI_PROFILE_CHAIN";

/// Runs the command, and reads what it prints. `chain` are the profiles that have asked so far.
pub(super) fn run(command: &str, chain: Option<&str>) -> Result<Credentials, Failure> {
    let words = shlex::split(command).filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| unretrievable(PLACE, format_args!("{command} is no command")))?;
    let mut process = Command::new(&words[0]);
    process.args(&words[1..]).stdin(Stdio::inherit());
    if let Some(chain) = chain {
        process.env(CHAIN, chain);
    }
    let output = process.output().map_err(|error| Failure::Other(python::os_error(&error, &words[0])))?;
    if !output.status.success() {
        return Err(unretrievable(PLACE, String::from_utf8_lossy(&output.stderr).trim()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    // What is wrong with it is told in the words of `aws`.
    python::json(&text).map_err(|problem| Failure::Other(problem.to_string()))?;
    let told: Value = serde_json::from_str(&text)
        .map_err(|error| unretrievable(PLACE, format_args!("its output is not JSON: {error}")))?;
    read(&told)
}

fn read(told: &Value) -> Result<Credentials, Failure> {
    if told["Version"] != VERSION {
        let version = match &told["Version"] {
            Value::Null => "<Version key not provided>".to_owned(),
            version => version.to_string(),
        };
        let why =
            format!("Unsupported version '{version}' for credential process provider, supported versions: {VERSION}");
        return Err(unretrievable(PLACE, why));
    }
    let text = |name: &str| told[name].as_str().map(str::to_owned);
    let required = |name: &str| {
        text(name).ok_or_else(|| unretrievable(PLACE, format_args!("Missing required key in response: '{name}'")))
    };
    let ends = text("Expiration").map(|text| cache::expiration(&text)).transpose()?;
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
        let Err(Failure::Other(message)) = run("/bin/echo 'a b' | cat", None) else { panic!("it prints no JSON") };
        assert_eq!(message, "Expecting value: line 1 column 1 (char 0)");
        for command in ["'open", "", "false"] {
            assert!(run(command, None).is_err(), "{command}");
        }
        let expected = "[Errno 2] No such file or directory: '/no/such/program'".to_owned();
        assert_eq!(run("/no/such/program", None).map(|_| ()), Err(Failure::Other(expected)));
        let command = format!("sh -c 'echo {{}} >&2; echo ${CHAIN} >&2; exit 1'");
        let Err(Failure::Other(message)) = run(&command, Some("a,b")) else { panic!("it prints no JSON") };
        assert!(message.ends_with("{}\na,b"), "{message}");
    }
}
