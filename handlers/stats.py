"""How often something was viewed, downloaded and shared."""

import asyncio
from collections.abc import Sequence

from bot.answers import trouble
from bot.bot import Bot
from bot.commands import Ask, Command, command
from bot.counts import RAW, Count, counts, figures, first_trouble
from bot.figshare import references
from bot.figshare.errors import FigshareError, NotYet
from bot.figshare.references import Reference
from bot.figshare.stats import COUNTERS, Counter
from bot.limits import nothing_is_asked
from bot.lookup import NoSuch, Subject, subject
from bot.periods import ALL_TIME, Period
from bot.reply import Button, Cell, Line, Reply, Table, Text

EXAMPLE = "5616445"


def _counter(counter: Counter, summary: str) -> Command:
    async def handle(bot: Bot, ask: Ask, asked: list[Reference], period: Period | None) -> Reply:
        if len(asked) == 1:
            return await _one(bot, ask, asked[0], (counter,), period)
        return await _several(bot, ask, asked, counter, period)

    handle.__doc__ = summary
    return command(
        f"{counter} <reference>… [period]",
        task="Count",
        examples=(f"{counter} {EXAMPLE}", f"{counter} {EXAMPLE} last year"),
        quick=True,
    )(handle)


views = _counter("views", "How often an item, collection, project, author or group was viewed.")
downloads = _counter("downloads", "How often it was downloaded.")
shares = _counter("shares", "How often it was shared.")


@command(
    "stats <reference> [period]",
    task="Count",
    examples=(f"stats {EXAMPLE}", f"stats {EXAMPLE} Q1 2025"),
    quick=True,
)
async def stats(bot: Bot, ask: Ask, asked: Reference, period: Period | None) -> Reply:
    """Views, downloads and shares in one answer, and citations where Figshare gives them."""
    return await _one(bot, ask, asked, COUNTERS, period)


async def _one(
    bot: Bot, ask: Ask, asked: Reference, counters: Sequence[Counter], period: Period | None
) -> Reply:
    thing, counted = await _counted(bot, asked, counters, period)
    if isinstance(thing, NoSuch | FigshareError):
        raise thing
    parts = [Text((*figures(counted, thing.certain), f" · {_said(period)}"))]
    wrong = first_trouble([counted])
    if wrong is not None:
        parts.append(Text((" ".join(trouble(wrong)),)))
    return Reply(
        (thing.link,),
        tuple(parts),
        notes=(_about([thing]),),
        buttons=(Button("Try again", ask.words),) if wrong is not None else _next(thing, counters, period),
        outcome="ok" if wrong is None else "trouble",
    )


async def _several(
    bot: Bot, ask: Ask, asked: list[Reference], counter: Counter, period: Period | None
) -> Reply:
    found = await asyncio.gather(*(_counted(bot, each, (counter,), period) for each in asked))
    rows: list[tuple[Cell, ...]] = []
    for reference, (thing, counted) in zip(asked, found, strict=True):
        if isinstance(thing, Subject):
            cell: Cell = counted[counter].cell
            if cell == 0 and not thing.certain:
                cell = "0, or unknown to Figshare"
            rows.append((thing.link, thing.words, cell))
        else:
            missing = "not yet" if isinstance(thing, NotYet) else "unknown"
            rows.append(
                (references.label(reference), "", "not on Figshare" if isinstance(thing, NoSuch) else missing)
            )
    things = [thing for thing, _ in found if isinstance(thing, Subject)]
    wrong = first_trouble([counted for _, counted in found]) or next(
        (thing for thing, _ in found if isinstance(thing, FigshareError)), None
    )
    parts: list[Text | Table] = [
        Table(f"{counter}, {_said(period)}", ("Title", "Reference", counter.capitalize()), tuple(rows))
    ]
    if wrong is not None:
        parts.append(Text((" ".join(trouble(wrong)),)))
    return Reply(
        (f"{counter.capitalize()}, {_said(period)}",),
        tuple(parts),
        notes=(_about(things),) if things else (),
        buttons=(Button("Try again", ask.words),) if wrong is not None else (),
        outcome="ok" if things else "trouble" if wrong is not None else "wrong",
    )


async def _counted(
    bot: Bot, asked: Reference, counters: Sequence[Counter], period: Period | None
) -> tuple[Subject | NoSuch | FigshareError, dict[str, Count]]:
    early = None
    if asked.id is not None and asked.doi is None and not asked.private and not nothing_is_asked():
        # The number is what the counter needs: no reason to wait for the title first.
        early = asyncio.ensure_future(counts(bot, asked.kind or "article", asked.id, counters, period))
    try:
        thing = await subject(bot, asked)
    except (NoSuch, FigshareError) as wrong:
        if early is not None:
            early.cancel()
        return wrong, {}
    if early is not None:
        return thing, await early
    return thing, await counts(bot, thing.kind, thing.id, counters, period)


def _said(period: Period | None) -> str:
    return (period or ALL_TIME).label


def _about(things: Sequence[Subject]) -> Line:
    several = any(thing.kind == "article" for thing in things)
    return (f"{RAW}{', all versions together' if several else ''}.",)


def _next(thing: Subject, counters: Sequence[Counter], period: Period | None) -> tuple[Button, ...]:
    when = f" {period.words}" if period is not None and period.start is not None else ""
    if len(counters) > 1:
        return (
            Button("Over time", f"timeline {thing.words}{when}"),
            Button("By country", f"countries {thing.words}{when}"),
        )
    return (
        Button("All counters", f"stats {thing.words}{when}"),
        Button("Over time", f"timeline {thing.words}{when}"),
    )
