"""What stands in the thread of a digest: its long table, and all that is new."""

from collections.abc import Sequence

from bot.digests.report.facts import New, Report, ReportRow
from bot.digests.report.message import HOLDERS, SHOWN, found, most_viewed
from bot.digests.report.phrases import age, link, short
from bot.render.plain_text import cell
from bot.reply import NOT_ASKED, Cell, Line, Part, Reply, Rows, Strong, Table, Text
from bot.text import day, days

# What Slack takes of a table, but for its head, and of a whole message.
_ROWS, _CHARACTERS, _ALL = 99, 9_000, 10_500
_TITLE = 60
_VIEWS, _DOWNLOADS = ("Views", "before", "all time"), ("Downloads", "before", "all time")

Columns = tuple[str, ...]
Cells = tuple[Cell, ...]


def table(said: Report, title: str) -> Reply | None:
    """Give the thread of a digest; nothing where there is no figure and nothing new."""
    columns, rows = _table(said)
    if not rows:
        return None
    news = _news(said)
    left = _ALL - sum(len(str(getattr(span, "text", span))) for row in news for span in row)
    some = _fitting(columns, rows, min(_CHARACTERS, left))
    parts: list[Part] = [Table(title, columns, tuple(some))]
    if len(some) < len(rows):
        parts.insert(0, Text((f"The first {len(some)} of {len(rows)}; the file has all.",)))
    if news:
        parts += [Text((Strong("All that is new"),)), Rows(tuple((row,) for row in news), dense=True)]
    window = f"until {day(said.last_day)}" if said.so_far else days(said.first_day, said.last_day)
    return Reply((f"In full, {window}",), tuple(parts))


def _table(said: Report) -> tuple[Columns, list[Cells]]:
    """Choose the table that tells most beyond what the channel shows."""
    if len(said.things) > 1:
        rest = [(*_viewed(each, said), *(NOT_ASKED,) * 4) for each in most_viewed(said.members)]
        whole = [_whole(each, said) for each in most_viewed(said.things)]
        return ("Title", *_VIEWS, *_DOWNLOADS), [*whole, *rest]
    if said.members and (not said.things or said.things[0].kind in HOLDERS):
        return ("Title", *_VIEWS[:2]), [_viewed(each, said) for each in most_viewed(said.members)]
    if len(said.days) > 1:
        rows: list[Cells] = [(day(each.day), each.views, each.downloads) for each in said.days]
        return ("Day", "Views", "Downloads"), rows
    if said.spans and said.first_day == said.last_day:
        # A digest of one day has the days before instead.
        values = zip(*(each.values for each in said.series), strict=True)
        rows = [(day(at), *each) for at, each in zip(said.spans, values, strict=True)]
        return ("Day", *(each.name for each in said.series)), rows
    if said.things:
        return ("Title", *_VIEWS, *_DOWNLOADS), [
            _whole(each, said) for each in said.things if not each.is_doubtful
        ]
    return _new(said)


def _whole(thing: ReportRow, said: Report) -> Cells:
    sure = thing.certain
    downloads = sure.downloads
    before = NOT_ASKED if age(thing, said) == "new" else downloads.before
    return (*_viewed(thing, said), sure.views.total, downloads.now, before, downloads.total)


def _viewed(thing: ReportRow, said: Report) -> Cells:
    views = thing.certain.views
    # What was not public yet was not viewed 0 times.
    before = NOT_ASKED if age(thing, said) == "new" else views.before
    return (link(thing, _TITLE), views.now, before)


def _new(said: Report) -> tuple[Columns, list[Cells]]:
    named = [(link(each, _TITLE), _published(each)) for each in said.new or ()]
    if not said.new_counted:
        return ("Title", "Published"), list(named)
    counts = [(each.views, each.downloads) for each in said.new or ()]
    rows = [(*name, *count) for name, count in zip(named, counts, strict=True)]
    return ("Title", "Published", "Views", "Downloads"), list(rows)


def _published(new: New) -> str:
    on = short(new.published, with_year=True) if new.published else "no date"
    return f"{on} (new version)" if new.is_version else on


def _news(said: Report) -> list[Line]:
    """List all that is new, where the channel shows some of it and no table does."""
    if len(said.new or ()) <= SHOWN or not (said.things or said.members):
        return []
    return [found(each, said) for each in said.new or ()]


def _fitting(columns: Columns, rows: Sequence[Cells], most: int) -> list[Cells]:
    """Give as many rows as Slack takes in one table."""
    some, length = list[Cells](), sum(map(len, columns))
    for row in rows[:_ROWS]:
        length += sum(len(cell(value)) for value in row)
        if length > most:
            break
        some.append(row)
    return some
