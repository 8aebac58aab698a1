//! The front door: every request comes through here.
//!
//! An AWS operation is told by its method and path and goes straight to [`api`]; everything else is routed by axum. What
//! all replies share is done here, once: what pages of other origins may do and read.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    response::Response,
};
use tower::Service as _;

use super::{api, cors};
use crate::{app::App, listen::Answer, media::Entrance};

/// The whole of HTTP, as the listener sees it.
#[derive(Clone)]
pub(crate) struct Door {
    app: Arc<App>,
    routes: Router,
}

impl Door {
    pub(super) fn new(app: Arc<App>, routes: Router) -> Self {
        Self { app, routes }
    }

    async fn route(&mut self, peer: SocketAddr, mut request: Request) -> Response {
        match api::find(&self.app, &request) {
            Some(found) => api::handle(&self.app, found, request).await,
            None => {
                request.extensions_mut().insert(ConnectInfo(peer));
                let Ok(reply) = self.routes.call(request).await;
                reply
            }
        }
    }
}

impl Answer for Door {
    fn entrance(&self) -> Option<&Entrance> {
        self.app.media.entrance()
    }

    async fn answer(mut self, peer: SocketAddr, request: Request) -> Response {
        let Some(origin) = cors::origin(&self.app, request.headers()) else { return self.route(peer, request).await };
        let preflight = cors::preflight(&request);
        let own = self.route(peer, request).await;
        let mut reply = match preflight {
            Some(preflight) => cors::join(own, preflight),
            None => own,
        };
        cors::allow(reply.headers_mut(), origin);
        reply
    }
}
