//! The settings of `switchboard serve`.
//!
//! The one rule: every setting is a flag, an environment variable `SWITCHBOARD_…` and a key of an optional TOML file,
//! under one name; the flag wins over the variable, the variable over the file, the file over the default. What the
//! file says is given to clap as the default of the flag, so there is one parser and one precedence.
//!
//! The help text of a flag is its manual.

mod file;
mod values;

use std::{
    ffi::OsString,
    net::{IpAddr, SocketAddr},
    num::NonZeroUsize,
    path::PathBuf,
};

use clap::{
    ArgAction, Command, CommandFactory as _, FromArgMatches as _, Parser, ValueEnum, ValueHint, error::ErrorKind,
};

use switchboard_domain::stage;

use crate::{keys::AccessKey, telemetry::LogFormat};

pub use values::{HttpUrl, IceServer, StreamSink};

use values::{account, address, log_filter, origin, public_url, region};

/// Which of AWS's quotas hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Quotas {
    /// The ones that belong to a feature; those that exist only because many share one cloud are lifted
    Default,
    /// Exactly AWS's published numbers, for testing against them
    Aws,
}

/// Serves Amazon Connect chat, the Participant Service and IVS Real-Time at one address.
///
/// Without --data the state is kept in memory and gone when the server stops.
///
/// Signals: SIGTERM and SIGINT stop the server once the requests it has begun are answered; a second one stops it at
/// once. SIGHUP does the same and starts the program again in its place, with the listening socket kept open, so that
/// callers wait a moment instead of being refused: replace the program's file, send SIGHUP, and it is upgraded.
///
/// A listening socket that a supervisor passes on (LISTEN_FDS, as systemd does) is used instead of --listen.
#[derive(Debug, Clone, Parser)]
#[command(name = "serve", max_term_width = 100)]
pub struct Config {
    /// Address and port for everything but media. Port 0 picks a free one
    #[arg(long, env = "SWITCHBOARD_LISTEN", value_name = "HOST:PORT", value_parser = address)]
    #[arg(default_value = "127.0.0.1:4747", help_heading = "Where")]
    pub listen: SocketAddr,

    /// Address and port for media, what the participants of stages send and get: UDP, and TCP for who has none. Port 0
    /// picks a free one
    ///
    /// May be given several times; separated by commas in the variable. [::]:PORT is every address of both families.
    #[arg(long, env = "SWITCHBOARD_MEDIA", value_name = "HOST:PORT", value_parser = address)]
    #[arg(value_delimiter = ',', action = ArgAction::Append)]
    #[arg(default_value = "127.0.0.1:4747", help_heading = "Where")]
    pub media: Vec<SocketAddr>,

    /// The address that clients send media to, when it is not the one of --media: behind a NAT, or when that is 0.0.0.0
    ///
    /// May be given twice, for IPv4 and for IPv6; separated by commas in the variable.
    #[arg(long, env = "SWITCHBOARD_MEDIA_ADDRESS", value_name = "IP", help_heading = "Where")]
    #[arg(value_delimiter = ',', action = ArgAction::Append)]
    pub media_address: Vec<IpAddr>,

    /// Whether media may come and go over TCP too, at the same port number, for clients whose network has no UDP
    #[arg(long, env = "SWITCHBOARD_MEDIA_TCP", value_name = "BOOL", action = ArgAction::Set)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true")]
    #[arg(help_heading = "Where")]
    pub media_tcp: bool,

    /// A STUN or TURN server that clients of stages are told of, as URL or URL,USERNAME,CREDENTIAL
    ///
    /// For example: turn:turn.example.com:3478?transport=tcp,me,secret. May be given several times; separated by spaces
    /// in the variable.
    #[arg(long = "ice-server", env = "SWITCHBOARD_ICE_SERVERS", value_name = "SERVER", hide_env_values = true)]
    #[arg(value_delimiter = ' ', action = ArgAction::Append, help_heading = "Where")]
    pub ice_servers: Vec<IceServer>,

    /// The address that clients use, when it is not the one listened at: behind a proxy or a TLS terminator
    ///
    /// URLs in replies (the chat socket, attachments) begin with it: https becomes wss for the chat socket. Without it
    /// they begin with the address listened at.
    #[arg(long, env = "SWITCHBOARD_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    #[arg(help_heading = "Where")]
    pub public_url: Option<String>,

    /// The AWS region that this server is. Requests signed for another are refused
    #[arg(long, env = "SWITCHBOARD_REGION", value_parser = region, default_value = "us-east-1", help_heading = "Where")]
    pub region: String,

    /// The AWS account that everything belongs to: 12 digits, as they appear in ARNs
    #[arg(long, env = "SWITCHBOARD_ACCOUNT", value_parser = account, default_value = "123456789012")]
    #[arg(help_heading = "Where")]
    pub account: String,

