//! Participant tokens: made for the API, and verified for whoever comes to a stage.
//!
//! The one rule: the signature comes first. What a token says is only looked at once the key that it names has verified
//! it: the server's own where it names none, else an imported one.

use switchboard_domain::{
    Time,
    stage::{
        Endpoints, ResourceId, ResourceKind, Stage, StageId,
        configurations::PublicKey,
        token::{Capabilities, Claims, Grant, MadeToken, Signer, TokenError, VERSION},
    },
};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::jwt::{self, Jwt};

use super::rows;
use crate::{app::App, ids::system_random};

/// Why a token lets nobody in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// It is not a token that this server takes.
    #[error("{0}")]
    Malformed(String),
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its stage is not here, or no longer.
    #[error("there is no such stage")]
    NoStage,
    /// A fault of ours.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The text of a token for that stage.
pub(crate) fn issue(app: &App, stage: &Stage, token: &MadeToken) -> Result<String, StoreError> {
    let endpoints = Endpoints::at(&app.public_url, stage.id);
    let grant = &token.grant;
    let claims = jwt::Claims {
        exp: grant.expires.as_millis().div_euclid(1_000),
        iat: token.issued.as_millis().div_euclid(1_000),
        jti: grant.participant.to_string(),
        resource: stage.arn(&app.home).to_string(),
        topic: stage.id.to_string(),
        events_url: endpoints.events,
        whip_url: endpoints.whip,
        allow_publish: grant.capabilities.publish,
        allow_subscribe: grant.capabilities.subscribe,
        version: VERSION.to_owned(),
        user_id: grant.user_id.clone(),
        attributes: grant.attributes.clone(),
    };
    let no_randomness = || StoreError::Database("there is no randomness to sign a token with".to_owned());
    app.stages.key.sign(&claims, &system_random()).ok_or_else(no_randomness)
}

/// The stage and the rights of whoever shows that token.
pub(crate) fn verify(app: &App, tx: &mut Tx, token: &str, now: Time) -> Result<(StageId, Grant), Refused> {
    let jwt = Jwt::read(token).map_err(|error| Refused::Malformed(error.to_string()))?;
    let unsigned = || Refused::Malformed("the token's signature is not valid".to_owned());
    let (signer, claims) = match jwt.key_id().map(str::to_owned) {
        None => (Signer::Server, jwt.verify(app.stages.key.public())),
        Some(key) => (Signer::Customer, imported(app, tx, &key)?.and_then(|key| jwt.verify(&key))),
    };
    let claims = from_wire(claims.ok_or_else(unsigned)?);
    let stage = claims.stage(&app.home).ok_or(Refused::NoStage)?;
    let stage = rows::stage(tx, stage)?.ok_or(Refused::NoStage)?;
    match claims.check(signer, &stage, &app.home, &app.stages.addresses, now) {
        Ok(grant) => Ok((stage.id, grant)),
        Err(TokenError::Expired) => Err(Refused::Expired),
        Err(error @ TokenError::Claim(_)) => Err(Refused::Malformed(error.to_string())),
    }
}

fn imported(app: &App, tx: &mut Tx, arn: &str) -> Result<Option<jwt::PublicKey>, StoreError> {
    let Some(id) = ResourceKind::PublicKey.id::<ResourceId>(arn, &app.home) else { return Ok(None) };
    let key = tx.get::<PublicKey>("", id.as_str())?;
    Ok(key.and_then(|key| jwt::PublicKey::from_pem(&key.material).ok()))
}

fn from_wire(claims: jwt::Claims) -> Claims {
    Claims {
        expires_s: claims.exp,
        issued_s: claims.iat,
        token_id: claims.jti,
        resource: claims.resource,
        topic: claims.topic,
        events_url: claims.events_url,
        whip_url: claims.whip_url,
        capabilities: Capabilities { publish: claims.allow_publish, subscribe: claims.allow_subscribe },
        version: claims.version,
        user_id: claims.user_id,
        attributes: claims.attributes,
    }
}
