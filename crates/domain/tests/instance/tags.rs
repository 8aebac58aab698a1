use std::collections::BTreeMap;

use switchboard_domain::tags::{TAGS_MAX, TagError, Tags};

fn tags<const N: usize>(pairs: [(&str, &str); N]) -> Result<Tags, TagError> {
    Tags::new(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())))
}

fn many(count: usize, stem: &str) -> Result<Tags, TagError> {
    Tags::new((0..count).map(|n| (format!("{stem}{n}"), String::new())))
}

#[test]
fn keys_have_their_length_and_their_characters() {
    let longest = "é".repeat(128);
    for key in ["a", "Cost Centre", "Größe_.:/=+-@1", "日本語", "Aws:mine", longest.as_str()] {
        assert!(tags([(key, "value")]).is_ok(), "{key}");
    }
    let too_long = "k".repeat(129);
    assert_eq!(tags([("", "value")]), Err(TagError::KeyLength));
    assert_eq!(tags([(too_long.as_str(), "value")]), Err(TagError::KeyLength));
    assert_eq!(tags([("aws:mine", "value")]), Err(TagError::Reserved("aws:mine".to_owned())));
    for key in ["a*b", "a\tb", "a\nb", "a,b", "a#b", "\u{0}"] {
        assert_eq!(tags([(key, "value")]), Err(TagError::KeyCharacters(key.to_owned())), "{key:?}");
    }
}

#[test]
fn values_may_be_empty_but_not_long() {
    let longest = "é".repeat(256);
    assert!(tags([("empty", ""), ("long", longest.as_str())]).is_ok());
    let too_long = "v".repeat(257);
    assert_eq!(tags([("long", too_long.as_str())]), Err(TagError::ValueLength("long".to_owned())));
}

#[test]
fn a_resource_has_fifty_tags_at_most() {
    assert!(many(TAGS_MAX, "k").is_ok());
    assert_eq!(many(TAGS_MAX + 1, "k"), Err(TagError::TooMany));

    let full = many(TAGS_MAX, "k").unwrap();
    assert_eq!(full.with(many(1, "other").unwrap()), Err(TagError::TooMany));
    // New values for keys that are there add nothing.
    assert_eq!(full.with(many(TAGS_MAX, "k").unwrap()), Ok(full.clone()));
}

#[test]
fn a_new_value_replaces_the_old_one() {
    let kept = Tags::from(BTreeMap::from([("team".to_owned(), "a".to_owned())]));
    let both = kept.with(tags([("team", "b"), ("stage", "test")]).unwrap()).unwrap();
    assert_eq!(both, tags([("stage", "test"), ("team", "b")]).unwrap());
    assert_eq!(both.as_map().get("team").map(String::as_str), Some("b"));
}
