use std::collections::BTreeMap;

use switchboard_state::State;

use crate::{Note, Outcome, note};

pub(crate) async fn a_record_has_one_place(state: State) -> Outcome {
    state
        .write(|tx| {
            assert!(tx.insert("one", "a", &note("first"))?);
            assert!(!tx.insert("one", "a", &note("second"))?);
            assert!(tx.insert("two", "a", &note("elsewhere"))?);
            assert_eq!(tx.get::<Note>("one", "a")?, Some(note("first")));
            tx.put("one", "a", &note("third"))?;
            assert_eq!(tx.get::<Note>("one", "a")?, Some(note("third")));
            assert_eq!(tx.get::<Note>("one", "b")?, None);
            assert!(tx.delete::<Note>("one", "a")?);
            assert!(!tx.delete::<Note>("one", "a")?);
            assert_eq!(tx.get::<Note>("two", "a")?, Some(note("elsewhere")));
            Ok(())
        })
        .await
}

/// What was read once is not what is read after a write, whether that record was there, came or went.
pub(crate) async fn a_read_sees_what_was_written_since_the_last(state: State) -> Outcome {
    let read = |state: &State| {
        state.read(|tx| Ok::<_, switchboard_state::StoreError>((tx.get::<Note>("one", "a")?, tx.tags("arn:one")?)))
    };
    for round in ["first", "second"] {
        assert_eq!(read(&state)?, (None, BTreeMap::new()), "{round}");
        assert_eq!(read(&state)?, (None, BTreeMap::new()), "{round}, again");
        let tags = BTreeMap::from([("round".to_owned(), round.to_owned())]);
        let given = tags.clone();
        state
            .write(move |tx| {
                tx.tag("arn:one", &given)?;
                tx.put("one", "a", &note(round))
            })
            .await?;
        assert_eq!(read(&state)?, (Some(note(round)), tags.clone()));
        assert_eq!(read(&state)?, (Some(note(round)), tags), "{round}, again");
        state
            .write(|tx| {
                tx.delete::<Note>("one", "a")?;
                tx.delete_tags_within("arn:one").map(drop)
            })
            .await?;
    }
    Ok(())
}

pub(crate) async fn a_list_is_in_the_order_of_its_ids(state: State) -> Outcome {
    state
        .write(|tx| {
            for id in ["b", "a", "Z", "ä"] {
                tx.put("one", id, &note(id))?;
            }
            tx.put("two", "a", &note("elsewhere"))
        })
        .await?;
    let ids = |after, limit| {
        let listed = state.read(|tx| tx.list::<Note>("one", after, limit))?;
        Ok::<_, switchboard_state::StoreError>(listed.into_iter().map(|(id, _)| id).collect::<Vec<_>>())
    };
    assert_eq!(ids(None, 10)?, ["Z", "a", "b", "ä"]);
    assert_eq!(ids(Some("Z"), 2)?, ["a", "b"]);
    assert_eq!(ids(Some("aa"), 1)?, ["b"]);
    assert_eq!(state.read(|tx| tx.count::<Note>("one"))?, 4);
    assert_eq!(state.write(|tx| tx.delete_all::<Note>("one")).await?, 4);
    assert_eq!(
        state
            .read(|tx| Ok::<_, switchboard_state::StoreError>((tx.count::<Note>("one")?, tx.count::<Note>("two")?)))?,
        (0, 1)
    );
    Ok(())
}

pub(crate) async fn tags_belong_to_an_arn(state: State) -> Outcome {
    let tags = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let given = tags(&[("team", "blue"), ("cost", "7")]);
    state
        .write(move |tx| {
            tx.tag("arn:one", &given)?;
            tx.tag("arn:two", &given)?;
            tx.tag("arn:one", &BTreeMap::from([("team".to_owned(), "red".to_owned())]))?;
            tx.untag("arn:one", &["cost", "never there"])
        })
        .await?;
    assert_eq!(state.read(|tx| tx.tags("arn:one"))?, tags(&[("team", "red")]));
    state.write(|tx| tx.delete_tags("arn:one")).await?;
    assert_eq!(state.read(|tx| tx.tags("arn:one"))?, tags(&[]));
    assert_eq!(state.read(|tx| tx.tags("arn:two"))?, tags(&[("cost", "7"), ("team", "blue")]));
    Ok(())
}

pub(crate) async fn tags_go_with_everything_within_an_arn(state: State) -> Outcome {
    let within = ["arn:one", "arn:one/queue/1", "arn:one/queue/2"];
    let beside = ["arn:one-more", "arn:on", "arn:two/arn:one/queue"];
    state
        .write(move |tx| {
            let tag = BTreeMap::from([("team".to_owned(), "blue".to_owned())]);
            within.iter().chain(&beside).try_for_each(|arn| tx.tag(arn, &tag))?;
            tx.delete_tags_within("arn:one")
        })
        .await?;
    for arn in within {
        assert!(state.read(|tx| tx.tags(arn))?.is_empty(), "{arn}");
    }
    for arn in beside {
        assert_eq!(state.read(|tx| tx.tags(arn))?.len(), 1, "{arn}");
    }
    Ok(())
}

pub(crate) async fn the_first_secret_stays(state: State) -> Outcome {
    assert_eq!(state.write(|tx| tx.secret("paging", &[1, 2, 255])).await?, [1, 2, 255]);
    assert_eq!(state.write(|tx| tx.secret("paging", &[9])).await?, [1, 2, 255]);
    assert_eq!(state.write(|tx| tx.secret("tokens", &[9])).await?, [9]);
    Ok(())
}