    /// Directory for the database, attachments and the access key; made when it is not there
    ///
    /// Without it everything is kept in memory and gone when the server stops.
    #[arg(long, env = "SWITCHBOARD_DATA", value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Where")]
    pub data: Option<PathBuf>,

    /// A TOML file of settings: a key for each flag here, named as the flag without its dashes
    ///
    /// For example: region = "eu-west-2", or access-key = ["ID:SECRET"]. A key that is no setting is an error.
    #[arg(long, env = "SWITCHBOARD_CONFIG", value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(help_heading = "Where")]
    pub config: Option<PathBuf>,

    /// An access key that may sign requests. May be given several times; separated by commas in the variable
    ///
    /// Without any, one is made at the first start and kept in the data directory; `switchboard env` prints it.
    #[arg(long = "access-key", env = "SWITCHBOARD_ACCESS_KEYS", value_name = "ID:SECRET", hide_env_values = true)]
    #[arg(value_delimiter = ',', action = ArgAction::Append, help_heading = "Who")]
    pub access_keys: Vec<AccessKey>,

    /// Accept every request whoever signed it, or nobody. Refused unless --listen is a loopback address
    #[arg(long, env = "SWITCHBOARD_INSECURE_ANY_CREDENTIALS", value_name = "BOOL", action = ArgAction::Set)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false")]
    #[arg(help_heading = "Who")]
    pub insecure_any_credentials: bool,

    /// An origin whose web pages may call this server, as https://example.com. May be given several times
    ///
    /// Separated by commas in the variable. Without any, or with *, pages of every origin may.
    #[arg(long = "cors-origin", env = "SWITCHBOARD_CORS_ORIGINS", value_name = "ORIGIN", value_parser = origin)]
    #[arg(value_delimiter = ',', action = ArgAction::Append, help_heading = "Who")]
    pub cors_origins: Vec<String>,

    /// Which of AWS's quotas hold
    #[arg(long, env = "SWITCHBOARD_LIMITS", value_enum, default_value = "default", help_heading = "How much")]
    pub limits: Quotas,

    /// Largest body of a request, in bytes, attachments aside
    #[arg(long, env = "SWITCHBOARD_MAX_BODY_BYTES", value_name = "N", default_value = "1048576")]
    #[arg(help_heading = "How much")]
    pub max_body_bytes: usize,

    /// Largest attachment, in bytes
    #[arg(long, env = "SWITCHBOARD_MAX_ATTACHMENT_BYTES", value_name = "N", default_value = "20971520")]
    #[arg(help_heading = "How much")]
    pub max_attachment_bytes: u64,

    /// Most connections open at once, chat sockets among them; more wait to be accepted
    #[arg(long, env = "SWITCHBOARD_MAX_CONNECTIONS", value_name = "N", default_value = "25000")]
    #[arg(help_heading = "How much")]
    pub max_connections: usize,

    /// Most sockets open at once, of chats and of stages' room events together
    #[arg(long, env = "SWITCHBOARD_MAX_SOCKETS", value_name = "N", default_value = "20000", help_heading = "How much")]
    pub max_sockets: usize,

    /// Most connections of one stage open at once: sockets of room events, and WHIP and WHEP sessions
    #[arg(long, env = "SWITCHBOARD_MAX_STAGE_CONNECTIONS", value_name = "N", default_value = "20000")]
    #[arg(help_heading = "How much")]
    pub max_stage_connections: usize,

    /// Most participants of a stage who may publish at once. Without it --limits decides: aws allows 12
    #[arg(long, env = "SWITCHBOARD_STAGE_PUBLISHERS", value_name = "N", help_heading = "How much")]
    pub stage_publishers: Option<u32>,

    /// Most participants of a stage who may watch at once. Without it --limits decides: aws allows 10,000
    #[arg(long, env = "SWITCHBOARD_STAGE_SUBSCRIBERS", value_name = "N", help_heading = "How much")]
    pub stage_subscribers: Option<u32>,

    /// Longest that a participant may publish, or watch somebody, without a break. Without it --limits decides: aws
    /// allows 24 hours
    #[arg(long, env = "SWITCHBOARD_STAGE_STREAM_SECONDS", value_name = "N", help_heading = "How much")]
    pub stage_stream_seconds: Option<u32>,

    /// How long a session of a stage goes on once nobody publishes
    #[arg(long, env = "SWITCHBOARD_STAGE_SESSION_GRACE_SECONDS", value_name = "N", default_value = "120")]
    #[arg(help_heading = "How much")]
    pub stage_session_grace_seconds: u32,

