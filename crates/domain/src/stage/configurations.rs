//! The resources that only describe something: public keys, encoders, storage and ingest.
//!
//! The one rule: what is kept is complete. What a request leaves out is filled in when the resource is made, so that
//! every reply shows the same.
//!
//! Facts: *ImportPublicKey*, *CreateEncoderConfiguration*, *CreateStorageConfiguration*, *CreateIngestConfiguration* and
//! *UpdateIngestConfiguration* in the Amazon IVS Real-Time API Reference; *Stream ingest* in the User Guide.

use serde::{Deserialize, Serialize};

use super::{
    ParticipantId, ResourceId, StageId,
    ids::base62,
    token::{Attributes, TokenRefused, check_attributes},
};
use crate::{Home, Ids, Time, words::words};

/// A key whose private half signs tokens. Its tags are kept beside it, by ARN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Its id.
    pub id: ResourceId,
    /// Its name; empty where none was given.
    pub name: String,
    /// The PEM text as it was imported.
    pub material: String,
    /// Sixteen bytes that tell it from others, in hexadecimal with colons.
    pub fingerprint: String,
}

/// How compositions are encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncoderConfiguration {
    /// Its id.
    pub id: ResourceId,
    /// Its name; empty where none was given.
    pub name: String,
    /// The picture.
    pub video: Video,
}

/// A composition's picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Video {
    /// In pixels.
    pub width: i32,
    /// In pixels.
    pub height: i32,
    /// Pictures a second.
    pub framerate: f64,
    /// Bits a second.
    pub bitrate_bps: i32,
}

/// The most pixels of a picture.
const PIXELS_MAX: i32 = 2_073_600;

/// A picture that no composition can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VideoRefused {
    /// An odd side.
    #[error("video.width and video.height must be even numbers.")]
    OddSide,
    /// Too large.
    #[error("video.width times video.height can be at most {PIXELS_MAX} pixels.")]
    TooLarge,
}

impl Video {
    /// The picture asked for; what is not said is 1280×720 at 30 pictures and 2.5 Mbit a second.
    ///
    /// # Errors
    /// [`VideoRefused`].
    pub fn new(
        width: Option<i32>,
        height: Option<i32>,
        framerate: Option<f64>,
        bitrate_bps: Option<i32>,
    ) -> Result<Self, VideoRefused> {
        let (width, height) = (width.unwrap_or(1_280), height.unwrap_or(720));
        if width % 2 != 0 || height % 2 != 0 {
            return Err(VideoRefused::OddSide);
        }
        if width.saturating_mul(height) > PIXELS_MAX {
            return Err(VideoRefused::TooLarge);
        }
        let (framerate, bitrate_bps) = (framerate.unwrap_or(30.0), bitrate_bps.unwrap_or(2_500_000));
        Ok(Self { width, height, framerate, bitrate_bps })
    }
}

/// Where recordings go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageConfiguration {
    /// Its id.
    pub id: ResourceId,
    /// Its name; empty where none was given.
    pub name: String,
    /// `s3.bucketName`.
    pub bucket_name: String,
}

words! {
    /// How an encoder sends.
    IngestProtocol {
        Rtmp = "RTMP",
        Rtmps = "RTMPS",
    }
}

words! {
    /// Whether an encoder sends now.
    IngestState {
        Active = "ACTIVE",
        Inactive = "INACTIVE",
    }
}

/// A participant who publishes by RTMP, with the key that lets them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestConfiguration {
    /// Its id.
    pub id: ResourceId,
    /// Its name; empty where none was given.
    pub name: String,
    /// How it is sent to.
    pub protocol: IngestProtocol,
    /// The stage it publishes to, if any.
    pub stage: Option<StageId>,
    /// Who it is there, and their key.
    pub credential: StreamCredential,
    /// A second one to fall back on, while `redundantIngest` is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redundant: Option<StreamCredential>,
    /// What the application calls the participant; empty where it does not.
    pub user_id: String,
    /// What the application says about the participant.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// Whether it publishes now.
    pub state: IngestState,
}

