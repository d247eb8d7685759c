"""How often something was viewed, downloaded and shared."""

import asyncio
from collections.abc import Sequence

from bot.bot import Bot
from bot.commands import Command, Question, command
from bot.figshare.errors import FigshareError, TimedOut
from bot.figshare.stats import COUNTERS, CounterName
from bot.items.counts import (
    Count,
    counts_footnote,
    counts_line,
    error_paragraph,
    first_error,
    subject_with_counts,
    zero_paragraph,
)
from bot.items.lookup import Subject
from bot.language import references
from bot.language.periods import ALL_TIME, Period
from bot.language.references import Reference
from bot.reply import Button, Cell, DoesNotExist, Reply, Table, Text

_EXAMPLE = "5616445"


def _counter_command(counter: CounterName, summary: str) -> Command:
    async def handle(
        bot: Bot, question: Question, requested: list[Reference], period: Period | None
    ) -> Reply:
        if len(requested) == 1:
            return await _reply(bot, question, requested[0], (counter,), period)
        return await _comparison(bot, question, requested, counter, period)

    handle.__doc__ = summary
    return command(
        f"{counter} <reference>… [period]",
        task="Count",
        examples=(f"{counter} {_EXAMPLE}", f"{counter} {_EXAMPLE} last year"),
        is_cacheable=True,
    )(handle)


views = _counter_command("views", "How often an item, collection, project, author or group was viewed.")
downloads = _counter_command("downloads", "How often it was downloaded.")
shares = _counter_command("shares", "How often it was shared.")


@command(
    "stats <reference> [period]",
    task="Count",
    examples=(f"stats {_EXAMPLE}", f"stats {_EXAMPLE} Q1 2025"),
    is_cacheable=True,
)
async def stats(bot: Bot, question: Question, reference: Reference, period: Period | None) -> Reply:
    """Views, downloads and shares in one answer, and citations where Figshare gives them."""
    return await _reply(bot, question, reference, COUNTERS, period)


async def _reply(
    bot: Bot,
    question: Question,
    reference: Reference,
    counters: Sequence[CounterName],
    period: Period | None,
) -> Reply:
    subject, counts = await subject_with_counts(bot, reference, counters, period)
    error = first_error([counts])
    return Reply(
        (subject.link,),
        (
            Text((*counts_line(counts, subject.zero_caveat), f" · {(period or ALL_TIME).label}")),
            *(zero_paragraph(subject) if all(count.value == 0 for count in counts.values()) else ()),
            *error_paragraph(error),
        ),
        footnotes=(counts_footnote(subject),),
        buttons=(_retry_button(question),) if error is not None else _next_buttons(subject, counters, period),
        outcome="ok" if error is None else "trouble",
        subscribable=subject.words,
    )


async def _comparison(
    bot: Bot,
    question: Question,
    requested: list[Reference],
    counter: CounterName,
    period: Period | None,
) -> Reply:
    """Return a table with a row for each reference; one that can't be counted says why in its row."""
    results = await asyncio.gather(*(_result(bot, each, counter, period) for each in requested))
    # Two references may name the same subject, which gets one row.
    rows = dict(_row(*pair) for pair in zip(requested, results, strict=True))
    counted = [result for result in results if isinstance(result, tuple)]
    subjects = [subject for subject, _ in counted]
    error = first_error([{counter: count} for _, count in counted]) or next(
        (result for result in results if isinstance(result, FigshareError)), None
    )
    heading = f"{counter.capitalize()}, {(period or ALL_TIME).label}"
    return Reply(
        (heading,),
        (
            Table(heading, ("Title", "Reference", counter.capitalize()), tuple(rows.values())),
            *error_paragraph(error),
        ),
        footnotes=(counts_footnote(*subjects),) if subjects else (),
        buttons=(_retry_button(question),) if error is not None else (),
        outcome="ok" if subjects else "trouble" if error is not None else "wrong",
        subscribable=" ".join(subject.words for subject in subjects),
    )


async def _result(
    bot: Bot, reference: Reference, counter: CounterName, period: Period | None
) -> tuple[Subject, Count] | DoesNotExist | FigshareError:
    try:
        subject, counts = await subject_with_counts(bot, reference, (counter,), period)
    except (DoesNotExist, FigshareError) as error:
        return error
    return subject, counts[counter]


def _row(
    reference: Reference, result: tuple[Subject, Count] | DoesNotExist | FigshareError
) -> tuple[object, tuple[Cell, ...]]:
    """Return what the row is about, and its cells."""
    if isinstance(result, tuple):
        subject, count = result
        is_doubtful = count.value == 0 and subject.zero_caveat
        cell = f"0, or {subject.zero_caveat}" if is_doubtful else count.cell
        return (subject.kind, subject.id), (subject.link, subject.words, cell)
    label = references.label(reference)
    if isinstance(result, DoesNotExist):
        return label, ("–", label, "not on Figshare")
    return label, ("–", label, "not yet" if isinstance(result, TimedOut) else "unknown")


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
