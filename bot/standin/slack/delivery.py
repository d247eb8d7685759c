"""How the stand-in speaks to the bot: HTTP requests signed as Slack signs them, each kept with its answer."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

# https://docs.slack.dev/apis/events-api/#retries
RETRY_WAITS = (0.0, 60.0, 300.0)


@dataclass
class Exchange:
    """One request between Slack and the bot, in either direction, and its answer."""

    to: str  # "bot" or "slack"
    kind: str  # "command", "app_mention", "block_actions", …, or the method of the Web API
    payload: Any
    raw: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    answer: Any = None
    took_ms: float = 0.0
    # None, or "operation_timeout", "connection_failed", "http_error"
    failure: str | None = None
    # what Slack does about it without telling the bot
    note: str = ""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign as https://docs.slack.dev/authentication/verifying-requests-from-slack says."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Delivery:
    """Sends to the bot's request URL and keeps a log."""

    def __init__(
        self, signing_secret: str, log: list[Exchange], answered: Callable[[], None] = lambda: None
    ) -> None:
        self.signing_secret = signing_secret
        self.log = log
        # called after each answer
        self.answered = answered
        self.bot_url = ""
        self.ack_timeout = 3.0
        self.retry_waits: tuple[float, ...] = RETRY_WAITS
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def form(self, kind: str, fields: dict[str, str]) -> Exchange:
        """Post a slash command."""
        return await self._post(kind, fields, urlencode(fields), "application/x-www-form-urlencoded")

    async def interaction(self, payload: dict[str, Any]) -> Exchange:
        """Post an interaction: one form field, `payload`, holds the JSON."""
        body = urlencode({"payload": json.dumps(payload)})
        return await self._post(payload["type"], payload, body, "application/x-www-form-urlencoded")

    async def event(self, envelope: dict[str, Any]) -> Exchange:
        """Post an event; one that isn't answered with 2xx within 3 s is sent again, up to three times."""
        first = await self._event(envelope, {})
        if first.failure and not self._no_retry(first):
            task = asyncio.create_task(self._send_again(envelope, first))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return first

    async def _send_again(self, envelope: dict[str, Any], last: Exchange) -> None:
        for number, wait in enumerate(self.retry_waits, 1):
            await asyncio.sleep(wait)
            reason = {"operation_timeout": "http_timeout"}.get(last.failure or "", last.failure or "")
            headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
            last = await self._event(envelope, headers)
            if not last.failure or self._no_retry(last):
                return

    @staticmethod
    def _no_retry(exchange: Exchange) -> bool:
        return "no retry" in exchange.note

    async def _event(self, envelope: dict[str, Any], headers: dict[str, str]) -> Exchange:
        kind = envelope.get("event", envelope)["type"]
        return await self._post(kind, envelope, json.dumps(envelope), "application/json", headers)

    async def _post(
        self, kind: str, payload: Any, body: str, content_type: str, headers: dict[str, str] | None = None
    ) -> Exchange:
        raw = body.encode()
        # the bot compares with its own wall clock, so a test's clock must not sign
        timestamp = str(int(time.time()))
        sent = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        sent |= {"X-Slack-Request-Timestamp": timestamp, **(headers or {})}
        sent["X-Slack-Signature"] = signature(self.signing_secret, timestamp, raw)
        exchange = Exchange("bot", kind, payload, raw=body, headers=sent)
        self.log.append(exchange)
        started = time.perf_counter()
        try:
            async with self._client().post(
                self.bot_url, data=raw, headers=sent, timeout=aiohttp.ClientTimeout(total=self.ack_timeout)
            ) as response:
                text = await response.text()
                exchange.status = response.status
                exchange.answer = _decoded(text, response.content_type)
                if response.status >= 300:
                    exchange.failure = "http_error"
                    exchange.note = "no retry" if response.headers.get("X-Slack-No-Retry") == "1" else ""
        except TimeoutError:
            exchange.failure = "operation_timeout"
        except aiohttp.ClientError as error:
            exchange.failure, exchange.note = "connection_failed", str(error)
        exchange.took_ms = (time.perf_counter() - started) * 1000
        self.answered()
        return exchange

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def close(self) -> None:
        """Stop sending again and let go of the connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def _decoded(text: str, content_type: str) -> Any:
    if not text:
        return None
    if content_type == "application/json":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
