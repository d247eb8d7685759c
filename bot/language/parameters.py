"""The places of a usage string, and what each of them reads: a reference, a period, one of several words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from msgspec import Struct

from bot.figshare.item_types import item_type
from bot.language import periods, references
from bot.language.references import Reference
from bot.language.tokens import Token

YEAR = re.compile(r"(199[0-9]|20[0-9][0-9])")

Reader = Callable[["ParseContext", int], "tuple[Any, int] | None"]


class ParseContext(Struct, frozen=True):
    """The words after a command's name, and what is needed to understand them."""

    tokens: list[Token]
    # the group that `ours` means; raises InvalidArgument where none is configured
    ours: Callable[[], Reference]
    today: date

    def texts(self, at: int = 0) -> list[str]:
        """Give the words from here on: as many as any place reads."""
        return [word.text for word in self.tokens[at : at + periods.LONGEST]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A place in a usage string: `[period]`, `<reference>…`, `[by day/month/year]`."""

    name: str
    required: bool
    repeated: bool
    parse: Reader


def parameters_of(usage: str) -> tuple[Parameter, ...]:
    """Give the places of a usage string, in its order."""
    return tuple(
        Parameter(said, opening == "<", bool(many), _reader(said))
        for opening, said, many in re.findall(r"([<\[])([^<>\[\]]+)[>\]](…?)", usage)
    )


def _reader(said: str) -> Reader:
    if said in _READERS:
        return _READERS[said]
    if said.isdigit():
        return _count
    if "/" in said:
        keyword, _, choices = said.rpartition(" ")
        return _choice(keyword, choices.split("/"))
    return rest


def _choice(keyword: str, choices: list[str]) -> Reader:
    def read(reading: ParseContext, at: int) -> tuple[str, int] | None:
        said = [word.text.lower() for word in reading.tokens[at : at + 2]]
        if keyword:
            return (said[1], 2) if said[0] == keyword and len(said) > 1 and said[1] in choices else None
        return (said[0], 1) if said[0] in choices else None

    return read


def reference(reading: ParseContext, at: int) -> tuple[Reference, int] | None:
    """Read a thing of Figshare's: the value and how many words it took."""
    if reading.tokens[at].text.lower() == "ours":
        return reading.ours(), 1
    return references.said(reading.texts(at))


def period(reading: ParseContext, at: int) -> tuple[periods.Period, int] | None:
    """Read a period: the value and how many words it took."""
    return periods.said(reading.texts(at), reading.today)


def _count(reading: ParseContext, at: int) -> tuple[int, int] | None:
    word = reading.tokens[at].text
    return (int(word), 1) if re.fullmatch(r"[1-9][0-9]?|100", word) else None


def _whole(reading: ParseContext, at: int) -> tuple[int, int] | None:
    word = reading.tokens[at].text.lstrip("#")
    return (int(word), 1) if re.fullmatch(r"[1-9][0-9]{0,8}", word) else None


def _ours(reading: ParseContext, at: int) -> tuple[bool, int] | None:
    return (True, 1) if reading.tokens[at].text.lower() == "ours" else None


def rest(reading: ParseContext, at: int) -> tuple[str, int] | None:
    """Take all that is left."""
    return " ".join(word.text for word in reading.tokens[at:]), len(reading.tokens) - at


def _word(reading: ParseContext, at: int) -> tuple[str, int] | None:
    return reading.tokens[at].text, 1


def _type(reading: ParseContext, at: int) -> tuple[int, int] | None:
    for length in range(min(3, len(reading.tokens) - at), 0, -1):
        number = item_type(" ".join(reading.texts(at)[:length]))
        if number is not None and not reading.tokens[at].text.isdigit():
            return number, length
    return None


def _portal(reading: ParseContext, at: int) -> tuple[str, int] | None:
    said = reading.texts(at)
    return (said[1], 2) if said[0].lower() == "portal" and len(said) > 1 else None


def _since(reading: ParseContext, at: int) -> tuple[date, int] | None:
    said = reading.texts(at)
    if said[0].lower() != "since" and not YEAR.fullmatch(said[0]):
        return None
    read = periods.said(said, reading.today)
    return (read[0].start, read[1]) if read is not None and read[0].start is not None else None


_READERS: dict[str, Reader] = {
    "reference": reference,
    "period": period,
    "ours": _ours,
    "N": _whole,
    "type": _type,
    "portal N or NAME": _portal,
    "since DATE": _since,
    "format": _word,
    "portal address": _word,
}

# what is read differently on another day
DATED = frozenset({period, _since})
