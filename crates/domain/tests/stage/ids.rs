//! Ids and ARNs: their forms, and the order they sort in.

use switchboard_domain::stage::{NotAnId, ParticipantId, ResourceKind, SessionId, StageId, split};

use crate::{NOW, home, ids, later};

#[test]
fn ids_have_the_lengths_of_aws() {
    let mut ids = ids();
    assert_eq!(StageId::fresh(&mut ids).as_str(), "000000000001");
    let session = SessionId::fresh(NOW, &mut ids);
    assert_eq!((session.as_str().len(), &session.as_str()[..3]), (16, "st-"));
    assert_eq!(ParticipantId::fresh(NOW, &mut ids).as_str().len(), 12);
}

#[test]
fn newer_sessions_and_older_participants_sort_first() {
    let mut ids = ids();
    let sessions = [later(1), NOW].map(|at| SessionId::fresh(at, &mut ids).to_string());
    assert!(sessions.is_sorted(), "{sessions:?}");
    let participants = [NOW, later(1)].map(|at| ParticipantId::fresh(at, &mut ids).to_string());
    assert!(participants.is_sorted(), "{participants:?}");
}

#[test]
fn what_is_no_id_is_refused() {
    for text in ["", "short", "0000000000001", "00000000000/", "ä0000000000"] {
        assert_eq!(text.parse::<StageId>(), Err(NotAnId), "{text}");
    }
    assert_eq!("xx-0000000000000".parse::<SessionId>(), Err(NotAnId));
    for text in ["", "a b", "a/b", &"a".repeat(65)] {
        assert_eq!(text.parse::<ParticipantId>(), Err(NotAnId), "{text}");
    }
    assert!("Alice_1-x".parse::<ParticipantId>().is_ok());
}

#[test]
fn an_arn_names_its_kind_here() {
    let arn = ResourceKind::Stage.arn("AbCdEfGhIjKl", &home()).to_string();
    assert_eq!(arn, "arn:aws:ivs:us-east-1:123456789012:stage/AbCdEfGhIjKl");
    assert_eq!(split(&arn, &home()), Some((ResourceKind::Stage, "AbCdEfGhIjKl".to_owned())));
    assert_eq!(ResourceKind::Stage.id::<StageId>(&arn, &home()).map(|id| id.to_string()), Some("AbCdEfGhIjKl".into()));
    assert_eq!(ResourceKind::PublicKey.id::<StageId>(&arn, &home()), None);
    for other in [
        "arn:aws:ivs:eu-west-1:123456789012:stage/AbCdEfGhIjKl",
        "arn:aws:ivs:us-east-1:210987654321:stage/AbCdEfGhIjKl",
        "arn:aws:ivs:us-east-1:123456789012:channel/AbCdEfGhIjKl",
        "stage/AbCdEfGhIjKl",
    ] {
        assert_eq!(split(other, &home()), None, "{other}");
    }
}
