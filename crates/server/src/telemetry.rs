//! What the server tells about itself: log lines on stderr, and numbers for Prometheus.
//!
//! The one rule: counting costs a request a few atomic operations. The series of an operation are looked up once, when
//! the server starts; only an error looks its own series up.

use std::io::IsTerminal as _;

use parking_lot::Mutex;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::Registry,
};
use switchboard_wire::{Meta, SERVICES};
use tokio::time::Instant;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::ParseError, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{clock, media::figures::Figures};

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends log lines to stderr. Does nothing when something else already takes them.
///
/// # Errors
/// The filter is not in the form of `EnvFilter` directives.
pub(crate) fn init_logging(format: LogFormat, filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    // An error says that a subscriber is set, by whoever runs this server inside their own program.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    Ok(())
}

/// The media type of [`Telemetry::render`].
pub(crate) const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Which answers a series counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    service: &'static str,
    operation: &'static str,
    /// `2xx`, `4xx`, `5xx`, or `aborted` when the caller left before its answer.
    status: &'static str,
    /// The error's name; empty for a success.
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Name {
    service: &'static str,
    operation: &'static str,
}

/// The series of one operation.
#[derive(Debug)]
struct Operation {
    name: Name,
    successes: Counter,
    seconds: Histogram,
}

/// Every number that the server keeps about itself.
#[derive(Debug)]
pub(crate) struct Telemetry {
    registry: Mutex<Registry>,
    answers: Family<Answer, Counter>,
    /// By their numbers.
    operations: Vec<Operation>,
    unlisted: Operation,
    in_flight: Gauge,
    connections: Gauge,
    sockets: Gauge,
    media: Figures,
}

impl Telemetry {
    /// Numbers for every operation that is served.
    pub(crate) fn new() -> Self {
        Self::of(SERVICES.iter().copied().flatten())
    }

    /// Numbers for these operations, which are all in the order of theirs; any other is counted as `unlisted`.
    fn of<'a>(operations: impl IntoIterator<Item = &'a Meta>) -> Self {
        let mut registry = Registry::with_prefix("switchboard");
        let answers = Family::<Answer, Counter>::default();
        let seconds =
            Family::<Name, Histogram>::new_with_constructor(|| Histogram::new(exponential_buckets(0.000_25, 2.0, 16)));
        let [in_flight, connections, sockets] = [(); 3].map(|()| Gauge::default());
        registry.register("requests", "Requests answered, by operation, status and error", answers.clone());
        registry.register("request_duration_seconds", "Seconds from a request's head to its answer", seconds.clone());
        registry.register("requests_in_flight", "Requests being answered now", in_flight.clone());
        registry.register("connections", "Connections open now, chat sockets among them", connections.clone());
        registry.register("chat_sockets", "Sockets open now, of chats and of stages' room events", sockets.clone());
        let media = Figures::new(&mut registry);
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program that answers", version);

        let resolve = |service, operation| Operation {
            name: Name { service, operation },
            successes: answers.get_or_create_owned(&Answer { service, operation, status: "2xx", code: "" }),
            seconds: seconds.get_or_create_owned(&Name { service, operation }),
        };
        let operations = operations.into_iter().map(|meta| resolve(meta.service, meta.name)).collect();
        let unlisted = resolve("unlisted", "unlisted");
        Self { registry: Mutex::new(registry), answers, operations, unlisted, in_flight, connections, sockets, media }
    }

    /// Sockets open now, of chats and of room events.
    pub(crate) fn set_open_sockets(&self, open: usize) {
        self.sockets.set(i64::try_from(open).unwrap_or(i64::MAX));
    }

    /// Connections open now.
    pub(crate) const fn connections(&self) -> &Gauge {
        &self.connections
    }

    /// Those of the media plane.
    pub(crate) const fn media(&self) -> &Figures {
        &self.media
    }

    /// A request for an operation begins.
    pub(crate) fn start(&self, meta: &Meta) -> Watch<'_> {
        let operation = self.operations.get(meta.number).unwrap_or(&self.unlisted);
        self.in_flight.inc();
        Watch { telemetry: self, operation, started: clock::instant(), answered: false }
    }

    /// All numbers, in the OpenMetrics text format.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        if let Err(error) = text::encode(&mut text, &self.registry.lock()) {
            tracing::error!(%error, "the metrics could not be written");
        }
        text
    }
}

/// A request that is being answered. Dropped without an answer, it was aborted.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    telemetry: &'a Telemetry,
    operation: &'a Operation,
    started: Instant,
    answered: bool,
}

impl Watch<'_> {
    /// The answer is a success.
    pub(crate) fn succeeded(mut self) {
        self.operation.successes.inc();
        self.answered();
    }

    /// The answer is an error.
    pub(crate) fn failed(mut self, code: &'static str, status: u16) {
        self.count(if status >= 500 { "5xx" } else { "4xx" }, code);
        self.answered();
    }

    fn answered(&mut self) {
        self.operation.seconds.observe(self.started.elapsed().as_secs_f64());
        self.answered = true;
    }

    fn count(&self, status: &'static str, code: &'static str) {
        let Name { service, operation } = self.operation.name;
        self.telemetry.answers.get_or_create(&Answer { service, operation, status, code }).inc();
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.telemetry.in_flight.dec();
        if !self.answered {
            self.count("aborted", "");
        }
    }
}

#[cfg(test)]
mod tests {
    use switchboard_wire::Auth;

    use super::*;

    const fn meta(number: usize, name: &'static str) -> Meta {
        Meta {
            number,
            service: "connect",
            signing_name: "connect",
            name,
            method: "GET",
            uri: "/",
            status: 200,
            auth: Auth::SigV4,
            validation_error: "InvalidParameterException",
            throttling_error: "ThrottlingException",
            message_member: "message",
            empty_body: false,
        }
    }

    const LISTED: Meta = meta(0, "ListBots");

    #[test]
    fn answers_are_counted_by_operation_status_and_error() {
        let telemetry = Telemetry::of([&LISTED]);
        telemetry.start(&LISTED).succeeded();
        telemetry.start(&LISTED).succeeded();
        telemetry.start(&LISTED).failed("ResourceNotFoundException", 404);
        telemetry.start(&LISTED).failed("InternalServiceException", 500);
        drop(telemetry.start(&LISTED));
        telemetry.start(&meta(1, "Other")).succeeded();
        let open = telemetry.start(&LISTED);
        telemetry.set_open_sockets(7);

        let text = telemetry.render();
        let series = r#"{service="connect",operation="ListBots","#;
        for line in [
            format!(r#"switchboard_requests_total{series}status="2xx",code=""}} 2"#),
            format!(r#"switchboard_requests_total{series}status="4xx",code="ResourceNotFoundException"}} 1"#),
            format!(r#"switchboard_requests_total{series}status="5xx",code="InternalServiceException"}} 1"#),
            format!(r#"switchboard_requests_total{series}status="aborted",code=""}} 1"#),
            r#"switchboard_request_duration_seconds_count{service="connect",operation="ListBots"} 4"#.to_owned(),
            r#"switchboard_requests_total{service="unlisted",operation="unlisted",status="2xx",code=""} 1"#.to_owned(),
            "switchboard_requests_in_flight 1".to_owned(),
            "switchboard_chat_sockets 7".to_owned(),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
        }
        drop(open);
        assert!(telemetry.render().contains("switchboard_requests_in_flight 0"));
    }
}
