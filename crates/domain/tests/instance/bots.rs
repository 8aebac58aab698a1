use switchboard_domain::instance::{
    Associable, AssociationError, Bot, BotError, BotMembers, Family, LexBot, LexV2Bot, LexVersion, Limits, Present,
    associate, disassociate,
};

use crate::instance_id;

const ALIAS_ARN: &str = "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID";

fn v1(name: &str, region: &str) -> Option<LexBot> {
    Some(LexBot { name: name.to_owned(), region: region.to_owned() })
}

fn v2(alias_arn: Option<&str>) -> Option<LexV2Bot> {
    Some(LexV2Bot { alias_arn: alias_arn.map(str::to_owned) })
}

fn named(lex_bot: Option<LexBot>, lex_v2_bot: Option<LexV2Bot>) -> Result<Bot, BotError> {
    BotMembers { lex_bot, lex_v2_bot }.bot()
}

#[test]
fn exactly_one_bot_must_be_named() {
    assert_eq!(named(None, None), Err(BotError::Neither));
    assert_eq!(named(v1("Orders", "us-east-1"), v2(Some(ALIAS_ARN))), Err(BotError::Both));
    // Both is both, even if one of them holds nothing.
    assert_eq!(named(v1("Orders", "us-east-1"), v2(None)), Err(BotError::Both));

    let first = Bot::V1 { name: "Orders".to_owned(), region: "us-east-1".to_owned() };
    assert_eq!(named(v1("Orders", "us-east-1"), None), Ok(first));
    assert_eq!(named(None, v2(Some(ALIAS_ARN))), Ok(Bot::V2 { alias_arn: ALIAS_ARN.to_owned() }));
}

#[test]
fn a_v2_bot_must_have_its_alias() {
    assert_eq!(named(None, v2(None)), Err(BotError::NoAliasArn));
}

#[test]
fn an_alias_arn_has_one_form() {
    let good = [
        ALIAS_ARN,
        "arn:aws:lex:eu-central-1:000000000000:bot-alias/B1/A1",
        "arn:aws-cn:lex:cn-north-1:123456789012:bot-alias/ABCDEFGHIJ/KLMNOPQRST",
    ];
    for arn in good {
        assert!(Bot::v2(arn.to_owned()).is_ok(), "{arn}");
    }
    let too_long = format!("arn:aws:lex:us-east-1:123456789012:bot-alias/{}/A", "B".repeat(60));
    let bad = [
        "",
        "ABCDEFGHIJ",
        "arn:aws:lex:us-east-1:123456789012:bot/ABCDEFGHIJ",
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ",
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/",
        "arn:aws:lex:us-east-1:123456789012:bot-alias//TSTALIASID",
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID/MORE",
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TST:ALIASID",
        "arn:aws:lex:us-east-1:12345:bot-alias/ABCDEFGHIJ/TSTALIASID",
        "arn:aws:lex:us-east-1:12345678901x:bot-alias/ABCDEFGHIJ/TSTALIASID",
        "arn:aws:lex::123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID",
        "arn:aws:connect:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID",
        "aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID",
        " arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID",
        too_long.as_str(),
    ];
    for arn in bad {
        assert_eq!(Bot::v2(arn.to_owned()), Err(BotError::AliasArn), "{arn}");
    }
}

#[test]
fn a_v1_bot_has_a_name_and_a_region() {
    let longest = ("n".repeat(50), "r".repeat(60));
    assert!(Bot::v1(longest.0, longest.1).is_ok());
    for name in ["", "  ", "a\u{1f}b", "a\nb", &"n".repeat(51)] {
        assert_eq!(Bot::v1(name.to_owned(), "us-east-1".to_owned()), Err(BotError::Name), "{name:?}");
    }
    for region in ["", " ", "us\teast", &"r".repeat(61)] {
        assert_eq!(Bot::v1("Orders".to_owned(), region.to_owned()), Err(BotError::Region), "{region:?}");
    }
}

#[test]
fn names_are_counted_in_characters() {
    assert!(Bot::v1("é".repeat(50), "us-east-1".to_owned()).is_ok());
}

