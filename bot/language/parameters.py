"""The parameters of a usage string, and how each is parsed: a reference, a period, one of several words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from msgspec import Struct

from bot.figshare.item_types import item_type
from bot.language import references
from bot.language.dates import YearStart
from bot.language.period_parser import MAX_PERIOD_WORDS, leading_period
from bot.language.periods import Period
from bot.language.references import Reference
from bot.language.tokens import InvalidArgument, Token, positive_int

# The beginnings of references that no period begins with.
_NO_PERIOD = re.compile(r"[0-9]{5}|10\.[0-9]{4}|https?:", re.IGNORECASE)
YEAR = re.compile(r"(199[0-9]|20[0-9][0-9])")
# More years than these in a row are read as references.
_MAX_YEARS = 4

# Stands for our repository until all arguments are read: what `ours` needs depends on the others.
OURS = Reference(kind="group")

# Stands for `all` where a digest is named by its number.
ALL_DIGESTS = 0

# Returns the value at an index of the tokens, and how many tokens it takes; None if there is none.
ParseFunction = Callable[["ParseContext", int], "tuple[Any, int] | None"]


class ParseContext(Struct, frozen=True):
    """The tokens after a command's name, and what is needed to understand them."""

    tokens: list[Token]
    # Returns the group that `ours` means in a command, of all time or not; raises InvalidArgument where none
    # is configured.
    ours: Callable[[str, bool], Reference]
    today: date
    # the month and the day on which the year of the institution begins
    year_start: YearStart | None = None

    def texts(self, index: int = 0) -> list[str]:
        """Return the words from an index on, at most as many as any parameter takes."""
        return [token.text for token in self.tokens[index : index + MAX_PERIOD_WORDS]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a usage string: `[period]`, `<reference>…`, `[by day/month/year]`."""

    name: str
    required: bool
    repeated: bool
    parse: ParseFunction


def parameters_of(usage: str, parsers: Mapping[str, ParseFunction] | None = None) -> tuple[Parameter, ...]:
    """Return the parameters of a usage string, in its order; `parsers` read some of them in another way."""
    return tuple(
        Parameter(name, opening == "<", bool(ellipsis), (parsers or {}).get(name) or _parse_function(name))
        for opening, name, ellipsis in re.findall(r"([<\[])([^<>\[\]]+)[>\]](…?)", usage)
    )


def _parse_function(name: str) -> ParseFunction:
    """Return what reads a parameter: by its name, its default number of rows, or the choices it lists.

    A parameter with any other name takes the remaining text.
    """
    if name in _PARSE_FUNCTIONS:
        return _PARSE_FUNCTIONS[name]
    if name.isdigit():
        return _row_count
    if "/" in name:
        keyword, _, choices = name.rpartition(" ")
        return _choice(keyword, choices.split("/"))
    return remaining_text


def _choice(keyword: str, choices: list[str]) -> ParseFunction:
    """Return the parser of one of several words, with a keyword before it if that is not empty."""

    def parse(context: ParseContext, index: int) -> tuple[str, int] | None:
        words = [token.text.lower() for token in context.tokens[index : index + 2]]
        if not keyword:
            return (words[0], 1) if words[0] in choices else None
        return (words[1], 2) if words[0] == keyword and len(words) > 1 and words[1] in choices else None

    return parse


def reference_argument(context: ParseContext, index: int) -> tuple[Reference, int] | None:
    """Return the reference at an index, which may be OURS, and how many tokens it takes."""
    if context.tokens[index].text.lower() == "ours":
        return OURS, 1
    return references.leading_reference(context.texts(index))


def period_argument(context: ParseContext, index: int) -> tuple[Period, int] | None:
    """Return the period at an index and how many tokens it takes; raises InvalidArgument for a near miss."""
    if _NO_PERIOD.match(context.tokens[index].text):
        # Looking for a period takes a hundred times as long, and there may be hundreds of references.
        return None
    return leading_period(context.texts(index), context.today, context.year_start)


def _row_count(context: ParseContext, index: int) -> tuple[int, int] | None:
    """Read how many rows to list: 1 to 100."""
    word = context.tokens[index].text
    return (int(word), 1) if re.fullmatch(r"[1-9][0-9]?|100", word) else None


def _digest_number(context: ParseContext, index: int) -> tuple[int, int] | None:
    """Read `7` or `#7`, as `subscriptions` lists digests."""
    word = context.tokens[index].text.lstrip("#")
    return (int(word), 1) if re.fullmatch(r"[1-9][0-9]{0,8}", word) else None


def _digest_number_or_all(context: ParseContext, index: int) -> tuple[int, int] | None:
    """Read the number of a digest, or `all` as ALL_DIGESTS."""
    if context.tokens[index].text.lower() == "all":
        return (ALL_DIGESTS, 1)
    return _digest_number(context, index)


def _ours(context: ParseContext, index: int) -> tuple[bool, int] | None:
    return (True, 1) if context.tokens[index].text.lower() == "ours" else None


def remaining_text(context: ParseContext, index: int) -> tuple[str, int] | None:
    """Return the text from an index on, and how many tokens that is."""
    return " ".join(token.text for token in context.tokens[index:]), len(context.tokens) - index


def any_word(context: ParseContext, index: int) -> tuple[str, int] | None:
    """Return the word at an index, whatever it is."""
    return context.tokens[index].text, 1


def _item_type(context: ParseContext, index: int) -> tuple[int, int] | None:
    """Read the name of an item type, of up to three words, as its number."""
    for length in range(min(3, len(context.tokens) - index), 0, -1):
        number = item_type(" ".join(context.texts(index)[:length]))
        if number is not None and not context.tokens[index].text.isdigit():
            return number, length
    return None


def _portal(context: ParseContext, index: int) -> tuple[str, int] | None:
    words = context.texts(index)
    return (words[1], 2) if words[0].lower() == "portal" and len(words) > 1 else None


def _group(context: ParseContext, index: int) -> tuple[int, int] | None:
    words = context.texts(index)
    number = positive_int(words[1]) if words[0].lower() == "group" and len(words) > 1 else None
    return (number, 2) if number else None


def _first_versions(context: ParseContext, index: int) -> tuple[bool, int] | None:
    words = [word.lower() for word in context.texts(index)[:2]]
    return (True, 2) if words in (["first", "versions"], ["first", "version"]) else None


def period_or_since_year(context: ParseContext, index: int) -> tuple[Period, int] | None:
    """Return the period at an index; a mere year is the time since it began."""
    parsed = period_argument(context, index)
    if parsed is None or parsed[1] > 1 or not YEAR.fullmatch(context.tokens[index].text):
        return parsed
    return Period(parsed[0].start, context.today, so_far=True), 1


def refuse_years(context: ParseContext, index: int) -> None:
    """Raise InvalidArgument if nothing but two to four years is left from an index on."""
    years = [token.text for token in context.tokens[index : index + _MAX_YEARS + 1]]
    is_end = index + len(years) == len(context.tokens)
    if is_end and 1 < len(years) <= _MAX_YEARS and all(map(YEAR.fullmatch, years)):
        both = [f"{min(years)}..{max(years)}"] if min(years) != max(years) else []
        raise InvalidArgument(
            " ".join(years), "which of these years, or all of them?", *both, *dict.fromkeys(years)
        )


_PARSE_FUNCTIONS: dict[str, ParseFunction] = {
    "reference": reference_argument,
    "period": period_argument,
    "ours": _ours,
    "N": _digest_number,
    "N/all": _digest_number_or_all,
    "type": _item_type,
    "portal N or NAME": _portal,
    "group N": _group,
    "first versions": _first_versions,
    "format": any_word,
    "portal address": any_word,
}

# What reads the same words differently from one day to the next.
TODAY_DEPENDENT = frozenset({period_argument, period_or_since_year})
