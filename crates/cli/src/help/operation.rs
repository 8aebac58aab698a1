//! The page of one operation: its options and its answer, from the model, with our own words where there are some.

use switchboard_model::{Member, OneOrMany, Operation, Service, Shape, Type};

use super::globals;
use super::page::{Page, Section, Text};
use super::syntax::{Syntax, is_scalar, type_name};
use super::texts::Texts;
use crate::naming::kebab;
use crate::shapes;

const CLI_INPUT: &str = " Takes the whole input from a text in JSON or YAML, laid out as `--generate-cli-skeleton` \
    prints it; the text may be in a file, as in `file://input.json`. An option given beside it replaces that member. \
    JSON cannot hold arbitrary bytes: a string is taken as it stands. Only one of the two may be given.";

const SKELETON: &str = " Prints a skeleton and sends nothing. Without a value, or with `input`, it is the input in JSON, \
    ready to be filled in and given to `--cli-input-json`; with `yaml-input`, the same in YAML for \
    `--cli-input-yaml`; with `output`, the other options are checked and what an answer looks like is printed.";

/// Lays out the page of an operation, whose name is the API's.
pub(crate) fn page(service: &Service, name: &str, operation: &Operation, texts: &Texts) -> Page {
    let writer = Writer { service, texts, name, operation };
    let command = kebab(name);
    let mut page = Page::new(&command);
    page.name(&command);
    writer.description(page.section("DESCRIPTION"), &command);
    writer.synopsis(page.section("SYNOPSIS"), &command);
    writer.options(page.section("OPTIONS"));
    globals::section(&mut page);
    writer.output(page.section("OUTPUT"));
    page
}

/// Writes the sections of the page of an operation.
pub(super) struct Writer<'s> {
    pub(super) service: &'s Service,
    pub(super) texts: &'s Texts,
    pub(super) name: &'s str,
    pub(super) operation: &'s Operation,
}

impl<'s> Writer<'s> {
    fn description(&self, section: &mut Section, command: &str) {
        match self.texts.operation(self.name) {
            Some(text) => section.paragraph(0, Text::marked(text)),
            None => {
                let Operation { method, request_uri, .. } = self.operation;
                let call = format!("Calls {} of {}: {method} {request_uri}.", self.name, self.service.full_name);
                section.paragraph(0, Text::plain(call));
            }
        }
        if !self.texts.serves(self.name) {
            section.paragraph(0, Text::plain("Switchboard's own server does not serve this operation; AWS does."));
        }
        if let Some(note) = self.texts.note() {
            section.paragraph(0, Text::marked(note));
        }
        if let Some(paginator) = self.service.paginators.get(self.name) {
            let results = names(&paginator.result_key).join("`, `");
            section.paragraph(0, Text::marked(&format!(
                "`{command}` asks for page after page until it has the whole listing; `--no-paginate` asks for one. \
                 With `--output text`, `--query` sees one page at a time, which holds `{results}`."
            )));
        }
        if !self.operation.errors.is_empty() {
            section.paragraph(0, Text::plain(format!("Errors: {}.", self.operation.errors.join(", "))));
        }
        section.paragraph(0, Text::plain(format!("See also: AWS API Documentation, {}", self.name)));
        section.paragraph(0, Text::plain("See 'switchboard help' for descriptions of global parameters."));
    }

    pub(super) fn synopsis(&self, section: &mut Section, command: &str) {
        // The command stands two columns in from its options.
        let mut lines = vec![format!("  {command}")];
        for (name, member) in self.input_members() {
            let option = self.option(name, member, " | ");
            let value = if self.is_switch(member) { "" } else { " <value>" };
            let required = self.is_required(name, member);
            lines.push(if required { format!("{option}{value}") } else { format!("[{option}{value}]") });
        }
        if shapes::writes_file(self.service, self.operation) {
            lines.push("<outfile>".to_owned());
        } else {
            lines.push("[--cli-input-json | --cli-input-yaml]".to_owned());
            if self.service.paginators.contains_key(self.name) {
                lines.extend(self.paging().map(|(option, ..)| format!("[{option} <value>]")));
            }
            lines.push("[--generate-cli-skeleton <value>]".to_owned());
        }
        lines.extend(globals::synopsis());
        section.verbatim(1, lines);
    }

