"""The modals that are open in the emulated workspace, and what is typed into them."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.emulators.slack.people import APP_ID, BOT_ID, TEAM_ID


@dataclass
class OpenView:
    user: str
    definition: dict[str, Any]
    id: str = field(default_factory=lambda: f"V0{secrets.token_hex(5).upper()}")
    hash: str = ""
    # block_id -> action_id -> element state, as typed so far
    chosen: dict[str, dict[str, Any]] = field(default_factory=dict)
    # block_id -> the error that the bot answered
    errors: dict[str, str] = field(default_factory=dict)
    # a sentence of Slack, when the bot gives no usable answer
    problem: str = ""

    def __post_init__(self) -> None:
        self.redefine(self.definition)

    @property
    def title(self) -> str:
        return str(self.definition["title"]["text"])

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return list(self.definition.get("blocks") or [])

    def redefine(self, definition: dict[str, Any]) -> None:
        """Show other content in the same view; what was typed into blocks that stay remains."""
        self.definition = definition
        self.hash = f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"
        self.errors, self.problem = {}, ""
        for index, block in enumerate(self.blocks):
            block.setdefault("block_id", f"{self.id}-{index}")
            for name in ("element", "accessory"):
                if isinstance(block.get(name), dict):
                    block[name].setdefault("action_id", f"{block['block_id']}-{name}")
        remaining = {block["block_id"] for block in self.blocks}
        self.chosen = {block_id: state for block_id, state in self.chosen.items() if block_id in remaining}

    def shape(self) -> dict[str, Any]:
        """Return the view as interactions and the answers of `views.*` carry it."""
        definition = self.definition
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "type": "modal",
            "blocks": self.blocks,
            "private_metadata": definition.get("private_metadata", ""),
            "callback_id": definition.get("callback_id", ""),
            "external_id": definition.get("external_id", ""),
            "state": {"values": self.chosen},
            "hash": self.hash,
            "title": definition.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "close": definition.get("close"),
            "submit": definition.get("submit"),
            "clear_on_close": bool(definition.get("clear_on_close")),
            "notify_on_close": bool(definition.get("notify_on_close")),
            "previous_view_id": None,
            "root_view_id": self.id,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
        }


class Views:
    """The stack of modals of each person; the bot opens one and pushes none on top."""

    def __init__(self) -> None:
        self.stacks: dict[str, list[OpenView]] = {}

    def stack(self, user: str) -> list[OpenView]:
        return self.stacks.setdefault(user, [])

    def top(self, user: str) -> OpenView | None:
        stack = self.stack(user)
        return stack[-1] if stack else None

    def find(self, view_id: str) -> OpenView | None:
        views = (view for stack in self.stacks.values() for view in stack)
        return next((view for view in views if view.id == view_id), None)

    def open(self, user: str, definition: dict[str, Any]) -> OpenView:
        view = OpenView(user, definition)
        self.stacks[user] = [view]
        return view
