use switchboard_domain::instance::{
    KmsKey, Storage, StorageAssociation, StorageError, StorageMembers, StorageResourceType as Resource, StorageTaken,
    StorageType,
};

use crate::ids;

fn key() -> KmsKey {
    KmsKey { key_id: "arn:aws:kms:us-east-1:123456789012:key/1234abcd".to_owned() }
}

fn s3() -> Storage {
    Storage::S3 { bucket: "transcripts".to_owned(), prefix: "chat".to_owned(), encryption: Some(key()) }
}

fn video(retention_hours: u32) -> Storage {
    Storage::KinesisVideoStream { prefix: "calls".to_owned(), retention_hours, encryption: key() }
}

fn stream() -> Storage {
    Storage::KinesisStream { stream_arn: "arn:aws:kinesis:us-east-1:123456789012:stream/records".to_owned() }
}

fn firehose() -> Storage {
    let firehose_arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/records".to_owned();
    Storage::KinesisFirehose { firehose_arn }
}

fn one(storage: Storage) -> StorageMembers {
    StorageMembers { storage_type: storage.storage_type(), given: vec![storage] }
}

#[test]
fn each_resource_type_goes_where_it_may_and_nowhere_else() {
    for &resource in Resource::ALL {
        for storage in [s3(), video(24), stream(), firehose()] {
            let storage_type = storage.storage_type();
            let expected = match resource.storage_types().contains(&storage_type) {
                true => Ok(storage.clone()),
                false => Err(StorageError::NotAllowed(resource, storage_type)),
            };
            assert_eq!(one(storage).storage(resource), expected, "{resource} in {storage_type}");
        }
    }
    assert_eq!(Resource::ChatTranscripts.storage_types(), [StorageType::S3]);
    assert_eq!(Resource::MediaStreams.storage_types(), [StorageType::KinesisVideoStream]);
    assert_eq!(
        Resource::ContactTraceRecords.storage_types(),
        [StorageType::KinesisStream, StorageType::KinesisFirehose]
    );
    assert_eq!(Resource::AgentEvents.storage_types(), [StorageType::KinesisStream]);
}

#[test]
fn exactly_the_named_configuration_must_be_given() {
    let given = |given: Vec<Storage>| StorageMembers { storage_type: StorageType::S3, given };
    for wrong in [vec![], vec![stream()], vec![s3(), stream()], vec![stream(), s3()]] {
        let refused = given(wrong).storage(Resource::ChatTranscripts);
        assert_eq!(refused, Err(StorageError::Members(StorageType::S3)));
    }
    assert_eq!(given(vec![s3()]).storage(Resource::ChatTranscripts), Ok(s3()));
}

#[test]
fn members_have_their_forms() {
    let short_key = KmsKey { key_id: "1234abcd".to_owned() };
    let alias = KmsKey { key_id: "arn:aws:kms:us-east-1:123456789012:alias/mine".to_owned() };
    for encryption in [short_key, alias] {
        let storage = Storage::S3 { bucket: "b".to_owned(), prefix: "p".to_owned(), encryption: Some(encryption) };
        let refused = one(storage).storage(Resource::Attachments).unwrap_err();
        assert!(refused.to_string().starts_with("EncryptionConfig.KeyId must be the full ARN"), "{refused}");
    }
    let plain = Storage::S3 { bucket: "b".to_owned(), prefix: "p".to_owned(), encryption: None };
    assert_eq!(one(plain.clone()).storage(Resource::Attachments), Ok(plain));

    for arn in ["records", "arn:aws:kinesis:us-east-1:1:stream/", "arn:aws:firehose:us-east-1:1:stream/x"] {
        let refused = one(Storage::KinesisStream { stream_arn: arn.to_owned() }).storage(Resource::AgentEvents);
        assert!(refused.unwrap_err().to_string().starts_with("StreamArn must be"), "{arn}");
    }
    let refused = one(Storage::KinesisFirehose { firehose_arn: "x".to_owned() }).storage(Resource::ContactTraceRecords);
    assert!(refused.unwrap_err().to_string().starts_with("FirehoseArn must be"));
}

#[test]
fn video_is_kept_for_ten_years_at_most() {
    for hours in [0, 87_600] {
        assert_eq!(one(video(hours)).storage(Resource::MediaStreams), Ok(video(hours)));
    }
    let refused = one(video(87_601)).storage(Resource::MediaStreams).unwrap_err();
    assert_eq!(refused.to_string(), "RetentionPeriodHours must be from 0 to 87600.");
}

#[test]
fn a_resource_type_has_one_configuration() {
    let mut ids = ids();
    let first = StorageAssociation::associate(Resource::ChatTranscripts, s3(), false, &mut ids).unwrap();
    let second = StorageAssociation::associate(Resource::ChatTranscripts, s3(), true, &mut ids);
    assert_eq!(second, Err(StorageTaken(Resource::ChatTranscripts)));
    let other = StorageAssociation::associate(Resource::Attachments, s3(), false, &mut ids).unwrap();
    assert_ne!(first.association_id, other.association_id);
}

#[test]
fn an_update_keeps_the_association() {
    let first = StorageAssociation::associate(Resource::ContactTraceRecords, stream(), false, &mut ids()).unwrap();
    let updated = first.clone().update(firehose());
    assert_eq!(updated.association_id, first.association_id);
    assert_eq!(updated.storage, firehose());

    let stored = serde_json::to_string(&updated).unwrap();
    assert_eq!(serde_json::from_str::<StorageAssociation>(&stored).unwrap(), updated);
}
