"""Sends replies to Slack; one whose native blocks Slack rejects is sent again with plain ones.

Only here do replies become messages, so this is where a private reply is kept from all but its requester.
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

from bot.render.blocks import NATIVE_BLOCKS, message_payload
from bot.reply import Chart, Reply, Table
from bot.slack.addresses import SlackAddresses
from bot.slack.client import SLACK_ERRORS, error_word, retry_after_seconds
from bot.slack.placement import Placement, placement_of
from bot.slack.private_metadata import PrivateMetadata

T = TypeVar("T")
Send = Callable[[dict[str, Any]], Awaitable[T]]
log = logging.getLogger(__name__)

# Slack's errors for blocks that it does not take.
BLOCK_ERRORS = ("invalid_blocks", "invalid_blocks_format")
# A native block that Slack has rejected is tried again after an hour.
REJECTED_KIND_TTL = 3600.0
_MAX_WAIT, _DEFAULT_WAIT = 10.0, 1.0
_MAX_BODY_LENGTH = 4_000
_NO_LINKS: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class BlocksRejected(Exception):
    """Raised when Slack does not take the blocks of a message."""


class Undeliverable(Exception):
    """Raised when Slack takes a reply in no form."""


class PrivateReplyWithheld(Undeliverable):
    """Raised when a private reply would be sent to a place where others read it."""


class _RateLimited(Exception):
    """Raised when a response_url answers with 429; holds the seconds to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class OutgoingReply:
    """A reply and the words that it answers, which its buttons carry; `share` adds *Share in channel*."""

    reply: Reply
    words: str
    share: bool = False


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asked in a conversation, and the thread with replies that they asked in, if it was one.

    In a thread without replies Slack shows nothing that is for one person alone:
    https://docs.slack.dev/reference/methods/chat.postEphemeral
    """

    user: str
    thread_ts: str | None = None


_SENT_PRIVATELY = Reply(("That isn't for everybody here, so I answered in a direct message.",))


def is_direct(channel: str) -> bool:
    """Return whether what the bot posts there reaches one person alone: a direct message, or a person's id.

    The bot can post into its own direct messages only, never into one between other people.
    """
    return channel.startswith(("D", "U", "W"))


class Responder:
    """Posts replies by `chat.postMessage` and `response_url`; each method returns whether Slack took one."""

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession, api_url: str) -> None:
        self._client, self._session = client, session
        self.addresses = SlackAddresses(api_url)
        self._rejected_kinds: TTLCache[str, bool] = TTLCache(len(NATIVE_BLOCKS), REJECTED_KIND_TTL)

    async def post(
        self,
        outgoing: OutgoingReply,
        channel: str,
        thread_ts: str | None,
        requester: Requester | None = None,
    ) -> bool:
        """Post into a conversation, or a thread of it; a private reply is shown to the requester alone."""
        if outgoing.reply.is_private and requester is not None and not is_direct(channel):
            return await self._post_privately(outgoing, channel, thread_ts, requester)

        async def send(body: dict[str, Any]) -> None:
            await self._client.chat_postMessage(channel=channel, thread_ts=thread_ts, **_NO_LINKS, **body)

        return await self._send(outgoing, send, has_other_readers=not is_direct(channel))

    async def _post_privately(
        self, outgoing: OutgoingReply, channel: str, thread_ts: str | None, requester: Requester
    ) -> bool:
        async def send(body: dict[str, Any]) -> None:
            await self._client.chat_postEphemeral(
                channel=channel, user=requester.user, thread_ts=requester.thread_ts, **body
            )

        if await self._send(outgoing, send, has_other_readers=False):
            return True
        is_sent = await self.post(outgoing, requester.user, None)
        return is_sent and await self.post(OutgoingReply(_SENT_PRIVATELY, ""), channel, thread_ts)

    async def respond(
        self,
        outgoing: OutgoingReply,
        response_url: str,
        placement: Placement,
        *,
        thread_ts: str | None = None,
        has_one_reader: bool = False,
    ) -> bool:
        """Answer by the response_url of a command or a press.

        `has_one_reader`: only the requester reads the message that `Placement.REPLACE` replaces.
        """
        options: dict[str, Any] = {"replace_original": placement is Placement.REPLACE}
        if placement is not Placement.REPLACE:
            options["response_type"] = "ephemeral" if placement is Placement.BESIDE else "in_channel"
            options |= {"thread_ts": thread_ts} if thread_ts else {}
        is_for_one = placement is Placement.BESIDE or (placement is Placement.REPLACE and has_one_reader)
        if not self.addresses.has(response_url):
            log.warning("a response_url is not Slack's: not used")
            return False

        async def send(body: dict[str, Any]) -> None:
            content = orjson.dumps({**options, **body, **_NO_LINKS})
            async with self._session.post(response_url, data=content, headers=_HEADERS) as response:
                await _check_response(response)

        return await self._send(outgoing, send, has_other_readers=not is_for_one)

    async def deliver(
        self,
        reply: Reply,
        action_id: str,
        metadata: PrivateMetadata,
        user: str,
        thread_ts: str | None = None,
    ) -> None:
        """Send the reply to an action by the response_url of its button or form, or else as a new message.

        A response_url lasts half an hour: https://docs.slack.dev/interactivity/handling-user-interaction.
        Without one, a reply that is not ok is dropped.
        """
        outgoing = OutgoingReply(reply, "")
        placement = placement_of(
            reply, action_id if metadata.replaces_message else None, metadata.has_one_reader
        )
        if metadata.response_url and await self.respond(
            outgoing,
            metadata.response_url,
            placement,
            thread_ts=thread_ts,
            has_one_reader=metadata.has_one_reader,
        ):
            return
        if reply.outcome == "ok":
            await self.post(outgoing, reply.public_in or user, None, Requester(user))

    async def _send(self, outgoing: OutgoingReply, send: Send[None], has_other_readers: bool) -> bool:
        try:
            await self.send_with_fallback(
                outgoing, lambda body: _send_with_retry(send, body), has_other_readers
            )
        except Undeliverable:
            return False
        except SLACK_ERRORS as error:
            log.warning("slack did not take an answer", extra={"error": error_word(error)})
            return False
        return True

    async def send_with_fallback(self, outgoing: OutgoingReply, send: Send[T], has_other_readers: bool) -> T:
        """Send a reply in the richest form that Slack takes, and return what `send` returns.

        `send` raises BlocksRejected when Slack does not take the blocks. Raises PrivateReplyWithheld for a
        private reply where others read, and Undeliverable when Slack rejects every form.
        """
        if outgoing.reply.is_private and has_other_readers:
            log.error("a private answer was held back")
            raise PrivateReplyWithheld
        kinds = NATIVE_BLOCKS - self._rejected_kinds.keys()
        for dropped in _fallback_kinds(outgoing.reply, kinds):
            try:
                sent = await send(
                    message_payload(outgoing.reply, outgoing.words, kinds - dropped, outgoing.share)
                )
            except BlocksRejected:
                log.info("slack refused native blocks", extra={"without": ",".join(sorted(dropped)) or "-"})
                continue
            self._rejected_kinds.update(dict.fromkeys(dropped, True))
            return sent
        log.error("slack refused an answer in every form")
        raise Undeliverable


def _fallback_kinds(reply: Reply, kinds: frozenset[str]) -> list[frozenset[str]]:
    """Return which native kinds of blocks to leave out in each attempt: none, each alone, all of them."""
    used = {
        kind
        for kind, part_type in (("data_visualization", Chart), ("table", Table))
        if any(isinstance(part, part_type) for part in reply.parts)
    }
    native = kinds & used
    return list(
        dict.fromkeys([frozenset(), *(frozenset({kind}) for kind in sorted(native)), frozenset(native)])
    )


async def _check_response(response: aiohttp.ClientResponse) -> None:
    """Raise what the response of a response_url means, unless it says that the message was taken."""
    text = await _read_beginning(response)
    if response.status == 429:
        raise _RateLimited(retry_after_seconds(response.headers.get("Retry-After"), _DEFAULT_WAIT))
    if "invalid_blocks" in text or "invalid_attachments" in text:
        raise BlocksRejected
    if response.status != 200:
        # Slack answers with a word; any other text may quote what the bot sent.
        word = text if re.fullmatch(r"[a-z_]{1,60}", text) else "unreadable"
        log.warning("slack did not take an answer", extra={"status": response.status, "error": word})
        raise Undeliverable


async def _read_beginning(response: aiohttp.ClientResponse) -> str:
    """Return the first few thousand bytes of a body as text: Slack never sends more."""
    body = b""
    while len(body) < _MAX_BODY_LENGTH and (
        chunk := await response.content.read(_MAX_BODY_LENGTH - len(body))
    ):
        body += chunk
    return body.decode(errors="replace")


async def _send_with_retry(send: Send[None], body: dict[str, Any]) -> None:
    """Send a message, and once more after a 429.

    A 429 says that nothing was sent. Any other error may come after Slack took the message, so it is not sent
    again.
    """
    for attempt in (1, 2):
        try:
            return await send(body)
        except SlackApiError as error:
            if error.response.get("error") in BLOCK_ERRORS:
                raise BlocksRejected from error
            if error.response.status_code != 429 or attempt == 2:
                raise
            wait = retry_after_seconds(error.response.headers.get("Retry-After"), _DEFAULT_WAIT)
        except _RateLimited as error:
            if attempt == 2:
                log.warning("slack did not take an answer", extra={"error": "ratelimited"})
                raise Undeliverable from None
            wait = error.seconds
        await asyncio.sleep(min(wait, _MAX_WAIT))
