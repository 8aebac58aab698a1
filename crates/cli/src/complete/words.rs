//! From what was typed to words, as a shell parts them.

/// Parts a line; the last word is the one that is being typed, which may be empty.
pub(super) fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut inside = false;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                inside = true;
            }
            (None | Some('"'), '\\') => {
                word.extend(letters.next());
                inside = true;
            }
            (None, letter) if letter.is_whitespace() => {
                if inside {
                    words.push(std::mem::take(&mut word));
                }
                inside = false;
            }
            (_, letter) => {
                word.push(letter);
                inside = true;
            }
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        assert_eq!(split("a  'b c' \"d\\\"e\" f\\ g h"), ["a", "b c", "d\"e", "f g", "h"]);
        assert_eq!(split("a b "), ["a", "b", ""]);
        assert_eq!(split("a '' 'b c"), ["a", "", "b c"]);
        assert_eq!(split(""), [""]);
    }
}
