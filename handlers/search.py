"""Finding items, collections and projects."""

import re
from collections.abc import Mapping
from typing import Any

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.errors import BadRequest, FigshareError
from bot.figshare.item_types import ITEM_TYPES
from bot.items import cards
from bot.language.search import Search, parse_search
from bot.language.search_terms import quoted_value
from bot.reply import Button, Code, Line, Reply, Rows, Text

# https://docs.figshare.com/#articles_search
_MAX_PAGE_SIZE = 1_000
_PAGE = re.compile(r"(?:^|(?<=\s))page: ?[0-9]+(?: |$)", re.IGNORECASE)
_BY = re.compile(r"(?:^| )by (?P<name>[A-Z][\w'-]*(?: [A-Z][\w'.-]*){0,2})$")
_KIND_NOUNS = {"articles": "items", "collections": "collections", "projects": "projects"}


@command(
    "search <words and fields>",
    task="Find",
    examples=("search title:frog", 'search author:"Jane Doe" type:dataset since:2024'),
    depends_on_today=True,
    words="find, find me, look for, looking for, search for, searching for, anything on, anything about, "
    "about, is there any, are there any, have you got, do you have, who works on, "
    "do we have, have we got, do we hold",
    argument_words={f"type:{quoted_value(name)}": f"{name}s" for name in ITEM_TYPES.values()}
    | {
        "type:thesis": "theses",
        "ours": "do we have, have we got, do we hold",
        "": "papers, articles, items, works, outputs, records, publications",
    },
    validate=lambda bot, today, text: parse_search(text, today),
)
async def search(bot: Bot, question: Question, text: str) -> Reply:
    """Items by words and fields; `search collections …` and `search projects …` for the other two."""
    query = parse_search(text, question.today)
    body, notes = dict(query.body), list[Line]()
    if query.is_ours:
        bot.require_ours("search")
        body |= bot.ours_filter
    # With `page:3` in the question, the answer's first page is Figshare's third.
    page, size = int(body["page"]) + question.page - 1, int(body["page_size"])
    body["page"] = page
    try:
        rows = await bot.figshare.search(query.kind, body)
    except BadRequest:
        if body["order"] == "published_date":
            raise
        notes.append((f"Figshare can't sort by {body['order']} here, so these are sorted by date.",))
        body["order"] = "published_date"
        rows = await bot.figshare.search(query.kind, body)
    first = (page - 1) * size + 1
    total = await _total(bot, query, body, first, len(rows))
    if not total and len(rows) >= size:
        notes.append(("Figshare's search doesn't report a total.",))
    if query.names_date and query.kind == "articles":
        notes.append(("By the date of the newest version, as Figshare gives it.",))
    if not rows:
        return _no_results(query, text, page, question.page, tuple(notes))
    return Reply(
        (_heading(query, body, first, len(rows), total),),
        (Rows(tuple(cards.list_row(row) for row in rows), first_number=first),),
        footnotes=tuple(notes),
        page=question.page,
        # A total of a whole page may be less than all.
        has_next_page=len(rows) >= size and (total != first + len(rows) - 1 or total >= _MAX_PAGE_SIZE),
        buttons=_author_buttons(text),
        subscribable=f"search {text}",
    )


def _author_buttons(text: str) -> tuple[Button, ...]:
    """Return a button that reads a name after `by` as an author: `frog by Jane Doe`."""
    by = _BY.search(text)
    if not by or '"' in text:
        return ()
    words = f"search {text[: by.start()]} author:{quoted_value(by['name'])}".replace("  ", " ")
    return (Button(words, words),)


async def _total(bot: Bot, query: Search, body: Mapping[str, Any], first: int, count: int) -> int | None:
    """Return how many results there are, at most a page of Figshare's; None where that is unknown.

    It is asked for our repository and for groups, who want to know how much they have.
    """
    size = int(body["page_size"])
    if not (query.is_ours or "group" in body) or not count:
        return None
    if count < size:
        return first + count - 1
    try:
        return len(await bot.figshare.search(query.kind, {**body, "page": 1, "page_size": _MAX_PAGE_SIZE}))
    except FigshareError:
        return None


def _heading(query: Search, body: Mapping[str, Any], first: int, count: int, total: int | None) -> str:
    """Return `Results 1–5 for “frog”, newest first`, with the query as it was understood."""
    noun = _KIND_NOUNS[query.kind]
    of_total = ""
    if total and total >= first + count - 1:
        of_total = f" of {total:,}{' or more' if total >= _MAX_PAGE_SIZE else ''}"
    if count > 1:
        noun = "results" if query.kind == "articles" else noun
        place = f"{noun.capitalize()} {first}–{first + count - 1}{of_total}"
    else:
        is_only = first == 1 and (total or 1) == 1
        place = f"1 {noun[:-1]}" if is_only else f"{noun[:-1].capitalize()} {first}{of_total}"
    order = query.interpretation.rpartition(", ")[2]
    if body["order"] != query.body["order"]:
        order = "newest first" if body["order_direction"] == "desc" else "oldest first"
    return f"{place} for {_subject(query)}, {order}"


def _subject(query: Search) -> str:
    """Return `“frog” in our repository`: what was searched for, as it was understood, and where."""
    words = query.interpretation.rpartition(", ")[0].removesuffix(", ours").removesuffix(f" in {query.kind}")
    words = words if words.startswith("all ") else f"“{words}”"
    return f"{words}{' in our repository' if query.is_ours else ''}"


def _no_results(query: Search, text: str, page: int, question_page: int, notes: tuple[Line, ...]) -> Reply:
    """Return the reply for no results on Figshare's page `page`, which the person or a button asked for."""
    noun = _KIND_NOUNS[query.kind]
    if question_page > 1:
        return Reply((f"No more {noun} for {_subject(query)}",), footnotes=notes, page=question_page)
    if page > 1:
        first = f"search {_PAGE.sub('', text).strip()}"
        return Reply(
            (f"There is no page {page}; the {noun} for {_subject(query)} end before it.",),
            footnotes=notes,
            buttons=(Button("First page", first),),
        )
    hint: Line = (
        "Fewer words, or a field such as ",
        Code("title:"),
        " or ",
        Code("author:"),
        ", may find more.",
    )
    return Reply(
        (f"No {noun} for {_subject(query)}",),
        (Text(hint),),
        footnotes=notes,
        buttons=(*_author_buttons(text), Button("help search", "help search")),
        subscribable=f"search {text}",
    )
