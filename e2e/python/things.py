"""What tests ask for, give to instances and expect back."""

import uuid

from switchboard import ACCOUNT, REGION

# A request for an instance, but for its name.
MANAGED = {"IdentityManagementType": "CONNECT_MANAGED", "InboundCallsEnabled": True, "OutboundCallsEnabled": False}

BUCKET = {"StorageType": "S3", "S3Config": {"BucketName": "kept", "BucketPrefix": "chats"}}

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:greet"

PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf
9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==
-----END PUBLIC KEY-----"""


def fresh_alias():
    return f"alias-{uuid.uuid4().hex[:12]}"
