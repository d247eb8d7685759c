"""Words and numbers as people read them, and Figshare's HTML turned into plain text."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from html import unescape
from typing import TYPE_CHECKING

from bot.superscripts import MARKS, Run, runs, with_unicode, without_marks

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Characters that hide, reorder or break text: controls, lone surrogates, bidi controls, zero-width
# spaces, private-use glyphs (publishers' symbol fonts) and tags. U+200C and U+200D stay: Persian and
# emoji need them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
# No user name may stand before the host: `https://figshare.com@evil.org` leads to evil.org.
_WEB_ADDRESS = re.compile(
    r"https?://(?:[^\s<>|\"\\@/?#:%\[\]]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?(?:[/?#][^\s<>|\"]*)?"
)
_MAX_ADDRESS = 2_900
_LINE_BREAKING_TAGS = frozenset(
    [
        *("address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "hr", "li", "ol", "p", "pre"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "section", "table", "tr", "ul"),
    ]
)
_SCRIPT_TAGS, _SCRIPT_TAG = frozenset(["sup", "sub"]), re.compile("<su[bp]", re.IGNORECASE)
_HIDDEN_TAGS = frozenset(["script", "style", "template", "head", "noscript"])

# Unicode's "first strong isolate" and its end: https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates
_ISOLATE, _END = "\u2068", "\u2069"

# Longer HTML is cut off: no message shows as much, and an answer of Figshare's may hold a hundred texts.
MAX_HTML_LENGTH = 20_000
# Parsing time grows with the square or cube of a tree's size: 400 kB took seconds. Beyond these sizes the
# tags are only scanned.
_MAX_TREE_LENGTH, _MAX_TREE_TAGS = 4_000, 80
_HIDDEN_ELEMENTS = [
    (re.compile(begin, re.IGNORECASE | re.ASCII), re.compile(end, re.IGNORECASE | re.ASCII))
    for begin, end in [
        ("<!--", "-->"),
        *((rf"<{tag}(?=[\s/>])", rf"</{tag}[^<>]*>?") for tag in sorted(_HIDDEN_TAGS)),
    ]
]
_ATTRIBUTES = r"(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>"
_TAG = re.compile(
    rf"<(?:(/?)([a-z][^\s/<>]*)|[!?/])(?:{_ATTRIBUTES}|[^<>]*(?:>|$))", re.IGNORECASE | re.ASCII
)
_LONG_CHARACTER_NUMBER = re.compile(r"&#(?:[0-9]{8}[0-9]*|x[0-9a-f]{8}[0-9a-f]*);?", re.IGNORECASE)


def safe(text: str) -> str:
    """Return the text without the characters that hide, reorder or break text."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub("", text)


def plain(html: str | None, max_length: int = MAX_HTML_LENGTH) -> str:
    """Return HTML as one line of text; of more than `max_length` characters only those are read.

    Superscripts and subscripts are Unicode's where it has them: `10⁴`, `H₂O`.
    """
    if not html:
        return ""
    html = _shortened(html, max_length)
    if "<" in html or "&" in html:
        html = with_unicode(_html_text(html))
    return " ".join(safe(html).split())


def plain_runs(html: str | None) -> list[Run]:
    """Return HTML as `plain` does, with its superscripts and subscripts as pieces of their own."""
    pieces = runs(_html_text(_shortened(html or "", MAX_HTML_LENGTH)))
    marked = "".join(
        f"{MARKS[run.script]}{text}{MARKS['']}" if run.script else text
        for run in pieces
        if (text := safe(run.text))
    )
    return runs(" ".join(marked.split()))


