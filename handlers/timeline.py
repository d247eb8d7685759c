"""The counters over time."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.bot import Bot
from bot.commands import Alternatives, Question, command
from bot.figshare.stats import COUNTERS, CounterName
from bot.items.counts import (
    CounterSeries,
    bounded_period,
    counter_table,
    counts_footnote,
    error_paragraph,
    fetch_series,
    first_counted_day,
    zero_paragraph,
)
from bot.items.lookup import Subject, fetch_subject
from bot.language.dates import ONE_DAY
from bot.language.periods import ChartStep, Period, bucket_keys, chart_step
from bot.language.references import Reference
from bot.reply import Button, Chart, Reply, Text
from bot.text import MONTHS

# With its heading and its total, a table stays within Slack's limit of a hundred rows.
_STEPS_PER_PAGE = 90


def _existing_steps(words: Sequence[str]) -> Alternatives | None:
    """Return the steps there are, in place of another one."""
    step = " ".join(words[:2]).lower()
    if not (match := re.match(r"(?:by |per |each |every )?(week|quarter|hour|decade)(?:s|ly)?\b", step)):
        return None
    length = 2 if " " in match[0] else 1
    reason = f"I can do by day, by month or by year, not by {match[1]}"
    return Alternatives(reason, ("by month", "by year", "by day"), length)


@command(
    "timeline <reference> [period] [by day/month/year]",
    task="Compare",
    examples=("timeline 5616445", "timeline 5616445 2025 by month"),
    alternatives=_existing_steps,
    depends_on_today=True,
    words="over time, changed over time, trend, trends, graph, chart, plot, time series, development, "
    "growth, monthly, yearly, daily, by month, by year, by day, per month, per year, per day, each "
    "month, each year, every month, every year, month by month, year by year, day by day",
    argument_words={
        "by month": "by month, monthly, per month, each month, every month, month by month",
        "by year": "by year, yearly, per year, each year, every year, year by year",
        "by day": "by day, daily, per day, day by day",
        "": ", ".join(COUNTERS),
    },
)
async def timeline(
    bot: Bot, question: Question, reference: Reference, period: Period | None, by: ChartStep | None
) -> Reply:
    """Views, downloads and shares over time, drawn and in figures; by default the last 12 whole months.

    Without a period, by year shows all years, and by day the last 30 days.
    """
    subject = await fetch_subject(bot, reference)
    is_all_time = period.start is None if period else by == "year"
    shown = _period(subject, period, by, question.today)
    step = by or chart_step(shown, None)

    async def over_time(counter: CounterName) -> dict[str, int]:
        assert shown.start is not None and shown.end is not None
        return await bot.stats.timeline(step, counter, subject.kind, subject.id, shown.start, shown.end)

    series, error = await fetch_series(COUNTERS, over_time)
    if subject.zero_caveat and not any(sum(counts.values()) for counts in series.values()):
        text = Text((f"No counts, {shown.label}.",))
        return Reply((subject.link,), (text, *zero_paragraph(subject)), footnotes=(counts_footnote(subject),))
    if is_all_time and subject.record is None and error is None:
        shown = _without_leading_zeros(shown, step, series)
    keys = bucket_keys(shown, step)
    first = (question.page - 1) * _STEPS_PER_PAGE
    page = keys[first : first + _STEPS_PER_PAGE]
    shown_range = f", {first + 1}–{first + len(page)} of {len(keys)}" if len(keys) > len(page) else ""
    rows = [(_key_label(key, shown), [key]) for key in page]
    return Reply(
        (subject.link,),
        (
            Text((f"{shown.label}, by {step}{shown_range}",)),
            *error_paragraph(error),
            _chart(shown, chart_step(shown, step), series),
            counter_table(f"By {step}", step.capitalize(), rows, series, COUNTERS),
        ),
        footnotes=(counts_footnote(subject),),
        buttons=(Button("By country", f"countries {subject.words} {shown.command_words}"),),
        page=question.page,
        has_next_page=len(keys) > first + _STEPS_PER_PAGE,
        outcome="ok" if error is None else "trouble",
        subscribable=subject.topic,
    )


def _period(subject: Subject, period: Period | None, by: ChartStep | None, today: date) -> Period:
    """Return the period that is shown; without one, it is as long as suits the step."""
    if period is None and by == "day":
        return Period(today - 30 * ONE_DAY, today - ONE_DAY)
    if period is None and by == "year":
        return Period(first_counted_day(subject).replace(month=1, day=1), today, so_far=True)
    return bounded_period(subject, period, today)


def _without_leading_zeros(period: Period, step: ChartStep, series: CounterSeries) -> Period:
    """Return a period without the years before the first count, where it isn't known when they begin."""
    counted = [key for counts in series.values() for key, count in counts.items() if count]
    if not counted or period.start is None:
        return period
    year, month, day = [int(part) for part in f"{min(counted)}-01-01".split("-")[:3]]
    return replace(period, start=max(period.start, date(year, month, day)))