    pub(super) fn options(&self, section: &mut Section) {
        let input = self.operation.input.as_deref().unwrap_or_default();
        for (name, member) in self.input_members() {
            let Some(shape) = self.service.shape(&member.shape) else { continue };
            let names = self.option(name, member, "` | `");
            let required = if self.is_required(name, member) { " [required]" } else { "" };
            section.term(0, Text::marked(&format!("`{names}`")).then(format!(" ({}){required}", kind(member, shape))));
            self.about(section, 1, input, name, member);
            self.facts(section, 1, shape);
            self.inside(section, 1, &member.shape, &mut Vec::new());
            self.syntax(section, &member.shape, shape);
        }
        if shapes::writes_file(self.service, self.operation) {
            section.entry(0, "outfile", "string", "The file that the body of the answer is written to.");
            return;
        }
        let cli_input = Text::marked("`--cli-input-json` | `--cli-input-yaml` (string)");
        section.paragraph(0, cli_input.join(Text::marked(CLI_INPUT)));
        if self.service.paginators.contains_key(self.name) {
            for (option, kind, text) in self.paging() {
                section.entry(0, option, kind, text);
                if option == "--page-size" {
                    self.limits_of_a_page(section);
                }
            }
        }
        section.paragraph(0, Text::marked("`--generate-cli-skeleton` (string)").join(Text::marked(SKELETON)));
    }

    fn output(&self, section: &mut Section) {
        let shape = shapes::output(self.service, self.operation).filter(|shape| !shape.members.is_empty());
        let (Some(name), Some(shape)) = (&self.operation.output, shape) else {
            section.paragraph(0, Text::plain("None"));
            return;
        };
        self.members(section, 0, name, shape, &mut Vec::new());
    }

    /// The blocks under an option that show how its value is written.
    fn syntax(&self, section: &mut Section, name: &'s str, shape: &'s Shape) {
        let syntax = Syntax { service: self.service };
        let element = shape.member.as_ref().and_then(|member| self.service.shape(&member.shape));
        if let Some(element) = element.filter(|element| is_scalar(element.kind)) {
            section.paragraph(0, Text::plain("Syntax:"));
            section.verbatim(1, [syntax.words(element)]);
            if !element.values.is_empty() {
                section.paragraph(1, Text::plain(format!("Where valid values are: {}", element.values.join(", "))));
            }
            return;
        }
        if is_scalar(shape.kind) {
            return;
        }
        if let Some(shorthand) = syntax.shorthand(shape) {
            section.paragraph(0, Text::plain("Shorthand Syntax:"));
            section.verbatim(1, [shorthand]);
        }
        section.paragraph(0, Text::plain("JSON Syntax:"));
        section.verbatim(1, syntax.json(name));
    }

    /// What is inside a value, one entry for each part.
    fn inside(&self, section: &mut Section, level: usize, name: &'s str, stack: &mut Vec<&'s str>) {
        let Some(shape) = self.service.shape(name) else { return };
        match shape.kind {
            Type::Structure => self.members(section, level, name, shape, stack),
            Type::List => self.part(section, level, "", shape.member.as_ref(), stack),
            Type::Map => {
                self.part(section, level, "key", shape.key.as_ref(), stack);
                self.part(section, level, "value", shape.value.as_ref(), stack);
            }
            _ => {}
        }
    }

    fn members(&self, section: &mut Section, level: usize, of: &str, shape: &'s Shape, stack: &mut Vec<&'s str>) {
        for (name, member) in &shape.members {
            let Some(inner) = self.service.shape(&member.shape) else { continue };
            // An answer is not written by hand.
            let required =
                if section.heading != "OUTPUT" && shape.required.contains(name) { " [required]" } else { "" };
            let recursive = stack.contains(&member.shape.as_str());
            let ending = if recursive { " ( ... recursive ... )" } else { required };
            section.term(level, Text::plain(format!("{name} -> ({}){ending}", kind(member, inner))));
            self.about(section, level + 1, of, name, member);
            if recursive {
                continue;
            }
            self.facts(section, level + 1, inner);
            stack.push(&member.shape);
            self.inside(section, level + 1, &member.shape, stack);
            stack.pop();
        }
    }

    /// The element of a list, or the key or value of a map.
    fn part(
        &self,
        section: &mut Section,
        level: usize,
        name: &str,
        member: Option<&'s Member>,
        stack: &mut Vec<&'s str>,
    ) {
        let Some((member, shape)) = member.and_then(|member| Some((member, self.service.shape(&member.shape)?))) else {
            return;
        };
        let arrow = if name.is_empty() { "" } else { " -> " };
        let recursive = stack.contains(&member.shape.as_str());
        let ending = if recursive { " ( ... recursive ... )" } else { "" };
        section.term(level, Text::plain(format!("{name}{arrow}({}){ending}", kind(member, shape))));
        if recursive {
            return;
        }
        self.facts(section, level + 1, shape);
        stack.push(&member.shape);
        self.inside(section, level + 1, &member.shape, stack);
        stack.pop();
    }