    /// Threads that forward media; each stage is on one of them. Without it there is one for each processor
    #[arg(long, env = "SWITCHBOARD_MEDIA_SHARDS", value_name = "N", help_heading = "How much")]
    pub media_shards: Option<NonZeroUsize>,

    /// How long a new Amazon Connect instance is CREATION_IN_PROGRESS, in milliseconds. AWS takes a minute or two
    #[arg(long, env = "SWITCHBOARD_INSTANCE_CREATION_MS", value_name = "N", default_value = "250")]
    #[arg(help_heading = "How much")]
    pub instance_creation_ms: u32,

    /// Longest wait for begun requests when the server stops or restarts
    #[arg(long, env = "SWITCHBOARD_DRAIN_SECONDS", value_name = "N", default_value = "25", help_heading = "How much")]
    pub drain_seconds: u64,

    /// Where StartContactStreaming delivers what it would publish to an SNS topic, as TOPIC_ARN=URL
    ///
    /// May be given several times; separated by spaces in the variable; a table of the file.
    #[arg(long = "stream-sink", env = "SWITCHBOARD_STREAM_SINKS", value_name = "TOPIC_ARN=URL")]
    #[arg(value_delimiter = ' ', action = ArgAction::Append, help_heading = "Outside")]
    pub stream_sinks: Vec<StreamSink>,

    /// Where StartContactStreaming delivers for topics without a sink of their own
    #[arg(long, env = "SWITCHBOARD_DEFAULT_STREAM_SINK", value_name = "URL", help_heading = "Outside")]
    pub default_stream_sink: Option<HttpUrl>,

    /// Let POST /_switchboard/clock/advance move the server's time ahead, for tests of what happens later
    #[arg(long, env = "SWITCHBOARD_MOVABLE_CLOCK", value_name = "BOOL", action = ArgAction::Set)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false")]
    #[arg(help_heading = "Outside")]
    pub movable_clock: bool,

    /// What is logged to stderr: a level, or directives such as info,switchboard_server=debug
    #[arg(long, env = "SWITCHBOARD_LOG", value_name = "FILTER", value_parser = log_filter, default_value = "info")]
    #[arg(help_heading = "Outside")]
    pub log: String,

    /// The form of log lines
    #[arg(long, env = "SWITCHBOARD_LOG_FORMAT", value_enum, default_value = "text", help_heading = "Outside")]
    pub log_format: LogFormat,
}

impl Config {
    /// Reads the settings from the arguments after `program`, the environment and the file that they name.
    ///
    /// # Errors
    /// What is wrong with them, or the help that was asked for: [`clap::Error::exit`] does what is due.
    pub fn load(program: &str, arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        Self::load_with(Self::command().bin_name(program), arguments)
    }

    fn load_with(mut command: Command, arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let name = OsString::from(command.get_name());
        let arguments: Vec<OsString> = std::iter::once(name).chain(arguments).collect();
        let mut matches = command.clone().try_get_matches_from(&arguments)?;
        if let Some(path) = matches.get_one::<PathBuf>("config") {
            command = file::as_defaults(command, path)?;
            matches = command.clone().try_get_matches_from(&arguments)?;
        }
        let config = Self::from_arg_matches(&matches)?;
        match config.check_exposure(config.listen) {
            Ok(()) => Ok(config),
            Err(why) => Err(command.error(ErrorKind::ArgumentConflict, why)),
        }
    }

    /// Whether these settings may be served at that address, which a supervisor may have chosen.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check_exposure(&self, bound: SocketAddr) -> Result<(), String> {
        if self.insecure_any_credentials && !bound.ip().is_loopback() {
            return Err(format!("--insecure-any-credentials lets everybody in, so it is refused at {bound}"));
        }
        Ok(())
    }

    /// The quotas of stages: those of --limits, and what is set beside it.
    pub(crate) fn stage_limits(&self) -> stage::Limits {
        let limits = match self.limits {
            Quotas::Aws => stage::Limits::aws(),
            Quotas::Default => stage::Limits::default(),
        };
        stage::Limits {
            publishers: self.stage_publishers.or(limits.publishers),
            subscribers: self.stage_subscribers.or(limits.subscribers),
            stream_seconds: self.stage_stream_seconds.map(i64::from).or(limits.stream_seconds),
            session_grace_seconds: self.stage_session_grace_seconds.into(),
            ..limits
        }
    }

    /// Where to deliver what would be published to that topic.
    pub(crate) fn sink_for(&self, topic_arn: &str) -> Option<&HttpUrl> {
        let own = self.stream_sinks.iter().find(|sink| sink.topic_arn == topic_arn).map(|sink| &sink.url);
        own.or(self.default_stream_sink.as_ref())
    }
}

#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;
