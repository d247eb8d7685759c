"""What somebody sees after doing something."""

from dataclasses import dataclass, field
from typing import Any

from bot.standin.slack.delivery import Exchange
from bot.standin.slack.message import Message
from bot.standin.slack.views import View


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
