"""What somebody sees after doing something."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.standin.slack.delivery import Exchange
from bot.standin.slack.message import SLACKBOT, Message
from bot.standin.slack.people import BOT_USER_ID
from bot.standin.slack.triggers import Hook
from bot.standin.slack.views import View

if TYPE_CHECKING:
    from bot.standin.slack.workspace import Workspace


@dataclass(frozen=True)
class Mark:
    """What somebody saw before doing something."""

    user: str
    changes: int
    views: list[str]


@dataclass
class Seen:
    """Messages that appeared or changed, the modal on top, and the request that led to it."""

    messages: list[Message] = field(default_factory=list)
    view: View | None = None
    exchange: Exchange | None = None
    # the person's own message, where there is one
    said: Message | None = None
    # what Slack complains about next to the button
    trouble: str = ""
    view_changed: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.messages) or self.view_changed

    @property
    def message(self) -> Message:
        """Give the newest message; raises LookupError when nothing was seen."""
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


class Watch:
    """Looks on over somebody's shoulder."""

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace

    def mark(self, user: str) -> Mark:
        """Remember what somebody sees now."""
        return Mark(
            user, self.workspace.history.changes, [view.hash for view in self.workspace.views.stack(user)]
        )

    def seen(
        self,
        mark: Mark,
        exchange: Exchange | None = None,
        hook: Hook | None = None,
        said: Message | None = None,
    ) -> Seen:
        """Gather what changed before somebody's eyes; answers to other people's interactions are not it."""
        rooms = {channel.id for channel in self.workspace.channels.values() if mark.user in channel.members}
        messages = [
            message
            for message in self.workspace.history.seen_by(mark.user, rooms, mark.changes)
            if message.user in (BOT_USER_ID, SLACKBOT) and message.hook in (None, hook and hook.id)
        ]
        moved = mark.views != [view.hash for view in self.workspace.views.stack(mark.user)]
        return Seen(messages, self.workspace.views.top(mark.user), exchange, said, view_changed=moved)

    async def wait(
        self,
        mark: Mark,
        seconds: float,
        exchange: Exchange | None = None,
        hook: Hook | None = None,
        said: Message | None = None,
    ) -> Seen:
        """Wait for the first thing to be seen after `mark`."""
        deadline = time.monotonic() + seconds
        seen = self.seen(mark, exchange, hook, said)
        while not seen.anything and (left := deadline - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(self.workspace.history.change(), left)
            except TimeoutError:
                break
            seen = self.seen(mark, exchange, hook, said)
        return seen
