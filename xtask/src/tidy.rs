//! `cargo xtask tidy`: what can be checked by a program is not a review comment.
//!
//! The one rule: a check either passes or names a file, a line and what to do. The checks read text only; what a
//! compiler or a linter knows better is theirs (`clippy.toml`, `deny.toml`).

mod arrows;
mod code;
mod docs;
mod fidelity;

use std::{
    fmt, fs,
    path::Path,
    process::{Command, ExitCode},
};

use crate::coverage;

/// Something to mend.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    path: String,
    line: usize,
    message: String,
}

impl Problem {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// One text file of the project.
struct File {
    /// From the project's root, with forward slashes.
    path: String,
    text: String,
}

impl File {
    /// Its lines, counted from one.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// What its name ends in.
    fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// Runs every check and prints what they found.
///
/// # Errors
/// When git or cargo cannot say what belongs to the project.
pub(crate) fn run() -> Result<ExitCode, String> {
    let root = crate::project_root();
    let files = project_files(&root)?;
    let mut problems = arrows::check(&root)?;
    problems.extend(code::check(&files, &root));
    problems.extend(docs::check(&files, &root));
    problems.extend(fidelity::check(&files));
    problems.extend(coverage_is_stale(&files, &root)?);
    problems.extend(readme_is_stale(&files, &root)?);
    problems.sort();
    for problem in &problems {
        eprintln!("{problem}");
    }
    println!("tidy: {} files, {} problems", files.len(), problems.len());
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The page of what is served follows from `models/`.
fn coverage_is_stale(files: &[File], root: &Path) -> Result<Option<Problem>, String> {
    let page = files.iter().find(|file| file.path == coverage::PAGE).map(|file| file.text.as_str());
    let is_fresh = page == Some(coverage::page(root)?.as_str());
    Ok((!is_fresh).then(|| Problem::new(coverage::PAGE, 1, "is stale: run `cargo xtask coverage`")))
}

/// So do the numbers in the README.
fn readme_is_stale(files: &[File], root: &Path) -> Result<Option<Problem>, String> {
    let headline = coverage::headline(root)?;
    let says = |file: &File| file.path == "README.md" && file.text.contains(&headline);
    Ok((!files.iter().any(says)).then(|| Problem::new("README.md", 1, format!("should say \"{headline}\""))))
}

/// Every text file that is committed or about to be.
fn project_files(root: &Path) -> Result<Vec<File>, String> {
    let git = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let names = run_for_output(Command::new("git").args(git).current_dir(root))?;
    let mut names: Vec<&str> = names.split_terminator('\0').collect();
    names.sort_unstable();
    names.dedup();
    let read = |name: &&str| {
        // Deleted but not yet committed, or not text: nothing to read here.
        let text = fs::read_to_string(root.join(name)).ok()?;
        Some(File { path: (*name).to_owned(), text })
    };
    Ok(names.iter().filter_map(read).collect())
}

fn run_for_output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program} does not run: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program} failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{program}: {error}"))
}

#[cfg(test)]
fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}
