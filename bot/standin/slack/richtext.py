"""Which rich text Slack takes: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block."""

from typing import Any

from bot.standin.slack.rules import Complaints

PARTS = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
LEAVES = {
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
STYLES = {"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}


def rich_text(to: Complaints, at: str, block: dict[str, Any]) -> int:
    """Judge a rich_text block or cell; the number of its characters comes back."""
    characters = 0
    for number, part in enumerate(to.count(f"{at}/elements", block.get("elements"), 1, 1000)):
        characters += _part(to, f"{at}/elements/{number}", part)
    return characters


def _part(to: Complaints, at: str, part: Any) -> int:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in PARTS:
        to.say(f"{at}/type", f"unsupported type: {kind}")
        return 0
    elements = to.count(f"{at}/elements", part.get("elements"), 0, 10_000)
    if kind == "rich_text_list":
        if part.get("style") not in ("bullet", "ordered"):
            to.say(f"{at}/style", "must be one of: bullet, ordered")
        if part.get("indent", 0) not in range(9):
            to.say(f"{at}/indent", "must be between 0 and 8")
        for number, one in enumerate(elements):
            if not isinstance(one, dict) or one.get("type") != "rich_text_section":
                to.say(f"{at}/elements/{number}/type", "must be one of: rich_text_section")
                return 0
        return sum(_part(to, f"{at}/elements/{number}", one) for number, one in enumerate(elements))
    return sum(_leaf(to, f"{at}/elements/{number}", one) for number, one in enumerate(elements))


def _leaf(to: Complaints, at: str, leaf: Any) -> int:
    kind = leaf.get("type") if isinstance(leaf, dict) else None
    if kind not in LEAVES:
        to.say(f"{at}/type", f"unsupported type: {kind}")
        return 0
    to.require(at, leaf, *LEAVES[kind])
    style = leaf.get("style")
    if style is not None and (not isinstance(style, dict) or style.keys() - STYLES):
        to.say(f"{at}/style", "invalid additional property")
    text = leaf.get("text")
    if text is not None or kind == "text":
        to.string(f"{at}/text", text, 40_000)
    if kind == "link":
        to.url(f"{at}/url", leaf.get("url"))
    return len(text) if isinstance(text, str) else 0
