"""The doors: slash command, mention, direct message, button; each makes an `Ask` and sends its `Reply`."""

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import orjson
from cachetools import TTLCache
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot import blocks
from bot.answers import Answers, failed
from bot.buttons import Asked
from bot.commands import Ask
from bot.reply import Button, Line, Moment, Person, Reply, Text
from bot.slack.modals import Modals
from bot.slack.people import People
from bot.slack.recent import Recent
from bot.slack.sending import Letter, Sender, seen_by
from bot.slack.work import Work
from bot.words import tidy

# Tells whether another process has handled what is named so, within so many seconds.
Seen = Callable[[str, float], Awaitable[bool]]

log = logging.getLogger(__name__)

# Of the three seconds that Slack gives: https://docs.slack.dev/interactivity/implementing-slash-commands
BUDGET = 2.0
LONGEST_WORDS = 40_000
_JSON: dict[str, str | Sequence[str]] = {"content-type": ["application/json; charset=utf-8"]}
_NOTHING = BoltResponse(status=200, body="")
# Replays of a signed request are possible for 300 s; Slack's own retries come within about six minutes.
_REMEMBERED, _MOST_REMEMBERED = 900.0, 50_000
# What Slack tells of people changes seldom.
_ZONES, _ZONE_LASTS = 20_000, 21_600.0


