"""The message of a digest in its channel: at most twelve blocks; the rest is in its thread."""

from collections.abc import Iterable

from msgspec.structs import replace

from bot.digests.buttons import adopt_button, change_and_stop_buttons
from bot.digests.report.chart import chart_of
from bot.digests.report.csv_file import has_rows
from bot.digests.report.facts import ComparedCount, Report, ReportRow
from bot.digests.report.highlights import (
    CHANNEL_ROWS,
    CONTAINER_KINDS,
    most_viewed,
    mover_lines,
    new_item_lines,
)
from bot.digests.report.phrases import (
    KIND_NOUNS,
    Comparability,
    all_time_phrase,
    change_phrase,
    comparability,
    count_phrase,
    public_since,
    title_link,
)
from bot.items.counts import RAW_COUNTS
from bot.language.schedules import day_of
from bot.reply import Button, Line, Moment, Part, Reply, Span, Strong, Text
from bot.text import capitalized, date_range, formatted_day, plural

_FREQUENCY_NAMES = {"weekdays": "weekday", "every 2 weeks": "fortnightly"}
# Windows of other lengths are named: `31 days each`.
_USUAL_LENGTHS = (1, 7)
_MAX_PROBLEMS = 3


def channel_message(
    report: Report, title: str, frequency: str, *, is_test: bool = False, late: Line = ()
) -> Reply:
    """Return the message in the channel, without its footer.

    `title` and `frequency` (`weekly`, or nothing) are the subscription's; `late` says why it is late.
    """
    kind = f"{_FREQUENCY_NAMES.get(frequency, frequency)} digest".strip()
    opening = f"Test of the {kind}: " if is_test else f"{kind.capitalize()}: "
    parts: list[Part] = [Text((*_window_line(report), *late)), *_count_parts(report)]
    if (chart := chart_of(report)) is not None:
        parts.append(chart)
    parts += [Text(_stacked(lines)) for lines in (mover_lines(report), new_item_lines(report)) if lines]
    if report.problems:
        more = len(report.problems) - _MAX_PROBLEMS
        text = " ".join(report.problems[:_MAX_PROBLEMS]) + (f" And {more} more." if more > 0 else "")
        parts.append(Text((text,), "Some data is missing"))
    return Reply((opening, *_topic(report, title)), tuple(parts))


def _topic(report: Report, title: str) -> Line:
    words = title.removeprefix("search ")
    if report.has_new_counts and words != title:
        # Words with quotation marks of their own get no more of them.
        return ("new results for ", words if '"' in words else f"“{words}”")
    if len(report.listed) != 1:
        return (title,)
    row = report.listed[0]
    if row.kind == "author" and row.title == f"author {row.id}":
        # The name was known at the subscription, and isn't any more: it is remembered in memory only.
        row = replace(row, title=title)
    # Without a record, the title stored with the subscription is the only one.
    return (title_link(row) if row.url else title, f" ({row.kind})" if row.kind in CONTAINER_KINDS else "")


def _window_line(report: Report) -> Line:
    window = date_range(report.first_day, report.last_day)
    if report.is_first_of_search:
        return (f"Up to {formatted_day(report.last_day)}",)
    if report.last_day >= day_of(report.as_of):
        window += ", so far"
    is_only_new = (
        len(report.listed) == 1 and not report.members and comparability(report.listed[0], report) == "none"
    )
    if not (report.listed or report.members) or is_only_new:
        return (window,)
    each = "" if report.day_count in _USUAL_LENGTHS else f", {report.day_count} days each"
    return (window, f", compared with {date_range(*report.previous_days)}{each}")


def _count_parts(report: Report) -> list[Part]:
    """Return the counts of each listed thing; of many their sum, where they can be added up.

    Authors and groups can't be, since they may have items in common.
    """
    rows = report.listed
    if len(rows) < 2:
        return [_single(row, report) for row in rows]
    kinds = {row.kind for row in rows}
    can_add = len(kinds) == 1 and kinds <= KIND_NOUNS.keys()
    if len(rows) <= CHANNEL_ROWS:
        lines = [line for row in rows for line in _row_lines(row, report)]
        total = [(Strong("Total"),), *_sums(report)] if can_add and _is_all_known(report) else []
        return [Text(_stacked([*lines, *total]))]
    if can_add:
        return [Text(_stacked(_sums(report)))]
    heading: Line = (Strong(f"The {CHANNEL_ROWS} most viewed of {len(rows)}"),)
    shown = most_viewed(rows)[:CHANNEL_ROWS]
    return [Text(_stacked((heading, *(line for row in shown for line in _row_lines(row, report)))))]


