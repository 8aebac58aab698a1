//! How many tests there were, read from the closing lines of cargo test, pytest and node's test runner.

use std::{fmt, ops::AddAssign};

/// Tests by how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

impl Count {
    /// Tests that really ran.
    pub(super) fn ran(self) -> u64 {
        self.passed + self.failed
    }

    fn add(&mut self, number: u64, word: &str) -> Option<()> {
        match word {
            "passed" | "pass" | "xfailed" => self.passed += number,
            "failed" | "fail" | "cancelled" | "error" | "errors" | "xpassed" => self.failed += number,
            "ignored" | "skipped" | "todo" => self.skipped += number,
            "measured" | "deselected" | "warning" | "warnings" | "rerun" => {}
            _ => return None,
        }
        Some(())
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}

/// What one line of a runner's output adds; nothing, for all but its closing lines.
pub(super) fn read(line: &str) -> Count {
    let line = line.trim();
    cargo(line).or_else(|| pytest(line)).or_else(|| node(line)).unwrap_or_default()
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s`
fn cargo(line: &str) -> Option<Count> {
    let numbers = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let mut count = Count::default();
    for part in numbers.split("; ") {
        // "2 filtered out" and "finished in …" are neither.
        let Some((number, word)) = number_and_word(part) else { continue };
        count.add(number, word);
    }
    Some(count)
}

/// `===== 1 failed, 3 passed, 1 skipped in 0.52s =====`
fn pytest(line: &str) -> Option<Count> {
    let numbers = line.strip_prefix('=')?.trim_matches('=').trim().rsplit_once(" in ")?.0;
    let mut count = Count::default();
    for part in numbers.split(", ") {
        let (number, word) = number_and_word(part)?;
        count.add(number, word)?;
    }
    Some(count)
}

/// `ℹ pass 3`, one line for each way to end.
fn node(line: &str) -> Option<Count> {
    let (word, number) = line.strip_prefix("ℹ ")?.split_once(' ')?;
    let mut count = Count::default();
    count.add(number.parse().ok()?, word)?;
    Some(count)
}

fn number_and_word(part: &str) -> Option<(u64, &str)> {
    let (number, word) = part.split_once(' ')?;
    Some((number.parse().ok()?, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(passed: u64, failed: u64, skipped: u64) -> Count {
        Count { passed, failed, skipped }
    }

    #[test]
    fn reads_cargo() {
        let line = "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.01s";
        assert_eq!(read(line), count(3, 2, 1));
    }

    #[test]
    fn reads_pytest() {
        assert_eq!(read("======== 1 failed, 3 passed, 2 skipped, 1 error in 0.52s ========"), count(3, 2, 2));
        assert_eq!(read("===== 12 passed, 3 deselected, 1 warning in 61.20s (0:01:01) ====="), count(12, 0, 0));
    }

    #[test]
    fn reads_node() {
        let mut total = Count::default();
        for line in ["ℹ tests 7", "ℹ suites 1", "ℹ pass 4", "ℹ fail 1", "ℹ cancelled 1", "ℹ skipped 1", "ℹ todo 0"]
        {
            total += read(line);
        }
        assert_eq!(total, count(4, 2, 1));
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in
            ["", "test chat ... ok", "===== FAILURES =====", "=== short test summary info ===", "ℹ fail_fast on"]
        {
            assert_eq!(read(line), Count::default(), "{line}");
        }
    }

    #[test]
    fn says_skipped_only_where_some_were() {
        assert_eq!(count(3, 0, 0).to_string(), "3 passed, 0 failed");
        assert_eq!(count(3, 1, 2).to_string(), "3 passed, 1 failed, 2 skipped");
    }
}
