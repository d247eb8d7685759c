"""Slash commands, mentions and direct messages: each makes a `Question` and sends its `Reply`."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache

import orjson
from slack_bolt.response import BoltResponse

from bot.commands import Question
from bot.dispatcher import Dispatcher
from bot.error_messages import internal_error_reply
from bot.language.tokens import normalize
from bot.render import blocks
from bot.reply import Button, Form, Reply, Text
from bot.slack import pending_answers
from bot.slack.background_tasks import BackgroundTasks
from bot.slack.deduplicator import ClaimCheck, Deduplicator
from bot.slack.directory import SlackDirectory
from bot.slack.first_answers import FirstAnswers, with_invitation
from bot.slack.payloads import EventCallback, SlashCommand
from bot.slack.pending_answers import PendingAnswers
from bot.slack.placement import Placement, placement_of
from bot.slack.places import CommandPlace, MessagePlace
from bot.slack.responder import Responder
from bot.slack.time_zones import TimeZones
from bot.slack.views import ViewOpener

log = logging.getLogger(__name__)

# Of the three seconds that Slack gives: https://docs.slack.dev/interactivity/implementing-slash-commands
COMMAND_TIMEOUT = 2.0
EMPTY_RESPONSE = BoltResponse(status=200, body="")
JSON_HEADERS: dict[str, str | Sequence[str]] = {"content-type": ["application/json; charset=utf-8"]}
# The subtypes of messages that somebody has typed; the others are for edits, joins and the like.
_TYPED_SUBTYPES = (None, "file_share", "thread_broadcast")


class Questions:
    """Answers what people type."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        responder: Responder,
        background_tasks: BackgroundTasks,
        directory: SlackDirectory,
        views: ViewOpener,
        clock: Callable[[], float],
        deduplicator: Deduplicator,
        is_claimed_elsewhere: ClaimCheck,
        pending: PendingAnswers,
    ) -> None:
        self._dispatcher, self._responder, self._views = dispatcher, responder, views
        self._background_tasks, self._directory, self._clock = background_tasks, directory, clock
        self._deduplicator, self._is_claimed_elsewhere = deduplicator, is_claimed_elsewhere
        self._time_zones, self._pending = TimeZones(directory, clock), pending
        self._first_answers = FirstAnswers(directory)

    async def on_command(self, command: SlashCommand, request_id: str) -> BoltResponse:
        """Answer a slash command in its acknowledgement, or by its response_url when that takes too long.

        A form, and blocks that Slack may reject, always go by the response_url: Slack does not report that it
        rejects an acknowledgement.
        """
        words = normalize(command.text)
        # Most answers are cached, and a task takes longer to create and await than such an answer.
        reply = cached = await self._answer_from_cache(words, command.user_id)
        if reply is None:
            answering = self._background_tasks.spawn(self._answer_command(command, words, request_id))
            done, _ = await asyncio.wait((answering,), timeout=COMMAND_TIMEOUT)
            if not done:
                self._background_tasks.spawn(self._respond_later(answering, command, words, request_id))
                return EMPTY_RESPONSE
            reply = answering.result()
            if reply is None:
                return EMPTY_RESPONSE
        if reply.form is not None or blocks.has_native_blocks(reply):
            self._background_tasks.spawn(self._respond(reply, command, words, request_id))
            return EMPTY_RESPONSE
        if reply is cached and not reply.is_private:
            return cached_acknowledgement(reply, words)
        return acknowledgement(reply, words)

    def on_event(self, callback: EventCallback) -> None:
        """Answer a mention or a direct message, unless a bot wrote it or it was answered before."""
        event, user = callback.event, callback.event.user
        if event.bot_id or event.edited or not user or user == callback.bot_user:
            return
        if event.subtype not in _TYPED_SUBTYPES:
            return
        if event.type != ("message" if event.is_direct else "app_mention"):
            return
        # One message can come as two events, so the message has an id of its own.
        message_id = f"{event.channel} {event.ts}"
        if self._deduplicator.is_duplicate(message_id):
            return
        self._background_tasks.spawn(self._answer_message(callback, user, message_id))

    async def answer(
        self, words: str, user: str, channel: str, page: int = 1, time_limit: float | None = None
    ) -> Reply:
        """Return the reply to a question; never raises, since an error becomes a reply."""
        if time_limit is None and self._background_tasks.is_full:
            return busy_reply(self._background_tasks.length, words)
        try:
            needs_today = self._dispatcher.needs_today(words)
            today = self._today(await self._time_zones.zone_of(user) if needs_today else UTC)
            question = Question(words, today, page, user, self._directory, channel)
            return await self._dispatcher.answer(question, time_limit)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("an answer failed", extra={"reference": reference})
            return internal_error_reply(reference)

    async def _answer_from_cache(self, words: str, user: str) -> Reply | None:
        """Return the reply if cached responses are enough for it, without waiting for anything."""
        zone: tzinfo | None = UTC
        if self._dispatcher.needs_today(words) and (zone := self._time_zones.cached_zone(user)) is None:
            return None
        question = Question(words, self._today(zone or UTC), user=user, directory=self._directory)
        return await self._dispatcher.answer_from_cache(question)

    async def _answer_command(self, command: SlashCommand, words: str, request_id: str) -> Reply | None:
        """Return the reply to a command, or None when it may change something and another process has it."""
        if not self._dispatcher.only_reads(words) and await self._is_claimed_elsewhere(request_id):
            return None
        return await self.answer(words, command.user_id, command.channel_id)

    async def _respond_later(
        self, answering: asyncio.Task[Reply | None], command: SlashCommand, words: str, request_id: str
    ) -> None:
        async def ask(time_limit: float | None) -> Reply | None:
            if time_limit is None:
                return await answering
            return await self.answer(words, command.user_id, command.channel_id, time_limit=time_limit)

        place = self._command_place(command, words, request_id)
        delay = pending_answers.PLACEHOLDER_DELAY - COMMAND_TIMEOUT
        await self._pending.answer(ask, place, self.repeatable(words), delay=delay)

    async def _respond(self, reply: Reply, command: SlashCommand, words: str, request_id: str) -> None:
        """Open the form of a reply, or send the reply."""
        await self._command_place(command, words, request_id).show(reply)

    def repeatable(self, words: str) -> str:
        """Return the words of a question if asking it twice changes nothing, otherwise none."""
        return words if self._dispatcher.is_repeatable(words) else ""

    def _command_place(self, command: SlashCommand, words: str, request_id: str) -> CommandPlace:
        async def is_elsewhere() -> bool:
            # A command that only reads is claimed with its answer ready; any other was before it ran.
            return self._dispatcher.only_reads(words) and await self._is_claimed_elsewhere(request_id)

        async def open_form(form: Form) -> bool:
            return await self._views.open_for_question(
                form, command.user_id, command.trigger_id, command.response_url
            )

        return CommandPlace(self._responder, command, words, is_elsewhere, open_form)

    async def _answer_message(self, callback: EventCallback, user: str, message_id: str) -> None:
        event, bot_user = callback.event, callback.bot_user or await self._directory.own_user()
        if user == bot_user:
            return
        # Slack repeats an event to any process. By now it has its acknowledgement, so there is time to ask.
        if await self._is_claimed_elsewhere(f"{bot_user} {message_id}"):
            return
        words = normalize(event.text or "", bot_user=bot_user)

        # Looked up before anything of this answer can stand there.
        is_first = event.is_direct and await self._first_answers.is_first(event.channel)

        async def ask(time_limit: float | None) -> Reply:
            reply = await self.answer(words, user, event.channel, time_limit=time_limit)
            return with_invitation(reply, self._dispatcher.invitation(user)) if is_first else reply

        place = MessagePlace(self._responder, callback, user, words)
        await self._pending.answer(ask, place, self.repeatable(words))

    def _today(self, zone: tzinfo) -> date:
        return datetime.fromtimestamp(self._clock(), zone).date()


def acknowledgement(reply: Reply, words: str) -> BoltResponse:
    """Return the HTTP response that acknowledges a command with its reply."""
    message = blocks.message_payload(reply, words, share=True)
    response_type = "in_channel" if placement_of(reply, None) is Placement.CHANNEL else "ephemeral"
    body = orjson.dumps({"response_type": response_type, **message}).decode()
    return BoltResponse(status=200, body=body, headers=JSON_HEADERS)


# A reply made of cached responses stays the same until one of them is fetched again, and serializing it takes
# a third of a request. Replies are immutable and compared by all that they say.
cached_acknowledgement = lru_cache(maxsize=500)(acknowledgement)


def busy_reply(count: int, words: str | None = None) -> Reply:
    """Return the reply to a request that is one too many; with `words` it has a button to try again."""
    return Reply(
        (f"I'm busy with {count} other questions right now.",),
        (Text(("Please try again in a minute.",)),),
        buttons=(Button("Try again", words),) if words is not None else (),
        outcome="trouble",
    )
