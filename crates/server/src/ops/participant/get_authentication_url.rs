//! GetAuthenticationUrl: where the customer signs in (Participant Service API Reference, *GetAuthenticationUrl*).
//!
//! The URL is an authorization request of OAuth 2.0 (RFC 6749, section 4.1.1) to the identity provider that the flow
//! names; the session's id is its `state`, which comes back with the customer.

use axum::http::Uri;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use switchboard_domain::chat::{Context, TokenKind};
use switchboard_wire::connectparticipant::{
    GetAuthenticationUrlError, GetAuthenticationUrlInput, GetAuthenticationUrlOutput, ValidationException,
};

use super::{caller, cancel_participant_authentication::refused};
use crate::{
    chat::apply::apply,
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Takes up the session that `authentication.initiated` told of, within its minute.
pub(super) async fn get_authentication_url(
    ctx: Ctx,
    input: GetAuthenticationUrlInput,
) -> Result<GetAuthenticationUrlOutput, Failure<GetAuthenticationUrlError>> {
    let (ctx, caller) = caller::admit(ctx, &input.connection_token, TokenKind::Connection)?;
    let url = ctx
        .write(move |ctx, tx| {
            let mut chat = caller.chat(ctx, tx)?;
            let ids = &mut SystemIds;
            let cx = &mut Context::new(ctx.now, &ctx.app.limits.chat, ids);
            let (session, changes) =
                chat.take_up_sign_in(caller.participant, &input.session_id, cx).map_err(refused)?;
            let page = chat.sign_in_page().ok_or_else(|| invalid("SessionId: its flow names no identity provider"))?;
            let url = authorization_request(page, &input.redirect_uri, &session.id.to_string())?;
            apply(tx, &chat, &changes)?;
            Ok(url)
        })
        .await?;
    Ok(GetAuthenticationUrlOutput { authentication_url: Some(url) })
}

fn authorization_request(page: &str, redirect_uri: &str, state: &str) -> Result<String, ValidationException> {
    let is_absolute = redirect_uri.parse::<Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.authority().is_some());
    if !is_absolute || redirect_uri.contains('#') {
        return Err(invalid("RedirectUri must be an absolute URI without a fragment"));
    }
    let joint = if page.contains('?') { '&' } else { '?' };
    let redirect_uri = utf8_percent_encode(redirect_uri, NON_ALPHANUMERIC);
    Ok(format!("{page}{joint}response_type=code&redirect_uri={redirect_uri}&state={state}"))
}

fn invalid(why: &str) -> ValidationException {
    ValidationException::new(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_brings_the_customer_back() {
        let url = authorization_request("https://idp.example/authorize?client_id=a", "https://shop.example/a?b", "s");
        let expected = "https://idp.example/authorize?client_id=a&response_type=code\
                        &redirect_uri=https%3A%2F%2Fshop%2Eexample%2Fa%3Fb&state=s";
        assert_eq!(url.as_deref(), Ok(expected));
        assert!(
            authorization_request("https://idp.example", "app://back", "s").is_ok_and(|url| url.contains("e?resp"))
        );
    }

    #[test]
    fn only_an_absolute_uri_is_somewhere_to_go_back_to() {
        for nowhere in ["", "/back", "shop.example/back", "https://", "https://shop.example/#top", "java script:x"] {
            assert!(authorization_request("https://idp.example", nowhere, "s").is_err(), "{nowhere:?}");
        }
    }
}
