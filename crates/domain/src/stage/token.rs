//! Participant tokens: what one says, and whether it lets its holder in.
//!
//! The one rule: nothing here is believed before its signature is verified, which is not the domain's business. What
//! comes in are the claims of a token whose signature is good, and by whom it was signed.
//!
//! Facts: *Distribute participant tokens* and *Token exchange* in the Amazon IVS Real-Time User Guide;
//! *CreateParticipantToken* in the API Reference.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Addresses, ParticipantId, ResourceKind, Stage, StageId};
use crate::{Home, Ids, Time, words::words};

/// For how long a token is good where the request does not say.
const DEFAULT_MINUTES: i32 = 720;
/// The longest that a token may be good.
const LONGEST_SECONDS: i64 = 14 * 24 * 60 * 60;
/// How far the clock of whoever signs tokens may be ahead of ours.
// AWS does not say: how far. A minute, as is usual for clocks that are kept.
const SKEW_SECONDS: i64 = 60;
/// All of the attributes, keys and values together.
// AWS does not say: what counts towards the 1 KB. The bytes of keys and values in UTF-8, without any encoding of theirs.
const ATTRIBUTES_MAX_BYTES: usize = 1_024;
/// In characters.
const USER_ID_MAX: usize = 128;
/// The `version` claim.
pub const VERSION: &str = "1.0";

words! {
    /// What a token allows.
    Capability {
        Publish = "PUBLISH",
        Subscribe = "SUBSCRIBE",
    }
}

/// The set of what a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// To publish.
    pub publish: bool,
    /// To subscribe.
    pub subscribe: bool,
}

impl Capabilities {
    /// Everything: what a token allows where the request does not say.
    pub const ALL: Self = Self { publish: true, subscribe: true };

    /// Those named. Naming none is as good as not saying: both are allowed.
    // AWS does not say: what an empty list allows. A token that allows nothing is of no use to anybody.
    #[must_use]
    pub fn of(named: &[Capability]) -> Self {
        if named.is_empty() {
            return Self::ALL;
        }
        Self { publish: named.contains(&Capability::Publish), subscribe: named.contains(&Capability::Subscribe) }
    }

    /// Their names, in AWS's order.
    #[must_use]
    pub fn names(self) -> Vec<Capability> {
        let named = [(self.publish, Capability::Publish), (self.subscribe, Capability::Subscribe)];
        named.into_iter().filter(|(allowed, _)| *allowed).map(|(_, name)| name).collect()
    }
}

/// What the application says about a participant, to everybody on the stage.
pub type Attributes = BTreeMap<String, String>;

/// Why a token is not made as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// More than 1 KB.
    #[error("attributes can be at most {ATTRIBUTES_MAX_BYTES} bytes in total.")]
    AttributesTooLarge,
}

/// Whether `attributes` fit.
///
/// # Errors
/// [`TokenRefused::AttributesTooLarge`].
pub fn check_attributes(attributes: &Attributes) -> Result<(), TokenRefused> {
    let size: usize = attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size > ATTRIBUTES_MAX_BYTES { Err(TokenRefused::AttributesTooLarge) } else { Ok(()) }
}

/// What a request for a token asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewToken {
    /// `duration`, in minutes.
    pub duration_minutes: Option<i32>,
    /// `userId`.
    pub user_id: Option<String>,
    /// `attributes`.
    pub attributes: Option<Attributes>,
    /// `capabilities`.
    pub capabilities: Vec<Capability>,
}

/// A token that was made; its text is the server's to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeToken {
    /// Who its holder will be.
    pub grant: Grant,
    /// When it was made.
    pub issued: Time,
    /// `duration`, in minutes.
    pub duration_minutes: i32,
}

