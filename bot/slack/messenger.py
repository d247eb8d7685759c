"""Brings digests into channels: posts with a name, finds them again by it, shows files."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

import aiohttp
import msgspec
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.digests.confirmation import GONE
from bot.digests.delivery.send_once import (
    CannotVerify,
    ChannelUnavailable,
    DeliveryUnknown,
    NotSent,
    Rejected,
)
from bot.permissions import DirectoryUnavailable
from bot.reply import Reply
from bot.slack.client import TROUBLE, Identified, ToldChannel, read
from bot.slack.directory import SlackDirectory
from bot.slack.responder import REFUSALS, BlocksRejected, OutgoingReply, Responder, Undeliverable, is_direct
from bot.storage.database import Database
from bot.upstream.rate_limiter import LocalRateLimit

T = TypeVar("T")
log = logging.getLogger(__name__)

# The bot's name for its messages, which every app in the workspace may read.
EVENT = "figshare_bot_digest"
# Slack asks for a message a second to a channel, and some hundred a minute altogether:
# https://docs.slack.dev/apis/web-api/rate-limits
TO_A_CHANNEL, ALTOGETHER, BURST = 1.0, 4.0, 4
# Clocks differ, but by more than five minutes Slack's signatures would not be taken.
_SLACK_CLOCK = 600.0
_PAGES, _PAGE = 20, 200
LONGEST_PAUSE = 3_600.0
# With these some aspect of a call may have succeeded.
_UNSURE = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})


class SlackMessenger:
    """Slack's side of the digests."""

    def __init__(
        self,
        client: AsyncWebClient,
        sender: Responder,
        people: SlackDirectory,
        session: aiohttp.ClientSession,
        store: Database,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client, self._sender, self._people, self._session = client, sender, people, session
        self._store, self._clock, self._sleep = store, clock, sleep
        own = LocalRateLimit(ALTOGETHER, BURST, clock)
        self._everybody = store.pace("slack", ALTOGETHER, BURST, own)
        self._paused_until, self._paused_for = 0.0, ""

    async def turn(self, channel: str) -> None:
        """Wait for a place among the messages to a channel, and among all."""
        if (left := self._paused_until - self._clock()) > 0:
            raise NotSent(self._paused_for, left)
        one = self._store.pace(
            f"slack {channel}", TO_A_CHANNEL, 1, LocalRateLimit(TO_A_CHANNEL, 1, self._clock)
        )
        await self._sleep(max(await asyncio.gather(one.reserve(), self._everybody.reserve())))

    def takes(self, messages: int, in_channel: int) -> float:
        """Give how many seconds so many messages take, some of them in one channel."""
        return max(messages / ALTOGETHER, in_channel / TO_A_CHANNEL)

    async def post(self, reply: Reply, channel: str, key: str, thread_ts: str | None = None) -> str:
        """Post with a key in the message's metadata."""

        async def send(body: dict[str, Any]) -> str:
            told = await self._told(
                self._client.chat_postMessage(
                    channel=channel,
                    thread_ts=thread_ts,
                    metadata={"event_type": EVENT, "event_payload": {"id": key}},
                    unfurl_links=False,
                    unfurl_media=False,
                    **body,
                ),
                _Posted,
            )
            return told.ts

        try:
            return await self._sender.climb(
                OutgoingReply(reply, ""), send, others_read=not is_direct(channel)
            )
        except Undeliverable:
            raise Rejected("invalid_blocks") from None

    async def find(self, channel: str, key: str, since: float, thread_ts: str | None = None) -> str | None:
        """Look through a channel, or a thread of it: https://docs.slack.dev/reference/methods/conversations.history."""
        async for message in self._messages(channel, since, thread_ts):
            metadata = message.metadata
            if metadata and metadata.event_type == EVENT and metadata.event_payload.get("id") == key:
                return message.ts
        return None

    async def upload(self, name: str, content: bytes) -> str:
        """Bring a file to Slack: https://docs.slack.dev/messaging/working-with-files."""
        try:
            told = await self._told(
                self._client.files_getUploadURLExternal(filename=name, length=len(content)), _Upload
            )
            if not self._sender.addresses.has(told.upload_url):
                log.warning("an upload_url is not Slack's: not used")
                raise NotSent("a foreign upload_url")
            async with self._session.post(told.upload_url, data=content) as answer:
                if answer.status != 200:
                    raise NotSent(f"upload {answer.status}")
        except (DeliveryUnknown, aiohttp.ClientError, OSError, TimeoutError) as error:
            # Nobody sees a file before it is shared.
            raise NotSent(type(error).__name__) from error
        return told.file_id

    async def share(self, file: str, title: str, channel: str, thread_ts: str) -> str:
        """Show an uploaded file in a thread."""
        await self._told(
            self._client.files_completeUploadExternal(
                files=[{"id": file, "title": title}], channel_id=channel, thread_ts=thread_ts
            ),
            dict[str, Any],
        )
        return file

    async def shared(self, file: str, channel: str, thread_ts: str) -> str | None:
        """Look through a thread for a file."""
        async for message in self._messages(channel, 0.0, thread_ts):
            if any(each.id == file for each in message.files or ()):
                return file
        return None

    async def direct(self, user: str) -> str:
        """Open the direct message with somebody: https://docs.slack.dev/reference/methods/conversations.open."""
        try:
            told = await self._told(self._client.conversations_open(users=user), ToldChannel)
        except DeliveryUnknown as error:
            raise NotSent(str(error)) from error
        return told.channel.id

    async def has_left(self, user: str) -> bool:
        """Tell whether somebody's account was closed."""
        with suppress(DirectoryUnavailable, TimeoutError):
            async with asyncio.timeout(2.0):
                return (await self._people.person(user)).membership == "gone"
        return False

    async def _messages(self, channel: str, since: float, thread_ts: str | None) -> AsyncIterator["_Message"]:
        asked: dict[str, Any] = {"channel": channel, "limit": _PAGE, "include_all_metadata": True}
        if since:
            # Our clock may have been told another time; Slack's is the real one.
            asked["oldest"] = f"{min(since, time.time()) - _SLACK_CLOCK:.6f}"
        call: Callable[..., Awaitable[Any]] = self._client.conversations_history
        if thread_ts is not None:
            call, asked = self._client.conversations_replies, {**asked, "ts": thread_ts}
        for _ in range(_PAGES):
            try:
                told = read(await call(**asked), _Messages)
            except SlackApiError as error:
                why, status, after = _cause(error)
                if status == 429 or status >= 500 or why in _UNSURE or why in _TOKEN:
                    raise NotSent(f"can't look: {why}", after) from error
                raise CannotVerify(why) from error
            except TROUBLE as error:
                raise NotSent(f"can't look: {type(error).__name__}") from error
            for message in told.messages:
                yield message
            if told.response_metadata is None or not told.response_metadata.next_cursor:
                return
            asked["cursor"] = told.response_metadata.next_cursor
        raise CannotVerify(f"more than {_PAGES * _PAGE} messages")

    async def _told(self, asked: Awaitable[AsyncSlackResponse], kind: type[T]) -> T:
        """Give what Slack answers; raises what it means for a message when it is not taken."""
        try:
            return read(await asked, kind)
        except SlackApiError as error:
            self._not_taken(error)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            # Nothing can have left without a connection.
            raise NotSent(type(error).__name__) from error
        except TROUBLE as error:
            raise DeliveryUnknown(type(error).__name__) from error

    def _not_taken(self, error: SlackApiError) -> NoReturn:
        why, status, after = _cause(error)
        if status == 429 or why in _TOKEN:
            self._paused_until, self._paused_for = self._clock() + after, why or "ratelimited"
            if status != 429:
                log.error("slack does not take our token: nothing can be sent", extra={"cause": why})
            raise NotSent(self._paused_for, after) from error
        if why in REFUSALS:
            raise BlocksRejected from error
        if status >= 500 or why in _UNSURE or not why:
            raise DeliveryUnknown(why or str(status)) from error
        raise (ChannelUnavailable if why in GONE else Rejected)(why) from error


_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})


def _cause(error: SlackApiError) -> tuple[str, int, float]:
    """Give Slack's word, the status, and the seconds to wait."""
    answer = error.response
    after = answer.headers.get("Retry-After", "")
    wait = min(float(after), LONGEST_PAUSE) if after.isascii() and after.isdigit() else 30.0
    return answer.get("error", ""), answer.status_code, wait


class _Posted(msgspec.Struct):
    ts: str


class _Upload(msgspec.Struct):
    upload_url: str
    file_id: str


class _Metadata(msgspec.Struct):
    event_type: str = ""
    event_payload: dict[str, Any] = {}


class _Message(msgspec.Struct):
    ts: str
    metadata: _Metadata | None = None
    files: list[Identified] | None = None


class _Cursor(msgspec.Struct):
    next_cursor: str | None = None


class _Messages(msgspec.Struct):
    """What `conversations.history` and `conversations.replies` answer."""

    messages: list[_Message]
    response_metadata: _Cursor | None = None
