"""Signatures: a page is signed by its publisher, an acknowledgement by its subscriber, with Ed25519.

Each context has a key of its own: `<CONTEXT>_SIGNING_KEY` (32 bytes, base64) in a deployment where contexts trust each
other only by key, else one derived from SECRET_KEY. A process that holds only some private keys is given the others'
public keys in MESSAGING_PUBLIC_KEYS.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from contexts.messaging.errors import Refused


@cache
def _private_key(context: str) -> Ed25519PrivateKey:
    given = settings.MESSAGING_SIGNING_KEYS.get(context)
    if given:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(given))
    secret = hmac.new(settings.SECRET_KEY.encode(), f"tradepost signing {context}".encode(), hashlib.sha256)
    return Ed25519PrivateKey.from_private_bytes(secret.digest())


@cache
def _public_key(context: str) -> Ed25519PublicKey:
    given = settings.MESSAGING_PUBLIC_KEYS.get(context)
    if given:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(given))
    return _private_key(context).public_key()


def sign(context: str, text: str) -> str:
    """Return a context's signature of a text, base64."""
    return base64.b64encode(_private_key(context).sign(text.encode())).decode()


def verify(context: str, text: str, signature: str) -> None:
    """Raise unless the context signed this text.

    Raises:
        Refused: forged or altered.
    """
    try:
        _public_key(context).verify(base64.b64decode(signature), text.encode())
    except (InvalidSignature, ValueError, TypeError) as problem:
        raise Refused(f"The message says it is from {context}, but {context} did not sign it.") from problem
