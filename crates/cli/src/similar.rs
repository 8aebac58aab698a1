//! Words that look like a word that was mistyped.
//!
//! The measure is the one `aws` takes from Python ("difflib"): twice the letters that match, in the longest common
//! pieces and what lies on either side of them, over all letters of both.

/// How alike two words must be.
const CUTOFF: f64 = 0.8;

/// How many words are offered.
const MOST: usize = 3;

/// The most similar of `choices`, the best first.
pub(crate) fn similar(word: &str, choices: impl Iterator<Item = String>) -> Vec<String> {
    let mut near: Vec<(f64, String)> =
        choices.map(|choice| (ratio(&choice, word), choice)).filter(|(ratio, _)| *ratio >= CUTOFF).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.cmp(&a.1)));
    near.into_iter().take(MOST).map(|(_, choice)| choice).collect()
}

/// The words in which they are offered, to stand behind an error; none where nothing is near.
pub(crate) fn offer(near: &[String]) -> String {
    if near.is_empty() {
        return String::new();
    }
    let names: String = near.iter().map(|name| format!("\n  * {name}")).collect();
    format!("\n\nMaybe you meant:\n{names}")
}

#[allow(clippy::cast_precision_loss, reason = "words are short")]
fn ratio(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let letters = a.len() + b.len();
    if letters == 0 {
        return 1.0;
    }
    2.0 * matches(&a, &b) as f64 / letters as f64
}

/// The letters in the longest common piece, and in those to its left and right.
fn matches(a: &[char], b: &[char]) -> usize {
    let (mut start_a, mut start_b, mut longest) = (0, 0, 0);
    for i in 0..a.len() {
        for j in 0..b.len() {
            let length = a[i..].iter().zip(&b[j..]).take_while(|(x, y)| x == y).count();
            if length > longest {
                (start_a, start_b, longest) = (i, j, length);
            }
        }
    }
    if longest == 0 {
        return 0;
    }
    let left = matches(&a[..start_a], &b[..start_b]);
    left + longest + matches(&a[start_a + longest..], &b[start_b + longest..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_is_that_of_difflib() {
        for (a, b, expected) in
            [("abcd", "bcde", 0.75), ("list-bots", "lits-bots", 8.0 / 9.0), ("a", "b", 0.0), ("", "", 1.0)]
        {
            assert!((ratio(a, b) - expected).abs() < 1e-9, "{a} {b}");
        }
    }

    #[test]
    fn the_nearest_come_first() {
        let choices = ["list-bots", "list-lex-bots", "list-users", "list-bot"];
        let found = similar("list-bts", choices.iter().map(|&choice| choice.to_owned()));
        assert_eq!(found, ["list-bots", "list-bot"]);
    }
}
