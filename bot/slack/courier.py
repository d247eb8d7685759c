"""Brings digests into channels: posts with a name, finds them again by it, shows files."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NoReturn

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.digests.posting import CantLook, Declined, Gone, NotSent, Unsure
from bot.digests.subscription import GONE
from bot.limits import OwnPace
from bot.reply import Reply
from bot.roles import CantSay
from bot.slack.people import People
from bot.slack.sending import REFUSALS, Letter, NotTaken, Refused, Sender, is_direct
from bot.store import Store

log = logging.getLogger(__name__)

# The bot's name for its messages, which every app in the workspace may read.
EVENT = "figshare_bot_digest"
# Slack asks for a message a second to a channel, and some hundred a minute altogether:
# https://docs.slack.dev/apis/web-api/rate-limits
TO_A_CHANNEL, ALTOGETHER, BURST = 1.0, 4.0, 4
# Clocks differ, but by more than five minutes Slack's signatures would not be taken.
_SLACK_CLOCK = 600.0
_PAGES, _PAGE = 20, 200
# With these some aspect of a call may have succeeded.
_UNSURE = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})


class Courier:
    """Slack's side of the digests."""

    def __init__(
        self,
        client: AsyncWebClient,
        sender: Sender,
        people: People,
        session: aiohttp.ClientSession,
        store: Store,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client, self._sender, self._people, self._session = client, sender, people, session
        self._store, self._clock, self._sleep = store, clock, sleep
        own = OwnPace(ALTOGETHER, BURST, clock)
        self._everybody = store.pace("slack", ALTOGETHER, BURST, own)
        self._paused_until, self._paused_for = 0.0, ""

    async def turn(self, channel: str) -> None:
        """Wait for a place among the messages to a channel, and among all."""
        if (left := self._paused_until - self._clock()) > 0:
            raise NotSent(self._paused_for, left)
        one = self._store.pace(f"slack {channel}", TO_A_CHANNEL, 1, OwnPace(TO_A_CHANNEL, 1, self._clock))
        await self._sleep(max(await asyncio.gather(one.reserve(), self._everybody.reserve())))

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
                )
            )
            return str(told["ts"])

        try:
            return await self._sender.climb(Letter(reply, ""), send, others_read=not is_direct(channel))
        except NotTaken:
            raise Declined("invalid_blocks") from None

    async def find(self, channel: str, key: str, since: float, thread_ts: str | None = None) -> str | None:
        """Look through a channel, or a thread of it: https://docs.slack.dev/reference/methods/conversations.history."""
        async for message in self._messages(channel, since, thread_ts):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == EVENT and (metadata.get("event_payload") or {}).get("id") == key:
                return str(message["ts"])
        return None

    async def upload(self, name: str, content: bytes) -> str:
        """Bring a file to Slack: https://docs.slack.dev/messaging/working-with-files."""
        try:
            told = await self._told(
                self._client.files_getUploadURLExternal(filename=name, length=len(content))
            )
            async with self._session.post(told["upload_url"], data=content) as answer:
                if answer.status != 200:
                    raise NotSent(f"upload {answer.status}")
        except (Unsure, aiohttp.ClientError, OSError, TimeoutError) as error:
            # Nobody sees a file before it is shared.
            raise NotSent(type(error).__name__) from error
        return str(told["file_id"])

    async def share(self, file: str, title: str, channel: str, thread_ts: str) -> str:
        """Show an uploaded file in a thread."""
        await self._told(
            self._client.files_completeUploadExternal(
                files=[{"id": file, "title": title}], channel_id=channel, thread_ts=thread_ts
            )
        )
        return file

    async def shared(self, file: str, channel: str, thread_ts: str) -> str | None:
        """Look through a thread for a file."""
        async for message in self._messages(channel, 0.0, thread_ts):
            if any(each.get("id") == file for each in message.get("files") or ()):
                return file
        return None

    async def direct(self, user: str) -> str:
        """Open the direct message with somebody: https://docs.slack.dev/reference/methods/conversations.open."""
        try:
            told = await self._told(self._client.conversations_open(users=user))
        except Unsure as error:
            raise NotSent(str(error)) from error
        return str(told["channel"]["id"])

    async def has_left(self, user: str) -> bool:
        """Tell whether somebody's account was closed."""
        with suppress(CantSay, TimeoutError):
            async with asyncio.timeout(2.0):
                return (await self._people.person(user)).standing == "gone"
        return False

    async def _messages(self, channel: str, since: float, thread_ts: str | None) -> Any:
        asked: dict[str, Any] = {"channel": channel, "limit": _PAGE, "include_all_metadata": True}
        if since:
            # Our clock may have been told another time; Slack's is the real one.
            asked["oldest"] = f"{min(since, time.time()) - _SLACK_CLOCK:.6f}"
        call: Callable[..., Awaitable[Any]] = self._client.conversations_history
        if thread_ts is not None:
            call, asked = self._client.conversations_replies, {**asked, "ts": thread_ts}
        for _ in range(_PAGES):
            try:
                told = await call(**asked)
            except SlackApiError as error:
                why, status, after = _cause(error)
                if status == 429 or status >= 500 or why in _UNSURE or why in _TOKEN:
                    raise NotSent(f"can't look: {why}", after) from error
                raise CantLook(why) from error
            except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
                raise NotSent(f"can't look: {type(error).__name__}") from error
            for message in told.get("messages") or ():
                yield message
            cursor = (told.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            asked["cursor"] = cursor
        raise CantLook(f"more than {_PAGES * _PAGE} messages")

    async def _told(self, asked: Awaitable[Any]) -> Any:
        """Give what Slack answers; raises what it means for a message when it is not taken."""
        try:
            return await asked
        except SlackApiError as error:
            self._not_taken(error)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            # Nothing can have left without a connection.
            raise NotSent(type(error).__name__) from error
        except (
            SlackClientError,
            aiohttp.ClientError,
            OSError,
            TimeoutError,
            ValueError,
            AttributeError,
        ) as error:
            # The last two are slack_sdk's, for an answer that is not Slack's.
            raise Unsure(type(error).__name__) from error

    def _not_taken(self, error: SlackApiError) -> NoReturn:
        why, status, after = _cause(error)
        if status == 429 or why in _TOKEN:
            self._paused_until, self._paused_for = self._clock() + after, why or "ratelimited"
            if status != 429:
                log.error("slack does not take our token: nothing can be sent", extra={"cause": why})
            raise NotSent(self._paused_for, after) from error
        if why in REFUSALS:
            raise Refused from error
        if status >= 500 or why in _UNSURE or not why:
            raise Unsure(why or str(status)) from error
        raise (Gone if why in GONE else Declined)(why) from error


_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})


def _cause(error: SlackApiError) -> tuple[str, int, float]:
    """Give Slack's word, the status, and the seconds to wait; slack_sdk has several shapes for that."""
    answer: Any = error.response
    status = int(getattr(answer, "status_code", None) or getattr(answer, "status", None) or 0)
    data = getattr(answer, "data", None)
    said = data.get("error") if isinstance(data, dict) else ""
    after = str((getattr(answer, "headers", None) or {}).get("Retry-After", ""))
    return str(said or ""), status, float(after) if after.isascii() and after.isdigit() else 30.0
