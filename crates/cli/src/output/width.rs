//! How many columns a text takes in a terminal.
//!
//! Characters that are wide in East Asian scripts take two, and so do those that may be wide, as `aws` counts them
//! (Unicode Standard Annex 11; the ranges in `data/wide.txt` are those of Unicode 14, which Python 3.11 knows).

use std::sync::LazyLock;

/// Ranges of wide characters, as two hexadecimal numbers a line.
const WIDE: &str = include_str!("../../data/wide.txt");

static RANGES: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| {
    let number = |text: &str| u32::from_str_radix(text, 16).ok();
    WIDE.lines().filter_map(|line| line.split_once(' ')).filter_map(|(a, b)| Some((number(a)?, number(b)?))).collect()
});

/// The columns that `text` takes.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    let c = u32::from(c);
    let after = RANGES.partition_point(|&(start, _)| start <= c);
    after.checked_sub(1).and_then(|at| RANGES.get(at)).is_some_and(|&(_, end)| c <= end)
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn wide_characters_take_two_columns() {
        for (text, expected) in
            [("", 0), ("abc", 3), ("é", 2), ("☃", 1), ("日本", 4), ("ｱ", 1), ("😀", 2), ("ß", 2), ("ñ", 1)]
        {
            assert_eq!(columns(text), expected, "{text}");
        }
    }
}
