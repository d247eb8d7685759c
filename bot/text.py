"""Words and numbers as people read them, and Figshare's HTML turned into plain text."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Characters that hide, reorder or break text: controls, lone surrogates, bidi controls, zero-width
# spaces, private-use glyphs (publishers' symbol fonts) and tags. U+200C and U+200D stay: Persian and
# emoji need them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
# A host without a user name before it, so that it is the one that a person reads.
_ADDRESS = re.compile(
    r"https?://(?:[^\s<>|\"\\@/?#:%\[\]]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?(?:[/?#][^\s<>|\"]*)?"
)
_BREAKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "div",
        "dl",
        "dt",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
        "br",
        "li",
        "dd",
    ]
)
_SILENT = frozenset(["script", "style", "template", "head", "noscript"])

# More is not read: nobody shows as much, and an answer may hold a hundred of them.
LONGEST_HTML = 20_000
# A tree of more takes time that grows with its square or cube: 400 kB took seconds.
_LONGEST_TREE, _MOST_TAGS = 4_000, 80
_SILENCED = [
    (re.compile(begin, re.IGNORECASE | re.ASCII), re.compile(end, re.IGNORECASE | re.ASCII))
    for begin, end in [
        ("<!--", "-->"),
        *((rf"<{tag}(?=[\s/>])", rf"</{tag}[^<>]*>?") for tag in sorted(_SILENT)),
    ]
]
_QUOTED = r"(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>"
_TAG = re.compile(rf"<(?:(/?)([a-z][^\s/<>]*)|[!?/])(?:{_QUOTED}|[^<>]*(?:>|$))", re.IGNORECASE | re.ASCII)
_NUMBERED = re.compile(r"&#(?:[0-9]{8}[0-9]*|x[0-9a-f]{8}[0-9a-f]*);?", re.IGNORECASE)


def safe(text: str) -> str:
    """Take out the characters that hide, reorder or break text."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub("", text)


def plain(html: str | None, longest: int = LONGEST_HTML) -> str:
    """Turn HTML into one line of text; of more than `longest` characters only those are read."""
    if not html:
        return ""
    html = _bounded(html, longest)
    if "<" in html or "&" in html:
        html = _text(html)
    return " ".join(safe(html).split())


def paragraphs(html: str | None) -> str:
    """Turn HTML into text that keeps its paragraphs and bullets."""
    lines = (" ".join(safe(line).split()) for line in _text(_bounded(html or "", LONGEST_HTML)).split("\n"))
    return "\n".join(line for line in lines if line)


def _bounded(html: str, longest: int) -> str:
    return html if len(html) <= longest else html[:longest] + "…"


def unescaped(text: str) -> str:
    """Replace `&amp;` and `&#38;` by what they mean; a number too long to be a character stays away."""
    # Python refuses to read numbers of thousands of digits.
    return unescape(_NUMBERED.sub("\ufffd", text)) if "&" in text else text


def _text(html: str) -> str:
    is_small = len(html) <= _LONGEST_TREE and html.count("<") <= _MOST_TAGS
    return _walk(html) if is_small else _scan(html)


def _scan(html: str) -> str:
    """Read tags one after the other, without a tree: what _walk gives for all but the oddest markup."""
    for begin, end in _SILENCED:
        html = _without(html, begin, end)
    return unescaped(_TAG.sub(_mark, html))


def _without(html: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    kept, at = [], 0
    while found := begin.search(html, at):
        kept.append(html[at : found.start()])
        ended = end.search(html, found.end())
        if ended is None:
            return "".join(kept)
        at = ended.end()
    return "".join([*kept, html[at:]])


def _mark(tag: re.Match[str]) -> str:
    name = (tag[2] or "").lower()
    if tag[1] or not name:
        return ""
    if name in ("td", "th"):
        return " "
    return ("\n• " if name == "li" else "\n") if name in _BREAKS else ""


def _walk(html: str) -> str:
    body = LexborHTMLParser(html).body
    if body is None:
        return ""
    said: list[str] = []
    for node in body.traverse(include_text=True):
        tag = node.tag
        if tag == "-text":
            if not _silent(node):
                said.append(node.text_content or "")
        elif tag in _BREAKS:
            said.append("\n• " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            said.append(" ")
    return "".join(said)


def _silent(node: LexborNode) -> bool:
    parent = node.parent
    return parent is not None and parent.tag in _SILENT


def escape(text: str) -> str:
    """Escape the three characters that Slack gives a meaning (https://docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, length: int) -> str:
    """Shorten to at most `length` characters, at a word where one is near, and show that it was cut."""
    if len(text) <= length:
        return text
    short = text[: length - 1]
    space = short.rfind(" ", length * 2 // 3)
    return (short[:space] if space > 0 else short).rstrip() + "…"


def fitted(text: str, lengths: Sequence[int], most: int) -> str:
    """Escape text, cut to the first of these lengths with which it is short enough; `&` becomes five."""
    for length in lengths:
        said = escape(cut(text, length))
        if len(said) <= most:
            break
    return said


def capital(text: str) -> str:
    """Begin with a capital."""
    return text[:1].upper() + text[1:]


def number(value: int | None) -> str:
    """Write a count; one that could not be had is unknown, never 0."""
    return "unknown" if value is None else f"{value:,}"


def plural(count: int, noun: str, several: str = "") -> str:
    """Write `1 view`, `2 views`, `2 copies`."""
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def size(count: int | None) -> str:
    """Write bytes as people do, in powers of 1,000."""
    if count is None:
        return "unknown size"
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 99.5 else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError


def day(value: date) -> str:
    """Write `1 Jan 2025`."""
    # English in every locale; strftime would cost a tenth of an answer
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(timestamp: float) -> str:
    """Write a point in time for everyone: `23 Nov 2026, 14:02 UTC`."""
    at = datetime.fromtimestamp(timestamp, UTC)
    return f"{day(at)}, {at.hour:02}:{at.minute:02} UTC"


def ago(seconds: float) -> str:
    """Write an age in its largest unit: `3 minutes`, `2 hours`."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return plural(int(seconds // length), unit)
    return "less than a minute"


def parsed_day(stamp: str | None) -> date | None:
    """Read the day of one of Figshare's dates: with or without time and zone, or nothing."""
    try:
        return date.fromisoformat((stamp or "")[:10])
    except ValueError:
        return None


def web(url: str | None) -> str | None:
    """Let an address through that a person may safely follow, or nothing."""
    if not url or len(url) > 2900 or not _ADDRESS.fullmatch(url) or safe(url) != url:
        return None
    return url


def days(first: date, last: date) -> str:
    """Write days as short as they are exact: `16–22 Nov 2026`."""
    if first == last:
        return day(last)
    if first.year != last.year:
        return f"{day(first)} – {day(last)}"
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1]} – {day(last)}"
    return f"{first.day}–{day(last)}"
