"""What a person wants to search for, turned into a request to Figshare's search."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.language.search_parser import ORDERS, SearchParser
from bot.language.search_scope import split_scope
from bot.language.search_terms import SearchKind, Term, joined_terms, query_text
from bot.language.tokens import InvalidArgument, straighten_typography

# Orders that Figshare's schemas CollectionSearch and ProjectsSearch don't have; items can be sorted by all.
_UNSUPPORTED_ORDERS = {"collections": {"downloads"}, "projects": {"downloads", "shares", "cites"}}
# Figshare refuses pages beyond its first 9,000 records with 400 or 422.
_MAX_RECORDS = 9000


@dataclass(frozen=True)
class Search:
    """A request for `POST /{kind}/search`; `interpretation` says to people how their words were read.

    With `is_ours` the caller has to add the group or the portal to the body. `names_date` says whether days,
    or an order by them, were asked for.
    """

    kind: SearchKind
    body: dict[str, Any]
    is_ours: bool
    interpretation: str
    names_date: bool = False


def parse_search(text: str, today: date) -> Search:
    """Return the search that a person typed: https://docs.figshare.com/#articles_search.

    Raises InvalidArgument for a near miss: `type:frog`, `since:2025-13`, `page:0`, `titel:frog`.
    """
    # A lone surrogate is no text and can't be sent.
    sendable = straighten_typography(text).encode(errors="ignore").decode()
    kind, is_ours, terms_text = split_scope(" ".join(sendable.split()))
    parser = SearchParser(terms_text, today, kind)
    alternatives = parser.alternatives()
    lists_everything = not terms_text and (is_ours or kind != "articles")
    if not (alternatives or parser.has_options or lists_everything):
        raise InvalidArgument("", "what should I search for?", "search title:frog")
    shown = joined_terms(alternatives, lambda term: term.shown)
    filters: dict[str, Any] = {}
    # A parameter of the request narrows the whole search, so beside an OR a term has to stay in the query.
    if len(alternatives) == 1:
        alternatives = [[term for term in alternatives[0] if not _add_filter(term, filters)]]
    query = joined_terms(alternatives, query_text)
    body: dict[str, Any] = {"search_for": query} if query else {}
    order, order_words = _order(parser, kind)
    if shown:
        subject = shown if kind == "articles" else f"{shown} in {kind}"
    else:
        subject = "all items" if kind == "articles" else f"all {kind}"
    interpretation = f"{subject}{', ours' if is_ours else ''}, {order_words}"
    return Search(kind, body | order | filters, is_ours, interpretation, parser.names_date)


def _order(parser: SearchParser, kind: SearchKind) -> tuple[dict[str, Any], str]:
    """Return order and page for the body, and the order in words."""
    sort, note = parser.sort, ""
    if sort in _UNSUPPORTED_ORDERS.get(kind, ()):
        sort, note = "published", f" (Figshare doesn't sort {kind} by {sort})"
    if parser.page * parser.size > _MAX_RECORDS:
        raise InvalidArgument(
            f"page:{parser.page}", f"Figshare lists only the first {_MAX_RECORDS:,}", "page:2"
        )
    by_date = {"published": ("newest", "oldest"), "modified": ("last changed", "longest unchanged")}
    counted = {"views": "viewed", "downloads": "downloaded", "shares": "shared", "cites": "cited"}
    descending, ascending = by_date.get(sort) or (f"most {counted[sort]}", f"least {counted[sort]}")
    words = f"{descending if parser.direction == 'desc' else ascending} first{note}"
    order = {"order": ORDERS[sort], "order_direction": parser.direction}
    return order | {"page": parser.page, "page_size": parser.size}, words


def _add_filter(term: Term, filters: dict[str, Any]) -> bool:
    """Add a term to the filters if it can be one and none has its name yet; return whether it was added."""
    if not term.parameter:
        return False
    name, value = term.parameter
    if name not in filters:
        filters[name] = value
        return True
    if name == "item_type":
        raise InvalidArgument(term.shown, "an item has one type", f"OR {term.shown}")
    return False
