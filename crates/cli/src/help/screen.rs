//! A page of help as a terminal shows it: the layout of the pages that `aws … help` prints.
//!
//! A page is two columns narrower than the terminal. Sections stand at the margin, their text seven columns in, and
//! each level further in by three and a half, rounded down, as groff does it. Words are neither hyphenated nor spread,
//! so that an option's name can be searched for and copied.

use super::page::{Block, Kind, Page, Text};

const MARGIN: usize = 7;

/// Lines are never made narrower than this, however deep.
const NARROWEST: usize = 24;

/// Lays a page out for a terminal of so many columns; `styled` adds escapes for bold.
pub(crate) fn render(page: &Page, columns: usize, styled: bool) -> String {
    let width = columns.saturating_sub(2).max(MARGIN + NARROWEST);
    let title = format!("{}()", page.title.to_uppercase());
    let gap = width.saturating_sub(2 * title.chars().count()).max(1);
    let mut screen = Screen { out: format!("{title}{}{title}\n\n\n\n", " ".repeat(gap)), width, styled };
    for section in &page.sections {
        screen.words(0, 0, &Text::strong(section.heading));
        screen.blocks(&section.blocks);
        screen.out.push('\n');
    }
    screen.out.push_str(&format!("\n\n{title:>width$}\n"));
    screen.out
}

struct Screen {
    out: String,
    width: usize,
    styled: bool,
}

/// The column at which a level begins.
fn column(level: usize) -> usize {
    MARGIN + level * 7 / 2
}

impl Screen {
    fn blocks(&mut self, blocks: &[Block]) {
        let mut after: Option<&Kind> = None;
        for block in blocks {
            let parted = after.is_some_and(|before| !matches!(before, Kind::Term(_)));
            if parted || matches!((after, &block.kind), (Some(_), Kind::Term(_))) {
                self.out.push('\n');
            }
            let column = column(block.level);
            match &block.kind {
                Kind::Paragraph(text) | Kind::Term(text) => self.words(column, column, text),
                Kind::Bullet(text) => self.words(column, column + 2, &Text::plain("o ").join(text.clone())),
                Kind::Verbatim(lines) => self.lines(column, lines),
            }
            after = Some(&block.kind);
        }
    }

    fn lines(&mut self, column: usize, lines: &[String]) {
        for line in lines {
            let line = format!("{}{line}", " ".repeat(column));
            self.out.push_str(line.trim_end());
            self.out.push('\n');
        }
    }

    /// Words from `first` on the first line and from `rest` on the others.
    fn words(&mut self, first: usize, rest: usize, text: &Text) {
        let width = self.width.max(rest + NARROWEST);
        let mut line: Vec<(char, bool)> = vec![(' ', false); first];
        let mut is_empty = true;
        for word in words(text) {
            let fits_nowhere = rest + word.len() > width;
            if !is_empty && !fits_nowhere && line.len() + 1 + word.len() > width {
                self.line(&line);
                line = vec![(' ', false); rest];
                is_empty = true;
            }
            if !is_empty {
                line.push((' ', false));
            }
            line.extend(word);
            is_empty = false;
        }
        self.line(&line);
    }

    fn line(&mut self, line: &[(char, bool)]) {
        let mut strong = false;
        for &(letter, wants_strong) in line {
            if self.styled && wants_strong != strong {
                self.out.push_str(if wants_strong { "\u{1b}[1m" } else { "\u{1b}[0m" });
                strong = wants_strong;
            }
            self.out.push(letter);
        }
        if strong {
            self.out.push_str("\u{1b}[0m");
        }
        self.out.push('\n');
    }
}

/// The words of a text, letter by letter with their stress.
fn words(text: &Text) -> Vec<Vec<(char, bool)>> {
    let letters = text.0.iter().flat_map(|span| span.text.chars().map(|letter| (letter, span.strong)));
    let mut words = vec![Vec::new()];
    for letter in letters {
        match (letter.0.is_whitespace(), words.last_mut()) {
            (false, Some(word)) => word.push(letter),
            _ => words.push(Vec::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let mut page = Page::new("get-it");
        page.name("get-it");
        let section = page.section("OPTIONS");
        section.entry(0, "--name", "string", "The name of what is got, which may be said at some length or not.");
        section.term(1, Text::plain("key -> (string)"));
        section.bullet(2, Text::plain("max: 3"));
        section.paragraph(0, Text::plain("Syntax:"));
        section.verbatim(1, ["{", "  1", "}"]);
        page
    }

    #[test]
    fn the_layout_is_that_of_a_manual() {
        let expected = "\
GET-IT()                                          GET-IT()



NAME
       get-it -

OPTIONS
       --name (string)
          The name of what is got, which may be said at
          some length or not.

          key -> (string)
              o max: 3

       Syntax:

          {
            1
          }



                                                  GET-IT()
";
        assert_eq!(render(&page(), 60, false), expected);
    }

    #[test]
    fn stress_is_for_terminals() {
        let text = render(&page(), 60, true);
        assert!(text.contains("\n\u{1b}[1mNAME\u{1b}[0m\n"), "{text}");
        assert!(text.contains("       \u{1b}[1m--name\u{1b}[0m (string)\n"), "{text}");
    }

    #[test]
    fn a_long_word_and_a_narrow_terminal_do_no_harm() {
        let mut page = Page::new("x");
        page.section("A").paragraph(9, Text::plain(format!("a {} b", "long".repeat(50))));
        for line in render(&page, 1, false).lines() {
            assert!(line.len() < 300);
        }
    }
}
