"""What Slack hands out with an interaction: a trigger that opens one view, a URL that takes five answers."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.standin.slack.message import Message

TRIGGER_SECONDS = 3.0
HOOK_SECONDS = 30 * 60.0
HOOK_USES = 5


@dataclass
class Trigger:
    id: str
    user: str
    made: float
    used: bool = False
    # the view it was pressed in, where views.push may put another on top
    view: str | None = None


@dataclass
class Hook:
    """A response_url: whom it answers, and which message it may replace."""

    id: str
    channel: str
    user: str
    made: float
    message: Message | None = None
    command: str | None = None
    # perf_counter() when the person pressed Enter or the button
    started: float = 0.0
    uses: int = 0
    answers: list[Message] = field(default_factory=list)


class Triggers:
    """Mints triggers and hooks, and knows when they're worth nothing any more."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}

    def trigger(self, user: str, view: str | None = None) -> Trigger:
        trigger = Trigger(
            f"{secrets.randbelow(10**12)}.{secrets.token_hex(16)}", user, self.clock(), view=view
        )
        self.triggers[trigger.id] = trigger
        return trigger

    def exchange(self, trigger_id: str) -> Trigger | str:
        """Use a trigger up; answer with the error's name when that can't be done."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.used:
            return "exchanged_trigger_id"
        if self.clock() - trigger.made > TRIGGER_SECONDS:
            return "expired_trigger_id"
        trigger.used = True
        return trigger

    def hook(
        self,
        channel: str,
        user: str,
        *,
        message: Message | None = None,
        command: str | None = None,
        started: float = 0.0,
    ) -> Hook:
        hook = Hook(secrets.token_urlsafe(18), channel, user, self.clock(), message, command, started)
        self.hooks[hook.id] = hook
        return hook

    def use(self, hook_id: str) -> Hook | str:
        """Count one use; answer with the error's name when the URL is unknown, too old or used up."""
        hook = self.hooks.get(hook_id)
        if hook is None:
            return "invalid_url"
        if self.clock() - hook.made > HOOK_SECONDS:
            return "expired_url"
        if hook.uses >= HOOK_USES:
            return "used_url"
        hook.uses += 1
        return hook
