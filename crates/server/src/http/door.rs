//! The front door: every request comes through here.
//!
//! An AWS operation is told by its method and path and goes straight to [`api`]; everything else is routed by axum. What
//! all replies share is done here, once: what pages of other origins may do and read.

use std::sync::Arc;

use axum::{Router, extract::Request, response::Response};
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

    async fn route(&mut self, request: Request) -> Response {
        match api::find(&self.app, &request) {
            Some(found) => api::handle(&self.app, found, request).await,
            None => {
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

    async fn answer(mut self, request: Request) -> Response {
        let Some(origin) = cors::origin(&self.app, request.headers()) else { return self.route(request).await };
        let preflight = cors::preflight(&request);
        let own = self.route(request).await;
        let mut reply = match preflight {
            Some(preflight) => cors::join(own, preflight),
            None => own,
        };
        cors::allow(reply.headers_mut(), origin);
        reply
    }
}
