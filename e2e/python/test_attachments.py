"""Files in a chat: announced, sent, confirmed, heard of, fetched; and every way that goes wrong."""

import urllib.request
import uuid
from urllib.parse import urlsplit

import pytest

from actors import PLAIN, add_staff, enable_attachments, fetch, new_instance, put, refuses, start_chat
from switchboard import Server, poll

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def test_a_file_goes_the_whole_way(customer, agent):
    started = customer.start_upload("photo.png", "image/png", len(PNG))
    assert put(started["UploadMetadata"], PNG).status == 200
    customer.complete_upload(started["AttachmentId"])

    item = agent.socket.wait_for(lambda item: item["Type"] == "ATTACHMENT")
    assert "Content" not in item and "ContentType" not in item
    assert item["ParticipantId"] == customer.id and item["ParticipantRole"] == "CUSTOMER"
    assert item["Attachments"] == [
        {
            "ContentType": "image/png",
            "AttachmentId": started["AttachmentId"],
            "AttachmentName": "photo.png",
            "Status": "APPROVED",
        }
    ]
    assert customer.socket.wait_for(lambda item: item["Type"] == "ATTACHMENT") == item
    [stored] = customer.transcript(MaxResults=1)["Transcript"]
    assert stored["Id"] == item["Id"] and stored["Attachments"] == item["Attachments"]

    got = agent.get_attachment(started["AttachmentId"])
    assert got["AttachmentSizeInBytes"] == len(PNG)
    reply = fetch(urllib.request.Request(got["Url"]))
    assert (reply.status, reply.body) == (200, PNG)
    assert reply.headers["content-type"] == "image/png"


def test_the_upload_says_which_headers_to_send(customer):
    upload = customer.start_upload("notes.txt", PLAIN, 5)["UploadMetadata"]
    headers = {name.lower(): value for name, value in upload["HeadersToInclude"].items()}
    assert headers["content-type"] == PLAIN and headers["content-length"] == "5"
    assert 'filename="notes.txt"' in headers["content-disposition"]
    assert upload["UrlExpiry"].endswith("Z")


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a b.txt", PLAIN),
        ("naïve-日本.pdf", "application/pdf"),
        ('quo"ted.csv', "text/csv"),
        ("..%2F..%2Fup.txt", PLAIN),
    ],
)
def test_a_name_is_kept_as_it_is(customer, name, content_type):
    attachment = customer.attach(name, content_type, b"12345")
    item = customer.socket.wait_for(lambda item: item["Type"] == "ATTACHMENT")
    assert item["Attachments"][0]["AttachmentName"] == name
    reply = fetch(urllib.request.Request(customer.get_attachment(attachment)["Url"]))
    assert reply.body == b"12345"


@pytest.mark.parametrize(("asked", "meant"), [("INLINE", "inline"), ("ATTACHMENT", "attachment"), (None, "attachment")])
def test_a_file_is_shown_or_saved(customer, asked, meant):
    attachment = customer.attach("a.txt", PLAIN, b"x")
    # The API reference has the member; boto3 does not yet, so the request is made by hand.
    request = {"AttachmentId": attachment, **({"UrlContentDisposition": asked} if asked else {})}
    headers = {"Content-Type": "application/json", "X-Amz-Bearer": customer.connection_token}
    got = customer.server.request("POST", "/participant/attachment", request, headers)
    reply = fetch(urllib.request.Request(got.json["Url"]))
    assert reply.headers["content-disposition"] == f'{meant}; filename="a.txt"'
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "status", "said", "data"),
    [
        ("bytes=2-4", 206, "bytes 2-4/10", b"234"),
        ("bytes=8-", 206, "bytes 8-9/10", b"89"),
        ("bytes=-3", 206, "bytes 7-9/10", b"789"),
        ("bytes=0-1,4-5", 200, None, b"0123456789"),
        ("bytes=10-", 416, "bytes */10", None),
    ],
)
def test_a_part_of_a_file_is_fetched(customer, asked, status, said, data):
    url = customer.get_attachment(customer.attach("film.mp4", "video/mp4", b"0123456789"))["Url"]
    reply = fetch(urllib.request.Request(url, headers={"Range": asked}))
    assert (reply.status, reply.headers.get("content-range")) == (status, said)
    assert data in (None, reply.body)


