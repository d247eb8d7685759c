"""What a person typed, freed of what Slack and keyboards add, and split into tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from bot.language.private_links import without_private_links
from bot.reply import UserError

# How many characters a question to any command may have: `subscribe` takes two hundred references.
MAX_QUESTION_LENGTH = 8_000
# Ids of rows are 32-bit integers in PostgreSQL; those of Figshare are far below 10**12.
LARGEST_ROW_ID, LARGEST_ID = 2**31 - 1, 10**12
# Slack wraps a link and repeats it as its label, and sends a `<` as four characters.
_MAX_RAW_LENGTH = 3 * MAX_QUESTION_LENGTH


@dataclass(frozen=True, slots=True)
class Token:
    """A word or quoted phrase; `text[start:end]` is where it stands in the whole text, quotes included."""

    text: str
    is_quoted: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


# Slack wraps links, e-mail addresses, what it takes for a telephone number, and mentions:
# https://docs.slack.dev/messaging/formatting-message-text. All but the last are unwrapped.
_LINK = re.compile(
    r"<(?:mailto:([^|<>\s]++)(?:\|[^<>]*+)?|([a-z][a-z0-9+.-]*+://[^|<>\s]++)(?:\|[^<>]*+)?"
    r"|tel:(?:[^|<>\s]*+\|)?([^|<>]++))>",
    re.IGNORECASE,
)
_MENTION = re.compile(r"<@([A-Z0-9]++)(?:\|[^<>]*+)?>")
# What most people type: there is nothing in it to replace.
_NORMAL = re.compile(r"(?![0-9]{1,2}[.)] |- )[A-Za-z0-9 .,:()-]*")
# At the beginning of a line: quoted text, and the dots and numbers of lists.
_LINE_MARKS = re.compile(r"^[^\S\n]*+(?:>[> ]*+|(?:[•◦▪‣●*-]|[0-9]{1,2}[.)])[^\S\n]++)", re.MULTILINE)
# Bold, italic and struck-through text; an underscore also stands within words.
_MARKED = re.compile(
    r"""(?<![^\s(\[{"'*_~])([*_~])(?=\S)((?:(?!\1)[^\n]|(?<=[^\W_])\1(?=[^\W_]))++)(?<=\S)\1(?![^\s)\]}"'*_~.,;:!?])"""
)
_MAX_MARKS = 3
_CODE_MARKS = re.compile("`++")
_COMMAND_NAME = re.compile(r"\A\s*+/figshare(?![\w./-])", re.IGNORECASE)
_ENTITY = re.compile(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
# Zero-width spaces, soft hyphen, bidi controls, and control characters that are not white space.
_INVISIBLE = re.compile(
    "[\u200b\u2060-\u2064\ufeff\u00ad\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]"
    # Joiners spell words in some scripts, but never beside Latin letters, digits or spaces.
    "|(?<![^\x00-\x7f])[\u200c\u200d]++|(?<![\u200c\u200d])[\u200c\u200d]++(?![^\x00-\x7f])"
)
# What neither PostgreSQL nor UTF-8 takes.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# A phrase; or a word, which may hold a phrase after a field's colon or a parenthesis: title:"frog leg"
_TOKEN = re.compile(r'"(?P<phrase>[^"]*)"?|(?P<word>(?:[^\s"]|(?<=[:(])"[^"]*"?|(?<=[^\s:("])")+)')
_REFERENCE_FOLLOWS = re.compile(r"(?<![,;])[,;]++(?=https?://|doi:|10\.[0-9]{4,9}/)", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9]+(?:\.v[0-9]+)?(?:[,;]+[0-9]+(?:\.v[0-9]+)?)+[,;]*", re.IGNORECASE)
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")


def normalize(text: str, bot_user: str = "") -> str:
    """Return the text without what Slack and keyboards put in.

    That is wrappers, entities (decoded once), typography and invisible characters. The hashes of private
    links are taken out too, and so are mentions of the user `bot_user`. A text that is longer than any
    question may be is cut to one character more than that, so that it is still refused as too long.
    """
    raw_length = len(text)
    text = text[:_MAX_RAW_LENGTH]
    if bot_user:
        text = _MENTION.sub(lambda mention: " " if mention[1] == bot_user else mention[0], text)
    if not _NORMAL.fullmatch(text):
        text = _INVISIBLE.sub("", text)
        text = _LINK.sub(lambda link: link[1] or link[2] or link[3], text)
        text = _ENTITY.sub(lambda entity: _ENTITIES[entity[1]], text)
        text = without_private_links(straighten_typography(_without_marks(text)))
    text = " ".join(text.split())
    if raw_length > _MAX_RAW_LENGTH:
        text = text.ljust(MAX_QUESTION_LENGTH + 1)
    return text[: MAX_QUESTION_LENGTH + 1]


def _without_marks(text: str) -> str:
    """Return the text without the marks by which Slack formats it, and without the name of the command."""
    text = _LINE_MARKS.sub("", _CODE_MARKS.sub("", text))
    for _ in range(_MAX_MARKS):
        text = _MARKED.sub(r"\2", text)
    return _LINE_MARKS.sub("", _COMMAND_NAME.sub("", text))


def sanitize(text: str) -> str:
    """Return the part of a text from outside that the bot may read; sanitizing it again changes nothing.

    The result holds no private link, and nothing that a database or an address can't hold.
    """
    text = text[:_MAX_RAW_LENGTH]
    if not _NORMAL.fullmatch(text):
        text = _UNSTORABLE.sub("", text)
        visible = text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)
        if (without_links := without_private_links(visible)) != visible:
            text = without_links
    return text[: MAX_QUESTION_LENGTH + 1]


def tokenize(text: str, limit: int | None = None) -> list[Token]:
    """Return the tokens of a normalized text, or the first `limit` of them.

    Double quotes keep a phrase together; a quote that is never closed runs to the end.
    """
    return list(islice(_tokens(text), limit))


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        phrase = match["phrase"]
        if phrase is not None:
            if phrase.strip():
                yield Token(phrase.strip(), True, match.start(), match.end())
            continue
        start = match.start()
        for part in _split_at_separators(match["word"]):
            start = text.index(part, start)
            yield Token(part, False, start, start + len(part))
            start += len(part)


def _split_at_separators(word: str) -> list[str]:
    # 1,2 are two ids. 5,616,445 may be one number, so it stays whole and the person is asked what it means.
    if _NUMBERS.fullmatch(word) and not _THOUSANDS.fullmatch(word.rstrip(",;")):
        return [part for part in re.split("[,;]", word) if part]
    return [part for part in (piece.strip(",;") for piece in _REFERENCE_FOLLOWS.split(word)) if part]


class InvalidArgument(UserError):
    """Raised for an argument that can't be read: which one, the reason, and examples that work.

    An empty argument means the whole question; an empty example means that there is none. `examples` has
    the first and all others, where more than one thing may have been meant.
    """

    def __init__(self, argument: str, reason: str, example: str, *others: str) -> None:
        super().__init__(f"{argument}: {reason}" if argument else reason)
        self.argument, self.reason, self.example = argument, reason, example
        self.examples = (example, *others)


def positive_int(text: str) -> int | None:
    """Return the number that a text writes in digits; None unless it is 1 or more and can be an id."""
    return int(text) if re.fullmatch("[1-9][0-9]{0,11}", text) else None


_TYPOGRAPHY = (
    {ord(quote): '"' for quote in "“”„‟«»″＂"}
    | {ord(quote): "'" for quote in "‘’‚‛′"}
    | {ord(dash): "-" for dash in "‐‑‒–—―−"}
)


def straighten_typography(text: str) -> str:
    """Return the text with the quotes and dashes of every keyboard in place of typographic ones."""
    return text.translate(_TYPOGRAPHY)
