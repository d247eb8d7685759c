"""Lines as Slack's rich text, and as mrkdwn for footnotes.

Untrusted text stands in rich text, whose contents Slack takes literally: it can't ping, link or format.
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Iterable
from typing import Any

from bot.reply import Channel, Code, Line, Link, Mention, Moment, Span, Strong
from bot.text import cut, escape, utc_time

Block = dict[str, Any]

# Slack takes 3,000 characters in a text object.
MAX_TEXT = 2_900


def rich_text(*elements: Block) -> Block:
    """Return a rich text block of sections or preformatted text."""
    return {"type": "rich_text", "elements": list(elements)}


def section(line: Line) -> Block:
    """Return a line as a section of a rich text block."""
    # Slack refuses a whole message for one empty text in it.
    elements = [_element(span) for span in line if span != "" and getattr(span, "text", span) != ""]
    return {"type": "rich_text_section", "elements": elements or [_element(" ")]}


def preformatted(text: str) -> Block:
    """Return a rich text block in a fixed-width font, with a button to copy it."""
    return rich_text({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]})


def in_bold(line: Line) -> Line:
    """Return the line with its text and links in bold."""
    return tuple(_bold(span) for span in line)


def _bold(span: Span) -> Span:
    if isinstance(span, str):
        return Strong(span)
    return Link(span.text, span.url, True) if isinstance(span, Link) else span


def _element(span: Span) -> Block:
    match span:
        case str():
            return {"type": "text", "text": cut(span, MAX_TEXT)}
        case Strong(text):
            return {"type": "text", "text": cut(text, MAX_TEXT), "style": {"bold": True}}
        case Code(text):
            return {"type": "text", "text": cut(text, MAX_TEXT), "style": {"code": True}}
        case Mention(id):
            return {"type": "user", "user_id": id}
        case Channel(id):
            return {"type": "channel", "channel_id": id}
        case Moment(timestamp):
            return {
                "type": "date",
                "timestamp": int(timestamp),
                "format": "{date_short} {time}",
                "fallback": utc_time(timestamp),
            }
        case Link(text, url, is_strong):
            style: Block = {"style": {"bold": True}} if is_strong else {}
            if url is None:
                return {"type": "text", "text": cut(text, MAX_TEXT), **style}
            return {"type": "link", "url": url, "text": cut(text, MAX_TEXT) or url, **style}


def plain_line(line: Line) -> str:
    """Return the text of a line; mentions, channels and moments are left out."""
    return "".join(span if isinstance(span, str) else getattr(span, "text", "") for span in line)


def mrkdwn_text(lines: Iterable[Line]) -> Block:
    """Return lines as one mrkdwn text; those that no longer fit are left out."""
    texts, length = [], 0
    for line in lines:
        text = "".join(_mrkdwn(span) for span in line)
        length += len(text) + 1
        if length <= MAX_TEXT:
            texts.append(text)
    return {"type": "mrkdwn", "text": "\n".join(texts) or " "}


def _mrkdwn(span: Span) -> str:
    match span:
        case str():
            return escape(span)
        case Strong(text):
            return f"*{escape(text)}*"
        case Code(text):
            return f"`{escape(text.replace('`', '´'))}`"
        case Mention(id):
            return f"<@{id}>"
        case Channel(id):
            return f"<#{id}>"
        case Moment(timestamp):
            return f"<!date^{int(timestamp)}^{{date_short}} {{time}}|{utc_time(timestamp)}>"
        case Link(text, url):
            return f"<{escape(url)}|{escape(text).replace('|', '¦')}>" if url else escape(text)
