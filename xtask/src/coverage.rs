//! `cargo xtask coverage`: writes `docs/coverage.md`, the operations that are served beside those that AWS has.
//!
//! The one rule: nobody writes that page by hand. It follows from `models/`, and `cargo xtask tidy` fails when it does
//! not.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use switchboard_model::Service;

/// Where the page is.
pub(crate) const PAGE: &str = "docs/coverage.md";

/// The services in the order of the page.
const SERVICES: [&str; 6] =
    ["connect", "connectparticipant", "ivs-realtime", "lexv2-runtime", "lexv2-models", "lex-runtime"];

const OPENING: &str = "# What is served

Made by `cargo xtask coverage` from `models/`; do not edit. An operation that is not served answers
`UnknownOperationException` (404). The command line, `switchboard SERVICE OPERATION`, knows every operation below.
";

/// Writes the page.
///
/// # Errors
/// When `models/` cannot be read or the page not be written.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let path = root.join(PAGE);
    fs::write(&path, page(root)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// The page as it should be.
///
/// # Errors
/// When `models/` cannot be read.
pub(crate) fn page(root: &Path) -> Result<String, String> {
    Ok(written(&services(root)?))
}

/// What the README says of Amazon Connect, in numbers.
///
/// # Errors
/// When `models/` cannot be read.
pub(crate) fn headline(root: &Path) -> Result<String, String> {
    let services = services(root)?;
    let counts = services.first().map_or((0, 0), |connect| (connect.served.len(), connect.total()));
    Ok(format!("{} of {} operations", counts.0, counts.1))
}

fn services(root: &Path) -> Result<Vec<Coverage>, String> {
    let read = |name: &str| {
        let path = root.join("models").join(name);
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let served = served(&read("served.toml")?)?;
    let service = |name: &str| {
        let file = format!("{name}.json");
        let service = Service::from_json(read(&file)?.as_bytes()).map_err(|error| format!("{file}: {error}"))?;
        let served = served.get(name).map(Vec::as_slice).unwrap_or_default();
        Ok(Coverage::of(&service, served))
    };
    SERVICES.into_iter().map(service).collect()
}

/// The lists of `served.toml`, by service.
fn served(text: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let table: toml::Table = text.parse().map_err(|error| format!("served.toml: {error}"))?;
    let operations = |value: &toml::Value| -> Option<Vec<String>> {
        value.get("operations")?.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
    };
    table
        .into_iter()
        .map(|(name, value)| {
            let operations = operations(&value).ok_or_else(|| format!("served.toml: {name} has no operations"))?;
            Ok((name, operations))
        })
        .collect()
}

/// One service's operations, those that are served and the others.
struct Coverage {
    name: String,
    full_name: String,
    served: Vec<String>,
    others: Vec<String>,
}

impl Coverage {
    fn of(service: &Service, served: &[String]) -> Self {
        let (served, others) = service.operations.keys().cloned().partition(|name| served.contains(name));
        Self { name: service.name.clone(), full_name: service.full_name.clone(), served, others }
    }

    fn total(&self) -> usize {
        self.served.len() + self.others.len()
    }
}

fn written(services: &[Coverage]) -> String {
    let mut page = format!("{OPENING}\n| service | served | operations |\n|---|--:|--:|\n");
    for service in services {
        let _ = writeln!(
            page,
            "| {} (`{}`) | {} | {} |",
            service.full_name,
            service.name,
            service.served.len(),
            service.total()
        );
    }
    for service in services {
        let _ = write!(page, "\n## {}\n", service.full_name);
        section(&mut page, "Served", &service.served);
        section(&mut page, "Not served", &service.others);
    }
    page
}

fn section(page: &mut String, title: &str, operations: &[String]) {
    if !operations.is_empty() {
        let _ = write!(page, "\n{title} ({}): {}.\n", operations.len(), operations.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_counts_and_names_what_is_served() {
        let service = Coverage {
            name: "tea".to_owned(),
            full_name: "Amazon Tea".to_owned(),
            served: vec!["Brew".to_owned()],
            others: vec!["Pour".to_owned(), "Sip".to_owned()],
        };
        let page = written(&[service]);
        assert!(page.contains("| Amazon Tea (`tea`) | 1 | 3 |\n"), "{page}");
        assert!(page.ends_with("## Amazon Tea\n\nServed (1): Brew.\n\nNot served (2): Pour, Sip.\n"), "{page}");
    }

    #[test]
    fn served_toml_is_a_list_per_service() {
        assert_eq!(served("[tea]\noperations = [\"Brew\"]\n").unwrap()["tea"], ["Brew"]);
        assert!(served("[tea]\n").is_err());
    }
}
