"""All figures of a digest as CSV."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.digests.report.facts import ComparedCount, NewItem, Report, ReportRow
from bot.digests.report.phrases import comparability

_COLUMNS = (
    *("row", "kind", "id", "title", "url", "first_public", "first_day", "last_day", "views", "downloads"),
    *("before_first_day", "before_last_day", "views_before", "downloads_before"),
    *("views_all_time", "downloads_all_time", "as_of", "remark"),
)
# Spreadsheets take a cell that begins with one of these for a formula:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_UNKNOWN = "unknown"
CsvRow = dict[str, object]


def csv_text(report: Report) -> str:
    """Return every figure there is, a row for each thing or day.

    What is unknown is `unknown`, what wasn't fetched is empty. The column `row` says what a row is about:
    something `listed`, an item `in it`, a `new` item (of a first digest `so far`), a `day`.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    as_of = datetime.fromtimestamp(report.as_of, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    for row in _csv_rows(report):
        writer.writerow({name: _cell(value) for name, value in {**row, "as_of": as_of}.items()})
    return text.getvalue()


def _csv_rows(report: Report) -> Iterable[CsvRow]:
    window: CsvRow = {"first_day": report.first_day, "last_day": report.last_day}
    for row in report.listed:
        yield {"row": "listed", **_identity(row), **window, **_counts(row, report, True)}
    for member in report.members:
        yield {"row": "in it", **_identity(member), **window, **_counts(member, report, False)}
    for item in report.new_items or ():
        yield {
            "row": "so far" if report.is_first_of_search else "new",
            **_new_item(item, report.has_new_counts),
        }
    for counts in report.days:
        figures = {"views": _known(counts.views), "downloads": _known(counts.downloads)}
        yield {"row": "day", "first_day": counts.day, "last_day": counts.day, **figures}


def _identity(row: ReportRow) -> CsvRow:
    names = {"kind": row.kind, "id": row.id, "title": row.title, "url": row.url}
    return {**names, "first_public": row.first_public}


def _counts(row: ReportRow, report: Report, with_downloads: bool) -> CsvRow:
    """Return the counts of a row; those of a doubtful one are unknown."""
    certain, (first_before, last_before) = row.without_doubtful, report.previous_days
    is_new = comparability(row, report) == "none"
    cells = _counter("views", certain.views, is_new)
    if with_downloads:
        cells |= _counter("downloads", certain.downloads, is_new)
    else:
        del cells["views_all_time"]
    if not is_new:
        cells |= {"before_first_day": first_before, "before_last_day": last_before}
    return {**cells, "remark": f"0, or {row.zero_caveat}" if row.is_doubtful else ""}


def _counter(name: str, count: ComparedCount, is_new: bool) -> CsvRow:
    previous = {} if is_new else {f"{name}_before": _known(count.previous)}
    return {name: _known(count.current), **previous, f"{name}_all_time": _known(count.all_time)}


def _new_item(item: NewItem, has_counts: bool) -> CsvRow:
    cells: CsvRow = {"kind": item.kind, "id": item.id, "title": item.title, "url": item.url}
    cells |= {"first_day": item.published, "last_day": item.published}
    if has_counts:
        cells |= {"views_all_time": _known(item.views), "downloads_all_time": _known(item.downloads)}
    return {**cells, "remark": "new version" if item.is_version else ""}


def _known(count: int | None) -> object:
    return _UNKNOWN if count is None else count


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
