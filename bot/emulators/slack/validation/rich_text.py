"""Which rich text Slack takes: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block."""

from typing import Any

from bot.emulators.slack.validation.validator import Validator

RICH_TEXT_PARTS = {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}
# the type of an element, and the fields that it needs
REQUIRED = {
    "text": ("text",),
    "link": ("url",),
    "user": ("user_id",),
    "usergroup": ("usergroup_id",),
    "channel": ("channel_id",),
    "emoji": ("name",),
    "broadcast": ("range",),
    "date": ("timestamp", "format"),
    "color": ("value",),
}
TEXT_STYLES = {"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}


def check_rich_text(check: Validator, pointer: str, block: dict[str, Any]) -> int:
    """Check a rich_text block or cell, and return the number of its characters."""
    parts = check.items(f"{pointer}/elements", block.get("elements"), 1, 1000)
    return sum(_check_part(check, f"{pointer}/elements/{index}", part) for index, part in enumerate(parts))


def _check_part(check: Validator, pointer: str, part: Any) -> int:
    part_type = part.get("type") if isinstance(part, dict) else None
    if part_type not in RICH_TEXT_PARTS:
        check.fail(f"{pointer}/type", f"unsupported type: {part_type}")
        return 0
    leaves = check.items(f"{pointer}/elements", part.get("elements"), 0, 10_000)
    return sum(_check_leaf(check, f"{pointer}/elements/{index}", leaf) for index, leaf in enumerate(leaves))


def _check_leaf(check: Validator, pointer: str, leaf: Any) -> int:
    leaf_type = leaf.get("type") if isinstance(leaf, dict) else None
    if leaf_type not in REQUIRED:
        check.fail(f"{pointer}/type", f"unsupported type: {leaf_type}")
        return 0
    check.require(pointer, leaf, *REQUIRED[leaf_type])
    style = leaf.get("style")
    if style is not None and (not isinstance(style, dict) or style.keys() - TEXT_STYLES):
        check.fail(f"{pointer}/style", "invalid additional property")
    text = leaf.get("text")
    if text is not None or leaf_type == "text":
        check.string(f"{pointer}/text", text, 40_000)
    if leaf_type == "link":
        check.url(f"{pointer}/url", leaf.get("url"))
    return len(text) if isinstance(text, str) else 0
