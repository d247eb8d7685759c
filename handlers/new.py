"""The newest records of the repository, by OAI-PMH."""

from datetime import date, timedelta

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.item_types import ITEM_TYPES
from bot.figshare.oai_records import Record, Records
from bot.items.cards import FIRST_AUTHORS
from bot.language.tokens import InvalidArgument, positive
from bot.reply import Line, Link, Reply, Rows, Text
from bot.text import cut, day, plain, plural, web

PAGE = 5
# Without a date: far enough to find something, near enough to be new.
RECENT = timedelta(days=30)
FIRST_SETS = 60
# The plurals that are not just an s.
SEVERAL = {"thesis": "theses", "media": "media", "software": "software", "funding": "funding"}


@command(
    "new [type] [portal N or NAME] [since DATE] [ours]",
    task="Find",
    examples=("new dataset", "new portal 2 since 2026-01-01"),
    depends_on_today=True,
)
async def new(
    bot: Bot,
    question: Question,
    item_type: int | None,
    portal: str | None,
    since: date | None,
    ours: bool | None,
) -> Reply:
    """The newest records, new versions included, of a type, a portal or ours."""
    if ours:
        bot.need_ours("FIGSHARE_INSTITUTION")
        portal = str(bot.settings.figshare_institution)
    portal_set, portal_name = await _portal(bot, portal) if portal else ("", "")
    type_set = f"item_type_{item_type}" if item_type else ""
    begin = since or question.today - RECENT
    first = (question.page - 1) * PAGE
    # OAI-PMH takes one set: the portal is the smaller one.
    found = await bot.oai.newest(
        portal_set or type_set or None,
        begin,
        first + PAGE + 1,
        also=type_set or None if portal_set else None,
    )
    shown = found.records[first : first + PAGE]
    what = ITEM_TYPES[item_type] if item_type else "record"
    where = f" of {portal_name}" if portal_name else ""
    heading = f"Newest {SEVERAL.get(what, what + 's')}{where} since {day(begin)}"
    if not shown:
        return Reply(
            (heading,), (Text((_nothing(found, first),)),), footnotes=(_about(),), page=question.page
        )
    total = f" of {len(found.records)}" if found.complete else ""
    return Reply(
        (heading,),
        (
            Text((f"{first + 1}–{first + len(shown)}{total}",)),
            Rows(tuple(_row(each) for each in shown), first=first + 1),
        ),
        footnotes=(_about(),),
        page=question.page,
        has_next_page=len(found.records) > first + PAGE,
        subscribable="ours" if ours else "",
    )


def _nothing(found: Records, first: int) -> str:
    if found.complete:
        return "No more of them." if first else "None."
    back = f" since {day(found.reached.date())}" if found.reached else ""
    return f"None found{back}: there is more than I can look through. An earlier or later date may help."


def _about() -> Line:
    return ("By OAI-PMH: new versions count as new.",)


async def _portal(bot: Bot, said: str) -> tuple[str, str]:
    """Give the set of a portal and what it is called; a number needs no looking up."""
    if number := positive(said):
        return f"portal_{number}", f"portal {number}"
    portals, complete = await _portals(bot)
    matching = {spec: name for spec, name in portals.items() if said.lower() in name.lower()}
    exact = {spec: name for spec, name in matching.items() if name.lower() == said.lower()} or matching
    if len(exact) == 1:
        return next(iter(exact.items()))
    if exact:
        some = ", ".join(f"{name} ({spec.removeprefix('portal_')})" for spec, name in list(exact.items())[:5])
        example = f"new portal {next(iter(exact)).removeprefix('portal_')}"
        raise InvalidArgument(said, f"{len(exact)} portals have that in their name: {some}", example)
    if not complete:
        again = f'new portal "{said}"'
        raise InvalidArgument(said, "not among the portals I could list in time; please ask again", again)
    raise InvalidArgument(said, "no portal of that name; `oai sets` lists them", "oai sets")


async def _portals(bot: Bot) -> tuple[dict[str, str], bool]:
    """Give the portals by set, and whether these are all; they stand before thousands of other sets."""
    limit = FIRST_SETS
    while True:
        known = await bot.oai.sets(limit)
        portals = {
            each.set_spec: plain(each.set_name, 300)
            for each in known.sets
            if each.set_spec.startswith("portal_")
        }
        passed = bool(portals) and known.sets[-1].set_spec not in portals
        if known.complete or passed or len(known.sets) < limit:
            return portals, known.complete or passed
        limit *= 2


def _row(found: Record) -> tuple[Line, ...]:
    number, on = found.header.article_id, day(found.header.datestamp.date())
    if found.header.deleted or found.dc is None:
        return ((f"Item {number}",), (f"withdrawn · {on}",))
    url = web(plain(found.dc.relation)) or (f"https://figshare.com/articles/_/{number}" if number else None)
    count = len(found.dc.creator)
    names = [cut(plain(each, 1_000), 60) for each in found.dc.creator[:FIRST_AUTHORS]]
    more = f" and {plural(count - FIRST_AUTHORS, 'more author')}" if count > FIRST_AUTHORS else ""
    facts = [cut(plain(found.dc.type, 200), 60).lower() or "item", on, ", ".join(names) + more, str(number)]
    title = cut(plain(plain(found.dc.title, 2_000)), 250) or f"item {number}"
    return ((Link(title, url, strong=True),), (" · ".join(filter(None, facts)),))
