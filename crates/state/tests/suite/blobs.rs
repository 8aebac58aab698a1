use switchboard_state::{BlobError, Blobs, State};
use tokio::io::AsyncReadExt as _;

use crate::Outcome;

async fn bytes(blobs: &Blobs, key: &str) -> Option<Vec<u8>> {
    let blob = blobs.open(key).await.expect("opened")?;
    let size_bytes = blob.size_bytes();
    let bytes = blob.bytes().await.expect("read");
    assert_eq!(bytes.len() as u64, size_bytes);
    Some(bytes)
}

async fn put(blobs: &Blobs, key: &str, chunks: &[&str]) -> u64 {
    let mut upload = blobs.upload(key, 100).await.expect("begun");
    for chunk in chunks {
        upload.write(chunk.as_bytes()).await.expect("written");
    }
    upload.finish().await.expect("finished")
}

pub(crate) async fn a_blob_is_there_whole_or_not_at_all(state: State) -> Outcome {
    let blobs = state.blobs();
    let mut upload = blobs.upload("report", 100).await.expect("begun");
    upload.write(b"half").await.expect("written");
    assert_eq!(bytes(blobs, "report").await, None);
    drop(upload);
    assert_eq!(bytes(blobs, "report").await, None);

    assert_eq!(put(blobs, "report", &["first ", "and ", "whole"]).await, 15);
    assert_eq!(bytes(blobs, "report").await.as_deref(), Some(&b"first and whole"[..]));
    put(blobs, "report", &["second"]).await;
    assert_eq!(bytes(blobs, "report").await.as_deref(), Some(&b"second"[..]));
    put(blobs, "empty", &[]).await;
    assert_eq!(bytes(blobs, "empty").await.as_deref(), Some(&b""[..]));

    assert!(blobs.delete("report").await.expect("deleted"));
    assert!(!blobs.delete("report").await.expect("nothing to delete"));
    assert_eq!(bytes(blobs, "report").await, None);
    Ok(())
}

pub(crate) async fn a_blob_is_read_in_parts(state: State) -> Outcome {
    put(state.blobs(), "digits", &["0123456789"]).await;
    for (range, expected) in [(0..10, "0123456789"), (2..5, "234"), (8..99, "89"), (99..100, "")] {
        let blob = state.blobs().open("digits").await.expect("opened").expect("there");
        let mut part = String::new();
        blob.reader(range).await.expect("found").read_to_string(&mut part).await.expect("read");
        assert_eq!(part, expected);
    }
    Ok(())
}

pub(crate) async fn a_blob_has_its_limits(state: State) -> Outcome {
    let blobs = state.blobs();
    let mut upload = blobs.upload("big", 8).await.expect("begun");
    upload.write(b"12345678").await.expect("as many as allowed");
    assert!(matches!(upload.write(b"9").await, Err(BlobError::TooLarge { max_bytes: 8 })));
    drop(upload);
    assert_eq!(bytes(blobs, "big").await, None);

    let long = "k".repeat(201);
    for key in ["", ".", "..", ".hidden", "a/b", "../up", "a\\b", "nul\0", "ä", &long] {
        assert!(matches!(blobs.upload(key, 8).await, Err(BlobError::BadKey)), "{key}");
        assert!(matches!(blobs.open(key).await, Err(BlobError::BadKey)), "{key}");
        assert!(matches!(blobs.delete(key).await, Err(BlobError::BadKey)), "{key}");
    }
    Ok(())
}
