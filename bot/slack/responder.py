"""Sends a reply to where it belongs; what Slack refuses for being new is sent again in plain blocks.

Here alone a reply becomes a message, so here a private one is kept from everybody but its asker.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import orjson
from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.render.blocks import NATIVE, message
from bot.reply import Chart, Reply, Table
from bot.slack.addresses import SlackAddresses
from bot.slack.client import TROUBLE
from bot.slack.placement import Placement

T = TypeVar("T")
log = logging.getLogger(__name__)

LONGEST_WAIT = 10.0
AN_HOUR = 3600.0
_BEGINNING = 4_000
REFUSALS = ("invalid_blocks", "invalid_blocks_format")


class BlocksRejected(Exception):
    """Slack does not take these blocks."""


class Undeliverable(Exception):
    """Slack does not take this answer."""


class NotForOthers(Undeliverable):
    """Raised when a private reply is about to be sent to where others read."""


class _Wait(Exception):
    """Slack asks to come back later."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class OutgoingReply:
    """A reply and what it answers: words and page go into its buttons."""

    reply: Reply
    words: str
    share: bool = False


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked in a conversation, and the thread with replies that they asked in, if it was one.

    In a thread without replies Slack shows nothing that is for one person alone:
    https://docs.slack.dev/reference/methods/chat.postEphemeral
    """

    user: str
    thread_ts: str | None = None


_SENT_PRIVATELY = Reply(("That isn't for everybody here, so I answered in a direct message.",))


def is_direct(channel: str) -> bool:
    """Return whether the bot's messages there reach one person alone: a direct message, or a person's id.

    The bot can post into its own direct messages only, never into one between other people.
    """
    return channel.startswith(("D", "U", "W"))


class Responder:
    """Posts replies by `chat.postMessage` and by `response_url`."""

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession, api_url: str) -> None:
        self._client, self._session = client, session
        self.addresses = SlackAddresses(api_url)
        self._refused: TTLCache[str, bool] = TTLCache(len(NATIVE), AN_HOUR)

    async def post(
        self, letter: OutgoingReply, channel: str, thread_ts: str | None, asker: Asker | None = None
    ) -> bool:
        """Post into a conversation, or a thread of it; false when Slack does not take it.

        A private reply is shown to the asker alone.
        """
        if letter.reply.is_private and asker is not None and not is_direct(channel):
            return await self._post_privately(letter, channel, thread_ts, asker)

        async def send(body: dict[str, Any]) -> None:
            await self._client.chat_postMessage(
                channel=channel, thread_ts=thread_ts, unfurl_links=False, unfurl_media=False, **body
            )

        return await self._send(letter, send, others_read=not is_direct(channel))

    async def _post_privately(
        self, letter: OutgoingReply, channel: str, thread_ts: str | None, asker: Asker
    ) -> bool:
        async def send(body: dict[str, Any]) -> None:
            await self._client.chat_postEphemeral(
                channel=channel, user=asker.user, thread_ts=asker.thread_ts, **body
            )

        if await self._send(letter, send, others_read=False):
            return True
        is_told = await self.post(letter, asker.user, None)
        return is_told and await self.post(OutgoingReply(_SENT_PRIVATELY, ""), channel, thread_ts)

    async def respond(
        self,
        letter: OutgoingReply,
        url: str,
        placement: Placement,
        *,
        thread_ts: str | None = None,
        is_alone: bool = False,
    ) -> bool:
        """Answer by the address that came with a command or a press; false when Slack does not take it.

        `is_alone`: nobody but the asker reads the message that `Placement.REPLACE` replaces.
        """
        how: dict[str, Any] = {"replace_original": placement is Placement.REPLACE}
        if placement is not Placement.REPLACE:
            how["response_type"] = "ephemeral" if placement is Placement.BESIDE else "in_channel"
            how |= {"thread_ts": thread_ts} if thread_ts else {}
        others_read = not (placement is Placement.BESIDE or (placement is Placement.REPLACE and is_alone))
        if not self.addresses.has(url):
            log.warning("a response_url is not Slack's: not used")
            return False

        async def send(body: dict[str, Any]) -> None:
            content = orjson.dumps({**how, **body, "unfurl_links": False, "unfurl_media": False})
            headers = {"Content-Type": "application/json; charset=utf-8"}
            async with self._session.post(url, data=content, headers=headers) as answer:
                said = await beginning(answer)
                if answer.status == 429:
                    raise _Wait(_seconds(answer.headers.get("Retry-After")))
                if "invalid_blocks" in said or "invalid_attachments" in said:
                    raise BlocksRejected
                if answer.status != 200:
                    # Slack says a word; anything else may be what we sent.
                    word = said if re.fullmatch(r"[a-z_]{1,60}", said) else "unreadable"
                    log.warning(
                        "slack did not take an answer", extra={"status": answer.status, "error": word}
                    )
                    raise Undeliverable

        return await self._send(letter, send, others_read)

    async def _send(
        self, letter: OutgoingReply, send: Callable[[dict[str, Any]], Awaitable[None]], others_read: bool
    ) -> bool:
        try:
            await self.climb(letter, lambda body: _patiently(send, body), others_read)
        except Undeliverable:
            return False
        except TROUBLE as error:
            cause = error.response.get("error") if isinstance(error, SlackApiError) else type(error).__name__
            log.warning("slack did not take an answer", extra={"error": cause})
            return False
        return True

    async def climb(
        self, letter: OutgoingReply, send: Callable[[dict[str, Any]], Awaitable[T]], others_read: bool
    ) -> T:
        """Send a letter in the richest form that Slack takes; raises NotTaken when it takes none.

        `send` raises Refused for what Slack does not take for its blocks. Raises NotForOthers for what is
        private where others read.
        """
        if letter.reply.is_private and others_read:
            log.error("a private answer was held back")
            raise NotForOthers
        kinds = NATIVE - self._refused.keys()
        for dropped in self._ladder(letter.reply, kinds):
            try:
                sent = await send(message(letter.reply, letter.words, kinds - dropped, letter.share))
            except BlocksRejected:
                log.info("slack refused native blocks", extra={"without": ",".join(sorted(dropped)) or "-"})
                continue
            self._refused.update(dict.fromkeys(dropped, True))
            return sent
        log.error("slack refused an answer in every form")
        raise Undeliverable

    def _ladder(self, reply: Reply, kinds: frozenset[str]) -> list[frozenset[str]]:
        used = {
            kind
            for kind, part in (("data_visualization", Chart), ("table", Table))
            for each in reply.parts
            if isinstance(each, part)
        }
        native = kinds & used
        return list(
            dict.fromkeys([frozenset(), *(frozenset({kind}) for kind in sorted(native)), frozenset(native)])
        )


async def beginning(answer: aiohttp.ClientResponse) -> str:
    """Return the first few thousand bytes of an answer: more is nothing that Slack would say."""
    said = b""
    while len(said) < _BEGINNING and (more := await answer.content.read(_BEGINNING - len(said))):
        said += more
    return said.decode(errors="replace")


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else 1.0


async def _patiently(send: Callable[[dict[str, Any]], Awaitable[None]], body: dict[str, Any]) -> None:
    for attempt in (1, 2):
        try:
            return await send(body)
        except SlackApiError as error:
            if error.response.get("error") in REFUSALS:
                raise BlocksRejected from error
            # A 429 is a definite "not sent"; anything else may have been, and is not sent twice.
            if error.response.status_code != 429 or attempt == 2:
                raise
            wait = _seconds(error.response.headers.get("Retry-After"))
        except _Wait as asked:
            if attempt == 2:
                log.warning("slack did not take an answer", extra={"error": "ratelimited"})
                raise Undeliverable from None
            wait = asked.seconds
        await asyncio.sleep(min(wait, LONGEST_WAIT))