/// A participant and the key that publishes as them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamCredential {
    /// Who.
    pub participant: ParticipantId,
    /// The secret.
    pub stream_key: String,
}

/// What `CreateIngestConfiguration` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIngest {
    /// `name`.
    pub name: String,
    /// `ingestProtocol`.
    pub protocol: IngestProtocol,
    /// `insecureIngest`.
    pub insecure: bool,
    /// `redundantIngest`.
    pub redundant: bool,
    /// `stageArn`, found.
    pub stage: Option<StageId>,
    /// `userId`.
    pub user_id: String,
    /// `attributes`.
    pub attributes: Attributes,
}

/// Why an ingest configuration is not made or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IngestRefused {
    /// RTMP is not encrypted, and that must be wanted.
    #[error("ingestProtocol RTMP needs insecureIngest to be true.")]
    Insecure,
    /// Too much of them.
    #[error(transparent)]
    Attributes(#[from] TokenRefused),
    /// It publishes now.
    #[error("The ingest configuration is ACTIVE.")]
    Active,
}

impl IngestConfiguration {
    /// A new one.
    ///
    /// # Errors
    /// [`IngestRefused`].
    pub fn create(request: NewIngest, home: &Home, now: Time, ids: &mut dyn Ids) -> Result<Self, IngestRefused> {
        if request.protocol == IngestProtocol::Rtmp && !request.insecure {
            return Err(IngestRefused::Insecure);
        }
        check_attributes(&request.attributes)?;
        let id = ResourceId::fresh(ids);
        Ok(Self {
            id,
            name: request.name,
            protocol: request.protocol,
            stage: request.stage,
            credential: StreamCredential::fresh(id, home, now, ids),
            redundant: request.redundant.then(|| StreamCredential::fresh(id, home, now, ids)),
            user_id: request.user_id,
            attributes: request.attributes,
            state: IngestState::Inactive,
        })
    }

    /// Changes what is given.
    ///
    /// # Errors
    /// [`IngestRefused::Active`].
    pub fn update(
        &mut self,
        stage: Option<Option<StageId>>,
        redundant: Option<bool>,
        home: &Home,
        now: Time,
        ids: &mut dyn Ids,
    ) -> Result<(), IngestRefused> {
        if self.state == IngestState::Active {
            return Err(IngestRefused::Active);
        }
        self.stage = stage.unwrap_or(self.stage);
        match redundant {
            Some(true) if self.redundant.is_none() => {
                self.redundant = Some(StreamCredential::fresh(self.id, home, now, ids));
            }
            Some(false) => self.redundant = None,
            Some(true) | None => {}
        }
        Ok(())
    }

    /// Whether it may be deleted; with `force` even while it publishes.
    ///
    /// # Errors
    /// [`IngestRefused::Active`].
    pub fn deletable(&self, force: bool) -> Result<(), IngestRefused> {
        if self.state == IngestState::Active && !force { Err(IngestRefused::Active) } else { Ok(()) }
    }

    /// Whether it publishes as that participant.
    #[must_use]
    pub fn is(&self, participant: &ParticipantId) -> bool {
        let redundant = self.redundant.as_ref();
        std::iter::once(&self.credential).chain(redundant).any(|credential| credential.participant == *participant)
    }
}

impl StreamCredential {
    fn fresh(configuration: ResourceId, home: &Home, now: Time, ids: &mut dyn Ids) -> Self {
        let participant = ParticipantId::fresh(now, ids);
        let secrets: [[u8; 16]; 2] = [base62(ids.next().as_u128()), base62(ids.next().as_u128())];
        let secret: String = secrets.concat().into_iter().map(char::from).collect();
        let stream_key = format!("rt_{}_{}_{configuration}_{secret}", home.account, home.region);
        Self { participant, stream_key }
    }
}
