//! Our transport, as AWS's crates take it: what they ask goes out with the same roots, proxies and timeouts as every
//! other request.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use crate::config::Settings;
use crate::transport::{Lost, Transport};

/// Connections are made as `settings` say; who asks may be less patient.
pub(super) fn client(settings: Settings) -> SharedHttpClient {
    http_client_fn(move |wanted, _| SharedHttpConnector::new(Connector::new(settings.clone(), wanted)))
}

#[derive(Debug)]
struct Connector(Settings);

impl Connector {
    fn new(settings: Settings, wanted: &HttpConnectorSettings) -> Self {
        let shorter = |own: Option<Duration>, wanted: Option<Duration>| match (own, wanted) {
            (Some(own), Some(wanted)) => Some(own.min(wanted)),
            (own, wanted) => wanted.or(own),
        };
        let connect_timeout = shorter(settings.connect_timeout, wanted.connect_timeout());
        let read_timeout = shorter(settings.read_timeout, wanted.read_timeout());
        Self(Settings { connect_timeout, read_timeout, ..settings })
    }

    fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let broken = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::other(error, None);
        let request = request.try_into_http1x().map_err(|error| broken(error.into()))?;
        let request = request.map(|body| body.bytes().unwrap_or_default().to_vec());
        let settings = Settings { endpoint: request.uri().to_string(), ..self.0.clone() };
        let transport = Transport::new(&settings).map_err(|failure| broken(format!("{failure:?}").into()))?;
        let answer =
            transport.send(request).map_err(|Lost(failure)| ConnectorError::io(format!("{failure:?}").into()))?;
        let mut response = http::Response::new(SdkBody::from(answer.body));
        *response.status_mut() = http::StatusCode::from_u16(answer.status).map_err(|error| broken(error.into()))?;
        *response.headers_mut() = answer.headers;
        HttpResponse::try_from(response).map_err(|error| broken(error.into()))
    }
}

impl HttpConnector for Connector {
    // Nothing else waits in this program while credentials are looked for, so that the answer is waited for right here.
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.send(request))
    }
}
