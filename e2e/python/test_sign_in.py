"""A customer is asked to sign in during a chat, by the server's own API, as a flow's Authenticate Customer block does."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from actors import EVENT, refuses, start_chat

AUTHENTICATION = EVENT + "authentication."
PAGE = "https://idp.example/authorize?client_id=shop"
BACK = "https://shop.example/back?from=chat"


def ask(server, customer, page=PAGE):
    return server.signed("POST", f"/_switchboard/contacts/{customer.contact_id}/authentication", {"signInPage": page})


def finish(server, customer, session, outcome):
    path = f"/_switchboard/contacts/{customer.contact_id}/authentication/{session}"
    return server.signed("POST", path, {"outcome": outcome})


def url(customer, session):
    return customer.client.get_authentication_url(
        SessionId=session, RedirectUri=BACK, ConnectionToken=customer.connection_token
    )["AuthenticationUrl"]


@pytest.mark.parametrize(
    ("outcome", "event"), [("SUCCEEDED", "succeeded"), ("FAILED", "failed"), ("TIMED_OUT", "timeout")]
)
def test_a_customer_signs_in(server, customer, agent, outcome, event):
    asked = ask(server, customer).json
    told = customer.socket.wait_event(AUTHENTICATION + "initiated")
    session = json.loads(told["Content"])["SessionId"]
    assert session == asked["sessionId"] and len(session) == 36

    parts = urlsplit(url(customer, session))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://idp.example/authorize"
    query = {name: value for name, [value] in parse_qs(parts.query).items()}
    assert query == {"client_id": "shop", "response_type": "code", "redirect_uri": BACK, "state": session}

    assert finish(server, customer, session, outcome).status == 200
    customer.socket.wait_event(AUTHENTICATION + event)
    # It is between the customer and the flow, and in no transcript.
    agent.say("signed in?")
    agent.socket.wait_message("signed in?")
    assert not [item for item in agent.socket.items if AUTHENTICATION in item.get("ContentType", "")]
    assert not [item for item in customer.whole_transcript() if AUTHENTICATION in item.get("ContentType", "")]
    assert finish(server, customer, session, outcome).error == "InvalidRequestException", "it is over"


def test_a_customer_does_not_want_to_sign_in(server, customer):
    session = ask(server, customer).json["sessionId"]
    customer.client.cancel_participant_authentication(SessionId=session, ConnectionToken=customer.connection_token)
    customer.socket.wait_event(AUTHENTICATION + "cancelled")
    with refuses("ValidationException", 400):
        url(customer, session)


def test_a_session_is_good_for_a_minute(server, customer):
    session = ask(server, customer).json["sessionId"]
    server.advance(minutes=1, seconds=1)
    customer.socket.wait_event(AUTHENTICATION + "expired")
    with refuses("ValidationException", 400):
        url(customer, session)


def test_a_session_is_the_customers(server, customer, agent):
    session = ask(server, customer).json["sessionId"]
    with refuses("AccessDeniedException", 403):
        url(agent, session)


def test_somewhere_to_sign_in_is_needed(server, instance, customer):
    for page in ("", "idp.example", "javascript:alert(1)", "/authorize"):
        assert (ask(server, customer, page).status, ask(server, customer, page).error) == (400, "InvalidRequestException")
    ended = start_chat(server, instance).connect()
    ended.disconnect()
    assert ask(server, ended).status == 400
    ended.socket.close()
    path = f"/_switchboard/contacts/{customer.contact_id}/authentication"
    assert server.request("POST", path, {"signInPage": PAGE}).status == 403
    assert server.signed("POST", path.replace(customer.contact_id, customer.id), {"signInPage": PAGE}).status == 404
