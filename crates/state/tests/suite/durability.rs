use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
};

use switchboard_domain::ChatId;
use switchboard_state::{LogRow, Options, State, StoreError};

use crate::{NOON, Note, Outcome, fresh_dir, id, note, open_dir};

#[tokio::test]
async fn a_store_that_is_opened_again_has_everything() -> Outcome {
    let dir = fresh_dir("opened-again");
    let state = open_dir(&dir)?;
    state.write(|tx| tx.put("", "a", &note("kept"))).await?;
    let mut upload = state.blobs().upload("blob", 100).await.expect("begun");
    upload.write(b"kept").await.expect("written");
    upload.finish().await.expect("finished");
    state.close().await;
    assert!(!dir.join("switchboard.db-wal").exists(), "closing folds the write-ahead log into the database");

    let half = dir.join("blobs/.7");
    fs::write(&half, "half of an upload that was cut off").expect("written");
    let state = open_dir(&dir)?;
    assert_eq!(state.read(|tx| tx.get::<Note>("", "a"))?, Some(note("kept")));
    let blob = state.blobs().open("blob").await.expect("opened").expect("there");
    assert_eq!(blob.bytes().await.expect("read"), b"kept");
    assert!(!half.exists());
    let mode = |path| fs::metadata(dir.join(path)).expect("there").permissions().mode() & 0o777;
    assert_eq!([mode("."), mode("switchboard.db")], [0o700, 0o600], "it holds signing keys");
    state.close().await;
    Ok(())
}

#[tokio::test]
async fn a_directory_has_one_owner() -> Outcome {
    let dir = fresh_dir("one-owner");
    let first = open_dir(&dir)?;
    let owner = format!("process {}", std::process::id());
    assert_eq!(open_dir(&dir).err(), Some(StoreError::InUse { dir: dir.clone(), owner }));

    first.write(|tx| tx.put("", "a", &note("from the first"))).await?;
    let successor = tokio::task::spawn_blocking({
        let dir = Some(dir.clone());
        move || State::open(Options { dir, wait_for_owner: true })
    });
    first.close().await;
    let second = successor.await.expect("no panic")?;
    assert_eq!(second.read(|tx| tx.get::<Note>("", "a"))?, Some(note("from the first")));
    second.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_was_answered_reads_it() -> Outcome {
    let state = open_dir(&fresh_dir("read-own-writes"))?;
    let clients = (0..8).map(|client: u32| {
        let state = state.clone();
        tokio::spawn(async move {
            for n in 0..50 {
                let written = note(&n.to_string());
                let kept = written.clone();
                state.write(move |tx| tx.put("", &client.to_string(), &kept)).await?;
                assert_eq!(state.read(|tx| tx.get::<Note>("", &client.to_string()))?, Some(written));
            }
            Ok::<_, StoreError>(())
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("no panic")?;
    }
    state.close().await;
    Ok(())
}

#[tokio::test]
async fn readers_do_not_make_the_write_ahead_log_grow() -> Outcome {
    let dir = fresh_dir("write-ahead-log");
    let state = open_dir(&dir)?;
    for n in 0..400 {
        state.write(move |tx| tx.put("", &(n % 4).to_string(), &note(&"x".repeat(100_000)))).await?;
        assert!(state.read(|tx| tx.get::<Note>("", "0"))?.is_some());
    }
    let log_bytes = fs::metadata(dir.join("switchboard.db-wal")).expect("there").len();
    assert!(log_bytes < 10_000_000, "40 MB were written, {log_bytes} bytes are kept");
    state.close().await;
    Ok(())
}

const CRASH_DIR: &str = "SWITCHBOARD_TEST_CRASH_DIR";

fn chat() -> ChatId {
    id(1)
}

/// The process that is killed: eight writers say on stdout what was acknowledged. Without its variable it does nothing.
#[tokio::test]
async fn crash_writer() -> Outcome {
    let Some(dir) = env::var_os(CRASH_DIR) else { return Ok(()) };
    let state = open_dir(dir.as_ref())?;
    let writers = (0..8).map(|_| tokio::spawn(write_for_ever(state.clone()))).collect::<Vec<_>>();
    for writer in writers {
        writer.await.expect("no panic")?;
    }
    Ok(())
}

async fn write_for_ever(state: State) -> Outcome {
    loop {
        let seq = state.write(append).await?;
        println!("\nacknowledged {seq}");
    }
}

fn append(tx: &mut switchboard_state::Tx) -> Result<i64, StoreError> {
    let seq = tx.log_end(chat())?.map_or(1, |end| end.seq + 1);
    let doc = "x".repeat(300);
    tx.append_item(chat(), &LogRow { seq, at: NOON.plus_seconds(seq), id: id(seq), stored: true, doc })?;
    Ok(seq)
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() -> Outcome {
    let dir = fresh_dir("crash");
    for round in 1..=3 {
        let acknowledged = crash(&dir);
        let state = open_dir(&dir)?;
        let log = state.read(|tx| tx.items_after::<String>(chat(), 0, usize::MAX))?;
        let seqs: Vec<_> = log.iter().map(|row| row.seq).collect();
        assert!(seqs.iter().copied().eq(1..=seqs.len() as i64), "once each and in order");
        let lost: Vec<_> = acknowledged.iter().filter(|seq| !seqs.contains(seq)).collect();
        assert!(lost.is_empty(), "round {round} lost {lost:?}");
        state.close().await;
    }
    Ok(())
}

/// Starts the writers, kills them in full flight and tells what they had acknowledged.
fn crash(dir: &std::path::Path) -> Vec<i64> {
    let this = env::current_exe().expect("a test binary");
    let mut child = Command::new(this)
        .args(["--exact", "durability::crash_writer", "--nocapture"])
        .env(CRASH_DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let out = BufReader::new(child.stdout.take().expect("piped"));
    let mut acknowledged = Vec::new();
    for line in out.lines() {
        let line = line.expect("text");
        let Some(seq) = line.strip_prefix("acknowledged ") else { continue };
        // The last line may be cut off by the kill; half a number was not acknowledged to anybody.
        acknowledged.extend(seq.parse::<i64>());
        if acknowledged.len() == 200 {
            child.kill().expect("killed");
        }
    }
    child.wait().expect("ended");
    assert!(acknowledged.len() >= 200, "only {} writes", acknowledged.len());
    acknowledged
}
