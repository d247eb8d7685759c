"""Modals and Homes that are open in the stand-in workspace, and what is typed into them."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.standin.slack.people import APP_ID, BOT_ID, TEAM_ID

DEEPEST = 3


@dataclass
class View:
    user: str
    definition: dict[str, Any]
    id: str = field(default_factory=lambda: f"V0{secrets.token_hex(5).upper()}")
    hash: str = ""
    root: str = ""
    previous: str | None = None
    # block_id -> action_id -> element state, as typed so far
    chosen: dict[str, dict[str, Any]] = field(default_factory=dict)
    # block_id -> what the bot said is wrong with it
    errors: dict[str, str] = field(default_factory=dict)
    # a sentence from Slack when the bot could not be reached
    trouble: str = ""

    def __post_init__(self) -> None:
        self.root = self.root or self.id
        self.redefine(self.definition)

    @property
    def title(self) -> str:
        return str((self.definition.get("title") or {}).get("text", ""))

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return list(self.definition.get("blocks") or [])

    def redefine(self, definition: dict[str, Any]) -> None:
        """Put another content into the same view; what was typed into blocks that stay is kept."""
        self.definition = definition
        self.hash = f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"
        self.errors, self.trouble = {}, ""
        for number, block in enumerate(self.blocks):
            block.setdefault("block_id", f"{self.id}-{number}")
            for name in ("element", "accessory"):
                if isinstance(block.get(name), dict):
                    block[name].setdefault("action_id", f"{block['block_id']}-{name}")
        kept = {block["block_id"] for block in self.blocks}
        self.chosen = {block: state for block, state in self.chosen.items() if block in kept}

    def shape(self) -> dict[str, Any]:
        """Shape the view as interactions and the answers of `views.*` carry it."""
        given = self.definition
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "type": given.get("type", "modal"),
            "blocks": self.blocks,
            "private_metadata": given.get("private_metadata", ""),
            "callback_id": given.get("callback_id", ""),
            "external_id": given.get("external_id", ""),
            "state": {"values": self.chosen},
            "hash": self.hash,
            "title": given.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "close": given.get("close"),
            "submit": given.get("submit"),
            "clear_on_close": bool(given.get("clear_on_close")),
            "notify_on_close": bool(given.get("notify_on_close")),
            "previous_view_id": self.previous,
            "root_view_id": self.root,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
        }


class Views:
    """Each person's stack of modals, at most three deep, and each person's Home."""

    def __init__(self) -> None:
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        return self.stacks.setdefault(user, [])

    def top(self, user: str) -> View | None:
        stack = self.stack(user)
        return stack[-1] if stack else None

    def find(self, view_id: str | None = None, external_id: str | None = None) -> View | None:
        everything = [*(view for stack in self.stacks.values() for view in stack), *self.homes.values()]
        for view in everything:
            if view_id == view.id or (external_id and view.definition.get("external_id") == external_id):
                return view
        return None

    def open(self, user: str, definition: dict[str, Any]) -> View:
        view = View(user, definition)
        self.stacks[user] = [view]
        return view

    def push(self, user: str, definition: dict[str, Any]) -> View | None:
        """Put a view on top; None when three are open already."""
        stack = self.stack(user)
        if len(stack) >= DEEPEST:
            return None
        below = stack[-1] if stack else None
        view = View(user, definition, root=below.root if below else "", previous=below.id if below else None)
        stack.append(view)
        return view