    /// What is said of a member, and what the model says of it besides its shape.
    fn about(&self, section: &mut Section, level: usize, of: &str, name: &str, member: &Member) {
        if let Some(text) = self.texts.member(self.name, of, name) {
            section.paragraph(level, Text::marked(text));
        }
        if member.idempotency_token {
            section.paragraph(level, Text::plain("A fresh UUID is sent when it is not given."));
        }
        if member.deprecated {
            section.paragraph(level, Text::plain("Deprecated."));
        }
    }

    /// The limits of a value and the values there are.
    fn facts(&self, section: &mut Section, level: usize, shape: &Shape) {
        if shape.union {
            let members: Vec<_> = shape.members.keys().map(String::as_str).collect();
            section.paragraph(level, Text::plain(format!("Exactly one of these is given: {}.", members.join(", "))));
        }
        let limits = [("min", shape.min), ("max", shape.max)];
        let limits = limits.iter().filter_map(|(name, limit)| limit.map(|limit| (*name, number(limit))));
        let pattern = shape.pattern.iter().map(|pattern| ("pattern", pattern.clone()));
        let limits: Vec<_> = limits.chain(pattern).collect();
        if !limits.is_empty() {
            section.paragraph(level, Text::plain("Constraints:"));
        }
        for (name, limit) in limits {
            section.bullet(level, Text::plain(format!("{name}: ")).then_strong(limit));
        }
        if !shape.values.is_empty() {
            section.paragraph(level, Text::plain("Possible values:"));
        }
        for value in &shape.values {
            section.bullet(level, Text::strong(value));
        }
    }

    /// The members that are options; those that paging turns itself are not shown.
    fn input_members(&self) -> impl Iterator<Item = (&'s String, &'s Member)> {
        let paginator = self.service.paginators.get(self.name);
        let mut hidden = paginator.map(|paginator| names(&paginator.input_token)).unwrap_or_default();
        hidden.extend(paginator.and_then(|paginator| paginator.limit_key.as_deref()));
        let members = shapes::input(self.service, self.operation).map(|shape| &shape.members);
        members.into_iter().flatten().filter(move |(name, _)| !hidden.contains(&name.as_str()))
    }

    fn paging(&self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        let limited = self.service.paginators.get(self.name).is_some_and(|paginator| paginator.limit_key.is_some());
        globals::PAGING.into_iter().filter(move |(option, ..)| limited || *option != "--page-size")
    }

    /// The limits of the member that `--page-size` stands for.
    fn limits_of_a_page(&self, section: &mut Section) {
        let limit = self.service.paginators.get(self.name).and_then(|paginator| paginator.limit_key.as_deref());
        let member = limit.and_then(|name| shapes::input(self.service, self.operation)?.members.get(name));
        if let Some(shape) = member.and_then(|member| self.service.shape(&member.shape)) {
            self.facts(section, 1, shape);
        }
    }

    fn option(&self, name: &str, member: &Member, between: &str) -> String {
        let name = kebab(name);
        if self.is_switch(member) { format!("--{name}{between}--no-{name}") } else { format!("--{name}") }
    }

    fn is_switch(&self, member: &Member) -> bool {
        self.service.shape(&member.shape).is_some_and(|shape| shape.kind == Type::Boolean)
    }

    fn is_required(&self, name: &str, member: &Member) -> bool {
        let input = shapes::input(self.service, self.operation);
        !member.idempotency_token && input.is_some_and(|shape| shape.required.iter().any(|required| required == name))
    }
}

/// The type of a value, as it stands in brackets.
fn kind(member: &Member, shape: &Shape) -> String {
    if member.jsonvalue {
        return "JSON".to_owned();
    }
    let prefix = match shape.kind {
        Type::Blob if shape.streaming => "streaming ",
        Type::Structure if shape.union => "tagged union ",
        _ => "",
    };
    format!("{prefix}{}", type_name(shape.kind))
}

/// A limit as it is written: whole numbers without a fraction.
fn number(limit: f64) -> String {
    if limit.fract() == 0.0 { (limit as i64).to_string() } else { limit.to_string() }
}

