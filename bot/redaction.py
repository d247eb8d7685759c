"""Removes the secrets from what leaves the process."""

import base64
import html
import json
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TextIO, cast
from urllib.parse import quote

MARK = "[secret]"
# Shorter secrets would be found within words.
MIN_LENGTH = 6
# These characters are never escaped: https://www.rfc-editor.org/rfc/rfc3986#section-2.3
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]")
# The last two characters of the alphabet differ in URLs: https://www.rfc-editor.org/rfc/rfc4648#section-5
_BASE64_VARIANTS = {"+": r"(?:[+-]|(?i:%2b))", "/": r"(?:[/_]|\\/|(?i:%2f))"}


class Redactor:
    """Replaces secrets, also where they are written in base64, percent-encoded or escaped."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # The longest first: a secret may contain another.
        known = sorted(
            {secret for secret in secrets if len(secret) >= MIN_LENGTH},
            key=lambda secret: (-len(secret), secret),
        )
        patterns = [*map(_escaped_pattern, known), *chain.from_iterable(map(_base64_patterns, known))]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def __call__(self, text: str) -> str:
        """Return the text without the secrets."""
        return self._pattern.sub(MARK, text) if self._pattern else text

    def body(self, content: bytes) -> bytes:
        """Return a body without the secrets, whatever its encoding."""
        return self(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _escaped_pattern(secret: str) -> str:
    """Return a pattern for a secret as URLs, JSON, Python or HTML write it, character by character."""
    return "".join(map(_character_pattern, secret))


def _character_pattern(character: str) -> str:
    plain = re.escape(character)
    if _UNRESERVED.fullmatch(character):
        return plain
    in_json, in_html = json.dumps(character)[1:-1], html.escape(character)
    number = ord(character)
    # All repetitions are bounded, so that matching takes time proportional to the length of the text.
    forms = [
        *({re.escape(form) for form in (quote(character, safe=""), in_json, in_html)} - {plain}),
        f"&#(?:0{{0,4}}{number}|x0{{0,4}}{number:x});",
        *(["\\+"] if character == " " else []),
        *([rf"\\x{number:02x}"] if number < 256 else []),
        # The last one, since other forms begin with it.
        rf"\\{{0,4}}{plain}",
    ]
    return f"(?i:{'|'.join(forms)})"


def _base64_patterns(secret: str) -> Iterator[str]:
    """Yield a pattern for each of the three offsets that a secret can have in base64."""
    content = secret.encode()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + content).decode().rstrip("=")
        # The first characters depend on the bytes before the secret, the last one on the bytes after it.
        fixed = encoded[-(-before * 8 // 6) : (before + len(content)) * 8 // 6]
        after = "" if (before + len(content)) % 3 == 0 else "(?:[A-Za-z0-9+/_-]={0,2})?"
        yield "".join(_BASE64_VARIANTS.get(character, character) for character in fixed) + after


def guard_streams(redact: Redactor) -> None:
    """Remove the secrets from all that this process writes: answers, logs, warnings and tracebacks."""
    sys.stdout = cast(TextIO, RedactedStream(sys.stdout, redact))
    sys.stderr = cast(TextIO, RedactedStream(sys.stderr, redact))


class RedactedStream:
    """A standard stream that removes the secrets from what is written to it."""

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
