"""What Slack sends with an interaction: a trigger that opens one view, and a URL that takes five answers."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.emulators.slack.message import PostedMessage

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60.0
RESPONSE_URL_USES = 5


@dataclass
class Trigger:
    id: str
    user: str
    created_at: float
    is_used: bool = False


@dataclass
class ResponseUrl:
    """A response_url: whom it answers, and which message it may replace."""

    id: str
    channel: str
    user: str
    created_at: float
    message: PostedMessage | None = None
    command: str | None = None
    # perf_counter() when the person pressed Enter or the button
    started: float = 0.0
    uses: int = 0
    answers: list[PostedMessage] = field(default_factory=list)


class Triggers:
    """Creates triggers and response_urls, and knows which of them are still valid."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}

    def new_trigger(self, user: str) -> Trigger:
        trigger = Trigger(f"{secrets.randbelow(10**12)}.{secrets.token_hex(16)}", user, self.clock())
        self.triggers[trigger.id] = trigger
        return trigger

    def use_trigger(self, trigger_id: str) -> Trigger | str:
        """Use a trigger up, and return it; or the name of the error when that is impossible."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.is_used:
            return "exchanged_trigger_id"
        if self.clock() - trigger.created_at > TRIGGER_SECONDS:
            return "expired_trigger_id"
        trigger.is_used = True
        return trigger

    def new_response_url(
        self,
        channel: str,
        user: str,
        *,
        message: PostedMessage | None = None,
        command: str | None = None,
        started: float = 0.0,
    ) -> ResponseUrl:
        url = ResponseUrl(secrets.token_urlsafe(18), channel, user, self.clock(), message, command, started)
        self.response_urls[url.id] = url
        return url

    def use_response_url(self, url_id: str) -> ResponseUrl | str:
        """Count one use, and return the URL; or the name of the error when it is not valid."""
        url = self.response_urls.get(url_id)
        if url is None:
            return "invalid_url"
        if self.clock() - url.created_at > RESPONSE_URL_SECONDS:
            return "expired_url"
        if url.uses >= RESPONSE_URL_USES:
            return "used_url"
        url.uses += 1
        return url
