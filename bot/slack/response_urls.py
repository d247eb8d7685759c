"""Sends messages by response_urls, each of which Slack takes five times within half an hour.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson
from cachetools import TTLCache

from bot.slack.addresses import SlackAddresses
from bot.slack.client import retry_after_seconds
from bot.slack.outcomes import BlocksRejected, Undeliverable

log = logging.getLogger(__name__)

MAX_USES, LIFETIME = 5, 1_800.0
DEFAULT_WAIT = 1.0
_CAPACITY = 20_000
_MAX_BODY_LENGTH = 4_000
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class RateLimited(Exception):
    """Raised when a response_url answers with 429; holds the seconds to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:g} s")
        self.seconds = seconds


class _Unclear(aiohttp.ClientError):
    """Raised when Slack fails with an error after which it may have taken the message."""


class ResponseUrls:
    """Uses response_urls, and counts the uses of each for as long as Slack takes any."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        addresses: SlackAddresses,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session, self._addresses = session, addresses
        self._uses: TTLCache[str, int] = TTLCache(_CAPACITY, LIFETIME, clock)

    def uses_left(self, url: str) -> int:
        """Return how often Slack still takes a message by a response_url, as far as this process knows."""
        return MAX_USES - self._uses.get(url, 0)

    async def send(self, url: str, body: dict[str, Any]) -> None:
        """Send a message; raises BlocksRejected, RateLimited or Undeliverable when Slack does not take it."""
        if not self._addresses.has(url):
            log.warning("a response_url is not Slack's: not used")
            raise Undeliverable
        if self.uses_left(url) <= 0:
            raise Undeliverable
        # Each attempt counts, whatever comes of it: Slack does not say which of them it counts.
        self._uses[url] = self._uses.get(url, 0) + 1
        async with self._session.post(url, data=orjson.dumps(body), headers=_HEADERS) as response:
            await _check(response)


async def _check(response: aiohttp.ClientResponse) -> None:
    """Raise what the response of a response_url means, unless it says that the message was taken."""
    text = await _read_beginning(response)
    if response.status == 429:
        raise RateLimited(retry_after_seconds(response.headers.get("Retry-After"), DEFAULT_WAIT))
    if "invalid_blocks" in text or "invalid_attachments" in text:
        raise BlocksRejected
    if response.status != 200:
        # Slack answers with a word; any other text may quote what the bot sent.
        word = text if re.fullmatch(r"[a-z_]{1,60}", text) else "unreadable"
        log.warning("slack did not take an answer", extra={"status": response.status, "error": word})
        raise _Unclear if response.status >= 500 else Undeliverable


async def _read_beginning(response: aiohttp.ClientResponse) -> str:
    """Return the first few thousand bytes of a body as text: Slack never sends more."""
    body = b""
    while len(body) < _MAX_BODY_LENGTH and (
        chunk := await response.content.read(_MAX_BODY_LENGTH - len(body))
    ):
        body += chunk
    return body.decode(errors="replace")
