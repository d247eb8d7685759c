"""Posts digests and their files with a key, and finds them again by it; part of how a digest arrives once."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

import aiohttp
import msgspec
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.digests.confirmation import CHANNEL_ERRORS
from bot.digests.delivery.send_once import (
    CannotVerify,
    ChannelUnavailable,
    DeliveryUnknown,
    NotSent,
    Rejected,
)
from bot.permissions import DirectoryUnavailable
from bot.reply import Reply
from bot.slack.client import (
    SLACK_ERRORS,
    TOKEN_ERRORS,
    OpenedConversation,
    SentMessage,
    SlackObject,
    parse_response,
    retry_after_seconds,
)
from bot.slack.directory import SlackDirectory
from bot.slack.outcomes import BLOCK_ERRORS, UNCLEAR_ERRORS, BlocksRejected, Undeliverable
from bot.slack.responder import OutgoingReply, Responder, is_direct
from bot.storage.database import Database
from bot.storage.rate_limit import DatabaseRateLimit
from bot.upstream.rate_limiter import LocalRateLimit

T = TypeVar("T")
log = logging.getLogger(__name__)

# The type of the metadata of the bot's messages, which every app in the workspace may read.
METADATA_EVENT_TYPE = "figshare_bot_digest"
# Slack asks for one message a second to a channel and some hundred a minute in all, with short bursts:
# https://docs.slack.dev/apis/web-api/rate-limits
CHANNEL_RATE, WORKSPACE_RATE, WORKSPACE_BURST = 1.0, 4.0, 4
# This machine's clock may differ from Slack's, but by less than this: from five minutes on, the signatures of
# requests are refused as too old.
_CLOCK_TOLERANCE = 600.0
_MAX_PAGES, _PAGE_SIZE = 20, 200
MAX_PAUSE = 3_600.0
_DEFAULT_PAUSE = 30.0
_MEMBERSHIP_TIMEOUT = 2.0


class SlackMessenger:
    """Slack's side of the digests: the `Messenger` of `bot.digests.delivery.send_once`.

    Each method raises what an error of Slack means for a message:

        not sent, and may be sent later       NotSent: a 429, a token that fails, no connection
        perhaps sent                          DeliveryUnknown: a timeout, a cut connection, a 5xx
        not sent, and never will be           ChannelUnavailable, Rejected
        nobody can tell whether it was sent   CannotVerify, of the methods that search
    """

    def __init__(
        self,
        client: AsyncWebClient,
        responder: Responder,
        directory: SlackDirectory,
        session: aiohttp.ClientSession,
        database: Database,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client, self._responder, self._directory = client, responder, directory
        self._session, self._database = session, database
        self._clock, self._sleep = clock, sleep
        fallback = LocalRateLimit(WORKSPACE_RATE, WORKSPACE_BURST, clock)
        self._workspace_limit = DatabaseRateLimit(
            database, "slack", WORKSPACE_RATE, WORKSPACE_BURST, fallback
        )
        self._paused_until, self._pause_cause = 0.0, ""

    async def wait_for_turn(self, channel: str) -> None:
        """Wait until a message may go to a channel; raises NotSent while Slack asks for a pause."""
        if (remaining := self._paused_until - self._clock()) > 0:
            raise NotSent(self._pause_cause, remaining)
        fallback = LocalRateLimit(CHANNEL_RATE, 1, self._clock)
        channel_limit = DatabaseRateLimit(self._database, f"slack {channel}", CHANNEL_RATE, 1, fallback)
        waits = await asyncio.gather(channel_limit.reserve(), self._workspace_limit.reserve())
        await self._sleep(max(waits))

    def seconds_for(self, messages: int, in_channel: int) -> float:
        """Return how many seconds so many messages take, some of them in one channel."""
        return max(messages / WORKSPACE_RATE, in_channel / CHANNEL_RATE)

    async def post(self, reply: Reply, channel: str, key: str, thread_ts: str | None = None) -> str:
        """Post with a key in the message's metadata, and return the `ts` of the message.

        https://docs.slack.dev/messaging/message-metadata
        """

        async def send(body: dict[str, Any]) -> str:
            call = self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread_ts,
                metadata={"event_type": METADATA_EVENT_TYPE, "event_payload": {"id": key}},
                unfurl_links=False,
                unfurl_media=False,
                **body,
            )
            return (await self._response(call, SentMessage)).ts

        try:
            return await self._responder.send_with_fallback(
                OutgoingReply(reply, ""), send, has_other_readers=not is_direct(channel)
            )
        except Undeliverable:
            raise Rejected("invalid_blocks") from None

    async def find(self, channel: str, key: str, since: float, thread_ts: str | None = None) -> str | None:
        """Return the `ts` of the message with a key in a channel, or a thread of it, or None."""
        async for message in self._messages(channel, since, thread_ts):
            metadata = message.metadata
            if (
                metadata
                and metadata.event_type == METADATA_EVENT_TYPE
                and metadata.event_payload.get("id") == key
            ):
                return message.ts
        return None

    async def upload(self, name: str, content: bytes) -> str:
        """Upload a file, which nobody sees yet, and return its id.

        https://docs.slack.dev/messaging/working-with-files#uploading_files
        """
        try:
            call = self._client.files_getUploadURLExternal(filename=name, length=len(content))
            upload = await self._response(call, _Upload)
            if not self._responder.addresses.has(upload.upload_url):
                log.warning("an upload_url is not Slack's: not used")
                raise NotSent("a foreign upload_url")
            async with self._session.post(upload.upload_url, data=content) as response:
                if response.status != 200:
                    raise NotSent(f"upload {response.status}")
        except (DeliveryUnknown, aiohttp.ClientError, OSError, TimeoutError) as error:
            # Nobody sees a file before it is shared, so it may be uploaded again.
            raise NotSent(type(error).__name__) from error
        return upload.file_id

    async def share(self, files: Sequence[tuple[str, str]], channel: str, thread_ts: str) -> None:
        """Show uploaded files, by id and title, in one message of a thread."""
        call = self._client.files_completeUploadExternal(
            files=[{"id": id, "title": title} for id, title in files], channel_id=channel, thread_ts=thread_ts
        )
        await self._response(call, dict[str, Any])

    async def find_file(self, file: str, channel: str, thread_ts: str) -> str | None:
        """Return the id of a file if it is in a thread, or None."""
        async for message in self._messages(channel, 0.0, thread_ts):
            if any(attached.id == file for attached in message.files or ()):
                return file
        return None

    async def direct(self, user: str) -> str:
        """Return the direct message with a person: https://docs.slack.dev/reference/methods/conversations.open."""
        try:
            opened = await self._response(self._client.conversations_open(users=user), OpenedConversation)
        except DeliveryUnknown as error:
            raise NotSent(str(error)) from error
        return opened.channel.id

    async def has_left(self, user: str) -> bool:
        """Return whether somebody's account is certainly deactivated; never raises."""
        with suppress(DirectoryUnavailable, TimeoutError):
            async with asyncio.timeout(_MEMBERSHIP_TIMEOUT):
                return (await self._directory.person(user)).membership == "deactivated"
        return False

    async def _messages(
        self, channel: str, since: float, thread_ts: str | None
    ) -> AsyncIterator["_HistoryMessage"]:
        """Yield the messages of a channel, or of a thread of it, since a time in seconds.

        https://docs.slack.dev/reference/methods/conversations.history and conversations.replies
        """
        arguments: dict[str, Any] = {"channel": channel, "limit": _PAGE_SIZE, "include_all_metadata": True}
        if since:
            # `since` comes from a clock that tests and the playground may set; Slack's is the real one.
            arguments["oldest"] = f"{min(since, time.time()) - _CLOCK_TOLERANCE:.6f}"
        method: Callable[..., Awaitable[Any]] = self._client.conversations_history
        if thread_ts is not None:
            method, arguments = self._client.conversations_replies, {**arguments, "ts": thread_ts}
        for _ in range(_MAX_PAGES):
            page = await self._history_page(method(**arguments))
            for message in page.messages:
                yield message
            if page.response_metadata is None or not page.response_metadata.next_cursor:
                return
            arguments["cursor"] = page.response_metadata.next_cursor
        raise CannotVerify(f"more than {_MAX_PAGES * _PAGE_SIZE} messages")

    async def _history_page(self, call: Awaitable[AsyncSlackResponse]) -> "_HistoryPage":
        """Return a page of messages; raises NotSent where another attempt may read it, else CannotVerify."""
        try:
            return parse_response(await call, _HistoryPage)
        except SlackApiError as error:
            word, status, wait = _error_details(error)
            if status == 429 or status >= 500 or word in UNCLEAR_ERRORS or word in TOKEN_ERRORS:
                raise NotSent(f"can't look: {word}", wait) from error
            raise CannotVerify(word) from error
        except SLACK_ERRORS as error:
            raise NotSent(f"can't look: {type(error).__name__}") from error

    async def _response(self, call: Awaitable[AsyncSlackResponse], kind: type[T]) -> T:
        """Return the response to a call that changes something; raises what an error means for a message."""
        try:
            return parse_response(await call, kind)
        except SlackApiError as error:
            self._raise_outcome(error)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            # Without a connection nothing can have left.
            raise NotSent(type(error).__name__) from error
        except SLACK_ERRORS as error:
            raise DeliveryUnknown(type(error).__name__) from error

    def _raise_outcome(self, error: SlackApiError) -> NoReturn:
        """Raise what an error of Slack means for a message; after a 429 or a bad token, pause all sending."""
        word, status, wait = _error_details(error)
        if status == 429 or word in TOKEN_ERRORS:
            self._paused_until, self._pause_cause = self._clock() + wait, word or "ratelimited"
            if status != 429:
                log.error("slack does not take our token: nothing can be sent", extra={"cause": word})
            raise NotSent(self._pause_cause, wait) from error
        if word in BLOCK_ERRORS:
            raise BlocksRejected from error
        if status >= 500 or word in UNCLEAR_ERRORS or not word:
            raise DeliveryUnknown(word or str(status)) from error
        raise (ChannelUnavailable if word in CHANNEL_ERRORS else Rejected)(word) from error


def _error_details(error: SlackApiError) -> tuple[str, int, float]:
    """Return Slack's word for an error, the HTTP status, and the seconds to wait."""
    response = error.response
    wait = min(retry_after_seconds(response.headers.get("Retry-After"), _DEFAULT_PAUSE), MAX_PAUSE)
    return response.get("error", ""), response.status_code, wait


class _Upload(msgspec.Struct):
    upload_url: str
    file_id: str


class _MessageMetadata(msgspec.Struct):
    event_type: str = ""
    event_payload: dict[str, Any] = {}


class _HistoryMessage(msgspec.Struct):
    ts: str
    metadata: _MessageMetadata | None = None
    files: list[SlackObject] | None = None


class _Cursor(msgspec.Struct):
    next_cursor: str | None = None


class _HistoryPage(msgspec.Struct):
    """The response to `conversations.history` and `conversations.replies`."""

    messages: list[_HistoryMessage]
    response_metadata: _Cursor | None = None
