"""Makes the test data of this folder: what botocore does with the same models.

    pip install boto3==$(cat ../../../models/botocore.txt) && python3 make.py

Requests are captured just before they would be sent, signed at a fixed time with the example keys of AWS's manuals.
Skeletons take the first value of an enumeration, as version 2 of the AWS command line does.
"""

import datetime
import json
from pathlib import Path
from urllib.parse import urlsplit

import botocore.auth
import botocore.session
import botocore.utils
import botocore.validate

HERE = Path(__file__).parent
NOW = datetime.datetime(2024, 1, 2, 3, 4, 5)
# Headers that the transport adds, and those of the signature itself.
NOT_OURS = {
    "host", "user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "content-length", "authorization", "x-amz-date",
    "x-amz-security-token", "x-amz-content-sha256",
}

botocore.auth.get_current_datetime = lambda: NOW
botocore.utils.random.choice = lambda values: values[0]

ARN = "arn:aws:connect:us-west-2:123456789012:instance/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

# service, operation, input, and optionally: endpoint, session token.
REQUESTS = [
    ("connect", "AssociateBot", {"InstanceId": ARN, "LexBot": {"Name": "Büro \"1\" 😀", "LexRegion": "us-east-1"}, "ClientToken": "t"}),
    ("connect", "DescribeInstance", {"InstanceId": "a b/c+d~e%f?g#h&i=j:k@l"}),
    ("connect", "DescribeInstance", {"InstanceId": "x"}, "http://127.0.0.1:4747/prefix"),
    ("connect", "DescribeInstance", {"InstanceId": "x"}, "https://127.0.0.1:443", "session/token+=="),
    ("connect", "UntagResource", {"resourceArn": ARN, "tagKeys": ["b c", "a&d", "é", "~-_."]}),
    ("connect", "ListQueues", {"InstanceId": "i", "QueueTypes": ["STANDARD", "AGENT"], "MaxResults": 5, "NextToken": "a=b&c/d"}),
    ("connect", "ListTagsForResource", {"resourceArn": "arn:aws:connect:us-west-2:1:a/b//c/./d"}),
    ("connect", "UpdateContactSchedule", {"InstanceId": "i", "ContactId": "c", "ScheduledTime": "2024-05-06T07:08:09.9+02:00"}),
    ("connect", "DisassociateBot", {"InstanceId": "i", "ClientToken": "t"}),
    ("connect", "DeleteInstance", {"InstanceId": "i", "ClientToken": "t"}),
    ("connectparticipant", "GetTranscript", {"ConnectionToken": "tok en=", "MaxResults": 3, "StartPosition": {"MostRecent": 1}}),
    ("connectparticipant", "DisconnectParticipant", {"ConnectionToken": "c", "ClientToken": "t"}, "http://localhost:1"),
    ("connectparticipant", "SendMessage", {"ConnectionToken": "c", "ClientToken": "t", "ContentType": "text/plain", "Content": "\u0001\u007f\t\"\\/<é😀"}),
    ("ivs-realtime", "CreateStage", {"name": "n", "participantTokenConfigurations": [{"duration": 5, "capabilities": []}], "tags": {"k": "v"}}),
    ("ivs-realtime", "CreateEncoderConfiguration", {"video": {"width": 640, "framerate": 29.97}, "name": ""}),
    ("ivs-realtime", "ListStages", {}),
    ("lexv2-models", "ListBotAliases", {"botId": "BOTID12345"}),
    ("lexv2-models", "DeleteBot", {"botId": "BOTID12345", "skipResourceInUseCheck": True}),
    ("lexv2-models", "ListAggregatedUtterances", {"botId": "BOTID12345", "botAliasId": "TSTALIASID", "localeId": "en_US", "aggregationDuration": {"relativeAggregationDuration": {"timeDimension": "Hours", "timeValue": 1}}}),
    ("lexv2-runtime", "RecognizeText", {"botId": "BOTID12345", "botAliasId": "TSTALIASID", "localeId": "en_US", "sessionId": "s:1", "text": "hi", "requestAttributes": {"a": "b"}}),
    ("lexv2-runtime", "RecognizeUtterance", {"botId": "BOTID12345", "botAliasId": "TSTALIASID", "localeId": "en_US", "sessionId": "s-1", "requestContentType": "text/plain; charset=utf-8", "inputStream": b"hello"}),
    ("lexv2-runtime", "RecognizeUtterance", {"botId": "BOTID12345", "botAliasId": "TSTALIASID", "localeId": "en_US", "sessionId": "s-1", "requestContentType": "audio/x-l16", "inputStream": b"hello"}, "http://localhost:1"),
    ("lex-runtime", "PostContent", {"botName": "Bot", "botAlias": "$LATEST", "userId": "user:1", "contentType": "text/plain", "inputStream": b"hello", "sessionAttributes": {"a": "é", "n": 1.0}}),
    ("lex-runtime", "PostText", {"botName": "Bot", "botAlias": "a", "userId": "user:1", "inputText": "hi"}),
]

