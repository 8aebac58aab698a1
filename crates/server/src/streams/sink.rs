//! The HTTP endpoints that streams are delivered to.
//!
//! The one rule: an endpoint cannot hold us up. Connecting, answering and the answer's size are bounded, redirects are
//! not followed, and what it says is not looked at beyond the status. Bounds as those of SNS, which gives an endpoint
//! fifteen seconds.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::http::{HeaderName, HeaderValue, Request, StatusCode, Uri, header, request::Builder};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use percent_encoding::percent_decode_str;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider};
use tokio::time::timeout;

use super::envelope::Notification;
use crate::config::HttpUrl;

/// The whole of a delivery, connecting included.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Connections that nobody uses are closed after this.
const KEEP_IDLE: Duration = Duration::from_secs(60);
/// An answer that is longer costs the endpoint its connection.
const LARGEST_ANSWER_BYTES: usize = 64 * 1024;

const MESSAGE_TYPE: HeaderName = HeaderName::from_static("x-amz-sns-message-type");
const MESSAGE_ID: HeaderName = HeaderName::from_static("x-amz-sns-message-id");
const TOPIC_ARN: HeaderName = HeaderName::from_static("x-amz-sns-topic-arn");
const SUBSCRIPTION_ARN: HeaderName = HeaderName::from_static("x-amz-sns-subscription-arn");

/// What an endpoint made of a notification.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has it.
    Delivered,
    /// It will not have it, today or ever: the next one may fare better.
    Refused(String),
    /// It cannot be reached, or says itself that it is out of order: worth another try.
    Failed(String),
}

type Http = legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// The client for all endpoints, made when the first is needed.
#[derive(Default)]
pub(super) struct Client(OnceLock<Result<Http, String>>);

impl Client {
    /// Sends one notification and waits for what comes of it.
    pub(super) async fn post(&self, url: &HttpUrl, notification: Notification) -> Answer {
        let request = match request(url.uri(), notification) {
            Ok(request) => request,
            Err(error) => return Answer::Refused(error.to_string()),
        };
        let http = match self.0.get_or_init(client) {
            Ok(http) => http,
            Err(why) => return Answer::Failed(why.clone()),
        };
        let exchange = async {
            let reply = http.request(request).await?;
            let status = reply.status();
            // Read to its end, the connection can be used again. Whatever goes wrong here, the status has come.
            let _ = Limited::new(reply.into_body(), LARGEST_ANSWER_BYTES).collect().await;
            Ok::<_, legacy::Error>(status)
        };
        match timeout(ANSWER_WITHIN, exchange).await {
            Ok(Ok(status)) => answer(status),
            Ok(Err(error)) => Answer::Failed(with_causes(&error)),
            Err(_) => Answer::Failed(format!("no answer within {} s", ANSWER_WITHIN.as_secs())),
        }
    }
}

// AWS does not say: which statuses of an HTTP endpoint SNS takes for what. It documents that errors of the client's side
// are not tried again and those of the server's side are; so a 4xx is an item refused, but for the three that ask for
// another try, and everything that is neither that nor a 2xx is tried again.
fn answer(status: StatusCode) -> Answer {
    let asks_again =
        matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS);
    if status.is_success() {
        Answer::Delivered
    } else if status.is_client_error() && !asks_again {
        Answer::Refused(status.to_string())
    } else {
        Answer::Failed(status.to_string())
    }
}

fn request(uri: &Uri, notification: Notification) -> Result<Request<Full<Bytes>>, axum::http::Error> {
    with_credentials(Request::post(uri), uri)
        .header(header::CONTENT_TYPE, "text/plain; charset=UTF-8")
        .header(header::USER_AGENT, "Amazon Simple Notification Service Agent")
        .header(MESSAGE_TYPE, "Notification")
        .header(MESSAGE_ID, notification.id)
        .header(TOPIC_ARN, notification.topic)
        .header(SUBSCRIPTION_ARN, notification.subscription)
        .body(Full::new(notification.body.into()))
}

/// A user and a password in the URL are sent as SNS sends them: by basic authentication.
fn with_credentials(request: Builder, uri: &Uri) -> Builder {
    let user = uri.authority().and_then(|authority| authority.as_str().rsplit_once('@'));
    let Some((user, _)) = user else { return request };
    let decoded: Vec<u8> = percent_decode_str(user).collect();
    let value = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(decoded)));
    match value {
        Ok(mut value) => {
            value.set_sensitive(true);
            request.header(header::AUTHORIZATION, value)
        }
        // Base64 is always a header's value.
        Err(_) => request,
    }
}

fn client() -> Result<Http, String> {
    let mut http = HttpConnector::new();
    http.set_connect_timeout(Some(CONNECT_WITHIN));
    http.set_nodelay(true);
    http.enforce_http(false);
    let connector = match HttpsConnectorBuilder::new().with_provider_and_native_roots(default_provider()) {
        Ok(builder) => builder,
        Err(error) => {
            tracing::warn!(%error, "no certificates to check https sinks by: only http sinks can be delivered to");
            HttpsConnectorBuilder::new().with_tls_config(trusting_nobody().map_err(|error| error.to_string())?)
        }
    };
    let connector = connector.https_or_http().enable_http1().wrap_connector(http);
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    Ok(builder.pool_timer(TokioTimer::new()).pool_idle_timeout(KEEP_IDLE).build(connector))
}

fn trusting_nobody() -> Result<ClientConfig, rustls::Error> {
    let config =
        ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

/// An error with what caused it: the client's own says little more than "connect error".
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notification() -> Notification {
        let text = |text: &str| text.to_owned();
        Notification { id: text("id"), topic: text("topic"), subscription: text("topic:stream"), body: text("{}") }
    }

    #[test]
    fn a_status_says_what_became_of_the_item() {
        let named = |code| answer(StatusCode::from_u16(code).expect("a status"));
        assert!([200, 202, 204].into_iter().all(|code| named(code) == Answer::Delivered));
        assert!([400, 403, 404, 410, 422].into_iter().all(|code| matches!(named(code), Answer::Refused(_))));
        assert!([302, 408, 425, 429, 500, 503].into_iter().all(|code| matches!(named(code), Answer::Failed(_))));
    }

    #[test]
    fn a_request_has_the_headers_of_sns_and_the_password_of_the_url() {
        let uri: Uri = "http://user:p%40ss@127.0.0.1:9/sns?x=1".parse().expect("a URL");
        let request = request(&uri, notification()).expect("a request");
        let header = |name: &str| request.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(header("x-amz-sns-message-type"), "Notification");
        assert_eq!(header("x-amz-sns-message-id"), "id");
        assert_eq!(header("x-amz-sns-topic-arn"), "topic");
        assert_eq!(header("x-amz-sns-subscription-arn"), "topic:stream");
        assert_eq!(header("content-type"), "text/plain; charset=UTF-8");
        assert_eq!(header("authorization"), format!("Basic {}", BASE64_STANDARD.encode("user:p@ss")));
    }
}
