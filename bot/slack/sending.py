"""Sends a reply to where it belongs; what Slack refuses for being new is sent again in plain blocks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import NATIVE, message
from bot.reply import Chart, Reply, Table

log = logging.getLogger(__name__)

LONGEST_WAIT = 10.0
AN_HOUR = 3600.0


class _Refused(Exception):
    """Slack does not take these blocks."""


class _Wait(Exception):
    """Slack asks to come back later."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Letter:
    """A reply and what it answers: words and page go into its buttons."""

    reply: Reply
    words: str
    share: bool = False


class Sender:
    """Posts replies by `chat.postMessage` and by `response_url`."""

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession, api_url: str) -> None:
        self._client, self._session = client, session
        self._host = urlsplit(api_url).hostname or ""
        self._scheme = urlsplit(api_url).scheme
        self._refused: TTLCache[str, bool] = TTLCache(len(NATIVE), AN_HOUR)

    async def post(self, letter: Letter, channel: str, thread_ts: str | None) -> None:
        """Post into a conversation, or a thread of it."""

        async def send(body: dict[str, Any]) -> None:
            await self._client.chat_postMessage(
                channel=channel, thread_ts=thread_ts, unfurl_links=False, unfurl_media=False, **body
            )

        await self._send(letter, send)

    async def respond(self, letter: Letter, url: str, **how: object) -> None:
        """Answer by the address that came with a command or a press."""
        host = urlsplit(url).hostname or ""
        foreign = host != self._host and not host.endswith("." + self._host)
        if foreign or urlsplit(url).scheme != self._scheme:
            log.warning("a response_url is not Slack's: not used")
            return

        async def send(body: dict[str, Any]) -> None:
            content = orjson.dumps({**how, **body, "unfurl_links": False, "unfurl_media": False})
            headers = {"Content-Type": "application/json; charset=utf-8"}
            async with self._session.post(url, data=content, headers=headers) as answer:
                said = await answer.text()
                if answer.status == 429:
                    raise _Wait(float(answer.headers.get("Retry-After", "1")))
                if "invalid_blocks" in said or "invalid_attachments" in said:
                    raise _Refused
                if answer.status != 200:
                    log.warning(
                        "slack did not take an answer", extra={"status": answer.status, "error": said[:60]}
                    )

        await self._send(letter, send)

    async def _send(self, letter: Letter, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        kinds = NATIVE - self._refused.keys()
        for dropped in self._ladder(letter.reply, kinds):
            try:
                await _patiently(send, message(letter.reply, letter.words, kinds - dropped, letter.share))
            except _Refused:
                log.info("slack refused native blocks", extra={"without": ",".join(sorted(dropped)) or "-"})
                continue
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                cause = (
                    error.response.get("error") if isinstance(error, SlackApiError) else type(error).__name__
                )
                log.warning("slack did not take an answer", extra={"error": cause})
                return
            self._refused.update(dict.fromkeys(dropped, True))
            return
        log.error("slack refused an answer in every form")

    def _ladder(self, reply: Reply, kinds: frozenset[str]) -> list[frozenset[str]]:
        used = {
            kind
            for kind, part in (("data_visualization", Chart), ("table", Table))
            for each in reply.parts
            if isinstance(each, part)
        }
        native = kinds & used
        charts = native & {"data_visualization"}
        return list(dict.fromkeys([frozenset(), frozenset(charts), frozenset(native)]))


async def _patiently(send: Callable[[dict[str, Any]], Awaitable[None]], body: dict[str, Any]) -> None:
    for attempt in (1, 2):
        try:
            return await send(body)
        except SlackApiError as error:
            if error.response.get("error") in ("invalid_blocks", "invalid_blocks_format"):
                raise _Refused from error
            # A 429 is a definite "not sent"; anything else may have been, and is not sent twice.
            if error.response.status_code != 429 or attempt == 2:
                raise
            wait = float(error.response.headers.get("Retry-After", 1))
        except _Wait as asked:
            if attempt == 2:
                return log.warning("slack did not take an answer", extra={"error": "ratelimited"})
            wait = asked.seconds
        await asyncio.sleep(min(wait, LONGEST_WAIT))