INPUTS = [
    ("connect", "associate-bot"), ("connect", "start-chat-contact"), ("connect", "search-contacts"),
    ("connect", "create-rule"), ("connectparticipant", "get-transcript"), ("connectparticipant", "disconnect-participant"),
    ("ivs-realtime", "create-encoder-configuration"), ("ivs-realtime", "start-composition"),
    ("ivs-realtime", "list-stages"), ("lexv2-models", "create-bot-locale"), ("lexv2-models", "search-associated-transcripts"),
    ("lexv2-runtime", "recognize-text"), ("lex-runtime", "post-text"),
]

OUTPUTS = [
    ("connect", "list-bots"), ("connect", "describe-user"), ("connect", "associate-bot"), ("connect", "describe-queue"),
    ("connectparticipant", "get-transcript"), ("ivs-realtime", "get-participant"), ("ivs-realtime", "get-composition"),
    ("ivs-realtime", "list-stages"), ("lexv2-models", "describe-bot"), ("lexv2-runtime", "recognize-text"),
]

session = botocore.session.Session()


def client(service, endpoint=None, token=None):
    return session.create_client(
        service, region_name="us-west-2", endpoint_url=endpoint, aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", aws_session_token=token,
    )


def request(service, operation, given, endpoint=None, token=None):
    made = client(service, endpoint, token)
    captured = []

    def capture(request, **_):
        captured.append(request)
        raise StopIteration

    made.meta.events.register_last("before-send", capture)
    try:
        getattr(made, botocore.xform_name(operation))(**given)
    except StopIteration:
        pass
    sent = captured[0]
    url = urlsplit(sent.url)
    base = (endpoint or f"{url.scheme}://{url.netloc}").rstrip("/")
    text = lambda value: value.decode() if isinstance(value, bytes) else value
    headers = {name.lower(): text(value) for name, value in sent.headers.items()}
    model = made.meta.service_model.operation_model(operation)
    case = {
        "service": service, "operation": operation,
        "input": {name: "" if isinstance(value, bytes) else value for name, value in given.items()},
        "endpoint": base, "signing_name": made.meta.service_model.signing_name,
        "unsigned_payload": model.auth_type == "v4-unsigned-body" or model.unsigned_payload or False,
        "method": sent.method, "target": sent.url[len(base):],
        "headers": {name: value for name, value in headers.items() if name not in NOT_OURS},
        "body": text(sent.body or b""), "authorization": headers["authorization"],
    }
    if token:
        case["session_token"] = token
    for value in given.values():
        if isinstance(value, bytes):
            case["stream"] = value.decode()
    return case


def show(value):
    return json.dumps(value, indent=4, default=lambda time: time.isoformat())


def skeleton(service, command, part):
    model = client(service).meta.service_model
    operation = model.operation_model(next(n for n in model.operation_names if botocore.xform_name(n, "-") == command))
    names = part == "output"
    shape = operation.output_shape if names else operation.input_shape
    if shape is None:
        return "{}"
    value = botocore.utils.ArgumentGenerator(use_member_names=names).generate_skeleton(shape)
    if names:
        report = botocore.validate.ParamValidator().validate(value, shape)
        if report.has_errors():
            return "Parameter validation failed:\n" + report.generate_report()
    return show(value)


def blocks(commands, part):
    return "".join(f"$ {service} {command}\n{skeleton(service, command, part)}\n" for service, command in commands)


recorded = json.dumps([request(*case) for case in REQUESTS], indent=2)
(HERE / "requests.json").write_text(recorded + "\n")
(HERE / "skeleton-inputs.txt").write_text(blocks(INPUTS, "input"))
(HERE / "skeleton-outputs.txt").write_text(blocks(OUTPUTS, "output"))
