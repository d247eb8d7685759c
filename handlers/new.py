"""The newest records of the repository, by OAI-PMH."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from typing import NamedTuple

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.item_types import ITEM_TYPES
from bot.figshare.oai_records import Record
from bot.items.cards import AUTHORS_SHOWN, list_row, title_line
from bot.items.newest import is_first_version, newest_of_group
from bot.items.portals import set_of_portal
from bot.language.parameters import period_or_since_year
from bot.language.periods import Period
from bot.language.tokens import InvalidArgument, positive_int
from bot.reply import Line, Link, Reply, Rows, Text
from bot.text import capitalized, cut, formatted_day, plain, plural, safe_url

_RECORDS_PER_PAGE = 5
# How far back to look without a date: far enough to find something, and still new.
_DEFAULT_SPAN = timedelta(days=30)
# The first request for the names of portals lists this many sets.
_FIRST_SETS = 60
_NEAREST_PORTALS = 3
_PORTAL = re.compile(r'\bportal (?:"[^"]*"|\S+)', re.IGNORECASE)
_IRREGULAR_PLURALS = {"thesis": "theses", "media": "media", "software": "software", "funding": "funding"}


@command(
    "new [type] [portal N or NAME] [period] [ours] [group N] [first versions]",
    task="Find",
    examples=("new dataset", "new portal 2 since 2026-01-01"),
    depends_on_today=True,
    parsers={"period": period_or_since_year},
    words="newest, newly, newly published, latest, recent, recently, recently published, most recent, "
    "just published, new items, what's new, whats new, what is new, "
    "what was published, what were published, what got published, what has been published, we published, "
    "did we publish, have we published, do we publish",
    argument_words={"ours": "we published, did we publish, have we published, do we publish"},
)
async def new(
    bot: Bot,
    question: Question,
    item_type: int | None,
    portal: str | None,
    period: Period | None,
    ours: bool | None,
    group: int | None,
    first_versions: bool | None,
) -> Reply:
    """The newest records, with or without new versions: of a type, a portal, a group or `ours`.

    Without a period it lists the last 30 days. A year alone means since then: `new 2025` is `new since 2025`.
    """
    if ours:
        bot.require_ours("new")
        portal = str(bot.settings.figshare_institution)
    if portal and group:
        raise InvalidArgument("", "`new` takes a portal or a group, not both", f"new group {group}")
    if period is None:
        period = Period(question.today - _DEFAULT_SPAN, question.today, so_far=True)
    selection = _Selection(item_type, period, bool(first_versions))
    limit = question.page * _RECORDS_PER_PAGE + 1
    if group:
        listed = await newest_of_group(
            bot, group, item_type, period, limit, first_versions=selection.first_versions
        )
        rows = [list_row(item) for item in listed.items]
        return _page(question, selection, f"group {group}", rows, listed.is_complete, selection.notes())
    portal_set, portal_name = await _portal_set(bot, question, portal) if portal else ("", "")
    reply = await _records_reply(bot, question, selection, portal_set, bot.ours_name if ours else portal_name)
    is_list = any(isinstance(part, Rows) for part in reply.parts)
    return replace(reply, subscribable="ours") if ours and is_list else reply


async def _records_reply(
    bot: Bot, question: Question, selection: "_Selection", portal_set: str, where: str
) -> Reply:
    type_set = f"item_type_{selection.item_type}" if selection.item_type else ""
    period, first = selection.period, (question.page - 1) * _RECORDS_PER_PAGE
    # A request takes one set: that of the portal, the smaller one, whose records are filtered by type.
    records = await bot.oai.newest(
        portal_set or type_set or None,
        period.start,
        first + _RECORDS_PER_PAGE + 1,
        other_set=type_set or None if portal_set else None,
        until=None if period.so_far else period.end,
        is_wanted=is_first_version if selection.first_versions else None,
    )
    rows = [_row(record) for record in records.records]
    notes = selection.notes("By OAI-PMH: ", records.unreadable)
    complete_since = records.complete_since.date() if records.complete_since else None
    return _page(question, selection, where, rows, records.is_complete, notes, complete_since)


class _Selection(NamedTuple):
    """What is listed, besides where it was published."""

    item_type: int | None
    period: Period
    first_versions: bool

    def heading(self, where: str) -> str:
        noun = ITEM_TYPES[self.item_type] if self.item_type else "record"
        when = f", {self.period.label}"
        if self.period.so_far and self.period.start:
            when = f" since {formatted_day(self.period.start)}"
        nouns = _IRREGULAR_PLURALS.get(noun, noun + "s")
        return f"Newest {nouns}{f' of {where}' if where else ''}{when}"

    def notes(self, source: str = "", unreadable: int = 0) -> tuple[Line, ...]:
        versions = "first versions only" if self.first_versions else "new versions count as new"
        note: Line = (f"{capitalized(f'{source}{versions}')}.",)
        if not unreadable:
            return (note,)
        return (note, (f"{plural(unreadable, 'record')} left out: I couldn't read what Figshare sent.",))


def _page(
    question: Question,
    selection: _Selection,
    where: str,
    rows: Sequence[tuple[Line, ...]],
    is_complete: bool,
    notes: tuple[Line, ...],
    complete_since: date | None = None,
) -> Reply:
    first = (question.page - 1) * _RECORDS_PER_PAGE
    page, heading = rows[first : first + _RECORDS_PER_PAGE], selection.heading(where)
    if not page:
        nothing = "No more results." if first else "None."
        text = Text((nothing if is_complete else _incomplete_text(complete_since),))
        return Reply((heading,), (text,), footnotes=notes, page=question.page)
    total = f" of {len(rows)}" if is_complete else ""
    return Reply(
        (heading,),
        (
            Text((f"{first + 1}–{first + len(page)}{total}",)),
            Rows(tuple(page), first_number=first + 1),
        ),
        footnotes=notes,
        page=question.page,
        has_next_page=len(rows) > first + _RECORDS_PER_PAGE,
    )


def _incomplete_text(complete_since: date | None) -> str:
    since = f" since {formatted_day(complete_since)}" if complete_since else ""
    return f"Nothing found{since}, but there were too many records to check them all. Try a different date."


async def _portal_set(bot: Bot, question: Question, text: str) -> tuple[str, str]:
    """Return the set of a portal and its name; a portal given by its number takes no request.

    Raises InvalidArgument for what is neither the id of a portal nor in the name of exactly one.
    """
    if number := positive_int(text):
        return f"portal_{number}", f"portal {number}"
    portals, is_complete = await _portals(bot)
    matches = {spec: name for spec, name in portals.items() if text.lower() in name.lower()}
    matches = {spec: name for spec, name in matches.items() if name.lower() == text.lower()} or matches
    if not matches and (portal_set := await set_of_portal(bot, text)):
        return portal_set, portals.get(portal_set, text)
    if len(matches) == 1:
        return next(iter(matches.items()))
    if matches:
        listed = ", ".join(
            f"{name} ({spec.removeprefix('portal_')})" for spec, name in list(matches.items())[:5]
        )
        example = f"new portal {next(iter(matches)).removeprefix('portal_')}"
        raise InvalidArgument(text, f"{len(matches)} portals have that in their name: {listed}", example)
    if not is_complete:
        example = f'new portal "{text}"'
        raise InvalidArgument(text, "not among the portals I could list in time; please ask again", example)
    raise _no_such_portal(question, text, portals)


def _no_such_portal(question: Question, text: str, portals: Mapping[str, str]) -> InvalidArgument:
    """Return the error for a name that no portal has, with the portals whose names are nearest."""
    specs: dict[str, str] = {}
    for spec, name in portals.items():
        for part in (name, *name.split()):
            specs.setdefault(part.lower(), spec)
    near = get_close_matches(text.lower(), specs, n=_NEAREST_PORTALS)
    nearest = {specs[part]: portals[specs[part]] for part in near}
    if not nearest:
        return InvalidArgument(text, "no portal of that name; `oai sets` lists them", "oai sets")
    numbers = [spec.removeprefix("portal_") for spec in nearest]
    listed = ", ".join(f"{name} ({number})" for name, number in zip(nearest.values(), numbers, strict=True))
    reason = f"no portal of that name; the nearest {'is' if len(nearest) == 1 else 'are'} {listed}"
    # With its word and its quotes, so that what is offered stands in its place.
    typed = _PORTAL.search(question.words)
    return InvalidArgument(typed[0] if typed else text, reason, *(f"portal {number}" for number in numbers))


async def _portals(bot: Bot) -> tuple[dict[str, str], bool]:
    """Return the names of the portals by their sets, and whether these are all.

    The portals come before thousands of other sets, so the list is fetched only until it has passed them.
    """
    limit = _FIRST_SETS
    while True:
        listed = await bot.oai.sets(limit)
        portals = {
            row.set_spec: plain(row.set_name, 300)
            for row in listed.sets
            if row.set_spec.startswith("portal_")
        }
        is_past_portals = bool(portals) and listed.sets[-1].set_spec not in portals
        if listed.is_complete or is_past_portals or len(listed.sets) < limit:
            return portals, listed.is_complete or is_past_portals
        limit *= 2


def _row(record: Record) -> tuple[Line, ...]:
    number, datestamp = record.header.article_id, formatted_day(record.header.datestamp.date())
    if record.header.is_deleted or record.dublin_core is None:
        return ((f"Item {number}",), (f"withdrawn · {datestamp}",))
    dc = record.dublin_core
    url = safe_url(plain(dc.relation)) or (f"https://figshare.com/articles/_/{number}" if number else None)
    names = [cut(plain(name, 1_000), 60) for name in dc.creator[:AUTHORS_SHOWN]]
    count = len(dc.creator)
    more = f" and {plural(count - AUTHORS_SHOWN, 'more author')}" if count > AUTHORS_SHOWN else ""
    facts = [cut(plain(dc.type, 200), 60).lower() or "item", datestamp, ", ".join(names) + more, str(number)]
    # Figshare escapes the HTML of titles once more than XML needs.
    title = title_line(plain(dc.title, 2_000), f"item {number}")
    return ((Link(title, url, is_strong=True),), (" · ".join(filter(None, facts)),))
