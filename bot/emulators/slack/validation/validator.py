"""The building blocks of Block Kit's rules: each error comes with its JSON pointer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlparse


@dataclass
class Validator:
    """Checks values and collects the errors that Slack would name, in its words."""

    errors: list[str] = field(default_factory=list)
    # Characters over all blocks, for msg_blocks_too_long.
    characters: int = 0

    def fail(self, pointer: str, error: str) -> None:
        self.errors.append(f"[ERROR] {error} [json-pointer:{pointer}]")

    def require(self, pointer: str, value: dict[str, Any], *names: str) -> bool:
        missing = [name for name in names if value.get(name) is None]
        for name in missing:
            self.fail(pointer, f"missing required field: {name}")
        return not missing

    def only(self, pointer: str, value: dict[str, Any], allowed: Iterable[str]) -> None:
        for name in value.keys() - set(allowed):
            self.fail(f"{pointer}/{name}", "invalid additional property")

    def string(self, pointer: str, value: Any, max_length: int, min_length: int = 1) -> None:
        if value is None:
            return
        if not isinstance(value, str):
            self.fail(pointer, "must be a string")
        elif len(value) < min_length:
            self.fail(pointer, f"must be more than {min_length - 1} characters")
        elif len(value) > max_length:
            self.fail(pointer, f"must be less than {max_length + 1} characters")

    def items(self, pointer: str, value: Any, min_items: int, max_items: int) -> list[Any]:
        """Return the items of an array, none where it is no array."""
        if not isinstance(value, list):
            self.fail(pointer, "must be an array")
            return []
        if len(value) < min_items:
            self.fail(pointer, f"no fewer than {min_items} items allowed")
        if len(value) > max_items:
            self.fail(pointer, f"no more than {max_items} items allowed [{max_items} of {len(value)}]")
        return value

    def text(
        self, pointer: str, value: Any, max_length: int = 3000, types: tuple[str, ...] = ("plain_text",)
    ) -> None:
        """Check a text object: https://docs.slack.dev/reference/block-kit/composition-objects/text-object."""
        if value is None:
            return
        if not isinstance(value, dict):
            self.fail(pointer, "must be a text object")
            return
        text_type = value.get("type")
        if text_type not in types:
            self.fail(f"{pointer}/type", f"must be one of: {', '.join(types)}")
            return
        self.only(pointer, value, ("type", "text", "emoji" if text_type == "plain_text" else "verbatim"))
        if self.require(pointer, value, "text"):
            self.string(f"{pointer}/text", value["text"], max_length)
            self.characters += len(str(value["text"]))

    def url(self, pointer: str, value: Any) -> None:
        self.string(pointer, value, 3000)
        if isinstance(value, str):
            parts = urlparse(value)
            if parts.scheme not in ("http", "https", "mailto", "slack") or not (parts.netloc or parts.path):
                self.fail(pointer, "must be a valid URL")

    def number(self, pointer: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(pointer, "must be a number")

    def confirm(self, pointer: str, value: Any) -> None:
        if value is None:
            return
        if not isinstance(value, dict):
            self.fail(pointer, "must be a confirm object")
            return
        self.only(pointer, value, ("title", "text", "confirm", "deny", "style"))
        self.require(pointer, value, "title", "text", "confirm", "deny")
        self.text(f"{pointer}/title", value.get("title"), 100)
        self.text(f"{pointer}/text", value.get("text"), 300, ("plain_text", "mrkdwn"))
        self.text(f"{pointer}/confirm", value.get("confirm"), 30)
        self.text(f"{pointer}/deny", value.get("deny"), 30)
