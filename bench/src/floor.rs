//! The floor: an axum handler that answers with the same bytes and does nothing else.

use axum::{
    Router,
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use tokio::{net::TcpListener, process::Command};

use crate::{
    Outcome,
    process::{Server, sibling},
};

/// Starts one that answers with `body`.
pub(crate) async fn start(body: &str) -> Outcome<Server> {
    let mut command = Command::new(sibling("switchboard-bench")?);
    command.args(["floor", body]);
    Server::start(command, "floor ready ").await
}

/// Runs one.
pub(crate) async fn run(body: String) -> Outcome {
    let body = Bytes::from(body);
    let handler = move |_: Bytes| {
        let body = body.clone();
        async move { reply(body) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("floor ready {}", listener.local_addr()?);
    axum::serve(listener, Router::new().fallback(handler)).await?;
    Ok(())
}

/// The headers that an AWS client looks for.
fn reply(body: Bytes) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            header::HeaderName::from_static("x-amzn-requestid"),
            HeaderValue::from_static("4b1f7e2c-6a3d-4c5e-8f90-a1b2c3d4e5f6"),
        ),
    ];
    (headers, body).into_response()
}
