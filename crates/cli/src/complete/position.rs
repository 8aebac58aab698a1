//! Where in a command the word stands that is being typed.

use crate::argparse::{Opt, Parser, Takes, Word};
use crate::options;

/// What is known of the words before the one that is being typed.
#[derive(Debug, Default)]
pub(super) struct Position {
    /// The words that are no options and no values of options, up to the two that name an operation.
    pub(super) names: Vec<String>,
    /// The options that were given, by their full names, with the values they have.
    pub(super) given: Vec<(String, Vec<String>)>,
    /// The option whose value is being typed.
    pub(super) awaiting: Option<String>,
    /// The awaited value may also be missing: a list may be over.
    pub(super) may_be_over: bool,
}

impl Position {
    /// Reads the words as long as only global options are known, which is up to the second name.
    pub(super) fn of_names(words: &[String]) -> (Self, &[String]) {
        let mut position = Self::default();
        let table = Parser { options: options::globals(), arguments: 0 };
        let mut rest = words;
        while let (Some((_, behind)), true) = (rest.split_first(), position.names.len() < 2) {
            rest = position.step(&table, rest).unwrap_or(behind);
        }
        (position, rest)
    }

    /// Reads the words behind the names of an operation.
    pub(super) fn go_on<M: Copy>(&mut self, table: &Parser<M>, words: &[String]) {
        let mut rest = words;
        while let Some((_, behind)) = rest.split_first() {
            rest = self.step(table, rest).unwrap_or(behind);
        }
    }

    /// The value of an option.
    pub(super) fn value(&self, option: &str) -> Option<&str> {
        let (_, values) = self.given.iter().rev().find(|(name, _)| name == option)?;
        values.first().map(String::as_str)
    }

    pub(super) fn is_given(&self, option: &str) -> bool {
        self.given.iter().any(|(name, _)| name == option)
    }

    /// Reads one word with the values that belong to it, and returns what is behind them.
    fn step<'w, M: Copy>(&mut self, table: &Parser<M>, words: &'w [String]) -> Option<&'w [String]> {
        let (word, rest) = words.split_first()?;
        match table.classify(word) {
            Ok(Word::Option(option, inline)) => Some(self.option(table, option, inline, rest)),
            Ok(Word::Plain) => {
                self.names.push(word.clone());
                None
            }
            // A beginning that fits several options is none yet.
            Ok(Word::Unknown) | Err(_) => None,
        }
    }

    fn option<'w, M: Copy>(
        &mut self,
        table: &Parser<M>,
        option: &Opt<M>,
        inline: Option<&str>,
        rest: &'w [String],
    ) -> &'w [String] {
        let plain = |word: &&String| matches!(table.classify(word), Ok(Word::Plain));
        let count = match (option.takes, inline) {
            (Takes::Nothing, _) | (_, Some(_)) => 0,
            (Takes::One | Takes::Perhaps, None) => rest.iter().take(1).take_while(plain).count(),
            (Takes::Any, None) => rest.iter().take_while(plain).count(),
        };
        let mut values: Vec<String> = inline.map(str::to_owned).into_iter().collect();
        values.extend_from_slice(&rest[..count]);
        let is_open = match option.takes {
            Takes::Nothing => false,
            Takes::One | Takes::Perhaps => values.is_empty(),
            Takes::Any => inline.is_none(),
        };
        if is_open && count == rest.len() {
            self.awaiting = Some(option.name.clone());
            self.may_be_over = matches!(option.takes, Takes::Any | Takes::Perhaps);
        }
        self.given.push((option.name.clone(), values));
        &rest[count..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn names_and_global_options_mix() {
        let words = words("--region r connect --output=json list-bots --instance-id x");
        let (position, rest) = Position::of_names(&words);
        assert_eq!(position.names, ["connect", "list-bots"]);
        assert_eq!(position.value("region"), Some("r"));
        assert_eq!(position.value("output"), Some("json"));
        assert_eq!(rest, ["--instance-id", "x"]);
    }

    #[test]
    fn a_value_is_awaited() {
        let words = words("connect --region");
        let (position, _) = Position::of_names(&words);
        assert_eq!(position.awaiting.as_deref(), Some("region"));
        assert!(!position.may_be_over);
    }
}
