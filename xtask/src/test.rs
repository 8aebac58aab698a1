//! `cargo xtask test [rust|python|node]… [-- filter…]`: every test of the project, with one command.
//!
//! The one rule: the last line says how many tests there were, and it says it only about tests that ran. A section
//! that ran none has failed.
//!
//! What the Python and Node.js tests need is installed under the target folder and in `e2e/node/node_modules` while
//! cargo builds, and again only when `requirements.txt` or `package-lock.json` changed. Programs of the distribution that
//! are missing are installed meanwhile, or named.

mod count;
mod tools;

use std::{
    fmt, fs,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode, ExitStatus, Stdio},
    thread,
};

use count::Count;

/// What `cargo xtask test` takes.
pub(crate) const USAGE: &str = "cargo xtask test [rust|python|node]… [-- filter…]";

/// One kind of tests, run by one runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Rust,
    Python,
    Node,
}

impl Section {
    const ALL: [Self; 3] = [Self::Rust, Self::Python, Self::Node];

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.to_string() == word)
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Node => "node",
        })
    }
}

/// Which tests to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    sections: Vec<Section>,
    filters: Vec<String>,
}

impl Options {
    /// Reads the words after `cargo xtask test`.
    ///
    /// # Errors
    /// When one of them is not a section.
    pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = args;
        let mut sections = Vec::new();
        for word in args.by_ref().take_while(|word| word != "--") {
            let section =
                Section::parse(&word).ok_or_else(|| format!("there are no {word:?} tests\nusage: {USAGE}"))?;
            sections.push(section);
        }
        if sections.is_empty() {
            sections = Section::ALL.to_vec();
        }
        Ok(Self { sections, filters: args.collect() })
    }

    fn has(&self, section: Section) -> bool {
        self.sections.contains(&section)
    }
}

/// The folders the tests live and work in.
struct Places {
    root: PathBuf,
    target: PathBuf,
}

impl Places {
    fn find() -> Self {
        let root = crate::project_root();
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Self { root, target }
    }

    /// The binary that the tests start.
    fn switchboard(&self) -> PathBuf {
        self.target.join("debug").join(format!("switchboard{}", std::env::consts::EXE_SUFFIX))
    }

    fn venv(&self) -> PathBuf {
        self.target.join("e2e").join("venv")
    }
}

/// Installs, builds and runs what `options` ask for. A failed test is told by the exit code.
///
/// # Errors
/// When a prerequisite is missing or something does not build, so that no test can run.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let places = Places::find();
    let (python, node) = (options.has(Section::Python), options.has(Section::Node));
    tools::check(python, node)?;
    // Downloads wait for the network and cargo for the processor, so they go side by side.
    thread::scope(|scope| {
        let programs = python.then(|| scope.spawn(tools::distribution_packages));
        let python = python.then(|| scope.spawn(|| tools::python_packages(&places)));
        let node = node.then(|| scope.spawn(|| tools::node_packages(&places)));
        let built = build(&places, options.has(Section::Rust));
        let installed = [programs, python, node].into_iter().flatten().map(join);
        installed.chain([built]).collect::<Result<(), String>>()
    })?;

    let mut total = Count::default();
    let mut failures = Vec::new();
    for section in &options.sections {
        match run_section(*section, &places, &options.filters) {
            Ok(count) => total += count,
            Err((count, message)) => {
                total += count;
                failures.push(message);
            }
        }
    }
    if failures.is_empty() && total.ran() == 0 {
        failures.push("no test matched".to_owned());
    }
    for failure in &failures {
        eprintln!("{failure}");
    }
    // Read by people and by scripts: nothing follows this line.
    println!("\n{total}");
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn join(thread: thread::ScopedJoinHandle<'_, Result<(), String>>) -> Result<(), String> {
    thread.join().unwrap_or_else(|_| Err("an installation panicked".to_owned()))
}

/// Builds everything once, so that no section waits for a compiler.
fn build(places: &Places, tests: bool) -> Result<(), String> {
    heading("build", "cargo build --workspace");
    succeed(cargo(places).args(["build", "--workspace"]))?;
    if tests {
        succeed(cargo(places).args(["test", "--workspace", "--no-run", "--quiet"]))?;
    }
    Ok(())
}

