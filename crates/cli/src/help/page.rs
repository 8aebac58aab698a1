//! A page of help, before it is laid out.
//!
//! One rule: a page says what stands where and how deep, never how it looks; [`super::screen`] and [`super::roff`] make
//! a terminal's page and a manual's page of the same one.

/// A page, named as in its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) sections: Vec<Section>,
}

/// What stands under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) heading: &'static str,
    pub(crate) blocks: Vec<Block>,
}

/// One piece of a section; level 0 is the section's own margin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) level: usize,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Words that flow.
    Paragraph(Text),
    /// What is explained by the block right under it.
    Term(Text),
    Bullet(Text),
    /// Lines that stay as they are.
    Verbatim(Vec<String>),
}

/// Words, some of them stressed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) Vec<Span>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) strong: bool,
}

impl Text {
    /// Words as they are.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::default().and(text, false)
    }

    pub(crate) fn strong(text: impl Into<String>) -> Self {
        Self::default().and(text, true)
    }

    /// Words in which those between backticks are stressed.
    pub(crate) fn marked(text: &str) -> Self {
        let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
        Self(parts.map(|(at, part)| Span { text: part.to_owned(), strong: at % 2 == 1 }).collect())
    }

    pub(crate) fn then(self, text: impl Into<String>) -> Self {
        self.and(text, false)
    }

    pub(crate) fn then_strong(self, text: impl Into<String>) -> Self {
        self.and(text, true)
    }

    /// This text with another behind it.
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn and(mut self, text: impl Into<String>, strong: bool) -> Self {
        self.0.push(Span { text: text.into(), strong });
        self
    }
}

impl Page {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), sections: Vec::new() }
    }

    /// Opens a section at the page's end.
    pub(crate) fn section(&mut self, heading: &'static str) -> &mut Section {
        self.sections.push(Section { heading, blocks: Vec::new() });
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    /// The first section, the same on every page.
    pub(crate) fn name(&mut self, name: &str) {
        self.section("NAME").paragraph(0, Text::plain(format!("{name} -")));
    }
}

impl Section {
    pub(crate) fn paragraph(&mut self, level: usize, text: Text) {
        self.blocks.push(Block { level, kind: Kind::Paragraph(text) });
    }

    pub(crate) fn term(&mut self, level: usize, text: Text) {
        self.blocks.push(Block { level, kind: Kind::Term(text) });
    }

    pub(crate) fn bullet(&mut self, level: usize, text: Text) {
        self.blocks.push(Block { level, kind: Kind::Bullet(text) });
    }

    pub(crate) fn verbatim(&mut self, level: usize, lines: impl IntoIterator<Item = impl Into<String>>) {
        let lines = lines.into_iter().map(Into::into).collect();
        self.blocks.push(Block { level, kind: Kind::Verbatim(lines) });
    }

    /// A name with the type of its value, and what is said of it.
    pub(crate) fn entry(&mut self, level: usize, name: &str, kind: &str, text: &str) {
        self.term(level, Text::strong(name).then(format!(" ({kind})")));
        self.paragraph(level + 1, Text::marked(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_stress() {
        let expected = Text::plain("Use ").then_strong("--output").then(" now");
        assert_eq!(Text::marked("Use `--output` now"), expected);
        assert_eq!(Text::marked("`a`"), Text::strong("a"));
    }
}
