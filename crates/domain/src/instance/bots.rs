//! The Amazon Lex bots that an instance may use.
//!
//! The one rule: a request names exactly one bot, a V1 bot (`LexBot`) or an alias of a V2 bot (`LexV2Bot`). Each
//! version is a set of its own, with its own quota and its own pages of `ListBots`. `AssociateLexBot`,
//! `DisassociateLexBot` and `ListLexBots`, the older three, work on the V1 set.
//!
//! Facts: *AssociateBot*, *DisassociateBot*, *ListBots* and *LexV2Bot* in the Amazon Connect API Reference; *Resource
//! ARN formats* of Amazon Lex V2 in the Service Authorization Reference.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Arn,
    instance::{Associable, Family},
    words::words,
};

/// Between the parts of a V1 bot's key. Names and Regions hold no control characters, so no two bots share a key.
const SEPARATOR: char = '\u{1f}';

/// The longest `LexBot.Name`, in characters.
const NAME_MAX: usize = 50;

/// The longest `LexBot.LexRegion`, in characters.
const REGION_MAX: usize = 60;

/// The longest `LexV2Bot.AliasArn`, in characters.
const ALIAS_ARN_MAX: usize = 100;

words! {
    /// The two versions of Amazon Lex, as `ListBots` asks for them.
    LexVersion {
        V1 = "V1",
        V2 = "V2",
    }
}

/// The member `LexBot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexBot {
    /// `Name`.
    pub name: String,
    /// `LexRegion`.
    pub region: String,
}

/// The member `LexV2Bot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexV2Bot {
    /// `AliasArn`, which the model does not require.
    pub alias_arn: Option<String>,
}

/// The bot of a request, as its members came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BotMembers {
    /// `LexBot`.
    pub lex_bot: Option<LexBot>,
    /// `LexV2Bot`.
    pub lex_v2_bot: Option<LexV2Bot>,
}

/// A bot that an instance may use.
///
/// AWS does not say: whether two that differ in case only are one bot. Ours are two: they are compared as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Bot {
    /// A Lex V1 bot.
    V1 {
        /// Its name.
        name: String,
        /// The Region it was created in.
        region: String,
    },
    /// An alias of a Lex V2 bot.
    V2 {
        /// The ARN of the alias.
        alias_arn: String,
    },
}

/// The members do not name one bot: an `InvalidRequestException`, the only 400 these operations have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BotError {
    /// No bot at all.
    #[error("One of LexBot and LexV2Bot is required.")]
    Neither,
    /// A bot of each version.
    #[error("Only one of LexBot and LexV2Bot can be given.")]
    Both,
    /// A V1 bot without a usable name.
    #[error("LexBot.Name must be 1 to {NAME_MAX} printable characters.")]
    Name,
    /// A V1 bot without a usable Region.
    #[error("LexBot.LexRegion must be 1 to {REGION_MAX} printable characters.")]
    Region,
    /// A V2 bot without its alias.
    #[error("LexV2Bot.AliasArn is required.")]
    NoAliasArn,
    /// Not the ARN of an alias.
    #[error("LexV2Bot.AliasArn must be the ARN of a bot alias: arn:aws:lex:REGION:ACCOUNT:bot-alias/BOTID/ALIASID.")]
    AliasArn,
}

impl BotMembers {
    /// The one bot that the members name.
    ///
    /// # Errors
    /// [`BotError`] says what is missing, too many or out of form.
    pub fn bot(self) -> Result<Bot, BotError> {
        // AWS does not say: what neither or both gives. Its one suitable error is InvalidRequestException.
        match (self.lex_bot, self.lex_v2_bot) {
            (None, None) => Err(BotError::Neither),
            (Some(_), Some(_)) => Err(BotError::Both),
            (Some(LexBot { name, region }), None) => Bot::v1(name, region),
            (None, Some(LexV2Bot { alias_arn })) => Bot::v2(alias_arn.ok_or(BotError::NoAliasArn)?),
        }
    }
}

impl Bot {
    /// A V1 bot: also the bot of the older three operations.
    ///
    /// # Errors
    /// [`BotError::Name`] and [`BotError::Region`].
    pub fn v1(name: String, region: String) -> Result<Self, BotError> {
        if !is_word(&name, NAME_MAX) {
            return Err(BotError::Name);
        }
        if !is_word(&region, REGION_MAX) {
            return Err(BotError::Region);
        }
        Ok(Self::V1 { name, region })
    }

    /// An alias of a V2 bot.
    ///
    /// # Errors
    /// [`BotError::AliasArn`].
    pub fn v2(alias_arn: String) -> Result<Self, BotError> {
        if is_alias_arn(&alias_arn) { Ok(Self::V2 { alias_arn }) } else { Err(BotError::AliasArn) }
    }

    /// Which of the two sets it belongs to.
    #[must_use]
    pub const fn version(&self) -> LexVersion {
        match self {
            Self::V1 { .. } => LexVersion::V1,
            Self::V2 { .. } => LexVersion::V2,
        }
    }
}

impl LexVersion {
    /// The set of the bots of this version.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::V1 => Family::LexV1Bots,
            Self::V2 => Family::LexV2Bots,
        }
    }
}

impl Associable for Bot {
    fn family(&self) -> Family {
        self.version().family()
    }

    fn key(&self) -> String {
        match self {
            Self::V1 { name, region } => format!("{name}{SEPARATOR}{region}"),
            Self::V2 { alias_arn } => alias_arn.clone(),
        }
    }
}

impl fmt::Display for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V1 { name, region } => write!(f, "The Amazon Lex bot {name} of {region}"),
            Self::V2 { alias_arn } => write!(f, "The Amazon Lex V2 bot alias {alias_arn}"),
        }
    }
}

fn is_word(text: &str, max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= max && !text.chars().any(char::is_control)
}

// Lex gives its ids ten characters each. Connect's model does not, and nothing here rests on the number.
fn is_alias_arn(text: &str) -> bool {
    let Ok(arn) = Arn::from_str(text) else { return false };
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let ids = arn.resource.strip_prefix("bot-alias/").and_then(|ids| ids.split_once('/'));
    text.len() <= ALIAS_ARN_MAX
        && arn.service == "lex"
        && !arn.region.is_empty()
        && arn.account.len() == 12
        && arn.account.bytes().all(|byte| byte.is_ascii_digit())
        && ids.is_some_and(|(bot, alias)| is_id(bot) && is_id(alias))
}
