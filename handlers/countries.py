"""Where views and downloads came from."""

import asyncio

from bot.bot import Bot
from bot.commands import Ask, command
from bot.counts import RAW
from bot.figshare.references import Reference
from bot.lookup import subject
from bot.periods import Period, last_whole_months
from bot.reply import Cell, Chart, Reply, Table, Text
from bot.text import cut, plain, plural
from handlers.timeline import first_day

SHOWN = 10


@command(
    "countries <reference> [period]",
    task="Compare",
    examples=("countries 5616445", "countries 5616445 2025"),
)
async def countries(bot: Bot, ask: Ask, asked: Reference, period: Period | None) -> Reply:
    """Where views and downloads came from: the top ten countries; by default of the last 12 whole months."""
    thing = await subject(bot, asked)
    if period is None:
        period = last_whole_months(12, ask.today)
    elif period.start is None:
        period = Period(first_day(thing), ask.today, so_far=True)
    assert period.start is not None and period.end is not None
    views, downloads = await asyncio.gather(
        *(
            bot.stats.breakdown(counter, thing.kind, thing.id, period.start, period.end)
            for counter in ("views", "downloads")
        )
    )
    notes = ((f"{RAW}{', all versions together' if thing.kind == 'article' else ''}.",),)
    names = sorted(
        views.keys() | downloads.keys(), key=lambda name: (-views.get(name, 0), -downloads.get(name, 0), name)
    )
    if not names:
        nothing = (
            "No views or downloads" if thing.certain else "0 views and downloads, or unknown to Figshare"
        )
        return Reply((thing.link,), (Text((f"{nothing}, {period.label}.",)),), notes=notes)
    top, rest = names[:SHOWN], names[SHOWN:]
    rows: list[tuple[Cell, ...]] = [(_name(name), views.get(name, 0), downloads.get(name, 0)) for name in top]
    if rest:
        others = plural(len(rest), "other country", "other countries")
        rows.append((others, sum(views.get(n, 0) for n in rest), sum(downloads.get(n, 0) for n in rest)))
    rows.append(("Total", sum(views.values()), sum(downloads.values())))
    return Reply(
        (thing.link,),
        (
            Text((f"{period.label}, by country",)),
            Chart(
                "Views and downloads by country",
                "bar",
                _distinct([_name(name) for name in top]),
                (
                    ("Views", tuple(views.get(n, 0) for n in top)),
                    ("Downloads", tuple(downloads.get(n, 0) for n in top)),
                ),
            ),
            Table("By country", ("Country", "Views", "Downloads"), tuple(rows)),
        ),
        notes=notes,
    )


def _name(country: str) -> str:
    return cut(plain(country), 60) or "Unknown"


def _distinct(names: list[str]) -> tuple[str, ...]:
    # Slack wants labels of at most 20 characters, each one once.
    short = [cut(name, 20) for name in names]
    return tuple(
        name if short.index(name) == at else f"{name[:16]} {at + 1}" for at, name in enumerate(short)
    )