impl NewToken {
    /// Makes the token.
    ///
    /// # Errors
    /// [`TokenRefused`].
    pub fn make(self, now: Time, ids: &mut dyn Ids) -> Result<MadeToken, TokenRefused> {
        let attributes = self.attributes.unwrap_or_default();
        check_attributes(&attributes)?;
        let duration_minutes = self.duration_minutes.unwrap_or(DEFAULT_MINUTES);
        // A token counts in whole seconds.
        let issued = Time(now.as_millis().div_euclid(1_000) * 1_000);
        let grant = Grant {
            participant: ParticipantId::fresh(now, ids),
            capabilities: Capabilities::of(&self.capabilities),
            user_id: self.user_id,
            attributes,
            expires: issued.plus_minutes(duration_minutes.into()),
        };
        Ok(MadeToken { grant, issued, duration_minutes })
    }
}

/// Who a participant is and what they may do, as their token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Who.
    pub participant: ParticipantId,
    /// What they may do.
    pub capabilities: Capabilities,
    /// What the application calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// What the application says about them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: Attributes,
    /// Until when the token lets them join.
    pub expires: Time,
}

/// A token of ours that somebody may hold: its participant can be disconnected before they ever join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedToken {
    /// Until when it is good.
    pub expires: Time,
}

/// A participant who was disconnected: no token lets them in again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Since when.
    pub since: Time,
}

/// A connection token, by its `jti`, that opens no shared connection any more. Participant tokens stay good without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedConnection {
    /// Since when.
    pub since: Time,
}

/// Who signed a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// This server.
    Server,
    /// The holder of an imported public key's private half.
    Customer,
}

/// The claims of a token whose signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// `exp`, in seconds.
    pub expires_s: i64,
    /// `iat`, in seconds.
    pub issued_s: i64,
    /// `jti`.
    pub token_id: String,
    /// `resource`: the stage's ARN.
    pub resource: String,
    /// `topic`: the stage's id.
    pub topic: String,
    /// `events_url`.
    pub events_url: String,
    /// `whip_url`.
    pub whip_url: String,
    /// `capabilities`.
    pub capabilities: Capabilities,
    /// `version`.
    pub version: String,
    /// `user_id`.
    pub user_id: Option<String>,
    /// `attributes`.
    pub attributes: Attributes,
}

/// Why a token does not let its holder in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// A claim is not what it must be.
    #[error("the token's {0} is not valid")]
    Claim(&'static str),
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

impl Claims {
    /// The stage that the token is for, by its ARN.
    #[must_use]
    pub fn stage(&self, home: &Home) -> Option<StageId> {
        ResourceKind::Stage.id(&self.resource, home)
    }

    /// Checks every claim for a join of `stage` at `now`.
    ///
    /// # Errors
    /// [`TokenError`] names the first claim that is wrong.
    pub fn check(
        &self,
        signer: Signer,
        stage: &Stage,
        home: &Home,
        addresses: &Addresses,
        now: Time,
    ) -> Result<Grant, TokenError> {
        let claim = |is_good: bool, name| if is_good { Ok(()) } else { Err(TokenError::Claim(name)) };
        let participant = self.token_id.parse().map_err(|_| TokenError::Claim("jti"))?;
        claim(self.version == VERSION, "version")?;
        claim(self.stage(home) == Some(stage.id), "resource")?;
        claim(self.topic == stage.id.as_str(), "topic")?;
        // What this server wrote into its own tokens needs no proof.
        let are_ours = signer == Signer::Server || addresses.accept(&self.events_url, &self.whip_url, stage.id);
        claim(are_ours, "events_url or whip_url")?;
        claim(self.user_id.as_ref().is_none_or(|id| id.chars().count() <= USER_ID_MAX), "user_id")?;
        claim(check_attributes(&self.attributes).is_ok(), "attributes")?;
        let now_s = now.as_millis().div_euclid(1_000);
        claim(self.issued_s <= now_s.saturating_add(SKEW_SECONDS), "iat")?;
        let lives_s = self.expires_s.saturating_sub(self.issued_s);
        claim((1..=LONGEST_SECONDS).contains(&lives_s), "exp")?;
        if self.expires_s <= now_s {
            return Err(TokenError::Expired);
        }
        Ok(Grant {
            participant,
            capabilities: self.capabilities,
            user_id: self.user_id.clone(),
            attributes: self.attributes.clone(),
            expires: Time(self.expires_s.saturating_mul(1_000)),
        })
    }
}
