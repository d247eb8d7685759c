"""What a person typed, cleaned of what Slack and keyboards add, and cut into words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from bot.language.references import without_private_links
from bot.reply import UserError

# How many characters the longest question may have: `subscribe` with two hundred references.
LONGEST = 8_000
# Numbers of rows are 32-bit integers in PostgreSQL; Figshare's ids are far below this.
LARGEST_ROW, LARGEST_ID = 2**31 - 1, 10**12
# Slack wraps a link and repeats it as its label, and a `<` comes as four characters.
_MOST_SENT = 3 * LONGEST


@dataclass(frozen=True, slots=True)
class Token:
    """One word or quoted phrase; `text[start:end]` is where it stood in the scanned text, quotes included."""

    text: str
    quoted: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


# https://docs.slack.dev/messaging/formatting-message-text: links and addresses come wrapped, mentions too;
# only the first two are taken out of their wrapping
_LINK = re.compile(
    r"<(?:mailto:([^|<>\s]++)|([a-z][a-z0-9+.-]*+://[^|<>\s]++))(?:\|[^<>]*+)?>", re.IGNORECASE
)
_MENTION = re.compile(r"<@([A-Z0-9]++)(?:\|[^<>]*+)?>")
# what most people type: nothing in it is to be taken out
_TIDY = re.compile(r"[A-Za-z0-9 .,:()*-]*")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
# zero-width spaces, soft hyphen, bidi controls, and control characters that are not white space
_UNSEEN = re.compile(
    "[\u200b\u2060-\u2064\ufeff\u00ad\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]"
    # joiners spell words in some scripts, but never beside Latin letters, digits or spaces
    "|(?<![^\x00-\x7f])[\u200c\u200d]++|(?<![\u200c\u200d])[\u200c\u200d]++(?![^\x00-\x7f])"
)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# a phrase; or a word, which may hold a phrase after a field's colon or a parenthesis: title:"frog leg"
_WORD = re.compile(r'"(?P<phrase>[^"]*)"?|(?P<word>(?:[^\s"]|(?<=[:(])"[^"]*"?|(?<=[^\s:("])")+)')
_REFERENCE_FOLLOWS = re.compile(r"(?<!,),++(?=https?://|doi:|10\.[0-9]{4,9}/)", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9]+(?:\.v[0-9]+)?(?:,+[0-9]+(?:\.v[0-9]+)?)+", re.IGNORECASE)
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")


def normalize(text: str, mentioned: str = "") -> str:
    """Take out what Slack and keyboards put in: wrappers, entities (once), typography, what can't be seen.

    And what must not be kept: the hash of a private link. The mentions of whoever is `mentioned` go too.
    What is longer than any question may be is cut to one character more than that.
    """
    sent = len(text)
    text = text[:_MOST_SENT]
    if mentioned:
        text = _MENTION.sub(lambda found: " " if found[1] == mentioned else found[0], text)
    if _TIDY.fullmatch(text):
        return _cut(" ".join(text.split()), sent)
    unseen = _UNSEEN.sub("", text)
    unwrapped = _LINK.sub(lambda link: link[1] or link[2], unseen)
    plain = _ENTITY.sub(lambda entity: _ENTITIES[entity[1]], unwrapped)
    return _cut(" ".join(without_private_links(straighten_typography(plain)).split()), sent)


def _cut(text: str, sent: int) -> str:
    """Cut what is longer than any question may be; it stays too long, so that it is answered so."""
    if sent > _MOST_SENT:
        text = text.ljust(LONGEST + 1)
    return text[: LONGEST + 1]


def received(text: str) -> str:
    """Return what of a text from outside anything here may read; the same when it is received again.

    It holds no private link, and nothing that a database or an address can't.
    """
    text = text[:_MOST_SENT]
    if not _TIDY.fullmatch(text):
        text = _UNSTORABLE.sub("", text)
        seen = text if text.isascii() and text.isprintable() else _UNSEEN.sub("", text)
        if (open_to_all := without_private_links(seen)) != seen:
            text = open_to_all
    return text[: LONGEST + 1]


def tokenize(text: str, most: int | None = None) -> list[Token]:
    """Cut tidied text into words, or into the first so many of them.

    Double quotes keep a phrase together, an open one runs to the end.
    """
    return list(islice(_words(text), most))


def _words(text: str) -> Iterator[Token]:
    for found in _WORD.finditer(text):
        phrase = found["phrase"]
        if phrase is not None:
            if phrase.strip():
                yield Token(phrase.strip(), True, found.start(), found.end())
            continue
        at = found.start()
        for part in _without_commas(found["word"]):
            at = text.index(part, at)
            yield Token(part, False, at, at + len(part))
            at += len(part)


def _without_commas(word: str) -> list[str]:
    # 1,2 are two ids; 5,616,445 may be one number, so it is left for somebody to ask about
    if _NUMBERS.fullmatch(word) and not _THOUSANDS.fullmatch(word):
        return [part for part in word.split(",") if part]
    return [part for part in (each.strip(",") for each in _REFERENCE_FOLLOWS.split(word)) if part]


class InvalidArgument(UserError):
    """Raised for an argument that can't be read: which one, the reason, and an example that works.

    Without an argument the whole question is meant; without an example there is none.
    """

    def __init__(self, argument: str, reason: str, example: str) -> None:
        super().__init__(f"{argument}: {reason}" if argument else reason)
        self.argument, self.reason, self.example = argument, reason, example


def positive(said: str) -> int | None:
    return int(said) if re.fullmatch("[1-9][0-9]{0,11}", said) else None


_TYPOGRAPHY = (
    {ord(quote): '"' for quote in "“”„‟«»″＂"}
    | {ord(quote): "'" for quote in "‘’‚‛′"}
    | {ord(dash): "-" for dash in "‐‑‒–—―−"}
)


def straighten_typography(text: str) -> str:
    """Replace typographic quotes and dashes by those on every keyboard."""
    return text.translate(_TYPOGRAPHY)
