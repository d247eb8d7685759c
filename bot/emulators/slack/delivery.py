"""How the emulator sends to the bot: HTTP requests signed like Slack's, each logged with its answer."""

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
    # what Slack does about the answer without telling the bot
    note: str = ""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class RequestDelivery:
    """Sends requests to the bot's request URL and logs them."""

    def __init__(
        self, signing_secret: str, log: list[Exchange], on_answer: Callable[[], None] = lambda: None
    ) -> None:
        self.signing_secret = signing_secret
        self.log = log
        self.on_answer = on_answer
        self.bot_url = ""
        self.ack_timeout = 3.0
        self.retry_waits: tuple[float, ...] = RETRY_WAITS
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def post_command(self, fields: dict[str, str]) -> Exchange:
        """Post a slash command."""
        return await self._post("command", fields, urlencode(fields), "application/x-www-form-urlencoded")

    async def post_interaction(self, payload: dict[str, Any]) -> Exchange:
        """Post an interaction: one form field, `payload`, holds the JSON."""
        body = urlencode({"payload": json.dumps(payload)})
        return await self._post(payload["type"], payload, body, "application/x-www-form-urlencoded")

    async def post_event(self, envelope: dict[str, Any]) -> Exchange:
        """Post an event; one that isn't answered with 2xx within 3 s is sent again, up to three times."""
        exchange = await self._post_event(envelope, {})
        if exchange.failure and not self._no_retry(exchange):
            task = asyncio.create_task(self._retry(envelope, exchange))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return exchange

    async def _retry(self, envelope: dict[str, Any], exchange: Exchange) -> None:
        for retry, wait in enumerate(self.retry_waits, 1):
            await asyncio.sleep(wait)
            failure = exchange.failure or ""
            reason = {"operation_timeout": "http_timeout"}.get(failure, failure)
            headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
            exchange = await self._post_event(envelope, headers)
            if not exchange.failure or self._no_retry(exchange):
                return

    @staticmethod
    def _no_retry(exchange: Exchange) -> bool:
        return "no retry" in exchange.note

    async def _post_event(self, envelope: dict[str, Any], headers: dict[str, str]) -> Exchange:
        kind = envelope.get("event", envelope)["type"]
        return await self._post(kind, envelope, json.dumps(envelope), "application/json", headers)

    async def _post(
        self, kind: str, payload: Any, body: str, content_type: str, headers: dict[str, str] | None = None
    ) -> Exchange:
        raw = body.encode()
        # The bot compares with its own wall clock, so a clock of a test must not sign.
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self.signing_secret, timestamp, raw),
            **(headers or {}),
        }
        exchange = Exchange("bot", kind, payload, raw=body, headers=headers)
        self.log.append(exchange)
        started = time.perf_counter()
        try:
            async with self._client().post(
                self.bot_url, data=raw, headers=headers, timeout=aiohttp.ClientTimeout(total=self.ack_timeout)
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
        self.on_answer()
        return exchange

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def close(self) -> None:
        """Stop the retries and close the connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def _decoded(text: str, content_type: str) -> Any:
    if content_type != "application/json" or not text:
        return text or None
    try:
        return json.loads(text)
    except ValueError:
        return text