class Doors(AsyncMiddleware):
    """Bolt's one middleware of ours: it answers whatever comes, so no listener is tried."""

    def __init__(
        self,
        answers: Answers,
        sender: Sender,
        client: AsyncWebClient,
        work: Work,
        clock: Callable[[], float],
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
        self._people = People(client)
        self._modals = Modals(answers, sender, client, work, self._people)
        self._seen = Recent(_REMEMBERED, _MOST_REMEMBERED, clock)
        self._zones: TTLCache[str, ZoneInfo] = TTLCache(_ZONES, _ZONE_LASTS)

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Answer a verified request; never raises."""
        body = req.body
        if body.get("type") == "url_verification":
            return await next()
        if body.get("type") == "view_submission":
            # It may come again, and then needs the same answer: none would close the form.
            return await self._submitted(body)
        if (name := _name(req, body)) and self._seen.meet(name):
            return _NOTHING
        try:
            if "command" in body:
                return await self._command(body)
            match body.get("type"):
                case "event_callback":
                    self._event(body["event"], _bot_user(body))
                case "block_actions":
                    self._pressed(body)
                case "block_suggestion":
                    return await self._modals.searched(body)
                case "message_action":
                    self._modals.chosen(body)
        except Exception:
            log.exception("a request from slack failed", extra={"reference": secrets.token_hex(4)})
        return _NOTHING

    async def _submitted(self, body: dict[str, Any]) -> BoltResponse:
        try:
            return await self._modals.submitted(body)
        except Exception:
            log.exception("a submission failed", extra={"reference": secrets.token_hex(4)})
            # Slack then says that it had trouble, and keeps the form open.
            return BoltResponse(status=500, body="")

    async def _command(self, body: dict[str, Any]) -> BoltResponse:
        words, user, channel = (
            _words(body.get("text", "")),
            body.get("user_id", ""),
            body.get("channel_id", ""),
        )
        # Most of what is asked is stored, and making and awaiting a task takes longer than reading that.
        reply = stored = await self._at_once(words, user)
        if reply is None:
            answering = self._work.start(self._answer(words, user, channel))
            done, _ = await asyncio.wait((answering,), timeout=BUDGET)
            if not done:
                self._work.start(self._respond(answering, words, body))
                return _NOTHING
            reply = answering.result()
        if reply.form is not None or not blocks.is_plain(reply):
            self._work.start(self._respond(reply, words, body))
            return _NOTHING
        return (
            _written_once(reply, words) if reply is stored and not reply.private else _written(reply, words)
        )

    async def _respond(self, answer: Reply | asyncio.Task[Reply], words: str, body: dict[str, Any]) -> None:
        reply, url = answer if isinstance(answer, Reply) else await answer, body.get("response_url", "")
        if reply.form is not None and await self._modals.asked(reply.form, body["user_id"], body):
            return
        letter = Letter(reply, words, share=True)
        await self._sender.respond(letter, url, response_type=seen_by(reply), replace_original=False)

    def _event(self, event: dict[str, Any], bot_user: str) -> None:
        kind, channel, ts = event.get("type"), event.get("channel", ""), event.get("ts", "")
        if event.get("bot_id") or event.get("edited") or not event.get("user") or event["user"] == bot_user:
            return
        if event.get("subtype") not in (None, "file_share", "thread_broadcast"):
            return
        is_direct = event.get("channel_type") == "im" or channel.startswith("D")
        if kind != ("message" if is_direct else "app_mention"):
            return
        if self._seen.meet(said := f"{channel} {ts}"):
            return
        words = _words(re.sub(rf"<@{re.escape(bot_user)}(?:\|[^>]*)?>", " ", event.get("text") or ""))
        thread = event.get("thread_ts") or (None if is_direct else ts)

        async def later() -> None:
            # Slack repeats an event wherever it likes, and has its acknowledgement before this is asked.
            if self._elsewhere and await self._elsewhere(f"{bot_user} {said}", _REMEMBERED):
                return
            reply = await self._answer(words, event["user"], channel)
            await self._sender.post(Letter(reply, words), channel, thread)

        self._work.start(later())

    def _pressed(self, body: dict[str, Any]) -> None:
        action: dict[str, Any] = next(iter(body.get("actions") or ()), {})
        what, url = action.get("action_id", "").partition(":")[0], body.get("response_url", "")
        if self._answers.does(what):
            return self._modals.pressed(body, action)
        if not what.startswith("ask.") or not action.get("value") or not url:
            return
        try:
            asked = msgspec.json.decode(action["value"], type=Asked)
        except msgspec.DecodeError:
            return
        user, words, page = body["user"]["id"], _words(asked.words), min(max(asked.page, 1), 10_000)
        told = body.get("container", {})
        alone, channel = bool(told.get("is_ephemeral")), told.get("channel_id", "")
        thread = told.get("thread_ts") or told.get("message_ts")

        async def later() -> None:
            reply = await self._answer(words, user, channel, page)
            letter = Letter(reply, words, share=alone)
            if reply.form is not None and await self._modals.asked(reply.form, user, body):
                return
            match what:
                case "ask.share" if reply.outcome == "ok":
                    shared = Letter(reply.with_notes(self._shared_by(user)), words)
                    await self._sender.respond(
                        shared, url, response_type="in_channel", replace_original=False
                    )
                case "ask.run" if not alone:
                    # A new question beside a public answer must not take that away from the others.
                    await self._sender.post(letter, channel, thread)
                case "ask.run" | "ask.share":
                    await self._sender.respond(
                        letter, url, response_type=seen_by(reply), replace_original=False
                    )
                case _ if reply.public:
                    await self._sender.respond(
                        letter, url, response_type="in_channel", replace_original=False
                    )
                case _ if reply.outcome == "refused":
                    await self._sender.respond(letter, url, response_type="ephemeral", replace_original=False)
                case _:
                    await self._sender.respond(letter, url, replace_original=True)

        self._work.start(later())

    def _shared_by(self, user: str) -> Line:
        return ("Shared by ", Person(user), ", ", Moment(self._clock()), ".")

    async def _answer(self, words: str, user: str, channel: str, page: int = 1) -> Reply:
        if self._work.full:
            return _busy(self._work.length, words)
        try:
            today = self._today(await self._zone(user))
            return await self._answers.answer(Ask(words, today, page, user, self._people, channel))
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("an answer failed", extra={"reference": reference})
            return failed(reference)

    async def _at_once(self, words: str, user: str) -> Reply | None:
        try:
            zone = self._zones[user]
        except KeyError:
            return None
        return await self._answers.at_once(Ask(words, self._today(zone), user=user, people=self._people))

    def _today(self, zone: ZoneInfo) -> date:
        return datetime.fromtimestamp(self._clock(), zone).date()

    async def _zone(self, user: str) -> ZoneInfo:
        zone = self._zones.get(user) or await self._told_zone(user)
        if zone is None:
            return ZoneInfo("UTC")
        self._zones[user] = zone
        return zone

    async def _told_zone(self, user: str) -> ZoneInfo | None:
        try:
            async with asyncio.timeout(1.0):
                told = await self._client.users_info(user=user)
            return ZoneInfo(told["user"].get("tz") or "UTC")
        except (SlackClientError, OSError, TimeoutError, ValueError, KeyError):
            return None


def _written(reply: Reply, words: str) -> BoltResponse:
    said = blocks.message(reply, words, share=True)
    body = orjson.dumps({"response_type": seen_by(reply), **said}).decode()
    return BoltResponse(status=200, body=body, headers=_JSON)


# A reply made of stored answers is the same until one of them is fetched again, and writing it takes a third
# of a request. Replies are immutable and compared by all they say.
_written_once = lru_cache(maxsize=500)(_written)


def _name(req: AsyncBoltRequest, body: dict[str, Any]) -> str:
    # A retry keeps the id of its event and a trigger is given once; what has neither is signed once.
    signature: str = req.headers.get("x-slack-signature", ("",))[0]
    return body.get("event_id") or body.get("trigger_id") or signature


def _bot_user(body: dict[str, Any]) -> str:
    # https://docs.slack.dev/apis/events-api/#authorizations: one is listed, that of the bot it is sent to
    return next((each.get("user_id") or "" for each in body.get("authorizations") or ()), "")


def _words(text: str) -> str:
    return tidy(text[:LONGEST_WORDS])


def _busy(length: int, words: str) -> Reply:
    return Reply(
        (f"I am answering {length} questions just now.",),
        (Text(("Please try again in a minute.",)),),
        buttons=(Button("Try again", words),),
        outcome="trouble",
    )
