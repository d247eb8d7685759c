"""How Slack writes down what a person typed: entities escaped, mentions and links in angle brackets."""

import re
from typing import Any

from bot.standin.slack.people import BOT_USER_ID, Channel

TOKEN = re.compile(r"<(?:[@#!][^<>\n]*|(?:https?|mailto|tel|slack):[^<>\n]*)>")
LINK = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?'\")\]]")
# a bare name of a site becomes a link too; `oai:figshare.com:article/1` and `10.6084/m9.figshare.1` don't
SITE = re.compile(
    r"(?<![\w:/.@-])(?:[a-z0-9-]+\.)+(?:com|org|net|edu|ac\.uk)(?:/[^\s<>|]*)?(?![\w:@.-])", re.I
)
NAME = re.compile(r"@([a-z][\w.-]*)", re.I)
ROOM = re.compile(r"(?<![\w&])#([a-z][\w-]*)", re.I)


def written(text: str, names: dict[str, str], channels: dict[str, Channel]) -> str:
    """Write typed text as Slack sends it; tokens in angle brackets stay as they are.

    `names` leads from a lower-case user name to a user id.
    """
    parts: list[str] = []
    end = 0
    for token in TOKEN.finditer(text):
        parts += [_plain(text[end : token.start()], names, channels), token.group()]
        end = token.end()
    return "".join([*parts, _plain(text[end:], names, channels)])


def _plain(text: str, names: dict[str, str], channels: dict[str, Channel]) -> str:
    by_name = {channel.name: channel for channel in channels.values() if channel.kind == "channel"}

    def mention(match: re.Match[str]) -> str:
        user = names.get(match.group(1).lower())
        return f"<@{user}>" if user else match.group()

    def room(match: re.Match[str]) -> str:
        channel = by_name.get(match.group(1).lower())
        return f"<#{channel.id}|{channel.name}>" if channel else match.group()

    text = re.sub(r"&(?!(?:amp|lt|gt);)", "&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    parts: list[str] = []
    end = 0
    for link in re.finditer(f"{LINK.pattern}|{SITE.pattern}", text, re.I):
        found = link.group()
        bare = not found.lower().startswith(("http://", "https://"))
        parts += [text[end : link.start()], f"<http://{found}|{found}>" if bare else f"<{found}>"]
        end = link.end()
    parts.append(text[end:])
    return "".join(
        part if part.startswith("<") else ROOM.sub(room, NAME.sub(mention, part)) for part in parts
    )


def rich(text: str) -> list[dict[str, Any]]:
    """Make the rich_text block that a typed message carries beside its text."""
    elements: list[dict[str, Any]] = []
    end = 0
    for token in TOKEN.finditer(text):
        elements += [*_words(text[end : token.start()]), _element(token.group()[1:-1])]
        end = token.end()
    elements += _words(text[end:])
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": "typed", "elements": [section]}] if elements else []


def _words(text: str) -> list[dict[str, Any]]:
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return [{"type": "text", "text": text}] if text else []


def _element(token: str) -> dict[str, Any]:
    target, _, label = token.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    return {"type": "link", "url": target} | ({"text": label} if label else {})


def mentions_bot(text: str) -> bool:
    return bool(re.search(rf"<@{BOT_USER_ID}(?:\|[^>]*)?>", text))
