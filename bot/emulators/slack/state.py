"""What an emulated workspace holds: people, messages, open forms, and the failures to come."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.emulators.slack.delivery import Exchange
from bot.emulators.slack.message import SLACKBOT, History, PostedMessage, UploadedFile
from bot.emulators.slack.people import (
    BOT_USER_ID,
    Conversation,
    direct_message,
    sample_conversations,
    sample_users,
)
from bot.emulators.slack.scopes import ALL_SCOPES
from bot.emulators.slack.triggers import Triggers
from bot.emulators.slack.views import Views


@dataclass(frozen=True)
class ApiFailure:
    """What a call of the Web API gets instead of its answer."""

    error: str
    status: int = 200
    retry_after: int | None = None
    # the call does its work and only the answer is lost
    after_effect: bool = False
    # bytes that come instead of any answer of Slack's, and their content type
    content: bytes | None = None
    kind: str = "application/json"
    # the connection is closed without an answer
    is_cut: bool = False


class WorkspaceState:
    """The state that people change by what they do, and the bot by the Web API."""

    def __init__(self, bot_token: str, clock: Callable[[], float], scopes: Iterable[str] | None) -> None:
        self.bot_token = bot_token
        self.clock = clock
        # what the app was allowed when it was installed
        self.scopes = set(ALL_SCOPES if scopes is None else scopes)
        # the organisation that the workspace is part of, on Enterprise Grid
        self.enterprise_id: str | None = None
        # Slack's documentation does not say whether the response_url of a command replaces what it has posted
        # before, and people find that it posts anew: https://github.com/slackapi/bolt-python/issues/1268
        self.replaces_command_answers = False
        # a free workspace has no user groups
        self.is_free_plan = False
        # where the Web API is served
        self.url = ""
        self.people = sample_users()
        self.channels = sample_conversations()
        self.usergroups: dict[str, set[str]] = {}
        self.history = History(clock)
        self.triggers = Triggers(clock)
        self.views = Views()
        self.files: dict[str, UploadedFile] = {}
        self.log: list[Exchange] = []
        # types of blocks that are answered with invalid_blocks
        self.refused_types: set[str] = set()
        self._failures: dict[str, deque[ApiFailure]] = defaultdict(deque)
        self._question_times: dict[tuple[str, str | None], float] = {}

    def direct(self, user: str) -> Conversation:
        """Return the direct message between the bot and a person; opens one where there is none."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == {user, BOT_USER_ID}:
                return channel
        channel = direct_message(user)
        return self.channels.setdefault(channel.id, channel)

    def fail(self, method: str, error: str, *, times: int = 1, **fields: Any) -> None:
        """Let the next calls of a method fail, or of `response_url`; `fields` are those of ApiFailure."""
        self._failures[method] += [ApiFailure(error, **fields)] * times

    def next_failure(self, method: str) -> ApiFailure | None:
        return self._failures[method].popleft() if self._failures[method] else None

    def start_question(self, channel: str, thread: str, now: float) -> None:
        """Remember when a question was asked, in its thread and in the channel."""
        self._question_times[channel, thread] = self._question_times[channel, None] = now

    def take_question_time(self, channel: str, thread: str | None) -> float | None:
        """Return once when the question was asked that a message answers."""
        return self._question_times.pop((channel, thread), None)

    def post_as_slackbot(self, channel: str, user: str, text: str) -> PostedMessage:
        """Post an ephemeral message for one person in Slack's own name."""
        ts = self.history.next_ts()
        return self.history.add(PostedMessage(channel, ts, SLACKBOT, text, ephemeral_to=user))
