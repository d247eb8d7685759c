"""The pieces of Block Kit's rules: text, lengths, counts, addresses; each complaint with its pointer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlparse


@dataclass
class Complaints:
    """Gathers what Slack would say, in its words, with a JSON pointer to where."""

    said: list[str] = field(default_factory=list)
    # characters over all blocks, for msg_blocks_too_long
    characters: int = 0

    def say(self, at: str, what: str) -> None:
        self.said.append(f"[ERROR] {what} [json-pointer:{at}]")

    def require(self, at: str, thing: dict[str, Any], *names: str) -> bool:
        missing = [name for name in names if thing.get(name) is None]
        for name in missing:
            self.say(at, f"missing required field: {name}")
        return not missing

    def only(self, at: str, thing: dict[str, Any], allowed: Iterable[str]) -> None:
        for name in thing.keys() - set(allowed):
            self.say(f"{at}/{name}", "invalid additional property")

    def string(self, at: str, value: Any, longest: int, shortest: int = 1) -> None:
        if value is None:
            return
        if not isinstance(value, str):
            self.say(at, "must be a string")
        elif len(value) < shortest:
            self.say(at, f"must be more than {shortest - 1} characters")
        elif len(value) > longest:
            self.say(at, f"must be less than {longest + 1} characters")

    def count(self, at: str, value: Any, fewest: int, most: int) -> list[Any]:
        if not isinstance(value, list):
            self.say(at, "must be an array")
            return []
        if len(value) < fewest:
            self.say(at, f"no fewer than {fewest} items allowed")
        if len(value) > most:
            self.say(at, f"no more than {most} items allowed [{most} of {len(value)}]")
        return value

    def text(
        self, at: str, value: Any, longest: int = 3000, kinds: tuple[str, ...] = ("plain_text",)
    ) -> None:
        """Judge a text object: https://docs.slack.dev/reference/block-kit/composition-objects/text-object."""
        if value is None:
            return
        if not isinstance(value, dict):
            self.say(at, "must be a text object")
            return
        kind = value.get("type")
        if kind not in kinds:
            self.say(f"{at}/type", f"must be one of: {', '.join(kinds)}")
            return
        self.only(at, value, ("type", "text", "emoji" if kind == "plain_text" else "verbatim"))
        if self.require(at, value, "text"):
            self.string(f"{at}/text", value["text"], longest)
            self.characters += len(str(value["text"]))

    def url(
        self, at: str, value: Any, schemes: tuple[str, ...] = ("http", "https", "mailto", "slack")
    ) -> None:
        self.string(at, value, 3000)
        if isinstance(value, str):
            parts = urlparse(value)
            if parts.scheme not in schemes or not (parts.netloc or parts.path):
                self.say(at, "must be a valid URL")

    def number(self, at: str, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.say(at, "must be a number")
            return False
        return True

    def confirm(self, at: str, value: Any) -> None:
        if value is None:
            return
        if not isinstance(value, dict):
            self.say(at, "must be a confirm object")
            return
        self.only(at, value, ("title", "text", "confirm", "deny", "style"))
        self.require(at, value, "title", "text", "confirm", "deny")
        self.text(f"{at}/title", value.get("title"), 100)
        self.text(f"{at}/text", value.get("text"), 300, ("plain_text", "mrkdwn"))
        self.text(f"{at}/confirm", value.get("confirm"), 30)
        self.text(f"{at}/deny", value.get("deny"), 30)