def paragraphs(html: str | None) -> str:
    """Return HTML as text that keeps its paragraphs and bullets."""
    text = _html_text(_shortened(html or "", MAX_HTML_LENGTH))
    lines = (" ".join(safe(with_unicode(line)).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _shortened(html: str, max_length: int) -> str:
    return html if len(html) <= max_length else html[:max_length] + "…"


def unescaped(text: str) -> str:
    """Return the text with `&amp;` and `&#38;` decoded; a number too long for a character becomes U+FFFD."""
    # Python refuses to read numbers of thousands of digits.
    return unescape(_LONG_CHARACTER_NUMBER.sub("\ufffd", text)) if "&" in text else text


def _html_text(html: str) -> str:
    html = without_marks(html)
    is_small = len(html) <= _MAX_TREE_LENGTH and html.count("<") <= _MAX_TREE_TAGS
    return _parsed_text(html) if is_small else _scanned_text(html)


def _scanned_text(html: str) -> str:
    """Return the text between the tags: the same as `_parsed_text`, but for the oddest markup."""
    for begin, end in _HIDDEN_ELEMENTS:
        html = _without_elements(html, begin, end)
    return unescaped(_TAG.sub(_tag_text, html))


def _without_elements(html: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    outside, index = list[str](), 0
    while start := begin.search(html, index):
        outside.append(html[index : start.start()])
        stop = end.search(html, start.end())
        if stop is None:
            return "".join(outside)
        index = stop.end()
    return "".join([*outside, html[index:]])


def _tag_text(tag: re.Match[str]) -> str:
    name = (tag[2] or "").lower()
    if name in _SCRIPT_TAGS:
        return MARKS["" if tag[1] else name]
    return "" if tag[1] else _separator(name)


def _separator(tag: str) -> str:
    """Return the white space or bullet that stands in the text where an element of this name begins."""
    if tag in ("td", "th"):
        return " "
    if tag == "li":
        return "\n• "
    return "\n" if tag in _LINE_BREAKING_TAGS else ""


def _parsed_text(html: str) -> str:
    # Imported late: few answers show HTML, and the parser takes 2 MB of memory.
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(html).body
    if body is None:
        return ""
    pieces: list[str] = []
    has_scripts = _SCRIPT_TAG.search(html) is not None
    for node in body.traverse(include_text=True):
        if node.tag != "-text":
            pieces.append(_separator(node.tag or ""))
        elif not _is_hidden(node):
            text = node.text_content or ""
            script = _script_of(node) if has_scripts else ""
            pieces.append(f"{MARKS[script]}{text}{MARKS['']}" if script else text)
    return "".join(pieces)


def _is_hidden(text_node: "LexborNode") -> bool:
    parent = text_node.parent
    return parent is not None and parent.tag in _HIDDEN_TAGS


def _script_of(text_node: "LexborNode") -> str:
    """Return `sup` or `sub`, whichever is nearest around a text; "" without either."""
    node = text_node.parent
    while node is not None and node.tag not in _SCRIPT_TAGS:
        node = node.parent
    return node.tag or "" if node is not None else ""


def escape(text: str) -> str:
    """Return the text with the three characters escaped that Slack gives a meaning.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, max_length: int) -> str:
    """Return the text in at most `max_length` characters, cut at a word where one is near, and then `…`."""
    if len(text) <= max_length:
        return text
    short = text[: max_length - 1]
    space = short.rfind(" ", max_length * 2 // 3)
    return (short[:space] if space > 0 else short).rstrip() + "…"


def escaped_to_fit(text: str, lengths: Sequence[int], max_escaped: int) -> str:
    """Return the text escaped, cut to the first of these lengths whose escaped text is short enough.

    An `&` becomes five characters, so a text that is short enough may not be once it is escaped. If no length
    helps, the last is taken.
    """
    for length in lengths:
        escaped = escape(cut(text, length))
        if len(escaped) <= max_escaped:
            break
    return escaped


def isolated(text: str) -> str:
    """Return a title so that, written from right to left, it doesn't reorder the numbers beside it."""
    is_right_to_left = any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
    return f"{_ISOLATE}{text}{_END}" if is_right_to_left else text


def capitalized(text: str) -> str:
    """Return the text with a capital at the beginning; the other letters stay as they are."""
    return text[:1].upper() + text[1:]


def formatted_count(count: int | None) -> str:
    """Return `1,234`; a count that could not be fetched is `unknown`, never 0."""
    return "unknown" if count is None else f"{count:,}"


def plural(count: int, noun: str, several: str = "") -> str:
    """Return `1 view`, `2 views`, or `2 copies` with `several` as the irregular plural."""
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def file_size(byte_count: int | None) -> str:
    """Return a number of bytes as people write it, in powers of 1,000: `1.2 MB`."""
    if byte_count is None:
        return "unknown size"
    amount = float(byte_count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 99.5 else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError


def formatted_day(day: date) -> str:
    """Return a day as people write it: `1 Jan 2025`."""
    # Not by strftime, which depends on the locale and would take a tenth of the time of a whole answer.
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def utc_time(timestamp: float) -> str:
    """Return a moment in seconds since 1970 as `23 Nov 2026, 14:02 UTC`."""
    moment = datetime.fromtimestamp(timestamp, UTC)
    return f"{formatted_day(moment)}, {moment.hour:02}:{moment.minute:02} UTC"


def duration(seconds: float) -> str:
    """Return a time span in its largest unit: `3 minutes`, `2 hours`."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return plural(int(seconds // length), unit)
    return "less than a minute"


def parse_day(timestamp: str | None) -> date | None:
    """Return the day of a date of Figshare's, with or without time and zone; None for what is no date."""
    try:
        return date.fromisoformat((timestamp or "")[:10])
    except ValueError:
        return None


def safe_url(url: str | None) -> str | None:
    """Return a web address that a person may safely follow; None for any other."""
    if not url or len(url) > _MAX_ADDRESS or not _WEB_ADDRESS.fullmatch(url) or safe(url) != url:
        return None
    return url


def date_range(first: date, last: date) -> str:
    """Return the days from first to last, as short as is exact: `16–22 Nov 2026`."""
    if first == last:
        return formatted_day(last)
    if first.year != last.year:
        return f"{formatted_day(first)} – {formatted_day(last)}"
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1]} – {formatted_day(last)}"
    return f"{first.day}–{formatted_day(last)}"
