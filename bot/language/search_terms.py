"""The terms of a search, written so that Figshare reads them as they were meant."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Literal

from bot.figshare.item_types import ITEM_TYPES, item_type
from bot.language.dates import ONE_DAY, Dates, leading_dates
from bot.language.period_parser import leading_period
from bot.language.tokens import InvalidArgument

# What periods that are counted from today begin with.
_RELATIVE = frozenset(("last", "past", "previous", "this", "current"))
SearchKind = Literal["articles", "collections", "projects"]

OPERATORS = ("AND", "OR", "NOT")
# Anything else in a word means something to Figshare's search, or may one day, so it is quoted.
_PLAIN_WORD = re.compile(r"\w[\w.-]*")
# What ends a phrase, or changes where it ends.
_UNQUOTABLE = re.compile(r'["\\\x00-\x1f]')
# What people call a type that has another name at Figshare.
_EVERYDAY_TYPES = {
    **dict.fromkeys(("video", "videos", "audio", "film", "movie", "sound", "recording"), "media"),
    **dict.fromkeys(("image", "images", "picture", "photo", "photos", "graph", "map"), "figure"),
    **dict.fromkeys(("article", "articles", "journal article", "publication"), "journal contribution"),
    **dict.fromkeys(("data", "table", "spreadsheet"), "dataset"),
    **dict.fromkeys(("slides", "talk", "lecture"), "presentation"),
    **dict.fromkeys(("dissertation", "dissertations"), "thesis"),
    **dict.fromkeys(("script", "program", "tool"), "software"),
    **dict.fromkeys(("proceedings", "conference paper"), "conference contribution"),
}
# Figshare's query knows types by their names, and these by former names.
_FORMER_TYPE_NAMES = {6: "paper", 9: "code"}


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the query.

    `text` is what Figshare is sent, "" if the term can only be sent as its parameter; `shown` is our spelling
    for people; `parameter` is the parameter of the request that it may be sent as instead.
    """

    text: str
    shown: str
    parameter: tuple[str, Any] | None = None


def query_text(term: Term) -> str:
    """Return a term as it stands in the query; raises InvalidArgument if it can only be a parameter."""
    if not term.text:
        raise InvalidArgument(
            term.shown, "a number can't be combined with OR, NOT or brackets", "institution:lboro"
        )
    return term.text


def joined_terms(alternatives: list[list[Term]], text_of: Callable[[Term], str]) -> str:
    """Return the query for alternatives, each a list of terms that all hold."""
    return " OR ".join(" AND ".join(text_of(term) for term in terms) for terms in alternatives if terms)


def field_term(field: str, value: str, is_phrase: bool) -> Term | None:
    """Return the term for a word or phrase, in a field if it is not ""; None if there is nothing in it."""
    value = value if is_phrase else value.strip(",;")
    if field == "doi":
        value = re.sub(r"^(?:doi:|https?://(?:dx\.)?doi\.org/)+", "", value, flags=re.IGNORECASE)
    elif field == "orcid":
        value = value.removesuffix("/").rpartition("/")[2]
    elif field == "extension":
        value = value.lstrip(".")
    if not re.search(r"\w", value):
        return None
    value = f'"{value}"' if is_phrase and ":" not in value else quoted_value(value)
    return Term(f":{field}: {value}" if field else value, f"{field}:{value}" if field else value)


def quoted_value(text: str) -> str:
    """Return a value in which nothing is an operator, a field or the end of a phrase, quoted if need be."""
    if _PLAIN_WORD.fullmatch(text) and text.upper() not in OPERATORS:
        return text
    phrase = _UNQUOTABLE.sub(" ", text)
    if re.search(r":\s*\w+\s*:", phrase):
        phrase = phrase.replace(":", " ")
    return f'"{" ".join(phrase.split())}"'


def phrase_text(text: str) -> str:
    """Return the text of a phrase without what would end the phrase or change where it ends."""
    return " ".join(_UNQUOTABLE.sub(" ", text).split())


def type_term(name: str, error: InvalidArgument) -> Term:
    """Return the term for an item type; raises `error` for none, with the nearest type as its example."""
    number = item_type(name)
    if number is None:
        everyday = _EVERYDAY_TYPES.get(name.lower())
        near = [everyday] if everyday else []
        near = near or [known for known in ITEM_TYPES.values() if known.startswith(name.lower()) and name]
        near = near or get_close_matches(name.lower(), ITEM_TYPES.values(), 1, 0.6)
        if not near:
            raise error
        raise InvalidArgument(error.argument, error.reason, f"type:{quoted_value(near[0])}")
    figshare_name = _FORMER_TYPE_NAMES.get(number, ITEM_TYPES[number])
    return Term(
        f":item_type: {quoted_value(figshare_name)}",
        f"type:{quoted_value(ITEM_TYPES[number])}",
        ("item_type", number),
    )


def date_term(name: str, dates: Dates, today: date, error: InvalidArgument) -> Term:
    """Return the term for `since:` or `until:`, which include the day; raises `error` for the future.

    Figshare's own after and before leave the day out: "Will only return articles published after the date".
    As that parameter may be a date-time, it is sent the last second of the day before, which is right whether
    days or instants are compared. The query's fields take days only, so they are sent the day before or
    after. https://docs.figshare.com/#articles_search
    """
    if name == "until":
        return Term(f":published_before: {dates.last + ONE_DAY}", f"until:{dates.last}")
    if dates.first > today:
        raise InvalidArgument(error.argument, "that is in the future", error.example)
    parameter = ("published_since", f"{dates.first - ONE_DAY}T23:59:59Z")
    return Term(f":published_after: {dates.first - ONE_DAY}", f"since:{dates.first}", parameter)


def search_dates(words: Sequence[str], today: date) -> Dates | None:
    """Return the day, month or year that words begin with, which may be `today` or `yesterday`.

    So may be `last month` and the like. Raises InvalidArgument for a day that doesn't exist, or may be two.
    """
    if words[0].lower() in _RELATIVE and (parsed := leading_period(words, today)):
        period, length = parsed
        return Dates(period.start, period.end, length) if period.start and period.end else None
    if relative := {"today": today, "yesterday": today - ONE_DAY}.get(words[0].lower()):
        return Dates(relative, relative, 1)
    dates = leading_dates([word.strip(",;") for word in words], None)
    return dates if dates and 1900 <= dates.first.year <= 2199 else None
