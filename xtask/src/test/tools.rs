//! What the end-to-end tests need from the machine, and what they install for themselves.
//!
//! The one rule: a missing prerequisite is named together with the command that installs it. Programs of the
//! distribution are installed without asking only where that is nobody else's business: as root with apt-get, as in a
//! container.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::Places;

const PYTHON_AT_LEAST: (u32, u32) = (3, 11);
const NODE_AT_LEAST: (u32, u32) = (20, 0);

/// Programs that the Python tests start, and the packages of Debian that they are in.
const PYTHON_STARTS: [(&str, &str); 3] = [("chromium", "chromium"), ("fish", "fish"), ("zsh", "zsh")];

/// Looks for everything that is missing, so that one run names all of it.
pub(super) fn check(python: bool, node: bool) -> Result<(), String> {
    let mut missing = Vec::new();
    if python {
        missing.extend(python_missing());
        missing.extend(programs_missing());
    }
    if node {
        missing.extend(node_missing());
        missing.extend(npm_missing());
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("the tests need more than is here:\n{}", missing.join("\n"))) }
}

fn python_missing() -> Option<String> {
    let (major, minor) = PYTHON_AT_LEAST;
    let install = "apt-get install python3 python3-venv python3-pip";
    let Some(text) = output("python3", &["--version"]) else {
        return Some(format!("  python3 ({major}.{minor} or newer): {install}"));
    };
    if version(&text)? < PYTHON_AT_LEAST {
        return Some(format!("  python3 {major}.{minor} or newer (this is {}): {install}", text.trim()));
    }
    // Debian ships these two in packages of their own.
    let modules = output("python3", &["-c", "import venv, ensurepip"]);
    modules.is_none().then(|| format!("  python3 with venv and pip: {install}"))
}

fn node_missing() -> Option<String> {
    let (major, _) = NODE_AT_LEAST;
    let Some(text) = output("node", &["--version"]) else {
        return Some(format!("  node ({major} or newer): apt-get install nodejs npm"));
    };
    let old = version(&text)? < NODE_AT_LEAST;
    old.then(|| format!("  node {major} or newer (this is {}): npm install --global n && n {major}", text.trim()))
}

fn npm_missing() -> Option<String> {
    output("npm", &["--version"]).is_none().then(|| "  npm: apt-get install npm".to_owned())
}

/// Programs that are not there and that we shall not install.
fn programs_missing() -> Option<String> {
    let packages = packages_missing(&PYTHON_STARTS);
    if packages.is_empty() || may_install() {
        return None;
    }
    let packages = packages.join(" ");
    Some(format!("  {packages}: apt-get install --no-install-recommends {packages}"))
}

fn packages_missing<'a>(programs: &[(&str, &'a str)]) -> Vec<&'a str> {
    let missing = programs.iter().filter(|(program, _)| output(program, &["--version"]).is_none());
    missing.map(|(_, package)| *package).collect()
}

/// Whether packages of the distribution may be installed without asking.
fn may_install() -> bool {
    output("id", &["-u"]).is_some_and(|user| user.trim() == "0") && output("apt-get", &["--version"]).is_some()
}

/// Installs the packages of those programs that are missing.
pub(super) fn distribution_packages() -> Result<(), String> {
    let packages = packages_missing(&PYTHON_STARTS);
    if packages.is_empty() {
        return Ok(());
    }
    let shown = packages.join(", ");
    eprintln!("installing {shown} from the distribution");
    let apt = || {
        let mut command = Command::new("apt-get");
        // Somebody else may be installing something just now.
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["--yes", "--option", "DPkg::Lock::Timeout=300"]);
        command
    };
    quietly(apt().arg("update"))
        .and_then(|()| quietly(apt().args(["install", "--no-install-recommends"]).args(&packages)))
        .map_err(|message| format!("{shown} could not be installed: {message}"))?;
    match packages_missing(&PYTHON_STARTS)[..] {
        [] => eprintln!("installed {shown}"),
        _ => return Err(format!("{shown} was installed, and still does not run")),
    }
    Ok(())
}

/// What a program prints, if it is there and succeeds.
fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Major and minor of `Python 3.11.7` or `v20.20.2`.
fn version(text: &str) -> Option<(u32, u32)> {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut numbers = digits.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// A program inside a virtual environment.
pub(super) fn venv_program(venv: &Path, name: &str) -> PathBuf {
    venv.join("bin").join(name)
}

/// Makes the virtual environment anew if `requirements.txt` changed.
pub(super) fn python_packages(places: &Places) -> Result<(), String> {
    let (venv, requirements) = (places.venv(), places.root.join("e2e/python/requirements.txt"));
    install_once("Python packages", &requirements, &venv, || {
        if venv.exists() {
            fs::remove_dir_all(&venv).map_err(|error| format!("{}: {error}", venv.display()))?;
        }
        quietly(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--requirement"];
        quietly(Command::new(venv_program(&venv, "python")).args(pip).arg(&requirements))
    })
}

/// Installs the npm packages anew if `package-lock.json` changed.
pub(super) fn node_packages(places: &Places) -> Result<(), String> {
    let folder = places.root.join("e2e/node");
    install_once("npm packages", &folder.join("package-lock.json"), &folder.join("node_modules"), || {
        quietly(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))
    })
}

/// Runs `install` unless `installed` was made from the very list that `list` is now.
fn install_once(
    what: &str,
    list: &Path,
    installed: &Path,
    install: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    let wanted = fs::read(list).map_err(|error| format!("{}: {error}", list.display()))?;
    let stamp = installed.join(".installed-from");
    if fs::read(&stamp).is_ok_and(|made_from| made_from == wanted) {
        return Ok(());
    }
    eprintln!("installing the {what} of {}", list.file_name().unwrap_or_default().to_string_lossy());
    install().map_err(|message| format!("the {what} could not be installed: {message}"))?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    eprintln!("installed the {what}");
    Ok(())
}

/// Runs a command that is heard only when it fails, because cargo is talking meanwhile.
fn quietly(command: &mut Command) -> Result<(), String> {
    let shown = super::shown(command);
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{shown} does not run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{shown} failed ({})\n{stdout}{stderr}", output.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_print() {
        assert_eq!(version("Python 3.11.7\n"), Some((3, 11)));
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(version("no number"), None);
    }

    #[test]
    fn packages_are_named_for_programs_that_are_not_there() {
        let programs = [("cargo", "cargo-package"), ("no-such-program", "its-package")];
        assert_eq!(packages_missing(&programs), ["its-package"]);
    }

    #[test]
    fn an_unchanged_list_is_not_installed_again() {
        let folder = std::env::temp_dir().join(format!("xtask-install-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder");
        let list = folder.join("list");
        let mut times = 0;
        for content in ["one", "one", "two"] {
            fs::write(&list, content).expect("the list is written");
            install_once("things", &list, &folder, || {
                times += 1;
                Ok(())
            })
            .expect("it installs");
        }
        fs::remove_dir_all(&folder).expect("the folder goes away");
        assert_eq!(times, 2);
    }
}
