//! Where an instance puts what it produces: transcripts, recordings, attachments, records, streams.
//!
//! The one rule: one configuration per resource type, and it holds exactly the member that its storage type names.
//! Facts: *AssociateInstanceStorageConfig*, *UpdateInstanceStorageConfig* and *InstanceStorageConfig* in the Amazon
//! Connect API Reference.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Arn, Ids, ResourceId, words::words};

/// The longest time that Kinesis Video Streams keeps what it is given, in hours: ten years.
const RETENTION_HOURS_MAX: u32 = 87_600;

words! {
    /// `InstanceStorageResourceType`: what is stored.
    StorageResourceType {
        ChatTranscripts = "CHAT_TRANSCRIPTS",
        CallRecordings = "CALL_RECORDINGS",
        ScheduledReports = "SCHEDULED_REPORTS",
        MediaStreams = "MEDIA_STREAMS",
        ContactTraceRecords = "CONTACT_TRACE_RECORDS",
        AgentEvents = "AGENT_EVENTS",
        RealTimeContactAnalysisSegments = "REAL_TIME_CONTACT_ANALYSIS_SEGMENTS",
        Attachments = "ATTACHMENTS",
        ContactEvaluations = "CONTACT_EVALUATIONS",
        ScreenRecordings = "SCREEN_RECORDINGS",
        RealTimeContactAnalysisChatSegments = "REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS",
        RealTimeContactAnalysisVoiceSegments = "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS",
        EmailMessages = "EMAIL_MESSAGES",
    }
}

words! {
    /// `StorageType`: where it goes.
    StorageType {
        S3 = "S3",
        KinesisVideoStream = "KINESIS_VIDEO_STREAM",
        KinesisStream = "KINESIS_STREAM",
        KinesisFirehose = "KINESIS_FIREHOSE",
    }
}

/// `EncryptionConfig`: the full ARN of a KMS key, the one kind there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KmsKey {
    /// `KeyId`.
    pub key_id: String,
}

/// Where something is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Storage {
    /// `S3Config`.
    S3 {
        /// `BucketName`.
        bucket: String,
        /// `BucketPrefix`.
        prefix: String,
        /// `EncryptionConfig`.
        encryption: Option<KmsKey>,
    },
    /// `KinesisVideoStreamConfig`.
    KinesisVideoStream {
        /// `Prefix`.
        prefix: String,
        /// `RetentionPeriodHours`; 0 keeps nothing.
        retention_hours: u32,
        /// `EncryptionConfig`.
        encryption: KmsKey,
    },
    /// `KinesisStreamConfig`.
    KinesisStream {
        /// `StreamArn`.
        stream_arn: String,
    },
    /// `KinesisFirehoseConfig`.
    KinesisFirehose {
        /// `FirehoseArn`.
        firehose_arn: String,
    },
}

/// The storage of a request, as its members came: each configuration that was given, whatever its type says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageMembers {
    /// `StorageType`.
    pub storage_type: StorageType,
    /// The configurations that were given. Exactly one is right.
    pub given: Vec<Storage>,
}

/// A configuration that an instance has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageAssociation {
    /// `AssociationId`.
    pub association_id: ResourceId,
    /// What is stored.
    pub resource_type: StorageResourceType,
    /// Where.
    pub storage: Storage,
}

/// Not a storage for things of that type: an `InvalidParameterException`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// None or several configurations, or another than the type says.
    #[error("StorageConfig must hold the configuration of StorageType {0} and no other.")]
    Members(StorageType),
    /// A type that this resource type is not stored in.
    #[error("ResourceType {0} cannot be stored in StorageType {1}.")]
    NotAllowed(StorageResourceType, StorageType),
    /// A member out of form.
    #[error("{member} must be {must}.")]
    Form {
        /// Its name.
        member: &'static str,
        /// What it must be.
        must: &'static str,
    },
}

/// The resource type has a storage already: a `ResourceConflictException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The instance has a storage configuration for ResourceType {0} already.")]
pub struct StorageTaken(pub StorageResourceType);

