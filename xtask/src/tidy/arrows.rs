//! Which crate may see which: the arrows of `ARCHITECTURE.md`, and the few outside crates that only one may use.

use std::{path::Path, process::Command};

use serde_json::Value;

use super::{Problem, run_for_output};

/// Every crate of ours and the ones of ours it may depend on. Nothing points up.
const ARROWS: [(&str, &[&str]); 11] = [
    ("switchboard", &["switchboard-cli", "switchboard-server"]),
    ("switchboard-bench", &[]),
    ("switchboard-cli", &["switchboard-model", "switchboard-wire"]),
    ("switchboard-domain", &[]),
    ("switchboard-model", &[]),
    ("switchboard-server", &["switchboard-domain", "switchboard-sfu", "switchboard-state", "switchboard-wire"]),
    ("switchboard-sfu", &[]),
    ("switchboard-sfu-fuzz", &["switchboard-sfu", "switchboard-wire"]),
    ("switchboard-state", &["switchboard-domain"]),
    ("switchboard-wire", &["switchboard-model"]),
    ("xtask", &["switchboard-model"]),
];

/// Nothing of these is in the binary: a floor to measure against is a server too.
const NOT_SHIPPED: [&str; 3] = ["switchboard-bench", "switchboard-sfu-fuzz", "xtask"];

/// What only some may use, and why.
const RESERVED: [(&[&str], &[&str], &str); 3] = [
    (&["rusqlite", "sqlx", "tokio-postgres"], &["switchboard-state"], "only state sees SQL"),
    (&["axum", "hyper", "hyper-util", "listenfd"], &["switchboard-server"], "only the server sees sockets"),
    (
        &["getrandom", "rand", "tokio"],
        &["switchboard-cli", "switchboard-server", "switchboard-state"],
        "time, chance and tasks come in as arguments",
    ),
];

/// Compares the crates' manifests with the two tables.
pub(super) fn check(root: &Path) -> Result<Vec<Problem>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let metadata = ["metadata", "--no-deps", "--format-version=1", "--offline"];
    let metadata = run_for_output(Command::new(cargo).args(metadata).current_dir(root))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(packages.iter().flat_map(|package| check_package(package, root)).collect())
}

fn check_package(package: &Value, root: &Path) -> Vec<Problem> {
    let name = package["name"].as_str().unwrap_or_default();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
    let manifest = manifest.strip_prefix(root).unwrap_or(manifest).to_string_lossy().into_owned();
    let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    // Tests may use what they like; what ships may not.
    let shipped = dependencies.iter().filter(|dependency| dependency["kind"] != "dev");
    shipped
        .filter_map(|dependency| complaint(name, dependency["name"].as_str()?, dependency["path"].is_string()))
        .map(|message| Problem::new(&manifest, 1, message))
        .collect()
}

/// What is wrong with `name` depending on `on`.
fn complaint(name: &str, on: &str, ours: bool) -> Option<String> {
    if ours {
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == name) else {
            return Some(format!("{name} is not in the table of arrows: add it to xtask/src/tidy/arrows.rs"));
        };
        return (!allowed.contains(&on)).then(|| format!("no arrow leads from {name} to {on}"));
    }
    if NOT_SHIPPED.contains(&name) {
        return None;
    }
    let (_, _, why) = RESERVED.iter().find(|(what, whose, _)| what.contains(&on) && !whose.contains(&name))?;
    Some(format!("{name} may not use {on}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_point_down_only() {
        assert_eq!(complaint("switchboard-server", "switchboard-domain", true), None);
        assert!(complaint("switchboard-domain", "switchboard-state", true).is_some());
        assert!(complaint("switchboard-cli", "switchboard-server", true).is_some());
    }

    #[test]
    fn a_crate_without_arrows_is_asked_about() {
        assert!(
            complaint("switchboard-new", "switchboard-domain", true).is_some_and(|m| m.contains("table of arrows"))
        );
    }

    #[test]
    fn sql_belongs_to_state() {
        assert_eq!(complaint("switchboard-state", "rusqlite", false), None);
        assert!(complaint("switchboard-server", "rusqlite", false).is_some());
        assert_eq!(complaint("switchboard-server", "serde", false), None);
        assert_eq!(complaint("switchboard-bench", "rusqlite", false), None);
    }
}
