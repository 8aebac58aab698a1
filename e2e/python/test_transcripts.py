"""GetTranscript: pages of what was said, from any start and either way."""

import json

import pytest

from actors import PLAIN, TIME, refuses, start_chat


@pytest.fixture
def talk(customer):
    """A chat with twelve messages, and their ids."""
    return [customer.say(f"message {number}")["Id"] for number in range(12)]


def ids(answer):
    return [item["Id"] for item in answer["Transcript"]]


def test_a_transcript_begins_with_the_ten_newest_newest_first(customer, talk):
    answer = customer.transcript()
    assert ids(answer) == talk[:1:-1]
    assert answer["InitialContactId"] == customer.contact_id and answer["NextToken"]


def test_sort_order_turns_a_page_round(customer, talk):
    assert ids(customer.transcript(SortOrder="ASCENDING")) == talk[2:]


def test_an_empty_start_is_no_start(server, customer, talk):
    """ChatJS always sends one."""
    body = {"StartPosition": {}, "MaxResults": 15, "ScanDirection": "BACKWARD", "SortOrder": "ASCENDING"}
    headers = {"Content-Type": "application/json", "X-Amz-Bearer": customer.connection_token}
    reply = server.request("POST", "/participant/transcript", body, headers)
    assert reply.status == 200 and ids(reply.json)[-12:] == talk
    assert "NextToken" not in reply.json


def test_a_start_is_included_and_reads_forward(customer, talk):
    assert ids(customer.transcript(StartPosition={"Id": talk[9]}, SortOrder="ASCENDING")) == talk[9:]
    back = customer.transcript(StartPosition={"Id": talk[3]}, ScanDirection="BACKWARD", MaxResults=3)
    assert ids(back) == [talk[3], talk[2], talk[1]]
    newest = customer.transcript(StartPosition={"MostRecent": 2}, SortOrder="ASCENDING")
    assert ids(newest) == talk[-2:]
    when = customer.transcript(StartPosition={"Id": talk[5]}, MaxResults=1)["Transcript"][0]["AbsoluteTime"]
    assert ids(customer.transcript(StartPosition={"AbsoluteTime": when}, SortOrder="ASCENDING"))[0] == talk[5]


def test_pages_meet_without_gap_or_overlap(customer, talk):
    seen, page = [], {}
    while True:
        answer = customer.transcript(MaxResults=5, **page)
        seen += ids(answer)
        customer.say("meanwhile")
        if "NextToken" not in answer:
            break
        page = {"NextToken": answer["NextToken"]}
    assert len(seen) == len(set(seen)) and seen[:12] == talk[::-1]


def test_a_page_token_goes_on_with_its_own_scan(customer, talk):
    token = customer.transcript(MaxResults=2)["NextToken"]
    for same in ({}, {"ScanDirection": "BACKWARD"}, {"SortOrder": "DESCENDING", "StartPosition": {}}):
        assert ids(customer.transcript(MaxResults=2, NextToken=token, **same)) == [talk[9], talk[8]]
    for other in ({"ScanDirection": "FORWARD"}, {"ContactId": customer.contact_id}):
        with refuses("ValidationException", 400):
            customer.transcript(MaxResults=2, NextToken=token, **other)


def test_another_chats_contact_has_nothing_here(server, instance, customer, talk):
    other = start_chat(server, instance)
    assert customer.transcript(ContactId=other.contact_id)["Transcript"] == []
    assert ids(customer.transcript(ContactId=customer.contact_id)) == talk[:1:-1]


def test_items_of_a_transcript_have_the_documented_members(customer):
    said = customer.say("plain")
    [item] = customer.transcript(MaxResults=1)["Transcript"]
    assert item == {
        "AbsoluteTime": said["AbsoluteTime"],
        "Content": "plain",
        "ContentType": PLAIN,
        "Id": said["Id"],
        "Type": "MESSAGE",
        "ParticipantId": customer.id,
        "DisplayName": "Jane",
        "ParticipantRole": "CUSTOMER",
        "ContactId": customer.contact_id,
    }
    assert TIME.fullmatch(item["AbsoluteTime"])
    assert json.loads(json.dumps(item)) == item
