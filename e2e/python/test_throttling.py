"""Requests a second, where AWS's published numbers are asked for."""

import pytest
from botocore.exceptions import ClientError

from actors import new_instance, start_chat
from switchboard import Server

# More than any burst; nobody is so slow that as many are allowed again meanwhile.
MANY = 200


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("strict"), "--limits", "aws", "--movable-clock") as server:
        yield server


def instances(server, number):
    """Made as slowly as it is allowed."""
    server.calls_per_second = 1
    made = [new_instance(server) for _ in range(number)]
    server.calls_per_second = None
    return made


def until_refused(call):
    """How often a call went through, and the error that ended it."""
    for done in range(MANY):
        try:
            call()
        except ClientError as error:
            return done, error
    raise AssertionError("nothing was refused")


def assert_throttled(error, code):
    assert error.response["Error"]["Code"] == code
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 429


@pytest.mark.parametrize(
    ("service", "operation", "burst", "code"),
    [
        ("connect", "list_instances", 5, "TooManyRequestsException"),
        ("ivs-realtime", "list_public_keys", 3, "ThrottlingException"),
        ("ivs-realtime", "list_stages", 5, "ThrottlingException"),
    ],
)
def test_too_many_calls_are_refused_and_go_through_later(strict, service, operation, burst, code):
    strict.advance(minutes=1)
    call = getattr(strict.client(service), operation)
    done, error = until_refused(call)
    assert done >= burst
    assert_throttled(error, code)
    strict.advance(seconds=1)
    call()


def test_each_instance_has_its_own_rate_for_chats(strict):
    one, two = (start_chat(strict, instance) for instance in instances(strict, 2))
    one.connect(), two.connect()
    done, error = until_refused(lambda: one.say("Hello?"))
    assert done >= 15
    assert_throttled(error, "ThrottlingException")
    two.say("Hello.")
    # Another operation has another rate.
    one.transcript()


def test_a_call_that_is_refused_changes_nothing(strict):
    strict.advance(minutes=1)
    ivs = strict.client("ivs-realtime")
    done, _ = until_refused(ivs.create_stage)
    strict.advance(minutes=1)
    assert len(ivs.list_stages(maxResults=100)["stages"]) == done


def test_an_sdk_tries_again_by_itself(strict):
    """The code is one that boto3 waits after, as it does with AWS."""
    strict.advance(minutes=1)
    patient = strict.client("connect", attempts=10)
    for _ in range(8):
        patient.list_instances()
