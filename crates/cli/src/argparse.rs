//! Sorts words into options, arguments and the rest, as Python's argparse does for `aws`.
//!
//! One rule: a word means what argparse takes it for, oddities included. Options and arguments mix freely; a word that
//! begins with a hyphen is an option, unless it is a negative number, has a blank in it, or is the hyphen alone; an
//! option may be shortened to any beginning that is unique; `--` ends the options.

use crate::errors::Failure;

/// How many words an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    /// One, or none at all.
    Perhaps,
    One,
    Any,
}

/// One option, named without its leading hyphens.
#[derive(Debug, Clone)]
pub(crate) struct Opt<M> {
    pub(crate) name: String,
    pub(crate) takes: Takes,
    pub(crate) meaning: M,
}

/// A set of options, and how many arguments without a name there are. The last of them may be left out.
#[derive(Debug)]
pub(crate) struct Parser<M> {
    pub(crate) options: Vec<Opt<M>>,
    pub(crate) arguments: usize,
}

/// The words sorted.
#[derive(Debug)]
pub(crate) struct Sorted<M> {
    /// The options in the order given, with their values.
    pub(crate) options: Vec<(M, Vec<String>)>,
    pub(crate) arguments: Vec<String>,
    /// What belongs to neither.
    pub(crate) rest: Vec<String>,
}

/// What a word is.
pub(crate) enum Word<'p, 'w, M> {
    /// An option, perhaps with its value behind `=`.
    Option(&'p Opt<M>, Option<&'w str>),
    /// Looks like an option and is none of ours.
    Unknown,
    Plain,
}

impl<M: Copy> Parser<M> {
    /// Sorts all words.
    ///
    /// # Errors
    /// When an option is ambiguous, or has too many values or too few.
    pub(crate) fn sort(&self, words: &[String]) -> Result<Sorted<M>, Failure> {
        let mut sorted = Sorted { options: Vec::new(), arguments: Vec::new(), rest: Vec::new() };
        // Once a run of words has filled an argument, those behind it that may be left out are settled too.
        let mut is_settled = self.arguments == 0;
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if word == "--" {
                self.fill(&words[at + 1..], &mut sorted, &mut is_settled);
                break;
            }
            match self.classify(word)? {
                Word::Unknown => {
                    sorted.rest.push(word.clone());
                    at += 1;
                }
                Word::Option(option, inline) => {
                    let values = self.values(option, inline, &words[at + 1..])?;
                    at += 1 + if inline.is_some() { 0 } else { values.len() };
                    sorted.options.push((option.meaning, values));
                }
                Word::Plain => {
                    let end = self.run(words, at)?;
                    self.fill(&words[at..end], &mut sorted, &mut is_settled);
                    at = end;
                }
            }
        }
        Ok(sorted)
    }

    /// Where the run of plain words that starts at `from` ends.
    fn run(&self, words: &[String], from: usize) -> Result<usize, Failure> {
        let mut end = from;
        while let Some(word) = words.get(end) {
            if word == "--" || !self.is_value(word)? {
                break;
            }
            end += 1;
        }
        Ok(end)
    }

    fn fill(&self, run: &[String], sorted: &mut Sorted<M>, is_settled: &mut bool) {
        let open = if *is_settled { 0 } else { self.arguments - sorted.arguments.len() };
        let taken = open.min(run.len());
        sorted.arguments.extend_from_slice(&run[..taken]);
        sorted.rest.extend_from_slice(&run[taken..]);
        *is_settled = *is_settled || taken > 0;
    }

    /// The words that belong to an option.
    fn values(&self, option: &Opt<M>, inline: Option<&str>, behind: &[String]) -> Result<Vec<String>, Failure> {
        let wrong = |problem: String| Err(Failure::Usage(format!("argument --{}: {problem}", option.name)));
        if let Some(value) = inline {
            if option.takes == Takes::Nothing {
                return wrong(format!("ignored explicit argument '{value}'"));
            }
            return Ok(vec![value.to_owned()]);
        }
        let most = match option.takes {
            Takes::Nothing => 0,
            Takes::Perhaps | Takes::One => 1,
            Takes::Any => behind.len(),
        };
        let end = self.run(&behind[..most.min(behind.len())], 0)?;
        if option.takes == Takes::One && end == 0 {
            return wrong("expected one argument".to_owned());
        }
        Ok(behind[..end].to_vec())
    }

    fn is_value(&self, word: &str) -> Result<bool, Failure> {
        Ok(matches!(self.classify(word)?, Word::Plain))
    }

    /// Tells options from values.
    ///
    /// # Errors
    /// When an option is shortened to what several begin with.
    pub(crate) fn classify<'w>(&self, word: &'w str) -> Result<Word<'_, 'w, M>, Failure> {
        if !word.starts_with('-') || word == "-" {
            return Ok(Word::Plain);
        }
        if let Some(typed) = word.strip_prefix("--").filter(|typed| !typed.is_empty()) {
            let (name, value) = match typed.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (typed, None),
            };
            if let Some(found) = self.find(name)? {
                return Ok(Word::Option(found, value));
            }
        }
        let plain = is_negative_number(word) || word.contains(' ');
        Ok(if plain { Word::Plain } else { Word::Unknown })
    }

    fn find(&self, typed: &str) -> Result<Option<&Opt<M>>, Failure> {
        if let Some(exact) = self.options.iter().find(|option| option.name == typed) {
            return Ok(Some(exact));
        }
        let near: Vec<_> = self.options.iter().filter(|option| option.name.starts_with(typed)).collect();
        match near.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            several => {
                let names: Vec<_> = several.iter().map(|option| format!("--{}", option.name)).collect();
                Err(Failure::Usage(format!("ambiguous option: --{typed} could match {}", names.join(", "))))
            }
        }
    }
}

