//! What the operations on Lex bots share: reading the bot that a request names, and showing one.

use switchboard_domain::instance::{self as domain, Bot, BotMembers};
use switchboard_wire::connect::{InvalidRequestException, LexBot, LexBotConfig, LexV2Bot};

/// The one bot that the members name.
pub(super) fn named(lex_bot: Option<LexBot>, lex_v2_bot: Option<LexV2Bot>) -> Result<Bot, InvalidRequestException> {
    let members = BotMembers {
        lex_bot: lex_bot.map(|bot| domain::LexBot { name: bot.name, region: bot.lex_region }),
        lex_v2_bot: lex_v2_bot.map(|bot| domain::LexV2Bot { alias_arn: bot.alias_arn }),
    };
    members.bot().map_err(refusal)
}

/// The V1 bot of the older three operations.
pub(super) fn named_v1(name: String, region: String) -> Result<Bot, InvalidRequestException> {
    Bot::v1(name, region).map_err(refusal)
}

fn refusal(error: domain::BotError) -> InvalidRequestException {
    InvalidRequestException::new(error.to_string())
}

/// A bot as ListBots shows it: only the member of its version.
pub(super) fn shown(bot: Bot) -> LexBotConfig {
    match bot {
        Bot::V1 { name, region } => {
            LexBotConfig { lex_bot: Some(LexBot { name, lex_region: region }), lex_v2_bot: None }
        }
        Bot::V2 { alias_arn } => {
            LexBotConfig { lex_bot: None, lex_v2_bot: Some(LexV2Bot { alias_arn: Some(alias_arn) }) }
        }
    }
}
