//! The server as its requests see it: settings, state, clock, keys, and what is made of them once at the start.

use std::sync::Arc;

use axum::http::HeaderValue;
use switchboard_domain::{Home, chat, instance, stage};
use switchboard_state::{Options, Pager, State, StoreError, Tx};
use switchboard_wire::{Router, sigv4::SigningKeys};

use crate::{
    chat::seats::Seats,
    clock::Clock,
    config::{Config, Quotas},
    ids::random_bytes,
    keys::{AccessKeys, KeysError},
    listen::Shutdown,
    media::Media,
    ops::{self, Table},
    stages::StageDesk,
    streams::Deliveries,
    telemetry::Telemetry,
    throttle::Throttle,
    tokens::Tokens,
};

/// The quotas in force.
#[derive(Debug, Default)]
pub struct Limits {
    /// Of chats.
    pub chat: chat::Limits,
    /// Of instances.
    pub instance: instance::Limits,
    /// Of stages.
    pub stage: stage::Limits,
}

/// One running server.
pub struct App {
    pub(crate) config: Config,
    pub(crate) home: Home,
    pub(crate) limits: Limits,
    pub(crate) state: State,
    pub(crate) clock: Clock,
    pub(crate) keys: AccessKeys,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) tokens: Tokens,
    pub(crate) stages: StageDesk,
    pub(crate) media: Media,
    pub(crate) pager: Pager,
    pub(crate) router: Router,
    pub(crate) table: Table,
    pub(crate) seats: Seats,
    pub(crate) deliveries: Deliveries,
    pub(crate) telemetry: Telemetry,
    /// Counts requests a second where that is limited.
    pub(crate) throttle: Option<Throttle>,
    pub(crate) shutdown: Shutdown,
    /// Where clients reach this server, without a slash at the end.
    pub(crate) public_url: String,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The state cannot be opened.
    #[error("the state cannot be opened: {0}")]
    State(#[from] StoreError),
    /// The access keys cannot be read or kept.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The key that signs the tokens of stages cannot be made or read.
    #[error("the key for the tokens of stages cannot be made or read")]
    StageKey,
}

impl App {
    /// Opens the state and makes everything ready. `address` is where it listens, for URLs when none is configured.
    ///
    /// # Errors
    /// When the state or the keys cannot be opened.
    pub(crate) async fn open(config: Config, address: &str, shutdown: Shutdown) -> Result<Arc<Self>, StartError> {
        let keys = AccessKeys::load(&config)?;
        let state = State::open(Options { dir: config.data.clone(), wait_for_owner: true })?;
        let (fresh_tokens, fresh_pages) = (random_bytes::<32>(), random_bytes::<32>());
        let secrets = move |tx: &mut Tx| Ok((tx.secret("tokens", &fresh_tokens)?, tx.secret("pages", &fresh_pages)?));
        let (token_key, page_key) = state.write::<_, StoreError, _>(secrets).await?;
        let mut limits = match config.limits {
            Quotas::Aws => {
                Limits { chat: chat::Limits::aws(), instance: instance::Limits::aws(), stage: stage::Limits::aws() }
            }
            Quotas::Default => Limits::default(),
        };
        limits.chat.attachment_bytes = config.max_attachment_bytes;
        limits.stage = config.stage_limits();
        let public_url = config.public_url.as_ref().map_or_else(|| format!("http://{address}"), ToString::to_string);
        let clock = Clock::new();
        let stages = StageDesk::open(&state, &public_url, &limits.stage, clock.now()).await?;
        Ok(Arc::new(Self {
            home: Home { region: config.region.clone(), account: config.account.clone() },
            clock,
            public_url,
            deliveries: Deliveries::default(),
            limits,
            state,
            keys,
            signing_keys: SigningKeys::default(),
            tokens: Tokens::new(&token_key),
            stages,
            media: Media::default(),
            pager: Pager::new(&page_key),
            router: Router::new(),
            table: ops::table(),
            seats: Seats::default(),
            telemetry: Telemetry::new(),
            throttle: (config.limits == Quotas::Aws).then(Throttle::default),
            shutdown,
            config,
        }))
    }

    /// Whether pages of that origin may call this server.
    pub(crate) fn allows_origin(&self, origin: &HeaderValue) -> bool {
        let allowed = &self.config.cors_origins;
        allowed.is_empty() || allowed.iter().any(|known| known == "*" || known.as_bytes() == origin.as_bytes())
    }

    /// A URL of this server for clients that open sockets: `wss` behind TLS, else `ws`.
    ///
    /// ChatJS refuses plain `ws` to any host but 127.0.0.1, so a loopback name becomes that address.
    pub(crate) fn socket_url(&self, path_and_query: &str) -> String {
        let (scheme, rest) = match self.public_url.split_once("://") {
            Some(("https", rest)) => ("wss", rest),
            Some((_, rest)) => ("ws", rest),
            None => ("ws", self.public_url.as_str()),
        };
        let rest = match rest.strip_prefix("localhost") {
            Some(port) if scheme == "ws" => format!("127.0.0.1{port}"),
            _ => rest.to_owned(),
        };
        format!("{scheme}://{rest}{path_and_query}")
    }
}
