"""How Slack writes down what a person typed: entities escaped, mentions and links in angle brackets."""

import re
from typing import Any

from bot.emulators.slack.people import BOT_USER_ID, Conversation

ENTITY = re.compile(r"<(?:[@#!][^<>\n]*|(?:https?|mailto|tel|slack):[^<>\n]*)>")
LINK = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?'\")\]]")
# A bare name of a site becomes a link too; `oai:figshare.com:article/1` and `10.6084/m9.figshare.1` do not.
SITE = re.compile(
    r"(?<![\w:/.@-])(?:[a-z0-9-]+\.)+(?:com|org|net|edu|ac\.uk)(?:/[^\s<>|]*)?(?![\w:@.-])", re.I
)
USER_NAME = re.compile(r"@([a-z][\w.-]*)", re.I)
CHANNEL_NAME = re.compile(r"(?<![\w&])#([a-z][\w-]*)", re.I)


def formatted_text(text: str, names: dict[str, str], channels: dict[str, Conversation]) -> str:
    """Return typed text as Slack sends it; entities in angle brackets stay as they are.

    `names` leads from a lower-case user name to a user id.
    """
    parts: list[str] = []
    end = 0
    for entity in ENTITY.finditer(text):
        parts += [_plain(text[end : entity.start()], names, channels), entity.group()]
        end = entity.end()
    return "".join([*parts, _plain(text[end:], names, channels)])


def _plain(text: str, names: dict[str, str], channels: dict[str, Conversation]) -> str:
    by_name = {channel.name: channel for channel in channels.values() if channel.kind == "channel"}

    def mention(match: re.Match[str]) -> str:
        user = names.get(match.group(1).lower())
        return f"<@{user}>" if user else match.group()

    def channel_link(match: re.Match[str]) -> str:
        channel = by_name.get(match.group(1).lower())
        return f"<#{channel.id}|{channel.name}>" if channel else match.group()

    text = re.sub(r"&(?!(?:amp|lt|gt);)", "&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    parts: list[str] = []
    end = 0
    for link in re.finditer(f"{LINK.pattern}|{SITE.pattern}", text, re.I):
        address = link.group()
        is_bare = not address.lower().startswith(("http://", "https://"))
        parts += [text[end : link.start()], f"<http://{address}|{address}>" if is_bare else f"<{address}>"]
        end = link.end()
    parts.append(text[end:])
    return "".join(
        part if part.startswith("<") else CHANNEL_NAME.sub(channel_link, USER_NAME.sub(mention, part))
        for part in parts
    )


def rich_text_blocks(text: str) -> list[dict[str, Any]]:
    """Return the rich_text block that a typed message carries beside its text."""
    elements: list[dict[str, Any]] = []
    end = 0
    for entity in ENTITY.finditer(text):
        elements += [*_words(text[end : entity.start()]), _element(entity.group()[1:-1])]
        end = entity.end()
    elements += _words(text[end:])
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": "typed", "elements": [section]}] if elements else []


def _words(text: str) -> list[dict[str, Any]]:
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return [{"type": "text", "text": text}] if text else []


def _element(entity: str) -> dict[str, Any]:
    target, _, label = entity.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    return {"type": "link", "url": target} | ({"text": label} if label else {})


def mentions_bot(text: str) -> bool:
    return bool(re.search(rf"<@{BOT_USER_ID}(?:\|[^>]*)?>", text))
