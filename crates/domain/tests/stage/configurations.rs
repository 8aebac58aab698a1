//! The resources around stages.

use std::collections::BTreeMap;

use switchboard_domain::stage::{
    AutoRecording, MediaType, RecordingMembers, ResourceId, StageId, admit,
    configurations::{IngestConfiguration, IngestProtocol, IngestRefused, IngestState, NewIngest, Video, VideoRefused},
};

use crate::{NOW, home, ids};

fn wanted() -> NewIngest {
    NewIngest {
        name: String::new(),
        protocol: IngestProtocol::Rtmps,
        insecure: false,
        redundant: false,
        stage: None,
        user_id: String::new(),
        attributes: BTreeMap::new(),
    }
}

#[test]
fn a_picture_has_even_sides_and_an_area() {
    let usual = Video { width: 1_280, height: 720, framerate: 30.0, bitrate_bps: 2_500_000 };
    assert_eq!(Video::new(None, None, None, None), Ok(usual));
    assert_eq!(Video::new(Some(1_919), None, None, None), Err(VideoRefused::OddSide));
    assert_eq!(Video::new(Some(1_920), Some(1_082), None, None), Err(VideoRefused::TooLarge));
    assert!(Video::new(Some(1_920), Some(1_080), Some(60.0), Some(8_500_000)).is_ok());
}

#[test]
fn without_a_storage_there_are_only_defaults() {
    let members = || RecordingMembers { media_types: Some(vec![MediaType::AudioOnly]), ..RecordingMembers::default() };
    assert_eq!(AutoRecording::new(None, members()), AutoRecording::default());
    let storage = Some(ResourceId::fresh(&mut ids()));
    let recording = AutoRecording::new(storage, members());
    assert_eq!(recording.media_types, [MediaType::AudioOnly]);
    assert_eq!((recording.segment_seconds, recording.record_replicas), (6, true));
}

#[test]
fn plain_rtmp_must_be_wanted() {
    let plain = NewIngest { protocol: IngestProtocol::Rtmp, ..wanted() };
    let create = |wanted| IngestConfiguration::create(wanted, &home(), NOW, &mut ids());
    assert_eq!(create(plain.clone()).map(drop), Err(IngestRefused::Insecure));
    assert!(create(NewIngest { insecure: true, ..plain }).is_ok());
}

#[test]
fn a_stream_key_names_its_account_region_and_configuration() {
    let ingest = IngestConfiguration::create(wanted(), &home(), NOW, &mut ids()).expect("a configuration");
    let key = &ingest.credential.stream_key;
    assert!(key.starts_with(&format!("rt_123456789012_us-east-1_{}_", ingest.id)), "{key}");
    assert!(key.rsplit('_').next().is_some_and(|secret| secret.len() >= 26), "{key}");
}

#[test]
fn an_ingest_configuration_changes_only_while_nobody_publishes_by_it() {
    let mut ids = ids();
    let stage = StageId::fresh(&mut ids);
    let mut ingest = IngestConfiguration::create(wanted(), &home(), NOW, &mut ids).expect("a configuration");
    ingest.update(Some(Some(stage)), Some(true), &home(), NOW, &mut ids).expect("it is inactive");
    let second = ingest.redundant.clone().expect("a second key");
    assert_eq!(ingest.stage, Some(stage));
    assert!(ingest.is(&second.participant) && ingest.is(&ingest.credential.participant));
    ingest.update(None, Some(true), &home(), NOW, &mut ids).expect("it is inactive");
    assert_eq!((ingest.stage, ingest.redundant.as_ref()), (Some(stage), Some(&second)), "kept as it was");
    ingest.update(Some(None), Some(false), &home(), NOW, &mut ids).expect("it is inactive");
    assert_eq!((ingest.stage, ingest.redundant.as_ref()), (None, None));

    ingest.state = IngestState::Active;
    assert_eq!(ingest.update(None, None, &home(), NOW, &mut ids), Err(IngestRefused::Active));
    assert_eq!(ingest.deletable(false), Err(IngestRefused::Active));
    assert_eq!(ingest.deletable(true), Ok(()));
}

#[test]
fn a_quota_is_how_many_there_can_be() {
    assert!(admit("things", Some(3), 2).is_ok());
    assert!(admit("things", Some(3), 3).is_err());
    assert!(admit("things", None, u64::MAX).is_ok());
}
