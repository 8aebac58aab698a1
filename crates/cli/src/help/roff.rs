//! A page of help as the source of a manual page, for `man`.
//!
//! Macros are those of the `man` package that every roff knows ("groff_man(7)").

use super::page::{Kind, Page, Text};

/// The page under the name it is found by.
pub(crate) fn render(page: &Page, name: &str) -> String {
    let program = concat!("switchboard ", env!("CARGO_PKG_VERSION"));
    // Nothing stands between the two titles: most leave no room for it.
    let mut out = format!(".TH \"{}\" \"1\" \"\" \"{program}\" \"\"\n", escape(&name.to_uppercase()));
    // Neither hyphenated nor spread, as on the screen.
    out.push_str(".nh\n.ad l\n");
    for section in &page.sections {
        out.push_str(&format!(".SH {}\n", section.heading));
        let mut level = 0;
        let mut tight = false;
        for block in &section.blocks {
            shift(&mut out, &mut level, block.level);
            if !tight {
                out.push_str(".PP\n");
            }
            match &block.kind {
                Kind::Paragraph(text) => line(&mut out, text),
                Kind::Term(text) => {
                    line(&mut out, text);
                    out.push_str(".br\n");
                }
                Kind::Bullet(text) => {
                    out.push_str(".IP \\(bu 2\n");
                    line(&mut out, text);
                }
                Kind::Verbatim(lines) => verbatim(&mut out, lines),
            }
            tight = matches!(block.kind, Kind::Term(_));
        }
        shift(&mut out, &mut level, 0);
    }
    out
}

/// Goes to another level.
fn shift(out: &mut String, level: &mut usize, to: usize) {
    while *level < to {
        out.push_str(".RS 4\n");
        *level += 1;
    }
    while *level > to {
        out.push_str(".RE\n");
        *level -= 1;
    }
}

fn line(out: &mut String, text: &Text) {
    let mut line = String::new();
    for span in &text.0 {
        let words = escape(&span.text.replace('\n', " "));
        line.push_str(&if span.strong { format!("\\fB{words}\\fP") } else { words });
    }
    out.push_str(&guarded(&line));
    out.push('\n');
}

fn verbatim(out: &mut String, lines: &[String]) {
    out.push_str(".nf\n");
    for line in lines {
        out.push_str(&guarded(&escape(line)));
        out.push('\n');
    }
    out.push_str(".fi\n");
}

/// A line that is not taken for a command.
fn guarded(line: &str) -> String {
    if line.starts_with(['.', '\'', ' ']) || line.is_empty() { format!("\\&{line}") } else { line.to_owned() }
}

/// Backslashes begin commands, and a bare hyphen is printed as a typographer's.
fn escape(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_a_command() {
        let mut page = Page::new("x");
        let section = page.section("A");
        section.entry(0, "--a-b", "string", "One \\d+ two.");
        section.verbatim(1, [".hidden", "'quoted'", ""]);
        let out = render(&page, "switchboard-x");
        let expected = ".SH A\n.PP\n\\fB\\-\\-a\\-b\\fP (string)\n.br\n.RS 4\nOne \\ed+ two.\n.PP\n\
                        .nf\n\\&.hidden\n\\&'quoted'\n\\&\n.fi\n.RE\n";
        assert!(out.ends_with(expected), "{out}");
        assert!(out.starts_with(".TH \"SWITCHBOARD\\-X\" \"1\""), "{out}");
    }
}
