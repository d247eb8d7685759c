"""What stands in the thread of a digest: its long table, the figures of its chart, and all that is new."""

from collections.abc import Sequence

from bot.digests.report.chart import chart_of
from bot.digests.report.facts import NewItem, Report, ReportRow
from bot.digests.report.highlights import (
    CHANNEL_ROWS,
    CONTAINER_KINDS,
    most_viewed,
    movers,
    new_item_line,
)
from bot.digests.report.phrases import comparability, short_day, title_link
from bot.render.plain_text import cell_text, chart_lines
from bot.reply import NOT_ASKED, Cell, Line, Part, Reply, Rows, Strong, Table, Text
from bot.text import date_range, formatted_day

# Slack's limits for a table, without its head, and for a whole message:
# https://docs.slack.dev/reference/block-kit/blocks/table-block
_MAX_TABLE_ROWS, _MAX_TABLE_CHARACTERS, _MAX_CHARACTERS = 99, 9_000, 10_500
_MAX_TITLE_LENGTH = 60
_VIEWS, _DOWNLOADS = ("Views", "before", "in all"), ("Downloads", "before", "in all")

Columns = tuple[str, ...]
Cells = tuple[Cell, ...]


def has_more_than_channel(report: Report) -> bool:
    """Return whether a digest has rows that its message in the channel doesn't show."""
    shown = {(row.kind, row.id) for row in movers(report)}
    return (
        len(report.listed) > CHANNEL_ROWS
        or len(report.new_items or ()) > CHANNEL_ROWS
        or any((member.kind, member.id) not in shown for member in report.members)
    )


def thread_message(report: Report, title: str) -> Reply | None:
    """Return the message in the thread of a digest; None where there is no figure and nothing new."""
    columns, rows = _table(report)
    if not rows:
        return None
    new_lines = _new_lines(report)
    chart = chart_of(report)
    figures = "\n".join(chart_lines(chart)) if chart is not None else ""
    length = len(figures) + sum(len(str(getattr(span, "text", span))) for line in new_lines for span in line)
    fitting_rows = _fitting(columns, rows, min(_MAX_TABLE_CHARACTERS, _MAX_CHARACTERS - length))
    parts: list[Part] = [Table(title, columns, tuple(fitting_rows))]
    if len(fitting_rows) < len(rows):
        parts.insert(0, Text((f"First {len(fitting_rows)} of {len(rows)}; the CSV has them all.",)))
    if figures:
        parts.append(Text((figures,)))
    if new_lines:
        parts += [
            Text((Strong("All new items"),)),
            Rows(tuple((line,) for line in new_lines), is_dense=True),
        ]
    window = (
        f"up to {formatted_day(report.last_day)}"
        if report.is_first_of_search
        else date_range(report.first_day, report.last_day)
    )
    heading = "Full figures" if report.listed or report.members else "All items"
    return Reply((f"{heading}, {window}",), tuple(parts))


def _table(report: Report) -> tuple[Columns, list[Cells]]:
    """Return the table that says most beyond what the channel shows."""
    if len(report.listed) > 1:
        member_rows = [(*_views(row, report), *(NOT_ASKED,) * 4) for row in most_viewed(report.members)]
        listed_rows = [_views_and_downloads(row, report) for row in most_viewed(report.listed)]
        return ("Title", *_VIEWS, *_DOWNLOADS), [*listed_rows, *member_rows]
    if report.members and (not report.listed or report.listed[0].kind in CONTAINER_KINDS):
        return ("Title", *_VIEWS[:2]), [_views(row, report) for row in most_viewed(report.members)]
    if report.listed:
        return ("Title", *_VIEWS, *_DOWNLOADS), [
            _views_and_downloads(row, report) for row in report.listed if not row.is_doubtful
        ]
    return _new_table(report)


def _views_and_downloads(row: ReportRow, report: Report) -> Cells:
    certain = row.without_doubtful
    downloads = certain.downloads
    previous = NOT_ASKED if comparability(row, report) == "none" else downloads.previous
    return (
        *_views(row, report),
        certain.views.all_time,
        downloads.current,
        previous,
        downloads.all_time,
    )


def _views(row: ReportRow, report: Report) -> Cells:
    views = row.without_doubtful.views
    # Before it was public there were no views, rather than 0.
    previous = NOT_ASKED if comparability(row, report) == "none" else views.previous
    return (title_link(row, _MAX_TITLE_LENGTH), views.current, previous)


def _new_table(report: Report) -> tuple[Columns, list[Cells]]:
    items = report.new_items or ()
    rows: list[Cells] = [(title_link(item, _MAX_TITLE_LENGTH), _published(item)) for item in items]
    if not report.has_new_counts:
        return ("Title", "Published"), rows
    counted_rows: list[Cells] = [
        (*row, item.views, item.downloads) for row, item in zip(rows, items, strict=True)
    ]
    return ("Title", "Published", "Views", "Downloads"), counted_rows


def _published(item: NewItem) -> str:
    published = short_day(item.published, with_year=True) if item.published else "no date"
    return f"{published} (new version)" if item.is_version else published


def _new_lines(report: Report) -> list[Line]:
    """Return all new items, where the channel shows some of them and the table is of something else."""
    items = report.new_items or ()
    if len(items) <= CHANNEL_ROWS or not (report.listed or report.members):
        return []
    return [new_item_line(item, report) for item in items]


def _fitting(columns: Columns, rows: Sequence[Cells], max_characters: int) -> list[Cells]:
    """Return as many rows as Slack takes in one table."""
    fitting_rows, length = list[Cells](), sum(map(len, columns))
    for row in rows[:_MAX_TABLE_ROWS]:
        length += sum(len(cell_text(value)) for value in row)
        if length > max_characters:
            break
        fitting_rows.append(row)
    return fitting_rows
