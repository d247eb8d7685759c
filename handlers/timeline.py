"""The counters over time."""

import asyncio
from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from bot.bot import Bot
from bot.commands import Question, command
from bot.error_messages import error_message
from bot.figshare.errors import FigshareError
from bot.figshare.stats import COUNTERS
from bot.items.counts import RAW
from bot.items.lookup import Subject, first_day, subject
from bot.language.periods import Granularity, Period, granularity, last_whole_months, steps
from bot.language.references import Reference
from bot.reply import Button, Chart, Part, Reply, Table, Text
from bot.text import MONTHS

# Rows of one table, with its heading and total below the limit of a hundred.
PAGE = 90


@command(
    "timeline <reference> [period] [by day/month/year]",
    task="Compare",
    examples=("timeline 5616445", "timeline 5616445 2025 by month"),
    depends_on_today=True,
)
async def timeline(
    bot: Bot, question: Question, asked: Reference, period: Period | None, by: Granularity | None
) -> Reply:
    """Views, downloads and shares over time, drawn and in figures; by default the last 12 whole months."""
    thing = await subject(bot, asked)
    period = _bounded(thing, period, question.today)
    step = by or granularity(period, None)
    drawn = granularity(period, step)
    series = await asyncio.gather(*(_series(bot, thing, each, period, step) for each in COUNTERS))
    wrong = next((each for each in series if isinstance(each, FigshareError)), None)
    if all(isinstance(each, FigshareError) for each in series) and wrong is not None:
        raise wrong
    known: dict[str, dict[str, int]] = {
        name: each for name, each in zip(COUNTERS, series, strict=True) if isinstance(each, dict)
    }
    if thing.doubt and not any(sum(each.values()) for each in known.values()):
        return Reply(
            (thing.link,), (Text((f"0, or {thing.doubt}, {period.label}.",)),), footnotes=((f"{RAW}.",),)
        )
    keys = steps(period, step)
    first = (question.page - 1) * PAGE
    shown = keys[first : first + PAGE]
    totals = tuple(sum(known[name].values()) if name in known else None for name in COUNTERS)
    rows = [
        (key_label(key, period), *(known[n].get(key, 0) if n in known else None for n in COUNTERS))
        for key in shown
    ]
    some = f", {first + 1}–{first + len(shown)} of {len(keys)}" if len(keys) > len(shown) else ""
    parts: list[Part] = [
        Text((f"{period.label}, by {step}{some}",)),
        chart(f"Views, downloads and shares by {drawn}", period, drawn, known),
        Table(
            f"By {step}",
            (step.capitalize(), *(name.capitalize() for name in COUNTERS)),
            (*rows, ("Total", *totals)),
        ),
    ]
    if wrong is not None:
        parts.insert(1, Text((" ".join(error_message(wrong)),)))
    return Reply(
        (thing.link,),
        tuple(parts),
        footnotes=((f"{RAW}{', all versions together' if thing.kind == 'article' else ''}.",),),
        buttons=(Button("By country", f"countries {thing.words} {period.words}"),),
        page=question.page,
        has_next_page=len(keys) > first + PAGE,
        outcome="ok" if wrong is None else "trouble",
        subscribable=thing.words,
    )


async def _series(
    bot: Bot, thing: Subject, counter: str, period: Period, step: Granularity
) -> dict[str, int] | FigshareError:
    assert period.start is not None and period.end is not None
    try:
        return await bot.stats.timeline(step, counter, thing.kind, thing.id, period.start, period.end)  # type: ignore[arg-type]
    except FigshareError as error:
        return error


def _bounded(thing: Subject, period: Period | None, today: date) -> Period:
    if period is None:
        return last_whole_months(12, today)
    if period.start is not None:
        return period
    return Period(first_day(thing), today, so_far=True)


def key_label(key: str, period: Period) -> str:
    """Write one of Figshare's keys (`2025`, `2025-03`, `2025-03-31`); one that the period cuts says so."""
    match [int(part) for part in key.split("-")]:
        case [year, month]:
            cut = _within(date(year, month, 1), date(year, month, monthrange(year, month)[1]), period)
            days = "–".join(dict.fromkeys(str(each.day) for each in cut))
            return f"{days} {MONTHS[month - 1]} {year}".strip()
        case [year, month, day]:
            return f"{day} {MONTHS[month - 1]} {year}"
    cut = _within(date(int(key), 1, 1), date(int(key), 12, 31), period)
    ends = " – ".join(f"{each.day} {MONTHS[each.month - 1]}" for each in cut)
    return f"{key} ({ends})" if ends else key


def _within(first: date, last: date, period: Period) -> tuple[date, ...]:
    """Give the days from and to which a span counts, or nothing where it counts whole."""
    assert period.start is not None and period.end is not None
    counted = max(first, period.start), min(last, period.end)
    return () if counted == (first, last) else counted


def labels(keys: Sequence[str], period: Period) -> tuple[str, ...]:
    """Write keys as short as they can be told apart below a chart."""
    said = [key_label(key, period) for key in keys]
    if keys[0].count("-") == 2:
        return tuple(each.rsplit(" ", 1)[0] for each in said)
    if keys[0].count("-") == 1 and len(keys) <= 12:
        return tuple(
            each if at == 0 or "Jan" in each else each.rsplit(" ", 1)[0] for at, each in enumerate(said)
        )
    return tuple(
        each.replace(" (", ", ").rstrip(")") if len(each) <= 20 else f"{each[:4]}, part" for each in said
    )


def chart(title: str, period: Period, step: Granularity, known: dict[str, dict[str, int]]) -> Chart:
    """Draw series whose keys are as fine as `step` or finer."""
    keys = steps(period, step)
    added = {name: dict.fromkeys(keys, 0) for name in known}
    for name, series in known.items():
        for key, count in series.items():
            if key[: len(keys[0])] in added[name]:
                added[name][key[: len(keys[0])]] += count
    return Chart(
        title,
        "line" if len(keys) > 1 else "bar",
        labels(keys, period),
        tuple((name.capitalize(), tuple(series.values())) for name, series in added.items()),
    )