impl StorageResourceType {
    /// The storage types that it may go to.
    #[must_use]
    pub const fn storage_types(self) -> &'static [StorageType] {
        match self {
            Self::ChatTranscripts
            | Self::CallRecordings
            | Self::ScheduledReports
            | Self::Attachments
            | Self::ContactEvaluations
            | Self::ScreenRecordings
            | Self::EmailMessages => &[StorageType::S3],
            Self::MediaStreams => &[StorageType::KinesisVideoStream],
            Self::ContactTraceRecords => &[StorageType::KinesisStream, StorageType::KinesisFirehose],
            Self::AgentEvents
            | Self::RealTimeContactAnalysisSegments
            | Self::RealTimeContactAnalysisChatSegments
            | Self::RealTimeContactAnalysisVoiceSegments => &[StorageType::KinesisStream],
        }
    }
}

impl StorageMembers {
    /// The one storage that the members describe, for `resource_type`.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn storage(mut self, resource_type: StorageResourceType) -> Result<Storage, StorageError> {
        let storage_type = self.storage_type;
        let storage = match (self.given.pop(), self.given.is_empty()) {
            (Some(storage), true) if storage.storage_type() == storage_type => storage,
            _ => return Err(StorageError::Members(storage_type)),
        };
        if !resource_type.storage_types().contains(&storage_type) {
            return Err(StorageError::NotAllowed(resource_type, storage_type));
        }
        storage.check()?;
        Ok(storage)
    }
}

impl Storage {
    /// `StorageType`.
    #[must_use]
    pub const fn storage_type(&self) -> StorageType {
        match self {
            Self::S3 { .. } => StorageType::S3,
            Self::KinesisVideoStream { .. } => StorageType::KinesisVideoStream,
            Self::KinesisStream { .. } => StorageType::KinesisStream,
            Self::KinesisFirehose { .. } => StorageType::KinesisFirehose,
        }
    }

    fn check(&self) -> Result<(), StorageError> {
        match self {
            Self::S3 { encryption: None, .. } => Ok(()),
            Self::S3 { encryption: Some(key), .. } => key.check(),
            Self::KinesisVideoStream { retention_hours, encryption, .. } => {
                if *retention_hours > RETENTION_HOURS_MAX {
                    return Err(StorageError::Form { member: "RetentionPeriodHours", must: "from 0 to 87600" });
                }
                encryption.check()
            }
            Self::KinesisStream { stream_arn } => {
                must_be_arn("StreamArn", stream_arn, "kinesis", "stream/", "the ARN of a Kinesis data stream")
            }
            Self::KinesisFirehose { firehose_arn } => must_be_arn(
                "FirehoseArn",
                firehose_arn,
                "firehose",
                "deliverystream/",
                "the ARN of a Firehose delivery stream",
            ),
        }
    }
}

impl KmsKey {
    fn check(&self) -> Result<(), StorageError> {
        must_be_arn("EncryptionConfig.KeyId", &self.key_id, "kms", "key/", "the full ARN of a KMS key, not only its id")
    }
}

impl StorageAssociation {
    /// The association of `storage` with an instance; `taken` tells whether the resource type has one already.
    ///
    /// # Errors
    /// [`StorageTaken`].
    pub fn associate(
        resource_type: StorageResourceType,
        storage: Storage,
        taken: bool,
        ids: &mut dyn Ids,
    ) -> Result<Self, StorageTaken> {
        if taken {
            return Err(StorageTaken(resource_type));
        }
        Ok(Self { association_id: ResourceId::new(ids), resource_type, storage })
    }

    /// The association with another storage in place of its own; the id stays.
    #[must_use]
    pub fn update(self, storage: Storage) -> Self {
        Self { storage, ..self }
    }
}

/// Region and account are not compared: data may go to a stream or be sealed with a key that is somebody else's.
fn must_be_arn(
    member: &'static str,
    text: &str,
    service: &str,
    prefix: &str,
    must: &'static str,
) -> Result<(), StorageError> {
    let names_one =
        |arn: Arn| arn.service == service && arn.resource.strip_prefix(prefix).is_some_and(|name| !name.is_empty());
    if Arn::from_str(text).is_ok_and(names_one) { Ok(()) } else { Err(StorageError::Form { member, must }) }
}
