"""Where views and downloads came from."""

import asyncio
from collections.abc import Sequence

from bot.bot import Bot
from bot.commands import Question, command
from bot.error_messages import error_message
from bot.figshare.errors import FigshareError
from bot.figshare.stats import CounterName
from bot.items.counts import RAW
from bot.items.lookup import Subject, first_day, subject
from bot.language.periods import Period, last_whole_months
from bot.language.references import Reference
from bot.reply import Cell, Chart, Part, Reply, Table, Text
from bot.text import cut, plain, plural

SHOWN = 10
COUNTED: tuple[CounterName, ...] = ("views", "downloads")


@command(
    "countries <reference> [period]",
    task="Compare",
    examples=("countries 5616445", "countries 5616445 2025"),
    depends_on_today=True,
)
async def countries(bot: Bot, question: Question, asked: Reference, period: Period | None) -> Reply:
    """Where views and downloads came from: the top ten countries; by default of the last 12 whole months."""
    thing = await subject(bot, asked)
    if period is None:
        period = last_whole_months(12, question.today)
    elif period.start is None:
        period = Period(first_day(thing), question.today, so_far=True)
    found = await asyncio.gather(*(_from(bot, thing, counter, period) for counter in COUNTED))
    wrong = next((each for each in found if isinstance(each, FigshareError)), None)
    if wrong is not None and all(isinstance(each, FigshareError) for each in found):
        raise wrong
    known = {name: each for name, each in zip(COUNTED, found, strict=True) if isinstance(each, dict)}
    notes = ((f"{RAW}{', all versions together' if thing.kind == 'article' else ''}.",),)
    names = list(dict.fromkeys(country for each in known.values() for country in each))
    if not names:
        nothing = f"0 views and downloads, or {thing.doubt}" if thing.doubt else "No views or downloads"
        return Reply((thing.link,), (Text((f"{nothing}, {period.label}.",)),), footnotes=notes)
    top, rest = names[:SHOWN], names[SHOWN:]

    def row(label: str, some: Sequence[str]) -> tuple[Cell, ...]:
        added = (sum(known[n].get(each, 0) for each in some) if n in known else None for n in COUNTED)
        return (label, *added)

    rows = [row(_name(name), [name]) for name in top]
    if rest:
        rows.append(row(plural(len(rest), "other country", "other countries"), rest))
    rows.append(row("Total", names))
    drawn = tuple((n.capitalize(), tuple(each.get(name, 0) for name in top)) for n, each in known.items())
    heading = " and ".join(known).capitalize()
    parts: list[Part] = [
        Text((f"{period.label}, by country",)),
        Chart(
            f"{heading} by country",
            "bar",
            _distinct([_name(name) for name in top]),
            drawn,
        ),
        Table("By country", ("Country", *(name.capitalize() for name in COUNTED)), tuple(rows)),
    ]
    if wrong is not None:
        parts.insert(1, Text((" ".join(error_message(wrong)),)))
    return Reply(
        (thing.link,),
        tuple(parts),
        footnotes=notes,
        outcome="ok" if wrong is None else "trouble",
        subscribable=thing.words,
    )


async def _from(
    bot: Bot, thing: Subject, counter: CounterName, period: Period
) -> dict[str, int] | FigshareError:
    assert period.start is not None and period.end is not None
    try:
        return await bot.stats.breakdown(counter, thing.kind, thing.id, period.start, period.end)
    except FigshareError as error:
        return error


def _name(country: str) -> str:
    return cut(plain(country, 300), 60) or "Unknown"


def _distinct(names: list[str]) -> tuple[str, ...]:
    # Slack wants labels of at most 20 characters, each one once.
    short = [cut(name, 20) for name in names]
    return tuple(
        name if short.index(name) == at else f"{name[:16]} {at + 1}" for at, name in enumerate(short)
    )
