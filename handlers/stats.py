"""How often something was viewed, downloaded and shared."""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import Command, Question, command
from bot.figshare.errors import FigshareError, TimedOut
from bot.figshare.stats import COUNTERS, CounterName
from bot.items.counts import (
    Count,
    counts_footnote,
    counts_line,
    doubt,
    error_paragraph,
    first_error,
    subject_with_counts,
    zero_paragraph,
)
from bot.items.lookup import Subject
from bot.language import references
from bot.language.periods import ALL_TIME, Period
from bot.language.references import Reference
from bot.reply import NOT_ASKED, Button, Cell, DoesNotExist, Reply, Table, Text
from bot.text import formatted_count

_EXAMPLE = "5616445"


def _counter_command(counter: CounterName, summary: str, words: str, detail: str = "") -> Command:
    async def handle(
        bot: Bot, question: Question, requested: list[Reference], period: Period | None
    ) -> Reply:
        return await _answer(bot, question, requested, (counter,), period)

    handle.__doc__ = f"{summary}\n\n{detail}".strip()
    return command(
        f"{counter} <reference>… [period]",
        task="Count",
        examples=(f"{counter} {_EXAMPLE}", f"{counter} {_EXAMPLE} last year"),
        is_cacheable=True,
        words=words,
    )(handle)


views = _counter_command(
    "views",
    "How often an item, collection, project, author or group was viewed.",
    "view, viewed, hit, hits, visit, visits, visited, visitors, read, reads, pageviews, page views, "
    "looked at, seen, clicks, impressions",
    "Figshare leaves out double clicks: views from one source within 30 seconds count once.",
)
downloads = _counter_command(
    "downloads",
    "How often it was downloaded.",
    "download, downloaded, downloading, times downloaded",
    "A download is a file or one “Download all”, so ten files one by one are ten downloads.",
)
shares = _counter_command("shares", "How often it was shared.", "share, shared, sharing")


_OF_OURS = (
    "did we do, have we done, have we been doing, did we perform, items do we have, outputs do we have, "
    "publications do we have, records do we have, works do we have, papers do we have, articles do we have"
)


@command(
    "stats <reference>… [period]",
    task="Count",
    examples=(f"stats {_EXAMPLE}", f"stats {_EXAMPLE} 11820345 Q1 2025"),
    is_cacheable=True,
    words="stat, statistics, statistic, metrics, usage, figures, counts, counters, numbers, impact, "
    "popularity, how popular, how is, doing, performing, performance, cited, times cited, citations, "
    "citation count, compare, views and downloads, downloads and views, views downloads, "
    "views downloads and shares, " + _OF_OURS,
    argument_words={"": "views, downloads, shares", "ours": _OF_OURS},
)
async def stats(bot: Bot, question: Question, requested: list[Reference], period: Period | None) -> Reply:
    """Views, downloads and shares in one answer, and citations where Figshare gives them."""
    return await _answer(bot, question, requested, COUNTERS, period)


async def _answer(
    bot: Bot,
    question: Question,
    requested: list[Reference],
    counters: Sequence[CounterName],
    period: Period | None,
) -> Reply:
    if len(requested) == 1:
        return await _reply(bot, question, requested[0], counters, period)
    return await _comparison(bot, question, requested, counters, period)


async def _reply(
    bot: Bot,
    question: Question,
    reference: Reference,
    counters: Sequence[CounterName],
    period: Period | None,
) -> Reply:
    subject, counts = await subject_with_counts(bot, reference, counters, period)
    item_count: str | int | None = None
    if subject.kind == "group" and len(counters) > 1:
        item_count = await _item_count(bot, subject)
        subject = replace(subject, has_items=isinstance(item_count, int) and item_count > 0)
    error = first_error([counts])
    return Reply(
        (subject.link,),
        (
            Text((*counts_line(counts, subject.zero_caveat), f" · {(period or ALL_TIME).label}")),
            *(zero_paragraph(subject) if all(count.value == 0 for count in counts.values()) else ()),
            *(_item_count_text(item_count) if item_count is not None else ()),
            *error_paragraph(error),
        ),
        footnotes=(counts_footnote(subject),),
        buttons=(_retry_button(question),) if error is not None else _next_buttons(subject, counters, period),
        outcome="ok" if error is None else "trouble",
        subscribable=subject.topic,
    )


async def _item_count(bot: Bot, subject: Subject) -> int | str:
    """Return how many public items a group has now, whatever the period, or that it isn't known."""
    try:
        return await bot.stats.count_articles(subject.id)
    except FigshareError as error:
        return "not yet" if isinstance(error, TimedOut) else "unknown"


