"""The figures of a digest as CSV: a file for each kind of row that it has."""

from collections.abc import Sequence

from bot.digests.report.facts import ComparedCount, NewItem, Report, ReportRow
from bot.digests.report.highlights import CONTAINER_KINDS
from bot.digests.report.phrases import comparability
from bot.digests.report.records import Key, RecordFacts
from bot.render.csv import CsvCell, CsvFile, csv_content, csv_name, iso_moment
from bot.reply import NOT_ASKED

_THING = ("id", "doi", "address", "title", "type", "authors")
_WINDOW = ("first_day", "last_day", "before_first_day", "before_last_day")
_VIEWS, _DOWNLOADS = ("views", "views_before"), ("downloads", "downloads_before")
Records = dict[Key, RecordFacts]


def has_rows(report: Report) -> bool:
    """Return whether a digest has anything to put into a file."""
    return bool(report.listed or report.members or report.new_items)


def csv_files(report: Report, title: str, id: int, records: Records) -> list[CsvFile]:
    """Return the figures of digest `id`, with what the records say of each thing.

    A thing without a record has an unknown DOI and unknown authors.
    """
    as_of = iso_moment(report.as_of)
    tables: list[tuple[str, tuple[str, ...], list[tuple[CsvCell, ...]]]] = [
        ("counts", _counts_columns(with_totals=True), _counts(report, report.listed, records)),
        ("items", _counts_columns(with_totals=False), _counts(report, report.members, records)),
        (
            "new items",
            (*_THING, "published", "new_version", "views_in_all", "downloads_in_all", "remark"),
            [_new_item(item, report, records) for item in report.new_items or ()],
        ),
        (
            "by day",
            ("day", "views", "downloads"),
            [(counts.day, counts.views, counts.downloads) for counts in report.days],
        ),
        ("history", ("first_day", "last_day", *_series_columns(report)), _history(report)),
    ]
    day = report.last_day.isoformat()
    if report.may_have_more_new and report.new_items:
        _append_remark(tables[2][2], len(tables[2][1]), "there may be more new items than these")
    if report.has_more_members and report.members:
        count = f"first {len(report.members)} of {report.member_count or 'more'} items"
        _append_remark(tables[1][2], len(tables[1][1]), count)
    return [
        CsvFile(
            csv_name(f"digest {id}", title[:30], name, last=day),
            csv_content((*columns, "as_of"), [(*row, as_of) for row in rows]),
        )
        for name, columns, rows in tables
        if rows
    ]


def _append_remark(rows: list[tuple[CsvCell, ...]], width: int, remark: str) -> None:
    """Say in a last row that rows are missing; `remark` is the last column."""
    rows.append((*(NOT_ASKED,) * (width - 1), remark))


def _counts_columns(*, with_totals: bool) -> tuple[str, ...]:
    if not with_totals:
        return (*_THING, "first_public", *_VIEWS, *_WINDOW, "remark")
    totals = ("views_in_all", "downloads_in_all")
    return (*_THING, "first_public", *_VIEWS, *_DOWNLOADS, *totals, *_WINDOW, "remark")


def _counts(report: Report, rows: Sequence[ReportRow], records: Records) -> list[tuple[CsvCell, ...]]:
    """Return the counts of rows; those of a doubtful one are unknown."""
    with_totals = rows is report.listed
    result: list[tuple[CsvCell, ...]] = []
    for row in rows:
        certain, is_new = row.without_doubtful, comparability(row, report) == "none"
        cells = [*_thing(row, records), row.first_public or NOT_ASKED, *_counter(certain.views, is_new)]
        if with_totals:
            cells += [
                *_counter(certain.downloads, is_new),
                certain.views.all_time,
                certain.downloads.all_time,
            ]
        before = (NOT_ASKED, NOT_ASKED) if is_new else report.previous_days
        cells += [report.first_day, report.last_day, *before]
        result.append((*cells, f"0, or {row.zero_caveat}" if row.is_doubtful else NOT_ASKED))
    return result


def _counter(count: ComparedCount, is_new: bool) -> tuple[CsvCell, CsvCell]:
    # Before it was public there were none, rather than 0.
    return count.current, NOT_ASKED if is_new else count.previous


def _thing(thing: ReportRow | NewItem, records: Records) -> tuple[CsvCell, ...]:
    facts = records.get((thing.kind, thing.id))
    if facts is None:
        # Authors and groups have neither; other things have, and it could not be fetched.
        has_record = thing.kind == "article" or thing.kind in CONTAINER_KINDS
        missing = None if has_record else NOT_ASKED
        facts = RecordFacts(missing, missing if thing.kind == "article" else thing.kind, missing)
    address = thing.url or (None if facts.doi is None else NOT_ASKED)
    return (thing.id, facts.doi, address, thing.title, facts.type_name, facts.authors)


def _new_item(item: NewItem, report: Report, records: Records) -> tuple[CsvCell, ...]:
    counts = (item.views, item.downloads) if report.has_new_counts else (NOT_ASKED, NOT_ASKED)
    return (
        *_thing(item, records),
        item.published,
        "yes" if item.is_version else "no",
        *counts,
        NOT_ASKED,
    )


def _series_columns(report: Report) -> list[str]:
    """Return the names of the chart's lines as columns; a line that isn't named by a counter has views."""
    counters = {"Views", "Downloads"}
    return [line.name.lower() if line.name in counters else f"views of {line.name}" for line in report.series]


def _history(report: Report) -> list[tuple[CsvCell, ...]]:
    """Return the periods of the chart, the last of which are the days of the digest."""
    values = zip(*(line.values for line in report.series), strict=True)
    length = report.last_day - report.first_day
    return [
        (first_day, first_day + length, *numbers)
        for first_day, numbers in zip(report.buckets, values, strict=True)
    ]
