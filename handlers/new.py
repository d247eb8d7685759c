"""The newest records of the repository, by OAI-PMH."""

from datetime import timedelta

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.item_types import ITEM_TYPES
from bot.figshare.oai_records import Record, Records
from bot.items.cards import AUTHORS_SHOWN, title_line
from bot.language.parameters import period_or_since_year
from bot.language.periods import Period
from bot.language.tokens import InvalidArgument, positive_int
from bot.reply import Line, Link, Reply, Rows, Text
from bot.text import cut, formatted_day, plain, plural, safe_url

_RECORDS_PER_PAGE = 5
# How far back to look without a date: far enough to find something, and still new.
_DEFAULT_SPAN = timedelta(days=30)
# The first request for the names of portals lists this many sets.
_FIRST_SETS = 60
_IRREGULAR_PLURALS = {"thesis": "theses", "media": "media", "software": "software", "funding": "funding"}
_FOOTNOTE: Line = ("By OAI-PMH: new versions count as new.",)


@command(
    "new [type] [portal N or NAME] [period] [ours]",
    task="Find",
    examples=("new dataset", "new portal 2 since 2026-01-01"),
    depends_on_today=True,
    parsers={"period": period_or_since_year},
    words="newest, newly, newly published, latest, recent, recently, recently published, most recent, "
    "just published, new items, what's new, whats new, what is new",
)
async def new(
    bot: Bot,
    question: Question,
    item_type: int | None,
    portal: str | None,
    period: Period | None,
    ours: bool | None,
) -> Reply:
    """The newest records, new versions included, of a type, a portal or ours."""
    if ours:
        bot.require_ours("new")
        portal = str(bot.settings.figshare_institution)
    portal_set, portal_name = await _portal_set(bot, portal) if portal else ("", "")
    type_set = f"item_type_{item_type}" if item_type else ""
    if period is None:
        period = Period(question.today - _DEFAULT_SPAN, question.today, so_far=True)
    first = (question.page - 1) * _RECORDS_PER_PAGE
    # A request takes one set: that of the portal, the smaller one, whose records are filtered by type.
    records = await bot.oai.newest(
        portal_set or type_set or None,
        period.start,
        first + _RECORDS_PER_PAGE + 1,
        other_set=type_set or None if portal_set else None,
        until=None if period.so_far else period.end,
    )
    page = records.records[first : first + _RECORDS_PER_PAGE]
    heading = _heading(item_type, bot.ours_name if ours else portal_name, period)
    if not page:
        text = Text((_no_records_text(records, first),))
        return Reply((heading,), (text,), footnotes=_footnotes(records), page=question.page)
    total = f" of {len(records.records)}" if records.is_complete else ""
    return Reply(
        (heading,),
        (
            Text((f"{first + 1}–{first + len(page)}{total}",)),
            Rows(tuple(_row(record) for record in page), first_number=first + 1),
        ),
        footnotes=_footnotes(records),
        page=question.page,
        has_next_page=len(records.records) > first + _RECORDS_PER_PAGE,
        subscribable="ours" if ours else "",
    )


def _heading(item_type: int | None, portal_name: str, period: Period) -> str:
    noun = ITEM_TYPES[item_type] if item_type else "record"
    where = f" of {portal_name}" if portal_name else ""
    when = f", {period.label}"
    if period.so_far and period.start:
        when = f" since {formatted_day(period.start)}"
    return f"Newest {_IRREGULAR_PLURALS.get(noun, noun + 's')}{where}{when}"


def _footnotes(records: Records) -> tuple[Line, ...]:
    if not records.unreadable:
        return (_FOOTNOTE,)
    return (
        _FOOTNOTE,
        (f"{plural(records.unreadable, 'record')} left out: I couldn't read what Figshare sent.",),
    )


def _no_records_text(records: Records, first: int) -> str:
    if records.is_complete:
        return "No more results." if first else "None."
    since = f" since {formatted_day(records.complete_since.date())}" if records.complete_since else ""
    return f"Nothing found{since}, but there were too many records to check them all. Try a different date."


async def _portal_set(bot: Bot, text: str) -> tuple[str, str]:
    """Return the set of a portal and its name; a portal given by its number takes no request.

    Raises InvalidArgument for a name that no portal has, or several.
    """
    if number := positive_int(text):
        return f"portal_{number}", f"portal {number}"
    portals, is_complete = await _portals(bot)
    matches = {spec: name for spec, name in portals.items() if text.lower() in name.lower()}
    matches = {spec: name for spec, name in matches.items() if name.lower() == text.lower()} or matches
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
    raise InvalidArgument(text, "no portal of that name; `oai sets` lists them", "oai sets")


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
