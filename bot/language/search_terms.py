"""The terms of a search, written so that Figshare reads them as they were meant."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any, Literal

from bot.figshare.item_types import ITEM_TYPES, item_type
from bot.language.tokens import InvalidArgument

Searched = Literal["articles", "collections", "projects"]

OPERATORS = ("AND", "OR", "NOT")
# anything else in a word means something to Figshare's search, or may one day: it goes in quotes
_PLAIN = re.compile(r"\w[\w.-]*")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
# what ends a phrase, or changes what does
_ENDS = re.compile(r'["\\\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the query, said our way too, and the parameter it may be instead; "" if it must be that."""

    text: str
    shown: str
    parameter: tuple[str, Any] | None = None


def text_of(term: Term) -> str:
    if not term.text:
        raise InvalidArgument(
            term.shown, "a number stands alone here: no OR, NOT or brackets", "institution:lboro"
        )
    return term.text


def joined(alternatives: list[list[Term]], part: Callable[[Term], str]) -> str:
    return " OR ".join(" AND ".join(part(term) for term in terms) for terms in alternatives if terms)


def fielded(field: str, said: str, is_phrase: bool) -> Term | None:
    """Make a term of one word or phrase; None if there is nothing in it to search for."""
    said = said if is_phrase else said.strip(",;")
    if field == "doi":
        said = re.sub(r"^(?:doi:|https?://(?:dx\.)?doi\.org/)+", "", said, flags=re.IGNORECASE)
    elif field == "orcid":
        said = said.removesuffix("/").rpartition("/")[2]
    elif field == "extension":
        said = said.lstrip(".")
    if not re.search(r"\w", said):
        return None
    value = f'"{said}"' if is_phrase and ":" not in said else value_of(said)
    return Term(f":{field}: {value}" if field else value, f"{field}:{value}" if field else value)


def value_of(text: str) -> str:
    """Write a value so that nothing in it is an operator, a field or the end of a phrase."""
    if _PLAIN.fullmatch(text) and text.upper() not in OPERATORS:
        return text
    inside = _ENDS.sub(" ", text)
    if re.search(r":\s*\w+\s*:", inside):
        inside = inside.replace(":", " ")
    return f'"{" ".join(inside.split())}"'


def phrase(text: str) -> str:
    """Give what is in the quotes, but for what would end or change it."""
    return " ".join(_ENDS.sub(" ", text).split())


def typed(said: str, what: Searched, wrong: InvalidArgument) -> Term:
    """Make a term of a type; raises `wrong`, with the nearest type as its example."""
    if what != "articles":
        raise InvalidArgument(wrong.argument, f"{what} have no type", f"search {wrong.example}")
    number = item_type(said)
    if number is None:
        near = [each for each in ITEM_TYPES.values() if each.startswith(said.lower()) and said]
        near = near or get_close_matches(said.lower(), ITEM_TYPES.values(), 1, 0.6)
        example = f"type:{value_of(near[0])}" if near else wrong.example
        raise InvalidArgument(wrong.argument, wrong.reason, example)
    # in the query Figshare knows types by their names, some by the former ones
    wire = {6: "paper", 9: "code"}.get(number, ITEM_TYPES[number])
    return Term(
        f":item_type: {value_of(wire)}", f"type:{value_of(ITEM_TYPES[number])}", ("item_type", number)
    )


def dated(name: str, said: str, today: date, wrong: InvalidArgument) -> Term:
    """Include the day that was said, though Figshare's after and before leave theirs out.

    "Will only return articles published after the date", which may be a date-time: so the last second of
    the day before, which is right whether days or instants are compared. The query's fields take days
    only: the day before and the day after. https://docs.figshare.com/#articles_search
    """
    days = _days(said, today)
    if not days:
        raise wrong
    if name == "until":
        return Term(f":published_before: {days[1] + timedelta(days=1)}", f"until:{days[1]}")
    if days[0] > today:
        raise InvalidArgument(wrong.argument, "that is in the future", wrong.example)
    before = days[0] - timedelta(days=1)
    since = ("published_since", f"{before}T23:59:59Z")
    return Term(f":published_after: {before}", f"since:{days[0]}", since)


def _days(said: str, today: date) -> tuple[date, date] | None:
    """Read a day, month or year, or yesterday or today, as its first and last day."""
    relative = {"today": today, "yesterday": today - timedelta(days=1)}.get(said.lower())
    if relative:
        return relative, relative
    found = _DATE.fullmatch(said)
    if not found or not 1900 <= int(found[1]) <= 2199:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        first = date(year, month, day)
        if found[3]:
            return first, first
        return first, date(year, month if found[2] else 12, monthrange(year, month if found[2] else 12)[1])
    except ValueError:
        return None
