//! `configure import`: the keys of users as profiles, from the CSV that the console of AWS gives.
//!
//! One rule: what is imported is what `aws` imports: lines are parted at commas and nothing else, names of columns count
//! in any case, and either all profiles are written or none ("aws configure import" in the AWS CLI Command Reference).

use std::path::Path;
use std::process::ExitCode;

use super::file;
use super::setting::{change, warn_if_open};
use super::{KEY, SECRET, Told, credentials_path, print};
use crate::errors::Failure;
use crate::sources::Sources;

/// The columns that there must be: the user's name, and the two parts of the key.
const COLUMNS: [&str; 3] = ["User Name", "Access Key ID", "Secret Access key"];

pub(super) fn run(told: &Told, sources: &Sources) -> Result<ExitCode, Failure> {
    let csv = told.text("csv")?;
    if !csv.is_empty() && !csv.contains('\n') && Path::new(&csv).exists() {
        return Err(Failure::Other(
            "You may be passing a file to import without the 'file://' prefix. To import a CSV file, use --csv \
             file://path/to/file.csv"
                .to_owned(),
        ));
    }
    let users = users(&csv, told.option("skip-invalid").is_some()).map_err(Failure::Other)?;
    let prefix = told.option("profile-prefix").unwrap_or_default();
    let path = credentials_path(sources);
    warn_if_open(&path);
    if !users.is_empty() {
        change(&path, |file| users.iter().for_each(|user| add(file, prefix, user)))?;
    }
    print(&format!("Successfully imported {} profile(s)\n", users.len()))
}

fn add(file: &mut file::File, prefix: &str, [name, key, secret]: &[String; 3]) {
    let profile = format!("{prefix}{name}");
    file.set(&profile, KEY, None, Some(key));
    file.set(&profile, SECRET, None, Some(secret));
}

/// The name, the key and its secret of each user.
fn users(csv: &str, skip_invalid: bool) -> Result<Vec<[String; 3]>, String> {
    if csv.trim().is_empty() {
        return Err("Provided CSV contains no contents".to_owned());
    }
    let mut lines = csv.lines();
    let header = lines.next().unwrap_or_default();
    // Some programs mark a text in Unicode as such.
    let header = header.strip_prefix('\u{feff}').unwrap_or(header).to_lowercase();
    let names: Vec<&str> = header.split(',').map(str::trim).collect();
    let at = |column: &str| {
        let found = names.iter().position(|name| *name == column.to_lowercase());
        found.ok_or_else(|| format!("Expected header \"{column}\" not found"))
    };
    let places = [at(COLUMNS[0])?, at(COLUMNS[1])?, at(COLUMNS[2])?];
    let mut users = Vec::new();
    for (number, line) in lines.enumerate() {
        match user(line, places) {
            Ok(user) => users.push(user),
            Err(_) if skip_invalid => {}
            Err(problem) => return Err(format!("Failed to parse entry #{}: {problem}", number + 1)),
        }
    }
    Ok(users)
}

fn user(line: &str, places: [usize; 3]) -> Result<[String; 3], String> {
    let values: Vec<&str> = line.split(',').map(str::trim).collect();
    let value = |column: usize| {
        let value = values.get(places[column]).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| format!("Row missing value for header \"{}\"", COLUMNS[column]))?;
        Ok::<_, String>((*value).to_owned())
    };
    Ok([value(0)?, value(1)?, value(2)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str =
        "\u{feff}User name,Password, ACCESS KEY ID ,Secret access key\r\nbob,pw,K, S \n\nann,,,T\nzed,,L,U";

    #[test]
    fn users_become_profiles() {
        let found = users(CSV, true).expect("it is right");
        assert_eq!(found, [["bob", "K", "S"], ["zed", "L", "U"]].map(|user| user.map(str::to_owned)));
        assert_eq!(users("user name,access key id,secret access key", false), Ok(Vec::new()));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (csv, expected) in [
            (" \n", "Provided CSV contains no contents"),
            ("User name,Access key ID", "Expected header \"Secret Access key\" not found"),
            (CSV, "Failed to parse entry #2: Row missing value for header \"User Name\""),
            (&CSV.replace("\n\n", "\n"), "Failed to parse entry #2: Row missing value for header \"Access Key ID\""),
        ] {
            assert_eq!(users(csv, false), Err(expected.to_owned()), "{csv}");
        }
    }
}
