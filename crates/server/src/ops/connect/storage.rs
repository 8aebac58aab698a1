//! What the operations on storage configurations share: reading one, finding one, showing one.

use switchboard_domain::{
    ResourceId,
    instance::{Instance, KmsKey, Storage, StorageAssociation, StorageMembers, StorageResourceType, parse_id},
};
use switchboard_state::Tx;
use switchboard_wire::connect::{
    EncryptionConfig, EncryptionType, InstanceStorageConfig, InvalidParameterException, KinesisFirehoseConfig,
    KinesisStreamConfig, KinesisVideoStreamConfig, ResourceNotFoundException, S3Config,
};

use super::{
    lookup::{not_found, out_of_form},
    words::{OffWire as _, OnWire as _},
};
use crate::{instances, ops::Failure};

/// The one storage that `StorageConfig` describes, for things of that type.
pub(super) fn described(
    config: InstanceStorageConfig,
    of: StorageResourceType,
) -> Result<Storage, InvalidParameterException> {
    let members = StorageMembers {
        storage_type: config.storage_type.off_wire(),
        given: [
            config.s3_config.map(s3),
            config.kinesis_video_stream_config.map(video_stream),
            config.kinesis_stream_config.map(|stream| Storage::KinesisStream { stream_arn: stream.stream_arn }),
            config.kinesis_firehose_config.map(|hose| Storage::KinesisFirehose { firehose_arn: hose.firehose_arn }),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    members.storage(of).map_err(out_of_form)
}

fn s3(config: S3Config) -> Storage {
    Storage::S3 {
        bucket: config.bucket_name,
        prefix: config.bucket_prefix,
        encryption: config.encryption_config.map(kms_key),
    }
}

fn video_stream(config: KinesisVideoStreamConfig) -> Storage {
    Storage::KinesisVideoStream {
        prefix: config.prefix,
        // The model allows nothing below zero.
        retention_hours: config.retention_period_hours.unsigned_abs(),
        encryption: kms_key(config.encryption_config),
    }
}

fn kms_key(config: EncryptionConfig) -> KmsKey {
    match config.encryption_type {
        EncryptionType::Kms => KmsKey { key_id: config.key_id },
    }
}

/// The configuration of that id, for things of that type.
pub(super) fn find<E>(
    tx: &mut Tx,
    instance: &Instance,
    of: StorageResourceType,
    association_id: &str,
) -> Result<StorageAssociation, Failure<E>>
where
    E: From<ResourceNotFoundException>,
{
    let id = parse_id(association_id, ResourceId).map_err(not_found)?;
    let found = instances::storage(tx, instance.id, of)?.filter(|found| found.association_id == id);
    let why = || not_found(format!("The instance has no storage configuration {id} for ResourceType {of}."));
    found.ok_or_else(|| why().into())
}

/// A configuration as it is shown: its id, and only the member of its storage type.
pub(super) fn shown(association: StorageAssociation) -> InstanceStorageConfig {
    let config = InstanceStorageConfig {
        association_id: Some(association.association_id.to_string()),
        storage_type: association.storage.storage_type().on_wire(),
        ..InstanceStorageConfig::default()
    };
    match association.storage {
        Storage::S3 { bucket, prefix, encryption } => {
            let s3 = S3Config {
                bucket_name: bucket,
                bucket_prefix: prefix,
                encryption_config: encryption.map(encrypted_with),
            };
            InstanceStorageConfig { s3_config: Some(s3), ..config }
        }
        Storage::KinesisVideoStream { prefix, retention_hours, encryption } => {
            let stream = KinesisVideoStreamConfig {
                prefix,
                retention_period_hours: i32::try_from(retention_hours).unwrap_or(i32::MAX),
                encryption_config: encrypted_with(encryption),
            };
            InstanceStorageConfig { kinesis_video_stream_config: Some(stream), ..config }
        }
        Storage::KinesisStream { stream_arn } => {
            InstanceStorageConfig { kinesis_stream_config: Some(KinesisStreamConfig { stream_arn }), ..config }
        }
        Storage::KinesisFirehose { firehose_arn } => {
            InstanceStorageConfig { kinesis_firehose_config: Some(KinesisFirehoseConfig { firehose_arn }), ..config }
        }
    }
}

fn encrypted_with(key: KmsKey) -> EncryptionConfig {
    EncryptionConfig { encryption_type: EncryptionType::Kms, key_id: key.key_id }
}