def _single(row: ReportRow, report: Report) -> Text:
    since = public_since(row, report)
    lines = _count_lines(row, report)
    if since and comparability(row, report) == "none" and row.first_public:
        published = formatted_day(row.first_public)
        lines.append((f"Published on {published}, so there's nothing to compare with yet.",))
    elif since:
        lines.append((f"{capitalized(since)}.",))
    return Text(_stacked(lines))


def _count_lines(row: ReportRow, report: Report) -> list[Line]:
    return [
        count_phrase(row, row.views, report, "view"),
        count_phrase(row, row.downloads, report, "download"),
    ]


def _sums(report: Report) -> list[Line]:
    return [_counter_sum(report, "views"), _counter_sum(report, "downloads")]


def _is_all_known(report: Report) -> bool:
    certain_rows = [row.without_doubtful for row in report.listed]
    return all(count.current is not None for row in certain_rows for count in (row.views, row.downloads))


def _counter_sum(report: Report, counter: str) -> Line:
    """Return the sum of a counter over all rows; what is unknown is named, and not added."""
    counts: list[ComparedCount] = [getattr(row.without_doubtful, counter) for row in report.listed]
    known = [count for count in counts if count.current is not None]
    totals = [count.all_time for count in counts if count.all_time is not None]
    has_all_time = len(totals) == len(counts)
    all_time = all_time_phrase(sum(totals) if has_all_time else None)
    if not known:
        unknown = Strong(f"{counter.capitalize()} unknown")
        return (unknown, " · ", all_time) if has_all_time else (unknown,)
    total = ComparedCount(
        sum(count.current or 0 for count in known), sum(count.previous or 0 for count in known)
    )
    # What was not public before has not risen.
    is_comparable = all(comparability(row, report) == "full" for row in report.listed)
    comparable: Comparability = "full" if is_comparable else "partial"
    subset = ""
    if len(known) < len(counts):
        remaining = "the other is" if len(counts) - len(known) == 1 else "the others are"
        all_rows = plural(len(counts), KIND_NOUNS[report.listed[0].kind])
        subset = f" for {len(known)} of {all_rows}, {remaining} unknown"
    return (*change_phrase(total, comparable, counter.removesuffix("s")), subset, " · ", all_time)


def _row_lines(row: ReportRow, report: Report) -> list[Line]:
    """Return a title and its counts; on lines of their own, no right-to-left title can reorder these."""
    if row.is_doubtful:
        return [(title_link(row),), (f"0 views and downloads, or {row.zero_caveat}",)]
    since = public_since(row, report)
    return [(title_link(row), f" · {since}" if since else ""), *_count_lines(row, report)]


def _stacked(lines: Iterable[Line]) -> Line:
    """Return lines below each other, in one block."""
    spans: list[Span] = []
    for line in lines:
        spans += [*(("\n",) if spans else ()), *line]
    return tuple(spans)


def with_footer(
    reply: Reply,
    report: Report,
    id: int,
    *,
    owner: str,
    next_at: float | None,
    owner_has_left: bool = False,
    delivery_id: int | None = None,
) -> Reply:
    """Return a digest with its small print and buttons: raw counts as of when, the next date, the owner."""
    following: Line = (" Next: ", Moment(next_at), ".") if next_at is not None else ()
    # Slack would read an owner called `@channel` as a mention.
    name = owner.replace("@", "@\u2060")
    owner_note = f"{name}, who set it up, has left." if owner_has_left else f"Set up by {name}."
    change, stop = change_and_stop_buttons(id)
    buttons = [change, Button("Pause", action="digest.pause", value=str(id)), stop]
    if delivery_id is not None and has_rows(report):
        buttons.insert(0, Button("CSV", action="digest.csv", value=str(delivery_id)))
    if owner_has_left:
        buttons.insert(0, adopt_button(id))
    return reply.with_footnotes(
        (
            f"{RAW_COUNTS} as of ",
            Moment(report.as_of),
            f"{_what_is_counted(report)}; Figshare's days, in UTC.",
        ),
        (f"Digest {id}. {owner_note}", *following),
    ).with_buttons(*buttons)


def _what_is_counted(report: Report) -> str:
    """Return what the counts are of, where readers could take them for something else."""
    if report.has_new_counts:
        return ", all time"
    has_items = any(row.kind == "article" for row in (*report.listed, *report.members))
    return ", all versions together" if has_items else ""