def _key_label(key: str, period: Period) -> str:
    """Return one of Figshare's keys (`2025`, `2025-03`, `2025-03-31`) in words.

    A month or a year that the period contains only in part says which part: `12–31 Mar 2025`.
    """
    label = _part_label(key, period)
    if not period.so_far or not str(period.end).startswith(key):
        return label
    return f"{label.removesuffix(')')}, so far)" if label.endswith(")") else f"{label}, so far"


def _part_label(key: str, period: Period) -> str:
    match [int(part) for part in key.split("-")]:
        case [year, month]:
            part = _counted_part(date(year, month, 1), date(year, month, monthrange(year, month)[1]), period)
            days = "–".join(dict.fromkeys(str(day.day) for day in part))
            return f"{days} {MONTHS[month - 1]} {year}".strip()
        case [year, month, day_of_month]:
            return f"{day_of_month} {MONTHS[month - 1]} {year}"
    part = _counted_part(date(int(key), 1, 1), date(int(key), 12, 31), period)
    ends = " – ".join(f"{day.day} {MONTHS[day.month - 1]}" for day in part)
    return f"{key} ({ends})" if ends else key


def _counted_part(first: date, last: date, period: Period) -> tuple[date, ...]:
    """Return the first and last of these days that are in the period; empty where all of them are."""
    assert period.start is not None and period.end is not None
    counted = max(first, period.start), min(last, period.end)
    return () if counted == (first, last) else counted


def _chart_labels(keys: Sequence[str], period: Period) -> tuple[str, ...]:
    """Return the shortest labels by which the keys can be told apart below a chart."""
    labels = [_part_label(key, period) for key in keys]
    match keys[0].count("-"):
        case 2:
            return tuple(_without_year(label) for label in labels)
        case 1 if len(keys) <= 12:
            # The year stands at the first month and at each January.
            return tuple(
                label if index == 0 or "Jan" in label else _without_year(label)
                for index, label in enumerate(labels)
            )
    return tuple(
        label.replace(" (", ", ").rstrip(")") if len(label) <= 20 else f"{label[:4]}, part"
        for label in labels
    )


def _without_year(label: str) -> str:
    return label.rsplit(" ", 1)[0]


def _chart(period: Period, step: ChartStep, series: CounterSeries) -> Chart:
    """Return the chart of series whose keys are as fine as `step` or finer."""
    keys = bucket_keys(period, step)
    length = len(keys[0])
    sums = {counter: dict.fromkeys(keys, 0) for counter in series}
    for counter, counts in series.items():
        for key, count in counts.items():
            if key[:length] in sums[counter]:
                sums[counter][key[:length]] += count
    return Chart(
        f"Views, downloads and shares by {step}",
        "line" if len(keys) > 1 else "bar",
        _chart_labels(keys, period),
        tuple((counter.capitalize(), tuple(counts.values())) for counter, counts in sums.items()),
    )
