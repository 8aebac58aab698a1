//! Amazon Connect: contact centres, their bots, their contents and their contacts.

mod associations;
mod bots;
mod lookup;
mod paging;

mod associate_bot;
mod describe_instance;
mod list_bots;

use switchboard_wire::connect as wire;

use super::Table;

/// Adds every operation of this service.
pub(super) fn register(table: &mut Table) {
    table.on::<wire::AssociateBot, _, _>(associate_bot::associate_bot);
    table.on::<wire::DescribeInstance, _, _>(describe_instance::describe_instance);
    table.on::<wire::ListBots, _, _>(list_bots::list_bots);
}
