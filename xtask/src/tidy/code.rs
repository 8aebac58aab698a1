//! Checks on source files: their size, what they open with, and what may not stand in them.

use std::path::{Component, Path};

use super::{File, Problem};

/// Past this many lines a file has become two things.
const MOST_LINES: usize = 600;

/// Files that may be longer, and why.
const LONG_FILES: [(&str, &str); 0] = [];

/// Words that say something was left undone. Cut in two, so that this list does not find itself.
const UNDONE: [&str; 6] = [
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("HA", "CK"),
    concat!("db", "g!("),
];

/// Ways to leave a test out. Cut in two likewise.
const NOT_RUN: [&str; 5] = [
    concat!("#[ig", "nore"),
    concat!("mark.", "skip"),
    concat!("mark.", "xfail"),
    concat!(".sk", "ip("),
    concat!("pytest.", "skip"),
];

/// Folders every machine has, which a document may well name.
const EVERYWHERE: [&str; 7] = ["etc", "opt", "run", "srv", "tmp", "usr", "var"];

pub(super) fn check(files: &[File], root: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    let machine = machine_folder(root);
    for file in files {
        problems.extend(machine.iter().flat_map(|folder| machine_paths(file, folder)));
        if !is_source(file) {
            continue;
        }
        problems.extend(too_long(file));
        problems.extend(words(file));
        if file.extension() == "rs" {
            problems.extend(opening(file));
            problems.extend(unexplained_allows(file));
        }
    }
    problems
}

fn is_source(file: &File) -> bool {
    matches!(file.extension(), "rs" | "py" | "mjs" | "js" | "sql" | "sh")
}

fn is_end_to_end(file: &File) -> bool {
    file.path.starts_with("e2e/")
}

fn too_long(file: &File) -> Option<Problem> {
    let lines = file.text.lines().count();
    let explained = LONG_FILES.iter().any(|(path, _)| *path == file.path);
    (lines > MOST_LINES && !explained)
        .then(|| Problem::new(&file.path, lines, format!("{lines} lines: what second thing did this file become?")))
}

fn words(file: &File) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in file.lines() {
        let mut find = |words: &[&str], message: &str| {
            if let Some(word) = words.iter().find(|word| stands_in(line, word)) {
                problems.push(Problem::new(&file.path, number, format!("{word}: {message}")));
            }
        };
        find(&UNDONE, "finish it or leave it out");
        if file.extension() != "rs" || line.trim_start().starts_with("#[") {
            find(&NOT_RUN, "a test that does not run is not a test");
        }
        if is_end_to_end(file) {
            find(&[concat!("sle", "ep(")], "wait for the event instead");
        }
    }
    problems
}

/// Whether `word` stands in `line` by itself: a longer word that holds it (`\uXXXX`) is another one.
fn stands_in(line: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    line.match_indices(word).any(|(at, _)| {
        let goes_on_before = word.starts_with(is_letter) && line[..at].ends_with(is_letter);
        let goes_on_after = word.ends_with(is_letter) && line[at + word.len()..].starts_with(is_letter);
        !goes_on_before && !goes_on_after
    })
}

/// The first words of a Rust file say what it is; a test says it in its name.
fn opening(file: &File) -> Option<Problem> {
    if file.path.contains("/tests/") || file.path.ends_with("/tests.rs") {
        return None;
    }
    let first = file.text.lines().find(|line| !line.trim().is_empty())?;
    (!first.starts_with("//!")).then(|| Problem::new(&file.path, 1, "opens without saying what it is (//! …)"))
}

/// Each exception to a lint says why it is one.
fn unexplained_allows(file: &File) -> Vec<Problem> {
    let lines: Vec<&str> = file.text.lines().collect();
    let opens = |line: &str| {
        let line = line.trim_start();
        ["#[allow(", "#![allow(", "#[expect(", "#![expect("].iter().any(|start| line.starts_with(start))
    };
    let explained = |from: usize| {
        let end =
            lines[from..].iter().position(|line| line.trim_end().ends_with(']')).map_or(from, |length| from + length);
        lines[from..=end].iter().any(|line| line.contains("reason ="))
    };
    let unexplained = (0..lines.len()).filter(|&at| opens(lines[at]) && !explained(at));
    unexplained.map(|at| Problem::new(&file.path, at + 1, "an exception without a reason = \"…\"")).collect()
}

