//! Checks on what people read: links lead somewhere, and the README's test command is the one that is run.

use std::path::{Component, Path, PathBuf};

use super::{File, Problem};

/// The command that runs every test.
const TEST_COMMAND: &str = "cargo xtask test";

pub(super) fn check(files: &[File], root: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.extension() == "md") {
        problems.extend(dead_links(file, |path| root.join(path).exists()));
    }
    problems.extend(["README.md", ".ci/run"].iter().filter_map(|path| runs_the_tests(files, path)));
    problems
}

/// Both the README and the checks of every change name the command that runs every test.
fn runs_the_tests(files: &[File], path: &str) -> Option<Problem> {
    let Some(file) = files.iter().find(|file| file.path == path) else {
        return Some(Problem::new(path, 1, "is missing"));
    };
    let comment = |line: &str| path == ".ci/run" && line.trim_start().starts_with('#');
    let named = file.text.lines().any(|line| !comment(line) && line.contains(TEST_COMMAND));
    (!named).then(|| Problem::new(path, 1, format!("does not name `{TEST_COMMAND}`")))
}

fn dead_links(file: &File, exists: impl Fn(&Path) -> bool) -> Vec<Problem> {
    let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
    let mut problems = Vec::new();
    let mut in_code = false;
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let dead = relative_links(line).filter(|link| !exists(&resolve(folder, link)));
        problems.extend(dead.map(|link| Problem::new(&file.path, number, format!("the link to {link} leads nowhere"))));
    }
    problems
}

/// The targets of `[text](target)` that are files of ours, without their `#anchor`.
fn relative_links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    files.map(|target| target.split('#').next().unwrap_or_default()).filter(|path| !path.is_empty())
}

/// `folder/path` with its `..` carried out, so that a link cannot lean on a folder that is not there.
fn resolve(folder: &Path, path: &str) -> PathBuf {
    let mut resolved = folder.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => drop(resolved.pop()),
            Component::Normal(name) => resolved.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::{super::file, *};

    fn dead(text: &str) -> Vec<String> {
        let there = ["docs/fidelity.md", "README.md"];
        let problems = dead_links(&file("docs/a.md", text), |path| there.iter().any(|name| path == Path::new(name)));
        problems.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn links_are_followed_from_their_file() {
        assert_eq!(dead("[a](fidelity.md) [b](../README.md#tour) [c](#here) [d](https://example.org/x)"), [""; 0]);
        assert_eq!(dead("[a](README.md)"), ["the link to README.md leads nowhere"]);
    }

    #[test]
    fn code_is_not_prose() {
        assert_eq!(dead("```\n[a](nowhere.md)\n```\n"), [""; 0]);
    }

    #[test]
    fn a_commented_command_does_not_run() {
        let ci = |text: &str| runs_the_tests(&[file(".ci/run", text)], ".ci/run");
        assert_eq!(ci("set -e\ncargo xtask test\n"), None);
        assert!(ci("# cargo xtask test\n").is_some());
        assert!(runs_the_tests(&[], "README.md").is_some());
    }
}
