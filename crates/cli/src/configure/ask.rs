//! `configure` alone: asks a person for the settings of a profile.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use super::setting::{config_section, write};
use super::{KEY, KEYS, SECRET, TOKEN, masked};
use crate::errors::Failure;
use crate::globals::Globals;
use crate::sources::Sources;

/// What is asked for, in this order.
const QUESTIONS: [(&str, &str); 5] = [
    (KEY, "AWS Access Key ID"),
    (SECRET, "AWS Secret Access Key"),
    (TOKEN, "AWS Session Token"),
    ("region", "Default region name"),
    ("output", "Default output format"),
];

/// Asks for every setting of a profile, and writes those that are answered.
pub(super) fn run(
    globals: &Globals,
    sources: &Sources,
    answers: &mut impl BufRead,
    questions: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let (profile, _) = sources.profile(globals);
    let current = |key: &str| value(sources, &profile, key);
    let mut answered: Vec<(&str, Option<String>)> = Vec::new();
    // Keys that begin so are good only together with a token.
    let is_temporary = |key: &str| key.starts_with("ASIA");
    for (key, question) in QUESTIONS {
        let new_key = answered.iter().find(|(key, _)| *key == KEY).and_then(|(_, value)| value.as_deref());
        let wants_token = new_key.map_or_else(|| current(TOKEN).is_some(), is_temporary);
        if key == TOKEN && !wants_token {
            if new_key.is_some() && current(TOKEN).is_some() {
                answered.push((TOKEN, None));
            }
            continue;
        }
        let now = current(key);
        let shown = match &now {
            None => "None".to_owned(),
            Some(value) if KEYS.contains(&key) => masked(value),
            Some(value) => value.clone(),
        };
        let answer = question_and_answer(&format!("{question} [{shown}]: "), answers, questions)?;
        if let Some(answer) = answer.filter(|answer| Some(answer) != now.as_ref()) {
            answered.push((key, Some(answer)));
        }
    }
    write(sources, &config_section(&profile), &answered).map(|()| ExitCode::SUCCESS)
}

fn question_and_answer(
    question: &str,
    answers: &mut impl BufRead,
    questions: &mut impl Write,
) -> Result<Option<String>, Failure> {
    let broken = |error: io::Error| Failure::Other(error.to_string());
    questions.write_all(question.as_bytes()).and_then(|()| questions.flush()).map_err(broken)?;
    let mut answer = String::new();
    if answers.read_line(&mut answer).map_err(broken)? == 0 {
        return Err(Failure::Other("EOF when reading a line".to_owned()));
    }
    let answer = answer.trim_end_matches(['\n', '\r']);
    Ok((!answer.is_empty()).then(|| answer.to_owned()))
}

/// A setting of a profile; keys are looked for in the credentials file first.
fn value(sources: &Sources, profile: &str, key: &str) -> Option<String> {
    let sections = [sources.credentials_section(profile), sources.config_section(profile)];
    sections.into_iter().flatten().find_map(|section| section.get(key)).map(|entry| entry.value.clone())
}
