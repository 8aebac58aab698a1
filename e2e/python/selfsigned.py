"""Participant tokens that a customer signs: an ES384 key whose public half is imported, and PyJWT."""

import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def new_key(curve=None):
    """A private key."""
    return ec.generate_private_key(curve or ec.SECP384R1())


def pem(key):
    """The public half, as ImportPublicKey takes it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Signer:
    """Signs tokens with a key that was imported."""

    def __init__(self, ivs, key=None):
        self.ivs, self.key = ivs, key or new_key()
        self.arn = ivs.import_public_key(publicKeyMaterial=pem(self.key))["publicKey"]["arn"]

    def claims(self, stage, participant_id, *, now_s=None, **changes):
        """Everything that a token must say, with those changes; `None` leaves a claim out."""
        now_s = int(time.time()) if now_s is None else now_s
        claims = {
            "exp": now_s + 3600,
            "iat": now_s,
            "jti": participant_id,
            "resource": stage["arn"],
            "topic": stage["arn"].rsplit("/", 1)[1],
            "events_url": stage["endpoints"]["events"],
            "whip_url": stage["endpoints"]["whip"],
            "capabilities": {"allow_publish": True, "allow_subscribe": True},
            "version": "1.0",
            "user_id": f"user {participant_id}",
            "attributes": {"color": "green"},
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims, *, key=None, algorithm="ES384", **headers):
        """The text of a token that says so."""
        headers = {"kid": self.arn, **headers}
        headers = {name: value for name, value in headers.items() if value is not None}
        key = self.key if key is None else key
        return jwt.encode(claims, key, algorithm=algorithm, headers=headers)

    def token(self, stage, participant_id, **changes):
        """A token, in the form of CreateParticipantToken's reply."""
        return {"participantId": participant_id, "token": self.sign(self.claims(stage, participant_id, **changes))}

    def forget(self):
        """Takes the key back."""
        self.ivs.delete_public_key(arn=self.arn)
