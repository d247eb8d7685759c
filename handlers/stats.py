"""How often something was viewed, downloaded and shared."""

import asyncio
from collections.abc import Sequence

from bot.bot import Bot
from bot.commands import Command, Question, command
from bot.error_messages import error_message
from bot.figshare.errors import FigshareError, TimedOut
from bot.figshare.stats import COUNTERS, CounterName
from bot.items.counts import RAW, Count, figures, first_trouble, subject_with_counts
from bot.items.lookup import Subject
from bot.language import references
from bot.language.periods import ALL_TIME, Period
from bot.language.references import Reference
from bot.reply import Button, Cell, DoesNotExist, Line, Reply, Table, Text

EXAMPLE = "5616445"


def _counter(counter: CounterName, summary: str) -> Command:
    async def handle(bot: Bot, question: Question, asked: list[Reference], period: Period | None) -> Reply:
        if len(asked) == 1:
            return await _one(bot, question, asked[0], (counter,), period)
        return await _several(bot, question, asked, counter, period)

    handle.__doc__ = summary
    return command(
        f"{counter} <reference>… [period]",
        task="Count",
        examples=(f"{counter} {EXAMPLE}", f"{counter} {EXAMPLE} last year"),
        is_cacheable=True,
    )(handle)


views = _counter("views", "How often an item, collection, project, author or group was viewed.")
downloads = _counter("downloads", "How often it was downloaded.")
shares = _counter("shares", "How often it was shared.")


@command(
    "stats <reference> [period]",
    task="Count",
    examples=(f"stats {EXAMPLE}", f"stats {EXAMPLE} Q1 2025"),
    is_cacheable=True,
)
async def stats(bot: Bot, question: Question, asked: Reference, period: Period | None) -> Reply:
    """Views, downloads and shares in one answer, and citations where Figshare gives them."""
    return await _one(bot, question, asked, COUNTERS, period)


async def _one(
    bot: Bot, question: Question, asked: Reference, counters: Sequence[CounterName], period: Period | None
) -> Reply:
    thing, found = await subject_with_counts(bot, asked, counters, period)
    parts = [Text((*figures(found, thing.doubt), f" · {_said(period)}"))]
    wrong = first_trouble([found])
    if wrong is not None:
        parts.append(Text((" ".join(error_message(wrong)),)))
    return Reply(
        (thing.link,),
        tuple(parts),
        footnotes=(_about([thing]),),
        buttons=(Button("Try again", question.words),)
        if wrong is not None
        else _next(thing, counters, period),
        outcome="ok" if wrong is None else "trouble",
        subscribable=thing.words,
    )


async def _several(
    bot: Bot, question: Question, asked: list[Reference], counter: CounterName, period: Period | None
) -> Reply:
    found = await asyncio.gather(*(_found(bot, each, counter, period) for each in asked))
    rows: dict[object, tuple[Cell, ...]] = {}
    for reference, one in zip(asked, found, strict=True):
        if isinstance(one, tuple):
            thing, count = one
            cell = f"0, or {thing.doubt}" if count.value == 0 and thing.doubt else count.cell
            # The same thing may be named in two ways.
            rows[thing.kind, thing.id] = (thing.link, thing.words, cell)
        else:
            missing = "not yet" if isinstance(one, TimedOut) else "unknown"
            said = references.label(reference)
            rows[said] = ("–", said, "not on Figshare" if isinstance(one, DoesNotExist) else missing)
    things = [one[0] for one in found if isinstance(one, tuple)]
    wrong = first_trouble([{counter: one[1]} for one in found if isinstance(one, tuple)]) or next(
        (one for one in found if isinstance(one, FigshareError)), None
    )
    heading = f"{counter.capitalize()}, {_said(period)}"
    parts: list[Text | Table] = [
        Table(heading, ("Title", "Reference", counter.capitalize()), tuple(rows.values()))
    ]
    if wrong is not None:
        parts.append(Text((" ".join(error_message(wrong)),)))
    return Reply(
        (heading,),
        tuple(parts),
        footnotes=(_about(things),) if things else (),
        buttons=(Button("Try again", question.words),) if wrong is not None else (),
        outcome="ok" if things else "trouble" if wrong is not None else "wrong",
        subscribable=" ".join(thing.words for thing in things),
    )


async def _found(
    bot: Bot, asked: Reference, counter: CounterName, period: Period | None
) -> tuple[Subject, Count] | DoesNotExist | FigshareError:
    try:
        thing, found = await subject_with_counts(bot, asked, (counter,), period)
    except (DoesNotExist, FigshareError) as wrong:
        return wrong
    return thing, found[counter]


def _said(period: Period | None) -> str:
    return (period or ALL_TIME).label


def _about(things: Sequence[Subject]) -> Line:
    several = any(thing.kind == "article" for thing in things)
    return (f"{RAW}{', all versions together' if several else ''}.",)


def _next(thing: Subject, counters: Sequence[CounterName], period: Period | None) -> tuple[Button, ...]:
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
