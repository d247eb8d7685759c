"""What was said in the stand-in workspace, and what changes as somebody looks on."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.standin.slack.people import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID

SLACKBOT = "USLACKBOT"


@dataclass
class Message:
    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    metadata: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    # an answer for everybody shows the command it answers, above it
    command: str | None = None
    # the command it answers, whoever may see it
    asked: str | None = None
    edited_ts: str | None = None
    deleted: bool = False
    # milliseconds the bot took to show it, where that is known
    took_ms: float | None = None
    # the response_url it came by
    hook: str | None = None
    # position in the order of all changes
    changed: int = 0
    # what is chosen in its menus: block_id -> action_id -> element state
    chosen: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def is_ephemeral(self) -> bool:
        return self.ephemeral_to is not None

    @property
    def from_bot(self) -> bool:
        return self.user == BOT_USER_ID

    def shape(self) -> dict[str, Any]:
        """Shape the message as `conversations.history` and interactions carry it."""
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
        if self.edited_ts:
            shape["edited"] = {"user": self.user, "ts": self.edited_ts}
        return shape


class History:
    """Every message in order, and a way to wait for the next change."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.messages: list[Message] = []
        self.changes = 0
        self._last_ts = 0
        self._changed = asyncio.Event()

    def next_ts(self) -> str:
        """Make a timestamp that no other message has, even under a clock that stands still."""
        self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def add(self, message: Message) -> Message:
        for number, block in enumerate(message.blocks):
            block.setdefault("block_id", f"b{len(self.messages)}-{number}")
        self.messages.append(message)
        self.touch(message)
        return message

    def rewrite(self, message: Message, text: str, blocks: list[dict[str, Any]] | None) -> None:
        message.text = text
        if blocks is not None:
            message.blocks = blocks
            for number, block in enumerate(blocks):
                block.setdefault("block_id", f"b{self.changes}-{number}")
        self.touch(message)

    def delete(self, message: Message) -> None:
        message.deleted = True
        self.touch(message)

    def touch(self, message: Message | None = None) -> None:
        self.changes += 1
        if message is not None:
            message.changed = self.changes
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self) -> None:
        """Wait until something changes."""
        await self._changed.wait()

    def find(self, channel: str | None, ts: str) -> Message | None:
        for message in reversed(self.messages):
            if message.ts == ts and channel in (None, message.channel) and not message.deleted:
                return message
        return None

    def seen_by(self, user: str, rooms: set[str], since: int = 0) -> list[Message]:
        """List what the person can see in these channels that was written or changed after `since`."""
        return [
            message
            for message in self.messages
            if message.changed > since
            and message.channel in rooms
            and not message.deleted
            and message.ephemeral_to in (None, user)
        ]
