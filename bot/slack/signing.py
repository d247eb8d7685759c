"""Signs values that leave with a message or a form and come back, and verifies them there."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

# `private_metadata`, the longest value that Slack carries: https://docs.slack.dev/reference/views/modal-views
MAX_SIGNED_LENGTH = 3_000
# 128 bits, in base64 without its padding
_SIGNATURE_BYTES, _SIGNATURE_LENGTH = 16, 22
_KEY_LABEL = b"figshare-bot signed values 1"


def derived_key(signing_secret: str, bot_token: str) -> bytes:
    """Return the key for signed values; over a socket there may be no signing secret."""
    secret = signing_secret or bot_token
    if not secret:
        raise ValueError("values can't be signed without a secret")
    return hmac.digest(secret.encode(), _KEY_LABEL, sha256)


class Signer:
    """Binds values to a context, such as a person, a conversation and an object."""

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("values can't be signed with an empty key")
        self._key = key

    def sign(self, value: str, *context: str) -> str:
        """Return a value with its signature for a context."""
        return f"{self._signature(value, context)}.{value}"

    def verify(self, signed: str, *context: str) -> str | None:
        """Return the value if it was signed for this context, otherwise None."""
        if (
            not isinstance(signed, str)
            or len(signed) > MAX_SIGNED_LENGTH
            or signed[_SIGNATURE_LENGTH : _SIGNATURE_LENGTH + 1] != "."
        ):
            return None
        signature, value = signed[:_SIGNATURE_LENGTH], signed[_SIGNATURE_LENGTH + 1 :]
        expected = self._signature(value, context)
        # compare_digest takes text that is not ASCII only as bytes.
        return value if hmac.compare_digest(_encoded(signature), expected.encode()) else None

    def _signature(self, value: str, context: tuple[str, ...]) -> str:
        # Each part stands behind its length, so that no two lists of parts give the same bytes.
        parts = [_encoded(part) for part in (*context, value)]
        message = b"".join(len(part).to_bytes(8) + part for part in parts)
        signature = hmac.digest(self._key, message, sha256)[:_SIGNATURE_BYTES]
        return urlsafe_b64encode(signature).rstrip(b"=").decode()


def _encoded(text: str) -> bytes:
    # JSON carries lone surrogates too.
    return text.encode("utf-8", "surrogatepass")
