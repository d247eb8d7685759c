"""A Slack workspace in one process, and what a person in it may do."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, Self

from bot.emulators.slack import payloads
from bot.emulators.slack.delivery import Exchange, RequestDelivery
from bot.emulators.slack.interactions import Interactions
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.observer import Observation, Observer
from bot.emulators.slack.people import (
    BOT_NAME,
    BOT_USER_ID,
    GUEST,
    JONAS,
    LIBRARY,
    MAYA,
    RESEARCH,
    STRANGER,
    Conversation,
)
from bot.emulators.slack.responses import SlackError, apply_response
from bot.emulators.slack.state import WorkspaceState
from bot.emulators.slack.triggers import ResponseUrl
from bot.emulators.slack.typed_text import formatted_text, mentions_bot
from bot.emulators.slack.views import OpenView


class Workspace(WorkspaceState):
    """Slack for the playground and the tests: people act by its methods, `slack_emulator` answers the bot.

    Set `url` to where that application is served, and `bot_url` to where the bot takes requests.
    """

    maya, jonas, guest, stranger = MAYA, JONAS, GUEST, STRANGER
    research, library = RESEARCH, LIBRARY
    bot_user = BOT_USER_ID

    def __init__(
        self,
        *,
        signing_secret: str,
        bot_token: str,
        clock: Callable[[], float] = time.time,
        scopes: Iterable[str] | None = None,
    ) -> None:
        super().__init__(bot_token, clock, scopes)
        self.delivery = RequestDelivery(signing_secret, self.log, self.history.touch)
        self.observer = Observer(self.history, self.views, self.channels)
        self.interactions = Interactions(self, self.delivery, self.observer)
        # None: every slash command is the bot's
        self.slash_commands: set[str] | None = None

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

    def formatted(self, text: str) -> str:
        """Return typed text as Slack sends it."""
        names = {user.name: user.id for user in self.people.values()}
        return formatted_text(text, names, self.channels)

    async def until(self, is_true: Callable[[], object], seconds: float = 3.0) -> None:
        """Wait until something is true of the workspace; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not is_true():
                await self.history.change()

    async def command(
        self, command: str, text: str = "", *, user: str = MAYA, channel: str = RESEARCH, wait: float = 3.0
    ) -> Observation:
        """Type a slash command; waits up to `wait` seconds for something to be seen."""
        conversation = self._conversation_of(channel, user)
        before = self.observer.snapshot(user)
        if self.slash_commands is not None and command not in self.slash_commands:
            self.post_as_slackbot(channel, user, f"`{command}` is not a valid command.")
            return self.observer.observe(before)
        typed = f"{command} {text}".strip()
        url = self.triggers.new_response_url(channel, user, command=typed, started=time.perf_counter())
        trigger = self.triggers.new_trigger(user)
        address = f"{self.url}/hooks/commands/{url.id}"
        exchange = await self.delivery.post_command(
            payloads.slash_command(
                self.people[user], conversation, command, self.formatted(text), trigger.id, address
            )
        )
        if exchange.failure:
            error = exchange.failure if exchange.failure == "operation_timeout" else "dispatch_failed"
            self.post_as_slackbot(channel, user, f"{command} failed with the error “{error}”")
        elif exchange.answer:
            self.apply_acknowledgement(url, exchange)
        return await self.observer.wait(before, wait, exchange, url)

    async def say(
        self, channel: str, user: str, text: str, thread_ts: str | None = None, *, wait: float = 3.0
    ) -> Observation:
        """Say something; the bot hears direct messages, and mentions where it is a member."""
        conversation = self._conversation_of(channel, user)
        message = PostedMessage(
            channel, self.history.next_ts(), user, self.formatted(text), thread_ts=thread_ts
        )
        self.history.add(message)
        before = self.observer.snapshot(user)
        is_mention = mentions_bot(message.text)
        if is_mention and not conversation.has_bot:
            self.post_as_slackbot(
                channel, user, f"<@{BOT_USER_ID}> is not in this channel. Type `/invite @{BOT_NAME}`."
            )
        if not conversation.has_bot or not (is_mention or conversation.kind == "im"):
            return self.observer.observe(before, sent=message)
        self.start_question(channel, thread_ts or message.ts, time.perf_counter())
        kind = "message" if conversation.kind == "im" else "app_mention"
        event = payloads.message_event(message, self.people[user], conversation, kind)
        exchange = await self.event(event, shared=conversation.is_ext_shared)
        return await self.observer.wait(before, wait, exchange, sent=message)

    async def mention(self, channel: str, user: str, text: str, thread_ts: str | None = None) -> Observation:
        """Say something to the bot in a channel or a thread."""
        return await self.say(channel, user, f"<@{BOT_USER_ID}> {text}", thread_ts)

    async def direct_message(self, user: str, text: str, thread_ts: str | None = None) -> Observation:
        return await self.say(self.direct(user).id, user, text, thread_ts)

    async def press(
        self,
        where: str | PostedMessage | OpenView,
        action_id: str,
        *,
        user: str = MAYA,
        value: Any = None,
        block_id: str | None = None,
        wait: float = 3.0,
    ) -> Observation:
        """Press a button or choose `value` in a menu; `where` is a message or its ts, a view or its id."""
        return await self.interactions.press(where, action_id, user, value, block_id, wait)

    async def shortcut(
        self, where: str | PostedMessage, callback_id: str, *, user: str = MAYA, wait: float = 3.0
    ) -> Observation:
        """Choose one of the bot's shortcuts in the menu of a message."""
        return await self.interactions.shortcut(where, callback_id, user, wait)

    async def suggest(
        self, where: str | PostedMessage | OpenView, action_id: str, query: str, *, user: str = MAYA
    ) -> list[dict[str, Any]]:
        """Type into an external select, and return the options that come."""
        return await self.interactions.suggest(where, action_id, query, user)

    async def submit_view(
        self,
        values: dict[str, Any] | None = None,
        *,
        user: str = MAYA,
        view: str | None = None,
        wait: float = 0.0,
    ) -> Observation:
        """Fill in and submit the open modal; `values` leads from action_id or block_id to what is entered."""
        return await self.interactions.submit(values or {}, user, view, wait)

    async def close_view(self, *, user: str = MAYA) -> Observation:
        """Close the open modal."""
        return self.interactions.close(user)

    async def event(self, event: dict[str, Any], *, shared: bool = False, **envelope: Any) -> Exchange:
        """Deliver any event; `envelope` overrides its outer keys, such as `event_id`."""
        return await self.delivery.post_event(payloads.event_callback(event, self.clock(), shared) | envelope)

    async def invite(self, channel: str) -> None:
        """Bring the bot into a channel."""
        self.channels[channel].members.add(BOT_USER_ID)
        self.history.touch()

    def remove(self, channel: str) -> None:
        """Take the bot out of a channel."""
        self.channels[channel].members.discard(BOT_USER_ID)
        self.history.touch()

    def _conversation_of(self, channel: str, user: str) -> Conversation:
        conversation = self.channels[channel]
        if user not in conversation.members:
            raise LookupError(f"{user} is not in {channel}")
        return conversation

    def apply_acknowledgement(self, url: ResponseUrl, exchange: Exchange) -> None:
        """Show what the bot answered a slash command with."""
        body = exchange.answer if isinstance(exchange.answer, dict) else {"text": str(exchange.answer)}
        try:
            exchange.note = apply_response(self.history, url, body, self.refused_types)
        except SlackError as error:
            # Slack tells nobody: the person sees nothing, the bot hears nothing.
            exchange.note = f"dropped: {error.error} {'; '.join(error.messages)}".strip()