fn run_section(section: Section, places: &Places, filters: &[String]) -> Result<Count, (Count, String)> {
    let mut command = match section {
        Section::Rust => rust(places, filters),
        Section::Python => python(places, filters),
        Section::Node => node(places, filters).map_err(|message| (Count::default(), message))?,
    };
    heading(&section.to_string(), &shown(&command));
    let mut count = Count::default();
    let status = stream(&mut command, |line| count += count::read(line))
        .map_err(|error| (count, format!("{section}: {} does not run: {error}", shown(&command))))?;
    if !status.success() && !only_filtered_out(section, status, filters) {
        // A runner that died before its summary must not read as "0 failed".
        let failed = count.failed.max(1);
        return Err((Count { failed, ..count }, format!("{section}: failed ({status})")));
    }
    if count.failed > 0 {
        return Err((count, format!("{section}: failed, though the runner did not say so")));
    }
    if count.ran() == 0 && filters.is_empty() {
        return Err((Count { failed: 1, ..count }, format!("{section}: no test ran")));
    }
    Ok(count)
}

/// pytest alone has an exit code for "no test matched".
fn only_filtered_out(section: Section, status: ExitStatus, filters: &[String]) -> bool {
    section == Section::Python && status.code() == Some(5) && !filters.is_empty()
}

fn cargo(places: &Places) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&places.root);
    command
}

fn rust(places: &Places, filters: &[String]) -> Command {
    let mut command = cargo(places);
    command.args(["test", "--workspace", "--no-fail-fast"]);
    if !filters.is_empty() {
        command.arg("--").args(filters);
    }
    command
}

fn python(places: &Places, filters: &[String]) -> Command {
    let mut command = Command::new(tools::venv_program(&places.venv(), "python"));
    command.current_dir(&places.root).env("SWITCHBOARD_BIN", places.switchboard());
    command.args(["-m", "pytest", "e2e/python"]);
    if !filters.is_empty() {
        command.arg("-k").arg(filters.join(" or "));
    }
    command
}

fn node(places: &Places, filters: &[String]) -> Result<Command, String> {
    let folder = places.root.join("e2e").join("node");
    let mut tests: Vec<PathBuf> = fs::read_dir(&folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>())
        .map_err(|error| format!("node: {}: {error}", folder.display()))?;
    tests.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    tests.sort();
    let mut command = Command::new("node");
    command.current_dir(&places.root).env("SWITCHBOARD_BIN", places.switchboard());
    command.args(["--test", "--test-reporter=spec"]);
    command.args(filters.iter().map(|filter| format!("--test-name-pattern={filter}")));
    // Named one by one: what a folder means here differs between versions of Node.js.
    command.args(tests.iter().map(|test| test.strip_prefix(&places.root).unwrap_or(test)));
    Ok(command)
}

/// Runs a command whose output is for people, and wants it to succeed.
fn succeed(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{} failed ({status})", shown(command))),
        Err(error) => Err(format!("{} does not run: {error}", shown(command))),
    }
}

/// Runs a command, passing its stdout on line by line and showing each line to `see`.
fn stream(command: &mut Command, mut see: impl FnMut(&str)) -> io::Result<ExitStatus> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut out = io::stdout().lock();
    for line in BufReader::new(child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        see(&line);
        writeln!(out, "{line}")?;
        out.flush()?;
    }
    child.wait()
}

fn heading(name: &str, what: &str) {
    println!("\n── {name} ── {what}");
}

/// The command as one would type it, short of where its program lies.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn no_section_means_all_of_them() {
        let all = Options { sections: Section::ALL.to_vec(), filters: Vec::new() };
        assert_eq!(options(""), Ok(all));
    }

    #[test]
    fn sections_and_filters_are_told_apart_by_two_dashes() {
        let chosen = Options { sections: vec![Section::Node, Section::Rust], filters: vec!["python".to_owned()] };
        assert_eq!(options("node rust -- python"), Ok(chosen));
    }

    #[test]
    fn an_unknown_section_is_named() {
        assert!(options("ruby").is_err_and(|message| message.contains("ruby") && message.contains(USAGE)));
    }

    #[test]
    fn a_command_is_shown_without_its_folder() {
        assert_eq!(shown(Command::new("/somewhere/bin/python").args(["-m", "pytest"])), "python -m pytest");
    }
}