def _item_count_text(count: int | str) -> tuple[Text, ...]:
    if isinstance(count, str):
        return (Text((f"Number of public items: {count}",)),)
    return (Text((f"{formatted_count(count)} public item{'' if count == 1 else 's'} now",)),)


async def _comparison(
    bot: Bot,
    question: Question,
    requested: list[Reference],
    counters: Sequence[CounterName],
    period: Period | None,
) -> Reply:
    """Return a table with a row for each reference; one that can't be counted says why in its row."""
    results = await asyncio.gather(*(_result(bot, each, counters, period) for each in requested))
    # Two references may name the same subject, which gets one row.
    unique = {_identity(*pair): pair for pair in zip(requested, results, strict=True)}
    counted = [result for _, result in unique.values() if isinstance(result, tuple)]
    subjects = [subject for subject, _ in counted]
    error = first_error([counts for _, counts in counted]) or next(
        (result for result in results if isinstance(result, FigshareError)), None
    )
    columns = [*counters, *(["cites"] if any("cites" in counts for _, counts in counted) else [])]
    name = counters[0].capitalize() if len(counters) == 1 else "Counts"
    heading = f"{name}, {(period or ALL_TIME).label}"
    rows = [_row(*pair, columns) for pair in unique.values()]
    return Reply(
        (heading,),
        (
            Table(
                heading,
                ("Title", "Reference", *(_COLUMNS.get(column, column.capitalize()) for column in columns)),
                (*rows, *_total_row(counted, columns, len(rows))),
            ),
            *error_paragraph(error),
        ),
        footnotes=(counts_footnote(*subjects),) if subjects else (),
        buttons=(_retry_button(question),) if error is not None else (),
        outcome="ok" if subjects else "trouble" if error is not None else "wrong",
        subscribable=" ".join(subject.words for subject in subjects),
    )


_COLUMNS = {"cites": "Citations"}
_Counted = tuple[Subject, dict[str, Count]]
_Result = _Counted | DoesNotExist | FigshareError


async def _result(
    bot: Bot, reference: Reference, counters: Sequence[CounterName], period: Period | None
) -> _Result:
    try:
        return await subject_with_counts(bot, reference, counters, period)
    except (DoesNotExist, FigshareError) as error:
        return error


def _identity(reference: Reference, result: _Result) -> object:
    """Return a value that is equal for two references to the same subject."""
    if isinstance(result, tuple):
        return result[0].kind, result[0].id
    return references.label(reference)


def _row(reference: Reference, result: _Result, columns: Sequence[str]) -> tuple[Cell, ...]:
    if isinstance(result, tuple):
        subject, counts = result
        zero_caveat = doubt(counts, subject.zero_caveat)
        return subject.link, subject.words, *(_cell(counts.get(column), zero_caveat) for column in columns)
    reason = "not on Figshare"
    if isinstance(result, FigshareError):
        reason = "not yet" if isinstance(result, TimedOut) else "unknown"
    return "–", references.label(reference), *(reason for _ in columns)


def _cell(count: Count | None, zero_caveat: str) -> Cell:
    if count is None:
        return None
    return f"0, or {zero_caveat}" if count.value == 0 and zero_caveat else count.cell


def _total_row(
    counted: Sequence[_Counted], columns: Sequence[str], row_count: int
) -> tuple[tuple[Cell, ...], ...]:
    """Return the row that adds up items; none where counts could overlap or a row has no counts.

    What is counted for a collection or an author may be counted for an item of theirs too.
    """
    if len(counted) < max(row_count, 2) or any(subject.kind != "article" for subject, _ in counted):
        return ()
    totals: list[Cell] = []
    for column in columns:
        values = [counts[column].value if column in counts else None for _, counts in counted]
        known = [value for value in values if value is not None]
        totals.append(sum(known) if len(known) == len(values) else None)
    return ((f"Total of {len(counted)} items", NOT_ASKED, *totals),)


def _retry_button(question: Question) -> Button:
    return Button("Try again", question.words)


def _next_buttons(
    subject: Subject, counters: Sequence[CounterName], period: Period | None
) -> tuple[Button, ...]:
    when = f" {period.command_words}" if period is not None and period.start is not None else ""
    over_time = Button("Over time", f"timeline {subject.words}{when}")
    if len(counters) > 1:
        return (over_time, Button("By country", f"countries {subject.words}{when}"))
    return (Button("All counters", f"stats {subject.words}{when}"), over_time)
