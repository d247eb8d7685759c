"""How often subjects were viewed, downloaded and shared; what is unknown is kept apart from 0.

Totals are a `Count` for each counter. Series are counts by key (a month, a country) for each counter: what
could not be fetched is missing from them, and the first error says why.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from bot.bot import Bot
from bot.error_messages import error_message
from bot.figshare.errors import CredentialsMissing, FigshareError, TimedOut
from bot.figshare.models import ArticleComplete, Collection, Project
from bot.figshare.stats import CounterName, SubjectKind
from bot.items.lookup import Subject, fetch_subject
from bot.language.periods import Period, last_whole_months
from bot.language.references import Reference
from bot.reply import Cell, Line, Strong, Table, Text
from bot.text import formatted_count, parse_day
from bot.upstream.request_context import is_cache_only

# By counter, the counts by key: {"views": {"2025-01": 3, "2025-02": 5}}.
CounterSeries = dict[str, dict[str, int]]

RAW_COUNTS = "Raw Figshare counts"
# What Figshare calls a counter, and one and several of what it counts.
_COUNTER_NOUNS = {
    "views": ("view", "views"),
    "downloads": ("download", "downloads"),
    "shares": ("share", "shares"),
    "cites": ("citation", "citations"),
}
# Figshare's service began in 2011: https://figshare.com/features
_FIGSHARE_LAUNCH = date(2011, 1, 1)


class Count(Struct, frozen=True):
    """A count, or the error that says why there is none."""

    value: int | None
    error: FigshareError | None = None

    @property
    def cell(self) -> Cell:
        """Return the count as a cell of a table."""
        return "not yet" if isinstance(self.error, TimedOut) else self.value


async def fetch_counts(
    bot: Bot, kind: SubjectKind, id: int, counters: Sequence[CounterName], period: Period | None
) -> dict[str, Count]:
    """Return the counts by counter, fetched in as few requests as possible; never raises FigshareError.

    All counters of all time take one request, whose answer may add citations (`cites`).
    """
    if period is None or period.start is None or period.end is None:
        if len(counters) > 1:
            return await _fetch_totals(bot, kind, id, counters)
        requests = [bot.stats.total(counter, kind, id) for counter in counters]
    else:
        requests = [bot.stats.period(counter, kind, id, period.start, period.end) for counter in counters]
    if len(requests) == 1:
        # A stored answer needs no task.
        return {counters[0]: await _count(requests[0])}
    counts = await asyncio.gather(*(_count(request) for request in requests))
    return dict(zip(counters, counts, strict=True))


async def subject_with_counts(
    bot: Bot, reference: Reference, counters: Sequence[CounterName], period: Period | None = None
) -> tuple[Subject, dict[str, Count]]:
    """Return the subject and its counts, fetched at the same time when the reference has its number.

    Raises as `fetch_subject` does, and CredentialsMissing where that is why nothing was counted.
    """
    counts_task = None
    if reference.id is not None and reference.doi is None and not is_cache_only():
        kind = reference.kind or "article"
        counts_task = asyncio.ensure_future(fetch_counts(bot, kind, reference.id, counters, period))
    try:
        subject = await fetch_subject(bot, reference)
        counts = await (counts_task or fetch_counts(bot, subject.kind, subject.id, counters, period))
    finally:
        if counts_task is not None:
            counts_task.cancel()
    for count in counts.values():
        if isinstance(count.error, CredentialsMissing):
            raise count.error
    return subject, counts


async def _fetch_totals(
    bot: Bot, kind: SubjectKind, id: int, counters: Sequence[CounterName]
) -> dict[str, Count]:
    try:
        totals = await bot.stats.totals(kind, id)
    except FigshareError as error:
        return {counter: Count(None, error) for counter in counters}
    return {name: Count(total) for name, total in totals.items() if name in counters or name == "cites"}


async def _count(request: Awaitable[int]) -> Count:
    try:
        return Count(await request)
    except FigshareError as error:
        return Count(None, error)


def counts_line(counts: Mapping[str, Count], zero_caveat: str = "") -> Line:
    """Return `1,234 views · 56 downloads`; with a caveat, a 0 says what else it may mean.

    With a caveat and nothing but zeros, it is just `No counts`: `zero_paragraph` has the explanation.
    """
    zero_caveat = doubt(counts, zero_caveat)
    if zero_caveat and all(count.value == 0 for count in counts.values()):
        return (Strong("No counts" if len(counts) > 1 else f"No {next(iter(counts))}"),)
    spans: list[str | Strong] = []
    for name, count in counts.items():
        noun, nouns = _COUNTER_NOUNS[name]
        if isinstance(count.error, TimedOut):
            text = f"{nouns} not yet"
        elif count.value is None:
            text = f"{nouns} unknown"
        else:
            caveat = f", or {zero_caveat}" if count.value == 0 and zero_caveat else ""
            text = f"{formatted_count(count.value)} {noun if count.value == 1 else nouns}{caveat}"
        spans += ([" · "] if spans else []) + [Strong(text)]
    return tuple(spans)


def doubt(counts: Mapping[str, Count], zero_caveat: str) -> str:
    """Return what the zeros of a subject may mean; empty where another count shows that it is known."""
    return "" if any(count.value for count in counts.values()) else zero_caveat


def zero_paragraph(subject: Subject) -> tuple[Text, ...]:
    """Return the paragraph that says why nothing but zeros may be wrong; none where they are certain."""
    return (Text((subject.zero_explanation,)),) if subject.zero_explanation else ()


def first_error(counts: Sequence[Mapping[str, Count]]) -> FigshareError | None:
    """Return the error of the first count that is unknown, or None."""
    return next((count.error for by_counter in counts for count in by_counter.values() if count.error), None)


def error_paragraph(error: FigshareError | None) -> tuple[Text, ...]:
    """Return the paragraph that says why a part of an answer is missing; none without an error."""
    return (Text((" ".join(error_message(error)),)),) if error is not None else ()


def counts_footnote(*subjects: Subject) -> Line:
    """Return the footnote that says what kind of counts these are."""
    is_article = any(subject.kind == "article" for subject in subjects)
    return (f"{RAW_COUNTS}{', all versions together' if is_article else ''}.",)


async def fetch_series(
    counters: Sequence[CounterName], fetch: Callable[[CounterName], Awaitable[dict[str, int]]]
) -> tuple[CounterSeries, FigshareError | None]:
    """Return a series for each counter, all fetched at once by `fetch`, and the first error.

    A counter that failed is missing. Raises the first FigshareError when all of them failed.
    """

    async def attempt(counter: CounterName) -> dict[str, int] | FigshareError:
        try:
            return await fetch(counter)
        except FigshareError as error:
            return error

    results = await asyncio.gather(*(attempt(counter) for counter in counters))
    known: CounterSeries = {}
    error: FigshareError | None = None
    for counter, result in zip(counters, results, strict=True):
        if isinstance(result, FigshareError):
            error = error or result
        else:
            known[counter] = result
    if error is not None and not known:
        raise error
    return known, error


def counter_table(
    caption: str,
    key_heading: str,
    rows: Sequence[tuple[str, Sequence[str]]],
    series: CounterSeries,
    counters: Sequence[CounterName],
) -> Table:
    """Return a table with a column for each counter and a last row with the total of the whole series.

    Each of `rows` is a label and the keys whose counts it adds up. A counter without a series is unknown.
    """

    def cells(label: str, keys: Sequence[str]) -> tuple[Cell, ...]:
        counts = (
            sum(series[counter].get(key, 0) for key in keys) if counter in series else None
            for counter in counters
        )
        return (label, *counts)

    all_keys = list(dict.fromkeys(key for counts in series.values() for key in counts))
    return Table(
        caption,
        (key_heading, *(counter.capitalize() for counter in counters)),
        (*(cells(label, keys) for label, keys in rows), cells("Total", all_keys)),
    )


def bounded_period(subject: Subject, period: Period | None, today: date) -> Period:
    """Return a period with a first and a last day: the last 12 whole months where none was given."""
    if period is None:
        return last_whole_months(12, today)
    if period.start is not None:
        return period
    return Period(first_counted_day(subject), today, so_far=True)


def first_counted_day(subject: Subject) -> date:
    """Return the day from which an all-time series is worth asking for."""
    record = subject.record
    known_days = []
    if isinstance(record, ArticleComplete | Collection) and record.timeline is not None:
        known_days = [parse_day(record.timeline.posted), parse_day(record.timeline.first_online)]
    if isinstance(record, Project):
        known_days = [parse_day(record.created_date), parse_day(record.published_date)]
    return max(min((day for day in known_days if day), default=_FIGSHARE_LAUNCH), _FIGSHARE_LAUNCH)
