"""All of a digest as CSV."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.digests.report.facts import Count, New, Report, ReportRow
from bot.digests.report.phrases import age
from bot.language.schedules import before

_COLUMNS = (
    *("row", "kind", "id", "title", "url", "first_public", "first_day", "last_day", "views", "downloads"),
    *("before_first_day", "before_last_day", "views_before", "downloads_before"),
    *("views_all_time", "downloads_all_time", "as_of", "remark"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNKNOWN = "unknown"
Row = dict[str, object]


def sheet(said: Report) -> str:
    """Write every figure there is; what is not known says so, what was not asked for is empty."""
    written = io.StringIO()
    out = csv.DictWriter(written, _COLUMNS, restval="", lineterminator="\r\n")
    out.writeheader()
    as_of = datetime.fromtimestamp(said.as_of, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    for row in _rows(said):
        out.writerow({name: _plain(value) for name, value in {**row, "as_of": as_of}.items()})
    return written.getvalue()


def _rows(said: Report) -> Iterable[Row]:
    window: Row = {"first_day": said.first_day, "last_day": said.last_day}
    for each in said.things:
        yield {"row": "listed", **_thing(each), **window, **_counts(each, said, True)}
    for each in said.members:
        yield {"row": "in it", **_thing(each), **window, **_counts(each, said, False)}
    for one in said.new or ():
        yield {"row": "so far" if said.so_far else "new", **_new(one, said.new_counted)}
    for on in said.days:
        counts = {"views": _known(on.views), "downloads": _known(on.downloads)}
        yield {"row": "day", "first_day": on.day, "last_day": on.day, **counts}


def _thing(thing: ReportRow) -> Row:
    named = {"kind": thing.kind, "id": thing.id, "title": thing.title, "url": thing.url}
    return {**named, "first_public": thing.first}


def _counts(thing: ReportRow, said: Report, with_downloads: bool) -> Row:
    """Write the counts of a thing; what may be no thing at all has none."""
    sure, earlier = thing.certain, before(said.first_day, said.last_day)
    is_new = age(thing, said) == "new"
    found = _counter("views", sure.views, is_new)
    if with_downloads:
        found |= _counter("downloads", sure.downloads, is_new)
    else:
        del found["views_all_time"]
    if not is_new:
        found |= {"before_first_day": earlier[0], "before_last_day": earlier[1]}
    return {**found, "remark": f"0, or {thing.doubt}" if thing.is_doubtful else ""}


def _counter(name: str, count: Count, is_new: bool) -> Row:
    before = {} if is_new else {f"{name}_before": _known(count.before)}
    return {name: _known(count.now), **before, f"{name}_all_time": _known(count.total)}


def _new(new: New, is_counted: bool) -> Row:
    found: Row = {"kind": new.kind, "id": new.id, "title": new.title, "url": new.url}
    found |= {"first_day": new.published, "last_day": new.published}
    if is_counted:
        found |= {"views_all_time": _known(new.views), "downloads_all_time": _known(new.downloads)}
    return {**found, "remark": "new version" if new.is_version else ""}


def _known(count: int | None) -> object:
    return _UNKNOWN if count is None else count


def _plain(cell: object) -> str:
    """Write a cell so that no spreadsheet takes a title for a formula."""
    said = "" if cell is None else str(cell)
    return f"'{said}" if said.startswith(_FORMULA) else said
