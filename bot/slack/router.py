"""The doors: slash command, mention, direct message, button; each makes an `Ask` and sends its `Reply`."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
import orjson
from cachetools import TTLCache
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands import Question
from bot.dispatcher import Dispatcher, internal_error_reply
from bot.language.tokens import normalize
from bot.render import blocks
from bot.render.buttons import Asked
from bot.reply import Button, Line, Moment, Person, Reply, Text
from bot.slack.background_tasks import BackgroundTasks
from bot.slack.deduplicator import Deduplicator
from bot.slack.directory import SlackDirectory
from bot.slack.modals import Modals, came_twice
from bot.slack.payloads import (
    EventCallback,
    Malformed,
    Press,
    Shortcut,
    SlashCommand,
    Submission,
    Suggestion,
    read,
    read_submission,
)
from bot.slack.placement import Placement, after_command, after_question
from bot.slack.responder import Asker, OutgoingReply, Responder
from bot.slack.signing import Signer
from bot.slack.zones import TimeZones
from bot.storage.claims import LASTS

T = TypeVar("T")
View = dict[str, Any]
# Tells whether another process has handled what is named so.
Seen = Callable[[str], Awaitable[bool]]

log = logging.getLogger(__name__)

# Of the three seconds that Slack gives: https://docs.slack.dev/interactivity/implementing-slash-commands
BUDGET = 2.0
_JSON: dict[str, str | Sequence[str]] = {"content-type": ["application/json; charset=utf-8"]}
_NOTHING = BoltResponse(status=200, body="")
_MOST_REMEMBERED, _SUBMISSIONS, _LONGEST_NAME = 50_000, 200, 200


class SlackRouter(AsyncMiddleware):
    """Bolt's one middleware of ours: it answers whatever comes, so no listener is tried."""

    def __init__(
        self,
        answers: Dispatcher,
        sender: Responder,
        client: AsyncWebClient,
        work: BackgroundTasks,
        clock: Callable[[], float],
        signer: Signer,
        elsewhere: Seen | None = None,
    ) -> None:
        self._answers, self._sender, self._client, self._work, self._clock = (
            answers,
            sender,
            client,
            work,
            clock,
        )
        self._elsewhere = elsewhere
        self._people = SlackDirectory(client)
        self._modals = Modals(answers, sender, client, work, self._people, signer)
        self._seen = Deduplicator(LASTS, _MOST_REMEMBERED, clock)
        self._submissions: TTLCache[str, asyncio.Task[BoltResponse]] = TTLCache(_SUBMISSIONS, LASTS)
        self._zones = TimeZones(self._people, clock)

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Answer a verified request; never raises."""
        body = req.body
        if body.get("type") == "url_verification":
            return await next()
        try:
            if body.get("type") == "view_submission":
                # It may come again, and then needs the same answer: none would close the form.
                return await self._submitted(read_submission(body), body["view"], _name(req, body))
            if (name := _name(req, body)) and self._seen.is_duplicate(name):
                return _NOTHING
            if "command" in body:
                return await self._command(read(body, SlashCommand), name)
            match body.get("type"):
                case "event_callback" if _is_about_words(body):
                    self._event(read(body, EventCallback))
                case "block_actions":
                    self._once(name, self._pressed, read(body, Press))
                case "block_suggestion":
                    return await self._modals.searched(read(body, Suggestion))
                case "message_action":
                    self._once(name, self._modals.chosen, read(body, Shortcut))
        except Malformed as malformed:
            _say_unreadable(malformed)
        except Exception:
            log.exception("a request from slack failed", extra={"reference": secrets.token_hex(4)})
        return _NOTHING

    async def _is_elsewhere(self, name: str) -> bool:
        return bool(name and self._elsewhere and await self._elsewhere(name))

    def _once(self, name: str, act: Callable[[T], None], payload: T) -> None:
        """Do it after the acknowledgement, unless another process does."""

        async def later() -> None:
            try:
                if not await self._is_elsewhere(name):
                    act(payload)
            except Malformed as malformed:
                _say_unreadable(malformed)

        self._work.spawn(later())

    async def _submitted(self, submission: Submission, view: View, name: str) -> BoltResponse:
        """Take a form; the same request once more has the same answer."""
        answering = self._submissions.get(name) or self._work.spawn(self._submit(submission, view, name))
        if name:
            self._submissions[name] = answering
        return await asyncio.shield(answering)

    async def _submit(self, submission: Submission, view: View, name: str) -> BoltResponse:
        try:
            if await self._is_elsewhere(name):
                return came_twice(view)
            return await self._modals.submitted(submission, view)
        except Exception:
            log.exception("a submission failed", extra={"reference": secrets.token_hex(4)})
            # Slack then says that it had trouble, and keeps the form open.
            return BoltResponse(status=500, body="")

    async def _command(self, command: SlashCommand, name: str) -> BoltResponse:
        words, user, channel = normalize(command.text), command.user_id, command.channel_id
        # Most of what is asked is stored, and making and awaiting a task takes longer than reading that.
        reply = stored = await self._at_once(words, user)
        if reply is None:
            answering = self._work.spawn(self._alone(name, words, user, channel))
            done, _ = await asyncio.wait((answering,), timeout=BUDGET)
            if not done:
                self._work.spawn(self._respond(answering, words, command, name))
                return _NOTHING
            reply = answering.result()
            if reply is None:
                return _NOTHING
        if reply.form is not None or not blocks.is_plain(reply):
            self._work.spawn(self._respond(reply, words, command, name))
            return _NOTHING
        return (
            _written_once(reply, words)
            if reply is stored and not reply.is_private
            else _written(reply, words)
        )

    async def _alone(self, name: str, words: str, user: str, channel: str) -> Reply | None:
        """Answer a command, unless it may change something and another process has it."""
        if not self._answers.only_reads(words) and await self._is_elsewhere(name):
            return None
        return await self._answer(words, user, channel)

    async def _respond(
        self, answer: Reply | asyncio.Task[Reply | None], words: str, command: SlashCommand, name: str
    ) -> None:
        reply, url = answer if isinstance(answer, Reply) else await answer, command.response_url
        if reply is None or (self._answers.only_reads(words) and await self._is_elsewhere(name)):
            return
        if reply.form is not None and await self._modals.asked(
            reply.form, command.user_id, command.trigger_id, url
        ):
            return
        await self._sender.respond(OutgoingReply(reply, words, share=True), url, after_command(reply))

    def _event(self, callback: EventCallback) -> None:
        event, user, bot_user = callback.event, callback.event.user, callback.bot_user
        if event.bot_id or event.edited or not user or user == bot_user:
            return
        if event.subtype not in (None, "file_share", "thread_broadcast"):
            return
        is_direct = event.channel_type == "im" or event.channel.startswith("D")
        if event.type != ("message" if is_direct else "app_mention"):
            return
        if self._seen.is_duplicate(said := f"{event.channel} {event.ts}"):
            return
        words = normalize(event.text or "", mentioned=bot_user)
        thread = event.thread_ts or (None if is_direct else event.ts)

        async def later() -> None:
            # Slack repeats an event wherever it likes, and has its acknowledgement before this is asked.
            if await self._is_elsewhere(f"{bot_user} {said}"):
                return
            reply = await self._answer(words, user, event.channel)
            asker = Asker(user, event.thread_ts)
            await self._sender.post(OutgoingReply(reply, words), event.channel, thread, asker)

        self._work.spawn(later())

    def _pressed(self, press: Press) -> None:
        if not press.actions:
            return
        action = press.actions[0]
        if self._answers.has_action(action.name):
            return self._modals.pressed(press, action)
        if not action.name.startswith("ask.") or not action.value or not press.response_url:
            return
        try:
            asked = msgspec.json.decode(action.value, type=Asked)
        except (msgspec.DecodeError, UnicodeError):
            return
        self._work.spawn(self._answer_press(press, action.name, asked))

    async def _answer_press(self, press: Press, action: str, asked: Asked) -> None:
        user, words, page = press.user.id, normalize(asked.words), min(max(asked.page, 1), 10_000)
        reply = await self._answer(words, user, press.channel_id, page)
        if reply.form is not None and await self._modals.asked(
            reply.form, user, press.trigger_id, press.response_url
        ):
            return
        is_alone = await self._modals.is_alone(press, reply)
        placement = after_question(reply, action, is_alone)
        thread = press.container.thread_ts
        if placement is Placement.THREAD:
            thread = thread or press.container.message_ts
        if action == "ask.share" and placement is Placement.CHANNEL:
            reply, thread = reply.with_footnotes(self._shared_by(user)), None
        letter = OutgoingReply(reply, words, share=is_alone and placement is not Placement.CHANNEL)
        await self._sender.respond(letter, press.response_url, placement, thread_ts=thread, is_alone=is_alone)

    def _shared_by(self, user: str) -> Line:
        return ("Shared by ", Person(user), ", ", Moment(self._clock()), ".")

    async def _answer(self, words: str, user: str, channel: str, page: int = 1) -> Reply:
        if self._work.is_full:
            return _busy(self._work.length, words)
        try:
            today = self._today(await self._zones.of(user) if self._answers.needs_today(words) else UTC)
            return await self._answers.answer(Question(words, today, page, user, self._people, channel))
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("an answer failed", extra={"reference": reference})
            return internal_error_reply(reference)

    async def _at_once(self, words: str, user: str) -> Reply | None:
        zone: tzinfo | None = UTC
        if self._answers.needs_today(words) and (zone := self._zones.known(user)) is None:
            return None
        today = self._today(zone or UTC)
        return await self._answers.answer_from_cache(Question(words, today, user=user, people=self._people))

    def _today(self, zone: tzinfo) -> date:
        return datetime.fromtimestamp(self._clock(), zone).date()


def _written(reply: Reply, words: str) -> BoltResponse:
    said = blocks.message(reply, words, share=True)
    seen_by = "in_channel" if after_command(reply) is Placement.CHANNEL else "ephemeral"
    body = orjson.dumps({"response_type": seen_by, **said}).decode()
    return BoltResponse(status=200, body=body, headers=_JSON)


# A reply made of stored answers is the same until one of them is fetched again, and writing it takes a third
# of a request. Replies are immutable and compared by all they say.
_written_once = lru_cache(maxsize=500)(_written)


def _name(req: AsyncBoltRequest, body: dict[str, Any]) -> str:
    # A retry keeps the id of its event and a trigger is given once; what has neither is signed once.
    signature: str = req.headers.get("x-slack-signature", ("",))[0]
    names = (body.get("event_id"), body.get("trigger_id"), signature)
    # It is remembered, so it is no longer than Slack's.
    return next((name for name in names if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME), "")


def _say_unreadable(malformed: Malformed) -> None:
    log.warning("slack sent something unreadable", extra={"cause": str(malformed)})


def _is_about_words(body: dict[str, Any]) -> bool:
    """Return whether an event is one that can ask something; all others have other shapes."""
    event = body.get("event")
    return isinstance(event, dict) and event.get("type") in ("message", "app_mention")


def _busy(length: int, words: str) -> Reply:
    return Reply(
        (f"I am answering {length} questions just now.",),
        (Text(("Please try again in a minute.",)),),
        buttons=(Button("Try again", words),),
        outcome="trouble",
    )
