"""What a person sees after doing something."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.emulators.slack.delivery import Exchange
from bot.emulators.slack.message import SLACKBOT, History, PostedMessage
from bot.emulators.slack.people import BOT_USER_ID, Conversation
from bot.emulators.slack.triggers import ResponseUrl
from bot.emulators.slack.views import OpenView, Views


@dataclass(frozen=True)
class Snapshot:
    """What a person saw before doing something."""

    user: str
    changes: int
    views: list[str]


@dataclass
class Observation:
    """Messages that appeared or changed, the modal on top, and the request that led to them."""

    messages: list[PostedMessage] = field(default_factory=list)
    view: OpenView | None = None
    exchange: Exchange | None = None
    # the person's own message, where there is one
    sent: PostedMessage | None = None
    # the error that Slack shows next to the button
    problem: str = ""
    view_changed: bool = False

    @property
    def has_changes(self) -> bool:
        return bool(self.messages) or self.view_changed

    @property
    def message(self) -> PostedMessage:
        """Return the newest message; raises LookupError when there is none."""
        if not self.messages:
            raise LookupError("nothing was seen")
        return self.messages[-1]

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return self.message.blocks

    @property
    def status(self) -> int | None:
        return self.exchange.status if self.exchange else None

    @property
    def took_ms(self) -> float:
        return self.exchange.took_ms if self.exchange else 0.0


class Observer:
    """Compares what a person sees now with what the person saw before."""

    def __init__(self, history: History, views: Views, channels: Mapping[str, Conversation]) -> None:
        self.history, self.views, self.channels = history, views, channels

    def snapshot(self, user: str) -> Snapshot:
        return Snapshot(user, self.history.changes, self._view_hashes(user))

    def observe(
        self,
        before: Snapshot,
        exchange: Exchange | None = None,
        url: ResponseUrl | None = None,
        sent: PostedMessage | None = None,
    ) -> Observation:
        """Return what changed for a person; answers to interactions of other people do not count."""
        channels = {channel.id for channel in self.channels.values() if before.user in channel.members}
        messages = [
            message
            for message in self.history.visible_to(before.user, channels, before.changes)
            if message.user in (BOT_USER_ID, SLACKBOT) and message.response_url in (None, url and url.id)
        ]
        view_changed = before.views != self._view_hashes(before.user)
        return Observation(messages, self.views.top(before.user), exchange, sent, view_changed=view_changed)

    async def wait(
        self,
        before: Snapshot,
        seconds: float,
        exchange: Exchange | None = None,
        url: ResponseUrl | None = None,
        sent: PostedMessage | None = None,
    ) -> Observation:
        """Wait for the first change since `before`."""
        deadline = time.monotonic() + seconds
        seen = self.observe(before, exchange, url, sent)
        while not seen.has_changes and (left := deadline - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(self.history.change(), left)
            except TimeoutError:
                break
            seen = self.observe(before, exchange, url, sent)
        return seen

    def _view_hashes(self, user: str) -> list[str]:
        return [view.hash for view in self.views.stack(user)]
