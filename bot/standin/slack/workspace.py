"""A Slack workspace in one process: its state, and what a person in it may do."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from bot.manifest import wanted_scopes
from bot.standin.slack import bodies
from bot.standin.slack.api import application
from bot.standin.slack.api_files import File
from bot.standin.slack.delivery import Delivery, Exchange
from bot.standin.slack.forms import Forms
from bot.standin.slack.hooks import Rejected, answer
from bot.standin.slack.message import SLACKBOT, History, Message
from bot.standin.slack.people import (
    BOT_NAME,
    BOT_USER_ID,
    GUEST,
    JONAS,
    LIBRARY,
    MAYA,
    RESEARCH,
    STRANGER,
    Channel,
    cast,
    direct_message,
    rooms,
)
from bot.standin.slack.seen import Seen, Watch
from bot.standin.slack.triggers import Hook, Triggers
from bot.standin.slack.views import View, Views
from bot.standin.slack.writing import mentions_bot, written


@dataclass(frozen=True)
class Trouble:
    """What a call of the Web API meets instead of its answer."""

    error: str
    status: int = 200
    retry_after: int | None = None
    # the call does its work and only the answer is lost
    after_effect: bool = False
    # bytes that come instead of any answer of Slack's, and what they are said to be
    content: bytes | None = None
    kind: str = "application/json"
    # the connection is closed without an answer
    is_cut: bool = False


class Workspace:
    """Slack for the playground and the tests: `app` answers the bot, the methods are what people do.

    Set `url` to where `app` is served and `bot_url` to where the bot takes requests.
    """

    maya, jonas, guest, stranger = MAYA, JONAS, GUEST, STRANGER
    research, library = RESEARCH, LIBRARY
    bot_user = BOT_USER_ID

    def __init__(
        self, *, signing_secret: str, bot_token: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.bot_token = bot_token
        self.clock = clock
        self.url = ""
        self.people = cast()
        self.channels = rooms()
        self.usergroups: dict[str, set[str]] = {}
        self.history = History(clock)
        self.triggers = Triggers(clock)
        self.views = Views()
        self.files: dict[str, File] = {}
        self.log: list[Exchange] = []
        self.delivery = Delivery(signing_secret, self.log, self.history.touch)
        self.watch = Watch(self)
        self.forms = Forms(self)
        # what the app was allowed when it was installed
        self.scopes = wanted_scopes()
        # kinds of blocks to refuse with invalid_blocks
        self.refuse: set[str] = set()
        self.should_escape = True
        # None: every slash command is the bot's
        self.slash_commands: set[str] | None = None
        self._troubles: dict[str, deque[Trouble]] = defaultdict(deque)
        self._asked: dict[tuple[str, str | None], float] = {}
        self.app = application(self)

    @property
    def bot_url(self) -> str:
        return self.delivery.bot_url

    @bot_url.setter
    def bot_url(self, url: str) -> None:
        self.delivery.bot_url = url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop delivering."""
        await self.delivery.close()

    def direct(self, user: str) -> Channel:
        """Open the direct message between the bot and somebody."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == {user, BOT_USER_ID}:
                return channel
        channel = direct_message(user)
        return self.channels.setdefault(channel.id, channel)

    def fail(self, method: str, error: str, *, times: int = 1, **more: Any) -> None:
        """Let the next calls of a method fail; `more` as Trouble has it."""
        self._troubles[method] += [Trouble(error, **more)] * times

    def next_trouble(self, method: str) -> Trouble | None:
        return self._troubles[method].popleft() if self._troubles[method] else None

    def asked(self, channel: str, thread: str | None) -> float | None:
        """Say when the question was asked that a message answers, once."""
        return self._asked.pop((channel, thread), None)

    def slackbot(self, channel: str, user: str, text: str) -> Message:
        """Tell one person something in Slack's own name."""
        ts = self.history.next_ts()
        return self.history.add(Message(channel, ts, SLACKBOT, text, ephemeral_to=user))

    def write(self, text: str) -> str:
        """Turn what was typed into what Slack sends."""
        names = {person.name: person.id for person in self.people.values()}
        return written(text, names, self.channels)

    async def until(self, true: Callable[[], object], seconds: float = 3.0) -> None:
        """Wait until something is true of the workspace; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not true():
                await self.history.change()

    async def command(
        self, command: str, text: str = "", *, user: str = MAYA, channel: str = RESEARCH, wait: float = 3.0
    ) -> Seen:
        """Type a slash command; waits up to `wait` seconds for something to be seen."""
        room = self._room(channel, user)
        mark = self.watch.mark(user)
        if self.slash_commands is not None and command not in self.slash_commands:
            self.slackbot(channel, user, f"`{command}` is not a valid command.")
            return self.watch.seen(mark)
        typed = f"{command} {text}".strip()
        hook = self.triggers.hook(channel, user, command=typed, started=time.perf_counter())
        trigger = self.triggers.trigger(user)
        sent = self.write(text) if self.should_escape else text
        fields = bodies.command(
            self.people[user], room, command, sent, trigger.id, self._hook_url("commands", hook)
        )
        exchange = await self.delivery.form("command", fields)
        if exchange.failure:
            error = exchange.failure if exchange.failure == "operation_timeout" else "dispatch_failed"
            self.slackbot(channel, user, f"{command} failed with the error “{error}”")
        elif exchange.answer:
            self._take_ack(hook, exchange)
        return await self.watch.wait(mark, wait, exchange, hook)

    async def say(
        self, channel: str, user: str, text: str, thread_ts: str | None = None, *, wait: float = 3.0
    ) -> Seen:
        """Say something; the bot hears direct messages, and mentions where it is a member."""
        room = self._room(channel, user)
        message = Message(channel, self.history.next_ts(), user, self.write(text), thread_ts=thread_ts)
        self.history.add(message)
        mark = self.watch.mark(user)
        mentioned = mentions_bot(message.text)
        if mentioned and not room.has_bot:
            self.slackbot(
                channel, user, f"<@{BOT_USER_ID}> is not in this channel. Type `/invite @{BOT_NAME}`."
            )
        if not room.has_bot or not (mentioned or room.kind == "im"):
            return self.watch.seen(mark, said=message)
        self._asked[channel, thread_ts or message.ts] = self._asked[channel, None] = time.perf_counter()
        kind = "message" if room.kind == "im" else "app_mention"
        inner = bodies.said(message, self.people[user], room, kind)
        exchange = await self.delivery.event(bodies.event(inner, self.clock(), room.is_ext_shared))
        return await self.watch.wait(mark, wait, exchange, said=message)

    async def mention(self, channel: str, user: str, text: str, thread_ts: str | None = None) -> Seen:
        """Say something to the bot in a channel or a thread."""
        return await self.say(channel, user, f"<@{BOT_USER_ID}> {text}", thread_ts)

    async def direct_message(self, user: str, text: str, thread_ts: str | None = None) -> Seen:
        return await self.say(self.direct(user).id, user, text, thread_ts)

    async def press(
        self,
        where: str | Message | View,
        action_id: str,
        *,
        user: str = MAYA,
        value: Any = None,
        block_id: str | None = None,
        wait: float = 3.0,
    ) -> Seen:
        """Press a button or choose `value` in a menu; `where` is a message or its ts, a view or its id."""
        return await self.forms.press(where, action_id, user, value, block_id, wait)

    async def shortcut(
        self, where: str | Message, callback_id: str, *, user: str = MAYA, wait: float = 3.0
    ) -> Seen:
        """Choose one of the bot's shortcuts in the menu of a message."""
        return await self.forms.shortcut(where, callback_id, user, wait)

    async def suggest(
        self, where: str | Message | View, action_id: str, query: str, *, user: str = MAYA
    ) -> list[dict[str, Any]]:
        """Type into an external select; the options (or option groups) that come are listed."""
        return await self.forms.suggest(where, action_id, query, user)

    async def submit_view(
        self,
        values: dict[str, Any] | None = None,
        *,
        user: str = MAYA,
        view: str | None = None,
        wait: float = 0.0,
    ) -> Seen:
        """Fill in and submit the open modal; `values` leads from action_id or block_id to what is entered."""
        return await self.forms.submit(values or {}, user, view, wait)

    async def close_view(self, *, user: str = MAYA, everything: bool = False) -> Seen:
        """Close the open modal, or the whole stack."""
        return await self.forms.close(user, everything)

    async def event(self, inner: dict[str, Any], *, shared: bool = False, **envelope: Any) -> Exchange:
        """Deliver any event; `envelope` overrides its outer keys, such as `event_id`."""
        return await self.delivery.event(bodies.event(inner, self.clock(), shared) | envelope)

    async def open_home(self, user: str = MAYA, tab: str = "home") -> Exchange:
        """Look at the bot's Home."""
        inner: dict[str, Any] = {"type": "app_home_opened", "user": user, "channel": self.direct(user).id}
        inner |= {"tab": tab, "event_ts": self.history.next_ts()}
        home = self.views.homes.get(user)
        return await self.event(inner | ({"view": home.shape()} if home else {}))

    async def invite(self, channel: str) -> None:
        """Bring the bot into a channel."""
        self.channels[channel].members.add(BOT_USER_ID)
        self.history.touch()

    def remove(self, channel: str) -> None:
        self.channels[channel].members.discard(BOT_USER_ID)
        self.history.touch()

    def _room(self, channel: str, user: str) -> Channel:
        room = self.channels[channel]
        if user not in room.members:
            raise LookupError(f"{user} is not in {channel}")
        return room

    def _hook_url(self, kind: str, hook: Hook) -> str:
        return f"{self.url}/hooks/{kind}/{hook.id}"

    def _take_ack(self, hook: Hook, exchange: Exchange) -> None:
        body = exchange.answer if isinstance(exchange.answer, dict) else {"text": str(exchange.answer)}
        try:
            exchange.note = answer(self.history, hook, body, self.refuse)
        except Rejected as refusal:
            # Slack never tells: the asker sees nothing, the bot hears nothing
            exchange.note = f"dropped: {refusal.error} {'; '.join(refusal.messages)}".strip()