#[test]
fn no_two_bots_share_a_key() {
    let bot = |name: &str, region: &str| Bot::v1(name.to_owned(), region.to_owned()).unwrap();
    assert_eq!(bot("Orders", "us-east-1").key(), "Orders\u{1f}us-east-1");
    let others = [bot("orders", "us-east-1"), bot("Orders", "US-EAST-1"), bot("Ordersu", "s-east-1")];
    for other in others {
        assert_ne!(bot("Orders", "us-east-1").key(), other.key());
    }
    assert_eq!(Bot::v2(ALIAS_ARN.to_owned()).unwrap().key(), ALIAS_ARN);
}

#[test]
fn keys_sort_by_name_then_region() {
    let key = |name: &str, region: &str| Bot::v1(name.to_owned(), region.to_owned()).unwrap().key();
    let sorted = [key("A", "us-west-2"), key("A1", "eu-west-1"), key("B", "ap-south-1"), key("B", "us-east-1")];
    assert!(sorted.is_sorted(), "{sorted:?}");
}

#[test]
fn each_version_is_a_set_of_its_own() {
    let (first, second) = (named(v1("Orders", "us-east-1"), None).unwrap(), named(None, v2(Some(ALIAS_ARN))).unwrap());
    assert_eq!((first.version(), second.version()), (LexVersion::V1, LexVersion::V2));
    assert_eq!((first.family(), second.family()), (Family::LexV1Bots, Family::LexV2Bots));
    assert_eq!(LexVersion::V1.family().scope(instance_id()), format!("{}/lex-v1-bot", instance_id()));
    assert_ne!(first.family().scope(instance_id()), second.family().scope(instance_id()));
}

#[test]
fn a_bot_is_associated_once() {
    for bot in [named(v1("Orders", "us-east-1"), None).unwrap(), named(None, v2(Some(ALIAS_ARN))).unwrap()] {
        assert_eq!(associate(&bot, Present::default(), &Limits::aws()), Ok(()));
        let again = associate(&bot, Present { this: true, count: 1 }, &Limits::aws());
        assert_eq!(again, Err(AssociationError::AlreadyAssociated(bot.to_string())));
    }
}

#[test]
fn seventy_v1_bots_and_a_hundred_v2_aliases_are_the_most() {
    let bots =
        [(named(v1("Orders", "us-east-1"), None).unwrap(), 70), (named(None, v2(Some(ALIAS_ARN))).unwrap(), 100)];
    for (bot, max) in bots {
        let with = |count| associate(&bot, Present { this: false, count }, &Limits::aws());
        assert_eq!(with(u64::from(max) - 1), Ok(()));
        assert_eq!(with(u64::from(max)), Err(AssociationError::QuotaExceeded { family: bot.family(), max }));
        // One that is there already is a conflict even then.
        let again = associate(&bot, Present { this: true, count: u64::from(max) }, &Limits::aws());
        assert!(matches!(again, Err(AssociationError::AlreadyAssociated(_))));

        let unlimited = Limits { lex_v1_bots: None, lex_v2_bots: None, ..Limits::aws() };
        assert_eq!(associate(&bot, Present { this: false, count: u64::MAX }, &unlimited), Ok(()));
    }
}

#[test]
fn what_is_not_associated_cannot_be_disassociated() {
    let bot = named(None, v2(Some(ALIAS_ARN))).unwrap();
    assert_eq!(disassociate(&bot, true), Ok(()));
    let missing = disassociate(&bot, false).unwrap_err();
    let message = format!("The Amazon Lex V2 bot alias {ALIAS_ARN} is not associated with the instance.");
    assert_eq!(missing.to_string(), message);
}

#[test]
fn every_refusal_names_the_member_it_is_about() {
    for (error, member) in [
        (BotError::Neither, "LexBot and LexV2Bot"),
        (BotError::Both, "LexBot and LexV2Bot"),
        (BotError::Name, "LexBot.Name"),
        (BotError::Region, "LexBot.LexRegion"),
        (BotError::NoAliasArn, "LexV2Bot.AliasArn"),
        (BotError::AliasArn, "LexV2Bot.AliasArn"),
    ] {
        assert!(error.to_string().contains(member), "{error}");
    }
}

#[test]
fn a_bot_survives_being_stored() {
    for bot in [named(v1("Orders", "us-east-1"), None).unwrap(), named(None, v2(Some(ALIAS_ARN))).unwrap()] {
        let stored = serde_json::to_string(&bot).unwrap();
        assert_eq!(serde_json::from_str::<Bot>(&stored).unwrap(), bot);
    }
}