/// The topmost folder of this checkout, where that is one of this machine's own.
fn machine_folder(root: &Path) -> Option<String> {
    let Some(Component::Normal(top)) = root.components().nth(1) else { return None };
    let top = top.to_string_lossy();
    (!EVERYWHERE.contains(&top.as_ref())).then(|| format!("/{top}/"))
}

fn machine_paths(file: &File, folder: &str) -> Vec<Problem> {
    let found = file.lines().filter(|(_, line)| names_folder(line, folder));
    found.map(|(number, _)| Problem::new(&file.path, number, format!("{folder} is a folder of one machine"))).collect()
}

/// Whether `folder` begins a path in `line`, rather than standing inside one (`https://example.org/opt/`).
fn names_folder(line: &str, folder: &str) -> bool {
    let starts = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-/}".contains(c));
    line.match_indices(folder).any(|(at, _)| starts(at))
}

#[cfg(test)]
mod tests {
    use super::{super::file, *};

    fn messages(path: &str, text: &str) -> Vec<String> {
        check(&[file(path, text)], Path::new("/somewhere/project")).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_clean_file_passes() {
        assert_eq!(messages("crates/a/src/lib.rs", "//! What it is.\n\nfn a() {}\n"), Vec::<String>::new());
    }

    #[test]
    fn a_long_file_is_asked_about() {
        let text = format!("//! Long.\n{}", "\n".repeat(MOST_LINES));
        assert!(messages("crates/a/src/lib.rs", &text)[0].contains("601 lines"));
        assert!(messages("docs/a.md", &text).is_empty());
    }

    #[test]
    fn nothing_is_left_undone() {
        let text = format!("//! Half.\nfn a() {{ {}) }}\n", UNDONE[0]);
        assert!(messages("crates/a/src/lib.rs", &text)[0].starts_with("crates/a/src/lib.rs:2: "));
    }

    #[test]
    fn a_longer_word_is_another_word() {
        assert!(!stands_in("\\uABCDEF", "BCD"));
        assert!(stands_in("// BCD: later", "BCD") && stands_in("BCD", "BCD"));
    }

    #[test]
    fn every_test_runs() {
        let text = format!("//! Tests.\n{}]\nfn a() {{}}\n", NOT_RUN[0]);
        assert_eq!(messages("crates/a/src/lib.rs", &text).len(), 1);
        assert_eq!(messages("e2e/python/test_a.py", &format!("@pytest.{}\n", NOT_RUN[1])).len(), 1);
    }

    #[test]
    fn an_iterator_may_skip() {
        assert!(messages("crates/a/src/lib.rs", &format!("//! Fine.\nargs(){}1)\n", NOT_RUN[3])).is_empty());
    }

    #[test]
    fn end_to_end_tests_wait_for_events() {
        assert_eq!(messages("e2e/python/test_a.py", concat!("time.sle", "ep(1)\n")).len(), 1);
    }

    #[test]
    fn a_rust_file_says_what_it_is() {
        assert_eq!(messages("crates/a/src/b.rs", "use std::fmt;\n").len(), 1);
    }

    #[test]
    fn an_exception_has_a_reason() {
        let start = "//! A.\n#[allow(";
        assert_eq!(messages("crates/a/src/b.rs", &format!("{start}dead_code)]\n")).len(), 1);
        assert!(
            messages("crates/a/src/b.rs", &format!("{start}\n    dead_code,\n    reason = \"why\"\n)]\n")).is_empty()
        );
    }

    #[test]
    fn folders_of_this_machine_are_found() {
        assert_eq!(messages("docs/a.md", "`/somewhere/shared/notes.md`").len(), 1);
        assert!(messages("docs/a.md", "https://example.org/somewhere/ /somewhere-else/ /var/lib/x").is_empty());
    }
}