fn names(one_or_many: &OneOrMany) -> Vec<&str> {
    match one_or_many {
        OneOrMany::One(name) => vec![name],
        OneOrMany::Many(names) => names.iter().map(String::as_str).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::help::screen;

    fn text(service: &str, command: &str) -> String {
        let service = catalog::service(service).expect("it exists");
        let texts = Texts::of(&service.name).expect("the words are good");
        let (name, operation) = catalog::operation(&service, command).expect("it exists");
        screen::render(&page(&service, name, operation, &texts), 80, false)
    }

    #[test]
    fn a_page_has_the_parts_of_one_of_aws() {
        let text = text("connectparticipant", "disconnect-participant");
        let top = "DISCONNECT-PARTICIPANT()                              DISCONNECT-PARTICIPANT()\n\n\n\nNAME\n       \
                   disconnect-participant -\n\nDESCRIPTION\n       ";
        assert!(text.starts_with(top), "{text}");
        let synopsis = "\nSYNOPSIS\n            disconnect-participant\n          [--client-token <value>]\n          \
                        --connection-token <value>\n          [--cli-input-json | --cli-input-yaml]\n          \
                        [--generate-cli-skeleton <value>]\n          [--debug]\n";
        assert!(text.contains(synopsis), "{text}");
        assert!(text.contains("\nOPTIONS\n       --client-token (string)\n          "), "{text}");
        assert!(text.contains("\n       --connection-token (string) [required]\n          "), "{text}");
        assert!(text.contains("\n       --cli-input-json | --cli-input-yaml (string) Takes the whole input"), "{text}");
        assert!(
            text.ends_with(&format!("\nOUTPUT\n       None\n\n\n\n{:>78}\n", "DISCONNECT-PARTICIPANT()")),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() <= 78), "{text}");
    }

    #[test]
    fn an_answer_is_told_part_by_part() {
        let text = text("ivs-realtime", "get-participant");
        let (_, output) = text.split_once("\nOUTPUT\n").expect("it is the last section");
        assert!(output.starts_with("       participant -> (structure)\n          "), "{output}");
        assert!(output.contains("\n          attributes -> (map)\n              "), "{output}");
        assert!(output.contains("\n              key -> (string)\n"), "{output}");
        assert!(!output.contains("[required]"), "{output}");
    }

    #[test]
    fn a_structure_shows_how_it_is_written() {
        let text = text("connect", "disassociate-bot");
        let expected = "\n       Shorthand Syntax:\n\n          Name=string,LexRegion=string\n\n       JSON Syntax:\n\n          \
                        {\n            \"Name\": \"string\",\n            \"LexRegion\": \"string\"\n          }\n";
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("\n          Constraints:\n\n          o min: 1\n\n          o max: 100\n"), "{text}");
    }

    #[test]
    fn switches_paging_and_files_have_their_forms() {
        let listing = text("connect", "list-queues");
        for line in ["          [--starting-token <value>]\n", "          [--page-size <value>]\n"] {
            assert!(listing.contains(line), "{listing}");
        }
        assert!(!listing.contains("--next-token"), "{listing}");
        let switch = text("ivs-realtime", "create-ingest-configuration");
        assert!(switch.contains("\n          [--insecure-ingest | --no-insecure-ingest]\n"), "{switch}");
        let file = text("lexv2-runtime", "put-session");
        assert!(file.contains("\n          <outfile>\n") && !file.contains("--generate-cli-skeleton"), "{file}");
    }

    #[test]
    fn limits_are_written_as_in_the_model() {
        assert_eq!(number(9_223_372_036_854_775_807.0), "9223372036854775807");
        assert_eq!((number(100.0), number(0.5)), ("100".to_owned(), "0.5".to_owned()));
    }

    #[test]
    fn what_holds_itself_is_told_once() {
        let text = text("lexv2-runtime", "recognize-text");
        assert!(text.contains("subSlotToElicit -> (structure) ( ... recursive ... )"), "{text}");
    }

    #[test]
    fn every_operation_has_a_page() {
        for name in ["connect", "connectparticipant", "ivs-realtime", "lex-runtime", "lexv2-models", "lexv2-runtime"] {
            let service = catalog::service(name).expect("it exists");
            let texts = Texts::of(name).expect("the words are good");
            for (name, operation) in &service.operations {
                let page = page(&service, name, operation, &texts);
                assert_eq!(page.sections.len(), 6, "{name}");
            }
        }
    }
}