def test_pages_of_other_origins_may_send_and_fetch(customer):
    origin = {"Origin": "https://shop.example"}
    started = customer.start_upload("a.txt", PLAIN, 1)
    asked = {**origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-disposition"}
    url = started["UploadMetadata"]["Url"]
    preflight = fetch(urllib.request.Request(url, headers=asked, method="OPTIONS"))
    assert preflight.status in (200, 204)
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    assert put(started["UploadMetadata"], b"x", **origin).headers["access-control-allow-origin"] in (
        "*",
        "https://shop.example",
    )
    customer.complete_upload(started["AttachmentId"])
    got = customer.get_attachment(started["AttachmentId"])["Url"]
    assert "access-control-allow-origin" in fetch(urllib.request.Request(got, headers=origin)).headers


def test_bytes_may_be_sent_again_until_the_file_is_complete(customer):
    started = customer.start_upload("a.txt", PLAIN, 3)
    upload = started["UploadMetadata"]
    assert [put(upload, data).status for data in (b"one", b"two")] == [200, 200]
    customer.complete_upload(started["AttachmentId"])
    assert put(upload, b"bad").status == 403, "what everybody has seen stays as it is"
    url = customer.get_attachment(started["AttachmentId"])["Url"]
    assert fetch(urllib.request.Request(url)).body == b"two"
    head = fetch(urllib.request.Request(url, method="HEAD"))
    assert (head.status, head.headers["content-length"], head.body) == (200, "3", b"")


def test_a_file_of_a_past_chat_is_fetched_from_the_chat_that_continues_it(server, instance):
    past = start_chat(server, instance).connect()
    attachment = past.attach("a.txt", PLAIN, b"long ago")
    past.disconnect()
    source = {"SourceContactId": past.contact_id, "RehydrationType": "ENTIRE_PAST_SESSION"}
    now = start_chat(server, instance, PersistentChat=source).connect()
    assert attachment in [item["Attachments"][0]["AttachmentId"] for item in now.whole_transcript() if "Attachments" in item]
    assert fetch(urllib.request.Request(now.get_attachment(attachment)["Url"])).body == b"long ago"
    past.socket.close()
    now.socket.close()


# -- what goes wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content_type", "size"),
    [
        ("a.txt", PLAIN, 20 * 1024 * 1024 + 1),
        ("a.txt", PLAIN, 0),
        ("a.txt", PLAIN, -1),
        ("a.exe", "application/x-msdownload", 5),
        ("", PLAIN, 5),
        ("n" * 253 + ".txt", PLAIN, 5),
        ("a.txt", "", 5),
    ],
)
def test_a_file_that_may_not_be_sent(server, customer, name, content_type, size):
    with refuses("ValidationException", 400):
        server.participant(validate=False).start_attachment_upload(
            AttachmentName=name,
            ContentType=content_type,
            AttachmentSizeInBytes=size,
            ConnectionToken=customer.connection_token,
        )


def test_a_file_that_was_not_sent_cannot_be_completed(customer):
    started = customer.start_upload("a.txt", PLAIN, 5)
    with refuses("ValidationException", 400):
        customer.complete_upload(started["AttachmentId"])


@pytest.mark.parametrize("data", [b"1234", b"123456", b""])
def test_a_file_of_another_size_than_announced_is_not_in_the_chat(customer, data):
    started = customer.start_upload("a.txt", PLAIN, 5)
    upload = started["UploadMetadata"]
    headers = {name: value for name, value in upload["HeadersToInclude"].items() if name.lower() != "content-length"}
    # The upload itself may be refused or not: ChatJS does not look, and completes all the same.
    put({**upload, "HeadersToInclude": headers}, data)
    with refuses("ValidationException", 400):
        customer.complete_upload(started["AttachmentId"])
    customer.say("nothing before this")
    customer.socket.wait_message("nothing before this")
    assert "ATTACHMENT" not in {item["Type"] for item in customer.socket.items}


