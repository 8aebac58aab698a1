//! What is said of operations and members in our own words: the files of `crates/cli/help/`.
//!
//! Every operation that the server serves has a sentence or two; a member has one where its name and its limits leave
//! a question. A member is looked up as `Operation.Member`, then as `Shape.Member`, then by its name alone.

use toml::{Table, Value};

use crate::errors::Failure;

const FILES: [(&str, &str); 6] = [
    ("connect", include_str!("../../help/connect.toml")),
    ("connectparticipant", include_str!("../../help/connectparticipant.toml")),
    ("ivs-realtime", include_str!("../../help/ivs-realtime.toml")),
    ("lex-runtime", include_str!("../../help/lex-runtime.toml")),
    ("lexv2-models", include_str!("../../help/lexv2-models.toml")),
    ("lexv2-runtime", include_str!("../../help/lexv2-runtime.toml")),
];

/// Which operations the server serves.
const SERVED: &str = include_str!("../../../../models/served.toml");

/// The words for one service.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    table: Table,
    served: Vec<String>,
}

impl Texts {
    /// Reads the words for a service; there are none for one that the user has added.
    pub(crate) fn of(service: &str) -> Result<Self, Failure> {
        let file = FILES.iter().find(|(name, _)| *name == service);
        let table = file.map(|(_, text)| read(service, text)).transpose()?.unwrap_or_default();
        let served = read("what is served", SERVED)?;
        let served = served.get(service).and_then(|list| list.get("operations")).and_then(Value::as_array);
        let served = served.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(Self { table, served })
    }

    /// What the service is for.
    pub(crate) fn service(&self) -> Option<&str> {
        self.table.get("service")?.as_str()
    }

    /// What holds for all operations of the service.
    pub(crate) fn note(&self) -> Option<&str> {
        self.table.get("note")?.as_str()
    }

    pub(crate) fn operation(&self, name: &str) -> Option<&str> {
        self.entry("operations", name)
    }

    /// What is said of a member of a structure, which may be an operation's whole input or output.
    pub(crate) fn member(&self, operation: &str, shape: &str, name: &str) -> Option<&str> {
        let special = self.entry("members", &format!("{operation}.{name}"));
        special.or_else(|| self.entry("members", &format!("{shape}.{name}"))).or_else(|| self.entry("members", name))
    }

    pub(crate) fn serves(&self, operation: &str) -> bool {
        self.served.iter().any(|name| name == operation)
    }

    fn entry(&self, table: &str, key: &str) -> Option<&str> {
        self.table.get(table)?.get(key)?.as_str()
    }
}

fn read(what: &str, text: &str) -> Result<Table, Failure> {
    text.parse().map_err(|error| Failure::Other(format!("The words for {what} cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn every_operation_that_is_served_has_its_words() {
        for (name, _) in FILES {
            let texts = Texts::of(name).expect("the files are good");
            let service = catalog::service(name).expect("the file is good");
            // The server may be ahead of the model, and then there is no page yet.
            let known = texts.served.iter().filter(|name| service.operations.contains_key(*name));
            let missing: Vec<_> = known.filter(|name| texts.operation(name).is_none()).collect();
            assert!(missing.is_empty(), "write a sentence in crates/cli/help/{name}.toml for {missing:?}");
            assert!(texts.service().is_some(), "{name}");
        }
    }

    #[test]
    fn no_words_are_for_nothing() {
        for (name, _) in FILES {
            let (texts, service) = (Texts::of(name).expect("it is good"), catalog::service(name).expect("it is good"));
            let keys = |table: &str| -> Vec<String> {
                texts
                    .table
                    .get(table)
                    .and_then(Value::as_table)
                    .into_iter()
                    .flatten()
                    .map(|(key, _)| key.clone())
                    .collect()
            };
            for operation in keys("operations") {
                assert!(service.operations.contains_key(&operation), "{name} has no operation {operation}");
            }
            let has = |shape: &str, member: &str| service.shape(shape).is_some_and(|s| s.members.contains_key(member));
            for key in keys("members") {
                let known = match key.split_once('.') {
                    Some((place, member)) => match service.operations.get(place) {
                        Some(operation) => {
                            [&operation.input, &operation.output].into_iter().flatten().any(|shape| has(shape, member))
                        }
                        None => has(place, member),
                    },
                    None => service.shapes.keys().any(|shape| has(shape, &key)),
                };
                assert!(known, "{name} has no member {key}");
            }
        }
    }
}
