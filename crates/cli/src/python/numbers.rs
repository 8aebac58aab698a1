//! Numbers as Python reads and writes them.

use crate::value::Int;

/// What `int()` makes of a text: blanks around it, a sign, and single underscores between digits are fine.
pub(crate) fn int(text: &str) -> Option<Int> {
    Int::parse(&without_underscores(text.trim())?)
}

/// What `float()` makes of a text: besides the above, a fraction, an exponent, infinity and "not a number".
pub(crate) fn float(text: &str) -> Option<f64> {
    // Rust knows the same words for the special values, in any case.
    without_underscores(text.trim())?.parse().ok()
}

/// Underscores may stand between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let fits = |at: usize| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
    let all_fit = text.match_indices('_').all(|(at, _)| fits(at));
    all_fit.then(|| text.replace('_', ""))
}

/// The shortest digits that give the number back, with an exponent below 1e-4 and from 1e16 on.
pub(crate) fn float_repr(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    if !float.is_finite() {
        return float.to_string();
    }
    let scientific = format!("{float:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = float.to_string();
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_have_the_shortest_form() {
        for (float, expected) in [
            (12.0, "12.0"),
            (0.1, "0.1"),
            (1e-7, "1e-07"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (123_456_789_012_345_680_000.0, "1.2345678901234568e+20"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (-0.0, "-0.0"),
            (1_700_000_000.123, "1700000000.123"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            assert_eq!(float_repr(float), expected);
        }
    }

    #[test]
    fn integers_are_read_as_int_reads_them() {
        for (text, expected) in
            [(" +5 ", "5"), ("1_000", "1000"), ("-5", "-5"), ("99999999999999999999", "99999999999999999999")]
        {
            assert_eq!(int(text).map(|int| int.to_string()).as_deref(), Some(expected));
        }
        for bad in ["", "1.5", "1e3", "abc", "_1", "1__0", "- 5", "1_"] {
            assert_eq!(int(bad), None, "{bad}");
        }
    }

    #[test]
    fn floats_are_read_as_float_reads_them() {
        for (text, expected) in
            [("1e3", 1000.0), (" 1_0.5 ", 10.5), ("-.5", -0.5), ("5.", 5.0), ("Infinity", f64::INFINITY)]
        {
            assert_eq!(float(text), Some(expected), "{text}");
        }
        assert!(float("nan").is_some_and(f64::is_nan));
        for bad in ["x", "", "1_.5", "1e", "0x1"] {
            assert_eq!(float(bad), None, "{bad}");
        }
    }
}