def test_an_upload_that_is_not_as_announced_is_refused(customer):
    upload = customer.start_upload("a.txt", PLAIN, 5)["UploadMetadata"]
    assert put(upload, b"12345", **{"Content-Type": "image/png"}).status == 403
    without_type = {name: value for name, value in upload["HeadersToInclude"].items() if name != "Content-Type"}
    assert put({**upload, "HeadersToInclude": without_type}, b"12345").status == 403
    assert put(upload, b"123456", **{"Content-Length": "6"}).status == 403
    path = urlsplit(upload["Url"]).path
    headers = {"Content-Type": PLAIN, "Transfer-Encoding": "chunked"}
    assert customer.server.request("PUT", path, b"5\r\n12345\r\n0\r\n\r\n", headers).status == 411


def test_completing_twice_is_a_conflict_unless_it_is_the_same_call(customer):
    started = customer.start_upload("a.txt", PLAIN, 1)
    put(started["UploadMetadata"], b"x")
    token = str(uuid.uuid4())
    for _ in range(2):
        customer.complete_upload(started["AttachmentId"], ClientToken=token)
    with refuses("ConflictException", 409):
        customer.complete_upload(started["AttachmentId"])
    customer.say("fence")
    customer.socket.wait_message("fence")
    assert [item["Type"] for item in customer.socket.items].count("ATTACHMENT") == 1


def test_announcing_twice_with_one_token_is_one_announcement(customer):
    token = str(uuid.uuid4())
    first, second = (customer.start_upload("a.txt", PLAIN, 1, ClientToken=token) for _ in range(2))
    assert first["AttachmentId"] == second["AttachmentId"]


def test_one_file_is_completed_at_a_time(server, customer):
    with refuses("ValidationException", 400):
        customer.complete_upload(str(uuid.uuid4()))
    for ids in ([], [str(uuid.uuid4())] * 2):
        with refuses("ValidationException", 400):
            server.participant(validate=False).complete_attachment_upload(
                AttachmentIds=ids, ClientToken=str(uuid.uuid4()), ConnectionToken=customer.connection_token
            )


def test_nobody_completes_the_file_of_another(customer, agent):
    started = customer.start_upload("a.txt", PLAIN, 1)
    put(started["UploadMetadata"], b"x")
    with refuses("ValidationException", 400):
        agent.complete_upload(started["AttachmentId"])


def test_what_is_not_there_cannot_be_fetched(server, instance, customer):
    other = start_chat(server, instance).connect()
    elsewhere = other.attach("a.txt", PLAIN, b"x")
    announced = customer.start_upload("a.txt", PLAIN, 1)["AttachmentId"]
    for attachment in (str(uuid.uuid4()), elsewhere, announced):
        with refuses("ValidationException", 400):
            customer.get_attachment(attachment)
    other.socket.close()


@pytest.mark.parametrize("seconds", [4, 301])
def test_a_url_lives_between_5_and_300_seconds(server, customer, seconds):
    attachment = customer.attach("a.txt", PLAIN, b"x")
    with refuses("ValidationException", 400):
        server.participant(validate=False).get_attachment(
            AttachmentId=attachment, UrlExpiryInSeconds=seconds, ConnectionToken=customer.connection_token
        )


def test_a_bot_may_not_fetch_a_customers_file(server, admin, instance, customer):
    made = admin.create_participant(
        InstanceId=instance.id,
        ContactId=customer.contact_id,
        ParticipantDetails={"ParticipantRole": "CUSTOM_BOT", "DisplayName": "Robo"},
    )
    token = made["ParticipantCredentials"]["ParticipantToken"]
    bot = type(customer)(server, customer.contact_id, made["ParticipantId"], token).connect()
    attachment = customer.attach("a.txt", PLAIN, b"x")
    with refuses("AccessDeniedException", 403):
        bot.get_attachment(attachment)
    bot.socket.close()


def test_a_url_that_was_tampered_with_opens_nothing(customer):
    upload = customer.start_upload("a.txt", PLAIN, 1)["UploadMetadata"]
    assert put({**upload, "Url": upload["Url"][:-4] + "AAAA"}, b"x").status == 403
    attachment = customer.attach("a.txt", PLAIN, b"x")
    url = customer.get_attachment(attachment)["Url"]
    assert fetch(urllib.request.Request(url[:-4] + "AAAA")).status == 403
    assert fetch(urllib.request.Request(upload["Url"])).status in (403, 404, 405), "an upload URL downloads nothing"


