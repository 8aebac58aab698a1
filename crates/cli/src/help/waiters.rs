//! The pages of `wait`: what is waited for in a service, and how.

use switchboard_model::{Service, Waiter};

use super::operation::Writer;
use super::page::{Page, Text};
use super::{globals, texts::Texts};
use crate::catalog;
use crate::errors::Failure;
use crate::naming::kebab;

/// The page of everything that is waited for in a service.
pub(super) fn overview(service: &Service) -> Page {
    let mut page = Page::new(catalog::WAIT);
    page.name(catalog::WAIT);
    let text = "Waits until something has come about: the service is asked again and again.";
    page.section("DESCRIPTION").paragraph(0, Text::plain(text));
    let section = page.section("AVAILABLE COMMANDS");
    let mut names: Vec<_> = service.waiters.keys().map(|name| kebab(name)).collect();
    names.sort();
    for name in names {
        section.bullet(0, Text::plain(name));
    }
    page
}

/// The page of one waiter: the options are those of the operation that it calls.
pub(super) fn page(service: &Service, name: &str, waiter: &Waiter, texts: &Texts) -> Result<Page, Failure> {
    let command = kebab(name);
    let (name, operation) = catalog::operation(service, &kebab(&waiter.operation))?;
    let writer = Writer { service, texts, name, operation };
    let mut page = Page::new(&command);
    page.name(&command);
    page.section("DESCRIPTION").paragraph(0, Text::marked(&format!(
        "Calls `{}` every {} seconds until what is waited for has come about, and prints nothing. After {} calls, or as \
         soon as it cannot come about any more, the exit code is 255.",
        kebab(name), waiter.delay, waiter.max_attempts
    )));
    writer.synopsis(page.section("SYNOPSIS"), &command);
    writer.options(page.section("OPTIONS"));
    globals::section(&mut page);
    page.section("OUTPUT").paragraph(0, Text::plain("None"));
    Ok(page)
}
