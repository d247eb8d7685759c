"""What Figshare's search must be sent for somebody's words."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.language.search_parser import ORDERS, Reader
from bot.language.search_terms import Searched, Term, joined, text_of
from bot.language.tokens import InvalidArgument, straighten_typography

__all__ = ["Search", "search"]

# the enums of CollectionSearch and ProjectsSearch; an item is sorted by any of ours
_REFUSED = {"collections": {"downloads"}, "projects": {"downloads", "shares", "cites"}}
# harvesters are stopped at 9,000 records; a page beyond is a 400 or 422
_WINDOW = 9000


@dataclass(frozen=True)
class Search:
    """A request for POST /{what}/search; `understood` says it again in our spelling."""

    what: Searched
    body: dict[str, Any]
    ours: bool
    understood: str


def search(text: str, today: date) -> Search:
    """Turn search words into the request body that asks Figshare for them.

    Raises InvalidArgument for what is nearly right: `type:frog`, `since:2025-13`, `page:0`, `titel:frog`.
    https://docs.figshare.com/#articles_search
    """
    # a lone surrogate is no text and could not be sent
    clean = straighten_typography(text).encode(errors="ignore").decode()
    what, ours, rest = _chosen(" ".join(clean.split()))
    reader = Reader(rest, today, what)
    alternatives = reader.alternatives()
    if not (alternatives or reader.told or (not rest and (ours or what != "articles"))):
        raise InvalidArgument("search", "what for?", "search title:frog")
    shown = joined(alternatives, lambda term: term.shown)
    filters: dict[str, Any] = {}
    # parameters narrow everything: beside an OR they stay words of the query
    if len(alternatives) == 1:
        alternatives = [[term for term in alternatives[0] if not _taken(term, filters)]]
    query = joined(alternatives, text_of)
    body: dict[str, Any] = {"search_for": query} if query else {}
    order, said = _order(reader, what)
    where = "" if what == "articles" else f" in {what}"
    everything = "all items" if what == "articles" else f"all {what}"
    understood = (f"{shown}{where}" if shown else everything) + (", ours, " if ours else ", ") + said
    return Search(what, body | order | filters, ours, understood)


def _order(reader: Reader, what: Searched) -> tuple[dict[str, Any], str]:
    """Give order and page for the body, and the order in words."""
    sort, note = reader.sort, ""
    if sort in _REFUSED.get(what, ()):
        sort, note = "published", f" (Figshare doesn't sort {what} by {sort})"
    if reader.page * reader.size > _WINDOW:
        raise InvalidArgument(f"page:{reader.page}", f"Figshare lists the first {_WINDOW} only", "page:2")
    dated = {"published": ("newest", "oldest"), "modified": ("last changed", "longest unchanged")}
    descending, ascending = dated.get(sort, (f"most {sort}", f"fewest {sort}"))
    said = f"{descending if reader.direction == 'desc' else ascending} first{note}"
    body = {"order": ORDERS[sort], "order_direction": reader.direction}
    return body | {"page": reader.page, "page_size": reader.size}, said


def _chosen(text: str) -> tuple[Searched, bool, str]:
    """Take `ours` and what is searched from the front, each once."""
    what: Searched | None = None
    ours = False
    names: dict[str, Searched] = {"items": "articles", "collections": "collections", "projects": "projects"}
    while text:
        first, _, rest = text.partition(" ")
        if first.lower() == "ours" and not ours:
            ours = True
        elif first.lower() in names and not what:
            what = names[first.lower()]
        else:
            break
        text = rest
    return what or "articles", ours, text


def _taken(term: Term, filters: dict[str, Any]) -> bool:
    """Put a term that can be a parameter among them, if there is none of its name yet."""
    if not term.parameter:
        return False
    name, value = term.parameter
    if name not in filters:
        filters[name] = value
        return True
    if name == "item_type":
        raise InvalidArgument(term.shown, "an item has one type", "type:dataset OR type:software")
    return False
