//! `docs/fidelity.md` lists every choice made where AWS does not say, and only those.
//!
//! A choice is marked in the code by a comment that begins with the marker below. The page has one row of a table for
//! each. A row belongs to a file when its first cell names the operation that the file serves, or when the row names
//! the file's path. So a file needs as many rows as it has markers, and a path on the page needs a marker in its file.

use super::{File, Problem};

const PAGE: &str = "docs/fidelity.md";
const MARKER: &str = "AWS does not say";

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let page = files.iter().find(|file| file.path == PAGE);
    let rows: Vec<(usize, &str)> =
        page.map(|page| page.lines().filter(|(_, line)| is_row(line)).collect()).unwrap_or_default();
    let marked: Vec<(&File, Vec<usize>)> = files
        .iter()
        .filter(|file| file.extension() == "rs")
        .map(|file| (file, markers(file)))
        .filter(|(_, markers)| !markers.is_empty())
        .collect();
    let mut problems: Vec<Problem> =
        marked.iter().filter_map(|(file, markers)| unlisted(file, markers, &rows)).collect();
    for (number, row) in &rows {
        let stale = paths(row).filter(|path| !marked.iter().any(|(file, _)| file.path == **path));
        problems.extend(stale.map(|path| Problem::new(PAGE, *number, format!("no choice is marked in {path}"))));
    }
    problems
}

fn markers(file: &File) -> Vec<usize> {
    let marks = |line: &str| {
        let comment = line.trim_start().strip_prefix("//");
        comment.is_some_and(|text| text.trim_start_matches(['/', '!', ' ']).starts_with(MARKER))
    };
    file.lines().filter(|(_, line)| marks(line)).map(|(number, _)| number).collect()
}

fn is_row(line: &str) -> bool {
    line.starts_with('|') && !line.starts_with("|-") && !line.starts_with("| -")
}

fn unlisted(file: &File, markers: &[usize], rows: &[(usize, &str)]) -> Option<Problem> {
    let operation = operation(&file.path);
    let belongs = |row: &str| {
        let first = row.trim_start_matches('|').split('|').next().unwrap_or_default();
        let served = |name: &str| first.split(|c: char| !c.is_alphanumeric()).any(|word| word == name);
        operation.as_deref().is_some_and(served) || paths(row).any(|path| path == file.path)
    };
    let listed = rows.iter().filter(|(_, row)| belongs(row)).count();
    let named =
        operation.as_ref().map_or_else(|| format!("`{}`", file.path), |name| format!("{name} or `{}`", file.path));
    let missing = markers.len().saturating_sub(listed);
    (missing > 0).then(|| {
        let message = format!("{} choices, {listed} rows for {named} in {PAGE}", markers.len());
        Problem::new(&file.path, markers[listed], message)
    })
}

/// `crates/server/src/ops/connect/associate_bot.rs` serves `AssociateBot`.
fn operation(path: &str) -> Option<String> {
    let stem = path.strip_prefix("crates/server/src/ops/")?.strip_suffix(".rs")?.rsplit('/').next()?;
    if stem == "mod" {
        return None;
    }
    let capitalised = |word: &str| word[..1].to_uppercase() + &word[1..];
    Some(stem.split('_').filter(|word| !word.is_empty() && word.is_ascii()).map(capitalised).collect())
}

/// The source files that a row names in backquotes.
fn paths(row: &str) -> impl Iterator<Item = &str> {
    row.split('`').skip(1).step_by(2).filter(|word| word.ends_with(".rs"))
}

#[cfg(test)]
mod tests {
    use super::{super::file, *};

    const BOT: &str = "crates/server/src/ops/connect/associate_bot.rs";
    const ITEM: &str = "crates/domain/src/chat/item.rs";

    fn problems(code: &[(&str, usize)], page: &str) -> Vec<Problem> {
        let text = |choices: usize| format!("//! A.\n{}", format!("    // {MARKER}: so we choose.\n").repeat(choices));
        let mut files: Vec<File> = code.iter().map(|(path, choices)| file(path, &text(*choices))).collect();
        files.push(file(PAGE, page));
        check(&files)
    }

    #[test]
    fn every_choice_has_a_row() {
        let page = "| Operation | Question |\n|---|---|\n| AssociateBot, DisassociateBot | both given? |\n| items | order? `crates/domain/src/chat/item.rs` |\n";
        assert_eq!(problems(&[(BOT, 1), (ITEM, 1)], page), []);
    }

    #[test]
    fn documentation_marks_choices_too() {
        let text = format!("//! A.\n//!\n//! {MARKER} which.\n/// {MARKER}: what.\n// Here {MARKER} it.\n");
        assert_eq!(markers(&file(ITEM, &text)), [3, 4]);
    }

    #[test]
    fn the_first_choice_without_a_row_is_shown() {
        let page = "| AssociateBot | both given? |\n";
        assert_eq!(problems(&[(BOT, 2)], page)[0].line, 3);
        assert_eq!(problems(&[(ITEM, 1)], page)[0].line, 2);
    }

    #[test]
    fn another_operation_with_a_like_name_is_no_row() {
        assert_eq!(problems(&[(BOT, 1)], "| DisassociateBot | none given? |\n").len(), 1);
    }

    #[test]
    fn a_row_whose_choice_is_gone_is_stale() {
        assert_eq!(problems(&[(ITEM, 0)], "| items | order? `crates/domain/src/chat/item.rs` |\n").len(), 1);
    }
}
