"""The messages and files of the emulated workspace, and a way to wait for changes."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.emulators.slack.people import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID

SLACKBOT = "USLACKBOT"


@dataclass
class PostedMessage:
    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    metadata: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    # an answer for everybody shows above it the command that it answers
    command: str | None = None
    # the command that it answers, whoever may see it
    asked: str | None = None
    deleted: bool = False
    # the milliseconds that the bot needed to show the message, where that is known
    took_ms: float | None = None
    # the id of the response_url that it was sent to
    response_url: str | None = None
    # the position in the order of all changes
    changed: int = 0
    # what is chosen in the menus: block_id -> action_id -> state of the element
    chosen: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def is_ephemeral(self) -> bool:
        return self.ephemeral_to is not None

    @property
    def from_bot(self) -> bool:
        return self.user == BOT_USER_ID

    def shape(self) -> dict[str, Any]:
        """Return the message as `conversations.history` and interactions carry it."""
        shape: dict[str, Any] = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        if self.from_bot:
            profile = {"id": BOT_ID, "app_id": APP_ID, "name": "Figshare", "deleted": False}
            profile |= {"team_id": TEAM_ID, "icons": {}, "updated": 1700000000}
            shape |= {"bot_id": BOT_ID, "app_id": APP_ID, "team": TEAM_ID, "bot_profile": profile}
        if self.blocks:
            shape["blocks"] = self.blocks
        if self.thread_ts:
            shape["thread_ts"] = self.thread_ts
        if self.files:
            shape["files"] = self.files
        return shape


@dataclass
class UploadedFile:
    id: str
    name: str
    length: int
    content: bytes | None = None
    title: str = ""

    def shape(self, url: str) -> dict[str, Any]:
        """Return the file as messages carry it; `url` is where the workspace is served."""
        address = f"{url}/files/{self.id}/{self.name}"
        shape = {"id": self.id, "name": self.name, "title": self.title or self.name, "size": self.length}
        return shape | {"url_private": address, "permalink": address, "user": BOT_USER_ID, "mode": "hosted"}


class History:
    """Every message in order, and a way to wait for the next change."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.messages: list[PostedMessage] = []
        self.changes = 0
        self._last_ts = 0
        self._changed = asyncio.Event()

    def next_ts(self) -> str:
        """Return a new timestamp that no other message has, even under a clock that stands still."""
        self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def add(self, message: PostedMessage) -> PostedMessage:
        _name_blocks(message.blocks, f"b{len(self.messages)}")
        self.messages.append(message)
        self.touch(message)
        return message

    def rewrite(self, message: PostedMessage, text: str, blocks: list[dict[str, Any]] | None) -> None:
        message.text = text
        if blocks is not None:
            message.blocks = blocks
            _name_blocks(blocks, f"b{self.changes}")
        self.touch(message)

    def delete(self, message: PostedMessage) -> None:
        message.deleted = True
        self.touch(message)

    def touch(self, message: PostedMessage | None = None) -> None:
        self.changes += 1
        if message is not None:
            message.changed = self.changes
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self) -> None:
        """Wait until something changes."""
        await self._changed.wait()

    def find(self, channel: str | None, ts: str) -> PostedMessage | None:
        for message in reversed(self.messages):
            if message.ts == ts and channel in (None, message.channel) and not message.deleted:
                return message
        return None

    def visible_to(self, user: str, channels: set[str], since: int = 0) -> list[PostedMessage]:
        """Return what a person can see in these channels that was written or changed after `since`."""
        return [
            message
            for message in self.messages
            if message.changed > since
            and message.channel in channels
            and not message.deleted
            and message.ephemeral_to in (None, user)
        ]


def _name_blocks(blocks: list[dict[str, Any]], prefix: str) -> None:
    """Give an id to each block that has none, as Slack does."""
    for index, block in enumerate(blocks):
        block.setdefault("block_id", f"{prefix}-{index}")