def test_a_url_that_has_expired_opens_nothing(own_server):
    instance = new_instance(own_server)
    own_server.connect().associate_instance_storage_config(
        InstanceId=instance.id,
        ResourceType="ATTACHMENTS",
        StorageConfig={"StorageType": "S3", "S3Config": {"BucketName": "files", "BucketPrefix": "chat"}},
    )
    customer = start_chat(own_server, instance).connect()
    attachment = customer.attach("a.txt", PLAIN, b"x")
    url = customer.get_attachment(attachment, UrlExpiryInSeconds=5)["Url"]
    assert fetch(urllib.request.Request(url)).status == 200
    upload = customer.start_upload("b.txt", PLAIN, 1)["UploadMetadata"]
    own_server.advance(seconds=6)
    assert fetch(urllib.request.Request(url)).status == 403
    own_server.advance(hours=1)
    assert put(upload, b"x").status == 403


def test_an_instance_without_storage_takes_no_files(server):
    customer = start_chat(server, new_instance(server)).connect()
    with pytest.raises(customer.client.exceptions.ClientError) as info:
        customer.start_upload("a.txt", PLAIN, 1)
    assert info.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    customer.socket.close()


def test_a_chat_has_a_quota_of_files(customer):
    for number in range(35):
        customer.attach(f"{number}.txt", PLAIN, b"x")
    with refuses("ServiceQuotaExceededException", 402):
        customer.attach("one-too-many.txt", PLAIN, b"x")


def test_the_quota_counts_what_is_complete(customer):
    started = [customer.start_upload(f"{number}.txt", PLAIN, 1) for number in range(36)]
    for upload in started:
        assert put(upload["UploadMetadata"], b"x").status == 200
    for upload in started[:35]:
        customer.complete_upload(upload["AttachmentId"])
    with refuses("ServiceQuotaExceededException", 402):
        customer.complete_upload(started[35]["AttachmentId"])


def test_files_that_are_only_announced_are_bounded_too(customer):
    for number in range(70):
        customer.start_upload(f"{number}.txt", PLAIN, 1)
    with refuses("ServiceQuotaExceededException", 402):
        customer.start_upload("one-too-many.txt", PLAIN, 1)


def test_a_file_nobody_completes_is_forgotten(own_server, tmp_path):
    instance = new_instance(own_server)
    enable_attachments(own_server, instance)
    customer = start_chat(own_server, instance).connect()
    kept = customer.attach("a.txt", PLAIN, b"kept")
    started = customer.start_upload("b.txt", PLAIN, 1)
    assert put(started["UploadMetadata"], b"x").status == 200
    own_server.advance(hours=2)
    blobs = tmp_path / "data" / "blobs"
    poll(lambda: [blob.name for blob in blobs.iterdir()] == [kept], "the forgotten file's bytes going away")
    with refuses("ValidationException", 400):
        customer.complete_upload(started["AttachmentId"])
    assert customer.get_attachment(kept)["AttachmentSizeInBytes"] == 4
    customer.socket.close()


def test_files_outlive_the_server(tmp_path):
    with Server(tmp_path) as server:
        instance = new_instance(server)
        server.connect().associate_instance_storage_config(
            InstanceId=instance.id,
            ResourceType="ATTACHMENTS",
            StorageConfig={"StorageType": "S3", "S3Config": {"BucketName": "files", "BucketPrefix": "chat"}},
        )
        customer = start_chat(server, instance).connect()
        attachment = customer.attach("photo.png", "image/png", PNG)
        token = customer.connection_token
    with Server(tmp_path) as server:
        customer = type(customer)(server, customer.contact_id, customer.id, customer.token, token)
        url = customer.get_attachment(attachment)["Url"]
        assert fetch(urllib.request.Request(url)).body == PNG


def test_a_large_file_arrives_whole(server, customer):
    data = bytes(i * 7 % 251 for i in range(4096)) * 1024
    attachment = customer.attach("large.mp4", "video/mp4", data)
    agent = add_staff(server, customer.contact_id).connect()
    reply = fetch(urllib.request.Request(agent.get_attachment(attachment)["Url"]))
    assert reply.body == data
    agent.socket.close()
