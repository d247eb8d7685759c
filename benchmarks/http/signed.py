"""Slash commands as Slack sends and signs them, each with a trigger of its own."""

import itertools
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from bot.emulators.slack import payloads
from bot.emulators.slack.delivery import signature
from bot.emulators.slack.people import MAYA, RESEARCH, sample_conversations, sample_users

SECRET = "a-secret-of-the-benchmark"
WORDS = "views 5616445"
# The same answer is stored, but under words that were not used before.
NEW_WORDS = "views https://figshare.com/articles/asked-NUMBER/5616445"
_TRIGGERS = itertools.count(1)


def command(words: str = WORDS, *, secret: str = SECRET, age: int = 0) -> bytes:
    """Return one HTTP request that claims to have been signed `age` seconds ago."""
    return next(commands(1, words, secret=secret, age=age))


def commands(count: int, words: str = WORDS, *, secret: str = SECRET, age: int = 0) -> Iterator[bytes]:
    """Yield `count` requests; each has its own NUMBER and trigger, since a trigger is answered only once."""
    timestamp = str(int(time.time()) - age)
    payload = payloads.slash_command(
        sample_users()[MAYA],
        sample_conversations()[RESEARCH],
        "/figshare",
        words,
        "",
        "http://127.0.0.1/hooks/commands/1",
    )
    start = urlencode({**payload, "trigger_id": ""}).encode()
    for number in itertools.islice(_TRIGGERS, count):
        body = start.replace(b"NUMBER", b"%d" % number) + b"13345224609.738474920.%032d" % number
        yield _request(body, timestamp, signature(secret, timestamp, body))


def _request(body: bytes, timestamp: str, signed: str) -> bytes:
    # The headers that Slack sends: https://docs.slack.dev/authentication/verifying-requests-from-slack
    head = (
        "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json,*/*\r\n"
        "Accept-Encoding: gzip,deflate\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {timestamp}\r\nX-Slack-Signature: {signed}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
