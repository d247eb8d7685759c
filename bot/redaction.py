"""Takes the secrets out of what leaves the process."""

import base64
import html
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO, cast
from urllib.parse import quote

MARK = "[secret]"
# A shorter one would be found inside of words.
SHORTEST = 6
# These stand for themselves wherever they are written: https://www.rfc-editor.org/rfc/rfc3986#section-2.3
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]")


class Redactor:
    """Replaces secrets, also where they are written in base64, percent-encoded or escaped."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted(
            {each for each in secrets if len(each) >= SHORTEST}, key=lambda each: (-len(each), each)
        )
        forms = [*map(_escaped, known), *(form for each in known for form in _base64(each))]
        self._pattern = re.compile("|".join(forms)) if forms else None

    def __call__(self, text: str) -> str:
        """Return the text without the secrets."""
        return self._pattern.sub(MARK, text) if self._pattern else text

    def body(self, content: bytes) -> bytes:
        """Return the body of an answer without the secrets."""
        return self(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _escaped(secret: str) -> str:
    """Return a pattern for a secret as a URL, JSON, Python or HTML writes it, each character on its own."""
    return "".join(map(_written, secret))


def _written(character: str) -> str:
    plain = re.escape(character)
    if _UNRESERVED.fullmatch(character):
        return plain
    in_json, in_html = json.dumps(character)[1:-1], html.escape(character)
    number = ord(character)
    # Bounded, so that no text takes longer than its length.
    forms = [
        *({re.escape(each) for each in (quote(character, safe=""), in_json, in_html)} - {plain}),
        f"&#(?:0{{0,4}}{number}|x0{{0,4}}{number:x});",
        *(["\\+"] if character == " " else []),
        *([rf"\\x{number:02x}"] if number < 256 else []),
        # the last, since others begin with it
        rf"\\{{0,4}}{plain}",
    ]
    return f"(?i:{'|'.join(forms)})"


def _base64(secret: str) -> Iterator[str]:
    """Yield a pattern for each of the three places that a secret can have among encoded bytes."""
    content = secret.encode()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + content).decode().rstrip("=")
        # The first characters depend on what stands in front of the secret, the last one on what follows it.
        own = encoded[-(-before * 8 // 6) : (before + len(content)) * 8 // 6]
        after = "" if (before + len(content)) % 3 == 0 else "(?:[A-Za-z0-9+/_-]={0,2})?"
        yield "".join(_alphabets.get(each, each) for each in own) + after


# The last two characters differ in URLs: https://www.rfc-editor.org/rfc/rfc4648#section-5
_alphabets = {"+": r"(?:[+-]|(?i:%2b))", "/": r"(?:[/_]|\\/|(?i:%2f))"}


def guard_streams(redact: Redactor) -> None:
    """Take the secrets out of all that this process writes: answers, logs, warnings and tracebacks."""
    sys.stdout = cast(TextIO, RedactedStream(sys.stdout, redact))
    sys.stderr = cast(TextIO, RedactedStream(sys.stderr, redact))


class RedactedStream:
    """A standard stream that takes the secrets out of whatever is written to it."""

    def __init__(self, stream: TextIO, redact: Redactor) -> None:
        self._stream, self._redact = stream, redact

    def write(self, text: str) -> int:
        """Write the text without the secrets."""
        self._stream.write(self._redact(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write the lines without the secrets."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