/// `-5`, `-1.5` and `-.5`.
fn is_negative_number(word: &str) -> bool {
    let Some(number) = word.strip_prefix('-') else { return false };
    let (whole, fraction) = number.split_once('.').unwrap_or(("", number));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    !fraction.is_empty() && digits(whole) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parser(arguments: usize) -> Parser<&'static str> {
        let option = |name: &'static str, takes| Opt { name: name.to_owned(), takes, meaning: name };
        let options = vec![
            option("region", Takes::One),
            option("registry", Takes::One),
            option("flag", Takes::Nothing),
            option("list", Takes::Any),
            option("skeleton", Takes::Perhaps),
        ];
        Parser { options, arguments }
    }

    fn sorted(arguments: usize, line: &str) -> Result<String, Failure> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let sorted = parser(arguments).sort(&words)?;
        Ok(format!("{:?} {:?} {:?}", sorted.options, sorted.arguments, sorted.rest))
    }

    #[test]
    fn words_are_sorted() {
        for (arguments, line, expected) in [
            (1, "a --region r b", r#"[("region", ["r"])] ["a"] ["b"]"#),
            (1, "--region=r --nope x y", r#"[("region", ["r"])] ["x"] ["--nope", "y"]"#),
            (2, "a --flag b", r#"[("flag", [])] ["a"] ["b"]"#),
            (2, "--flag a b c", r#"[("flag", [])] ["a", "b"] ["c"]"#),
            (0, "--list a -5 --skeleton --list", r#"[("list", ["a", "-5"]), ("skeleton", []), ("list", [])] [] []"#),
            (0, "--skeleton a b", r#"[("skeleton", ["a"])] [] ["b"]"#),
            (1, "-- --flag", r#"[] ["--flag"] []"#),
            (1, "- -x", r#"[] ["-"] ["-x"]"#),
            (0, "--regis r --fl", r#"[("registry", ["r"]), ("flag", [])] [] []"#),
        ] {
            assert_eq!(sorted(arguments, line).as_deref(), Ok(expected), "{line}");
        }
    }

    #[test]
    fn too_much_and_too_little_are_told() {
        for (line, expected) in [
            ("--region", "argument --region: expected one argument"),
            ("--region --flag", "argument --region: expected one argument"),
            ("--region -x", "argument --region: expected one argument"),
            ("--flag=true", "argument --flag: ignored explicit argument 'true'"),
            ("--reg x", "ambiguous option: --reg could match --region, --registry"),
        ] {
            assert_eq!(sorted(1, line), Err(Failure::Usage(expected.to_owned())), "{line}");
        }
    }

    #[test]
    fn negative_numbers_are_values() {
        let is_plain = |word: &str| parser(0).is_value(word);
        for word in ["", "-", "x", "-5", "-1.5", "-.5", "-a b", "--a b"] {
            assert_eq!(is_plain(word), Ok(true), "{word:?}");
        }
        for word in ["-x", "--nope", "--nope=1", "-5x", "-5.", "--flag"] {
            assert_eq!(is_plain(word), Ok(false), "{word:?}");
        }
    }
}
