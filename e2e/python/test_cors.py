"""Pages of other origins: ChatJS runs in them."""

import pytest

ORIGIN = "https://shop.example"
# What Chromium asks for on ChatJS's behalf, as seen on the wire.
ASKED = "authorization,content-type,x-amz-bearer,x-amz-content-sha256,x-amz-date,x-amz-user-agent"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/participant/connection"),
        ("POST", "/participant/message"),
        ("POST", "/participant/transcript"),
        ("GET", "/participant/views/token"),
        ("PUT", "/contact/chat"),
    ],
)
def test_a_preflight_allows_what_it_asks_for(server, method, path):
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": ASKED}
    reply = server.request("OPTIONS", path, headers=headers)
    assert reply.status in (200, 204)
    assert reply.headers["access-control-allow-origin"] in ("*", ORIGIN)
    assert method in reply.headers["access-control-allow-methods"]
    allowed = {name.strip().lower() for name in reply.headers["access-control-allow-headers"].split(",")}
    # A star would not cover authorization.
    assert set(ASKED.split(",")) <= allowed


def test_success_and_errors_can_be_read_by_the_page(server, customer):
    headers = {"Origin": ORIGIN, "Content-Type": "application/json"}
    body = {"ContentType": "text/plain", "Content": "x"}
    for token, status in ((customer.connection_token, 200), ("made-up", 403)):
        reply = server.request("POST", "/participant/message", body, {**headers, "X-Amz-Bearer": token})
        assert reply.status == status
        assert reply.headers["access-control-allow-origin"] in ("*", ORIGIN)
        exposed = {name.strip().lower() for name in reply.headers["access-control-expose-headers"].split(",")}
        assert {"x-amzn-errortype", "x-amzn-requestid"} <= exposed


def test_a_reply_made_for_one_origin_is_not_kept_for_another(server):
    reply = server.request(
        "OPTIONS",
        "/participant/message",
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": ASKED,
        },
    )
    if reply.headers["access-control-allow-origin"] != "*":
        assert "origin" in reply.headers["vary"].lower()
