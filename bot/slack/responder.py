"""Sends replies to Slack; one whose native blocks Slack rejects is sent again with plain ones.

Only here do replies become messages, so this is where a private reply is kept from all but its requester.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import aiohttp
from cachetools import TTLCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.render.blocks import NATIVE_BLOCKS, message_payload
from bot.reply import Code, Line, Reply
from bot.slack.addresses import SlackAddresses
from bot.slack.attempts import kinds_to_drop, send_with_retry
from bot.slack.client import SLACK_ERRORS, SentMessage, error_word, parse_response
from bot.slack.outcomes import (
    BlocksRejected,
    PrivateReplyWithheld,
    SendOutcome,
    Undeliverable,
    outcome_of_error,
)
from bot.slack.placement import Placement, placement_of
from bot.slack.private_metadata import PrivateMetadata
from bot.slack.response_urls import MAX_USES, ResponseUrls

T = TypeVar("T")
Send = Callable[[dict[str, Any]], Awaitable[T]]
log = logging.getLogger(__name__)

# A native block that Slack has rejected is tried again after an hour.
REJECTED_KIND_TTL = 3600.0
_NO_LINKS: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}


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


@dataclass(frozen=True, slots=True)
class PressedMessage:
    """Where a button or a form was used: what leads back to it, and who used it.

    `response_url` and `channel` are empty where Slack gives none. `has_one_reader`: only that person reads
    the message that `Placement.REPLACE` replaces.
    """

    user: str
    response_url: str = ""
    channel: str = ""
    thread_ts: str | None = None
    has_one_reader: bool = False


_SENT_PRIVATELY = Reply(("That isn't for everybody here, so I answered in a direct message.",))
_NOT_FOR_EVERYBODY: Line = (
    "I couldn't post this for everybody here, so only you see it. Invite me with ",
    Code("/invite @figshare"),
    " and press again.",
)


def is_direct(channel: str) -> bool:
    """Return whether what the bot posts there reaches one person alone: a direct message, or a person's id.

    The bot can post into its own direct messages only, never into one between other people.
    """
    return channel.startswith(("D", "U", "W"))


class Responder:
    """Sends replies to conversations and response_urls; each method returns what became of the message."""

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession, api_url: str) -> None:
        self._client = client
        self.addresses = SlackAddresses(api_url)
        self._response_urls = ResponseUrls(session, self.addresses)
        self._rejected_kinds: TTLCache[str, bool] = TTLCache(len(NATIVE_BLOCKS), REJECTED_KIND_TTL)

    async def post(
        self,
        outgoing: OutgoingReply,
        channel: str,
        thread_ts: str | None,
        requester: Requester | None = None,
    ) -> SendOutcome:
        """Post into a conversation, or a thread of it; a private reply is shown to the requester alone."""
        if outgoing.reply.is_private and requester is not None and not is_direct(channel):
            if await self._post_ephemeral(outgoing, channel, requester):
                return SendOutcome.SENT
            is_sent = await self.post(outgoing, requester.user, None)
            return is_sent and await self.post(OutgoingReply(_SENT_PRIVATELY, ""), channel, thread_ts)

        async def send(body: dict[str, Any]) -> None:
            await self._client.chat_postMessage(channel=channel, thread_ts=thread_ts, **_NO_LINKS, **body)

        return await self._send(outgoing, send, has_other_readers=not is_direct(channel))

    async def _post_ephemeral(
        self, outgoing: OutgoingReply, channel: str, requester: Requester
    ) -> SendOutcome:
        async def send(body: dict[str, Any]) -> None:
            await self._client.chat_postEphemeral(
                channel=channel, user=requester.user, thread_ts=requester.thread_ts, **body
            )

        return await self._send(outgoing, send, has_other_readers=False)

    async def post_to_update(
        self, outgoing: OutgoingReply, channel: str, thread_ts: str | None
    ) -> str | None:
        """Post a message that `update` changes later, and return its ts, or None where Slack gives none."""

        async def send(body: dict[str, Any]) -> str:
            response = await self._client.chat_postMessage(
                channel=channel, thread_ts=thread_ts, **_NO_LINKS, **body
            )
            return parse_response(response, SentMessage).ts

        try:
            return await self.send_with_fallback(outgoing, send, has_other_readers=not is_direct(channel))
        except (Undeliverable, *SLACK_ERRORS) as error:
            log.info("no placeholder", extra={"error": error_word(error)})
            return None

    async def update(self, outgoing: OutgoingReply, channel: str, ts: str, thread_ts: str | None) -> None:
        """Change a message of the bot, or post anew where it can't be changed any more.

        https://docs.slack.dev/reference/methods/chat.update
        """

        async def send(body: dict[str, Any]) -> None:
            await self._client.chat_update(channel=channel, ts=ts, **body)

        if await self._send(outgoing, send, not is_direct(channel)) is SendOutcome.REFUSED:
            await self.post(outgoing, channel, thread_ts)

    async def delete(self, channel: str, ts: str) -> bool:
        """Delete a message of the bot; return whether Slack did."""
        try:
            await self._client.chat_delete(channel=channel, ts=ts)
        except SLACK_ERRORS as error:
            log.info("a placeholder stays", extra={"error": error_word(error)})
            return False
        return True

    async def respond(
        self,
        outgoing: OutgoingReply,
        response_url: str,
        placement: Placement,
        *,
        thread_ts: str | None = None,
        has_one_reader: bool = False,
    ) -> SendOutcome:
        """Answer by the response_url of a command or a press.

        `has_one_reader`: only the requester reads the message that `Placement.REPLACE` replaces.
        """
        options: dict[str, Any] = {"replace_original": placement is Placement.REPLACE}
        is_for_one = placement is Placement.BESIDE or (placement is Placement.REPLACE and has_one_reader)
        if placement is not Placement.REPLACE:
            options["response_type"] = "ephemeral" if is_for_one else "in_channel"
            options |= {"thread_ts": thread_ts} if thread_ts else {}
        elif is_for_one:
            # Where Slack has nothing to replace it posts a new message, which must not become public.
            options["response_type"] = "ephemeral"

        async def send(body: dict[str, Any]) -> None:
            await self._response_urls.send(response_url, {**options, **body, **_NO_LINKS})

        uses_left = self._response_urls.uses_left(response_url)
        return await self._send(outgoing, send, not is_for_one, max_attempts=uses_left)

    async def deliver(
        self,
        reply: Reply,
        action_id: str,
        metadata: PrivateMetadata,
        user: str,
        channel: str = "",
        thread_ts: str | None = None,
    ) -> None:
        """Send the reply to an action, whose button or form carries the metadata."""
        placement = placement_of(
            reply, action_id if metadata.replaces_message else None, metadata.has_one_reader
        )
        pressed = PressedMessage(user, metadata.response_url, channel, thread_ts, metadata.has_one_reader)
        await self.answer_press(OutgoingReply(reply, ""), pressed, placement)

    async def answer_press(
        self, outgoing: OutgoingReply, pressed: PressedMessage, placement: Placement
    ) -> None:
        """Answer a press or a form by its response_url, or else in the conversation; its person hears of it.

        A response_url works where the bot is no member. It lasts half an hour, and not every press has one:
        https://docs.slack.dev/interactivity/handling-user-interaction.
        """
        outcome = SendOutcome.REFUSED
        if pressed.response_url:
            outcome = await self.respond(
                outgoing,
                pressed.response_url,
                placement,
                thread_ts=pressed.thread_ts,
                has_one_reader=pressed.has_one_reader,
            )
        if outcome:
            return
        is_replaced = placement is Placement.REPLACE and pressed.has_one_reader
        if not outgoing.reply.is_private and placement is not Placement.BESIDE and not is_replaced:
            if outcome is SendOutcome.UNCLEAR:
                return
            channel = pressed.channel or outgoing.reply.public_in
            if channel and await self.post(outgoing, channel, pressed.thread_ts) is not SendOutcome.REFUSED:
                return
            outgoing = replace(outgoing, reply=outgoing.reply.with_footnotes(_NOT_FOR_EVERYBODY))
            if pressed.response_url and await self.respond(outgoing, pressed.response_url, Placement.BESIDE):
                return
        await self._post_to_one(outgoing, pressed)

    async def _post_to_one(self, outgoing: OutgoingReply, pressed: PressedMessage) -> None:
        """Show a reply to a person where they pressed, or else in their direct message."""
        channel, requester = pressed.channel, Requester(pressed.user, pressed.thread_ts)
        is_shown_there = channel and not is_direct(channel)
        if not (is_shown_there and await self._post_ephemeral(outgoing, channel, requester)):
            await self.post(outgoing, pressed.user, None)

    async def _send(
        self,
        outgoing: OutgoingReply,
        send: Send[None],
        has_other_readers: bool,
        max_attempts: int = MAX_USES,
    ) -> SendOutcome:
        try:
            await self.send_with_fallback(
                outgoing, lambda body: send_with_retry(send, body), has_other_readers, max_attempts
            )
        except Undeliverable:
            return SendOutcome.REFUSED
        except SLACK_ERRORS as error:
            log.warning("slack did not take an answer", extra={"error": error_word(error)})
            return outcome_of_error(error)
        return SendOutcome.SENT

    async def send_with_fallback(
        self, outgoing: OutgoingReply, send: Send[T], has_other_readers: bool, max_attempts: int = MAX_USES
    ) -> T:
        """Send a reply in the richest form that Slack takes, and return what `send` returns.

        `send` raises BlocksRejected when Slack does not take the blocks. Raises PrivateReplyWithheld for a
        private reply where others read, and Undeliverable when Slack rejects every form.
        """
        if outgoing.reply.is_private and has_other_readers:
            log.error("a private answer was held back")
            raise PrivateReplyWithheld
        kinds = NATIVE_BLOCKS - self._rejected_kinds.keys()
        for dropped in kinds_to_drop(outgoing.reply, kinds, max(max_attempts, 1)):
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
