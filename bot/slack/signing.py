"""Signs what leaves with a message and comes back, so that only what we wrote is taken, where we wrote it."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

# `private_metadata`, the longest that Slack carries: https://docs.slack.dev/reference/views/modal-views
LONGEST = 3_000
# 128 bits, in base64 without its padding
_BYTES, _CHARACTERS = 16, 22
_LABEL = b"figshare-bot signed values 1"


def derived_key(signing_secret: str, bot_token: str) -> bytes:
    """Return the key for signed values; over a socket there may be no signing secret."""
    secret = signing_secret or bot_token
    if not secret:
        raise ValueError("values can't be signed without a secret")
    return hmac.digest(secret.encode(), _LABEL, sha256)


class Signer:
    """Binds values to where they belong, such as a person, a conversation and an object."""

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("values can't be signed with an empty key")
        self._key = key

    def sign(self, value: str, *context: str) -> str:
        """Return a value with its signature for a context."""
        return f"{self._signature(value, context)}.{value}"

    def verify(self, signed: str, *context: str) -> str | None:
        """Return the value if it was signed for this context, or nothing."""
        if (
            not isinstance(signed, str)
            or len(signed) > LONGEST
            or signed[_CHARACTERS : _CHARACTERS + 1] != "."
        ):
            return None
        signature, value = signed[:_CHARACTERS], signed[_CHARACTERS + 1 :]
        expected = self._signature(value, context)
        # compare_digest takes other text than ASCII only as bytes
        return value if hmac.compare_digest(_bytes(signature), expected.encode()) else None

    def _signature(self, value: str, context: tuple[str, ...]) -> str:
        # with their lengths, so that no two lists of parts make the same bytes
        parts = [_bytes(each) for each in (*context, value)]
        message = b"".join(len(each).to_bytes(8) + each for each in parts)
        signature = hmac.digest(self._key, message, sha256)[:_BYTES]
        return urlsafe_b64encode(signature).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    # JSON carries lone surrogates too
    return text.encode("utf-8", "surrogatepass")
