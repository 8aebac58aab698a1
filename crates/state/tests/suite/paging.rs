use switchboard_state::{BadToken, Pager, State};

use crate::{Note, Outcome, note};

pub(crate) async fn pages_are_stable_while_others_write(state: State) -> Outcome {
    let put = |id: String| state.write(move |tx| tx.put("bots", &id, &note(&id)));
    for n in (0..21).step_by(2) {
        put(format!("{n:03}")).await?;
    }
    let pager = Pager::new(b"a key of this test");
    let (mut token, mut seen, mut pages) = (None::<String>, Vec::new(), 0);
    loop {
        let after = pager.after("ListBots V1", token.as_deref()).expect("a token of ours");
        let rows = state.read(|tx| tx.list::<Note>("bots", after.as_deref(), 4))?;
        let page = pager.page("ListBots V1", rows, 3);
        seen.extend(page.items);
        pages += 1;
        // Somebody adds before and behind the place where we are, and takes away the very item that the token names.
        put(format!("{:03}", 4 * pages - 3)).await?;
        put(format!("{:03}", 19 - pages)).await?;
        let last = seen.last().map(|note| note.0.clone()).expect("a page has items");
        state.write(move |tx| tx.delete::<Note>("bots", &last)).await?;
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    let first_seen = |n: &u32| seen.iter().filter(|note| note.0 == format!("{n:03}")).count();
    assert!((0..21).step_by(2).all(|n| first_seen(&n) == 1), "what was there is seen once: {seen:?}");
    assert!(seen.is_sorted_by(|a, b| a.0 < b.0));
    Ok(())
}

pub(crate) async fn tokens_fit_one_list_only(_: State) -> Outcome {
    let pager = Pager::new(b"a key of this test");
    let token = pager.encode("ListBots V1", "cursor");
    assert_eq!(pager.decode("ListBots V1", &token).as_deref(), Ok("cursor"));
    assert_eq!(pager.decode("ListBots V2", &token), Err(BadToken));
    assert_eq!(Pager::new(b"another key").decode("ListBots V1", &token), Err(BadToken));
    for bad in ["", "x", "not base64!", &token[1..], &format!("{token}AAAA"), &token.replace(&token[..1], "_")] {
        assert_eq!(pager.decode("ListBots V1", bad), Err(BadToken), "{bad}");
    }
    assert!(pager.encode("any", &"c".repeat(700)).len() <= 1_000);

    let rows = |count: usize| (0..count).map(|n| (n.to_string(), n)).collect::<Vec<_>>();
    assert_eq!(pager.page("any", rows(3), 3).next, None, "a last page that is full has no token");
    assert_eq!(pager.page("any", rows(0), 3).items, [0; 0]);
    assert_eq!(pager.page("any", rows(4), 3).next, Some(pager.encode("any", "2")));
    Ok(())
}
