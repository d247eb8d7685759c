"""How a digest looks: the message in the channel, the table in its thread, and the file."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

from bot.counts import RAW
from bot.digests.contents import Contents, Count, New, Thing
from bot.digests.schedule import before
from bot.periods import Period
from bot.reply import Button, Cell, Chart, Line, Link, Moment, Part, Reply, Rows, Span, Strong, Table, Text
from bot.text import cut, day, number, plural

# In the channel; all of them are in the thread.
SHOWN = 5
# Below it a percentage says more than there is.
SMALL = 100
_TITLE, _NAME = 120, 20
_COLUMNS = (
    *("kind", "id", "title", "url", "first_day", "last_day", "views", "downloads"),
    *("before_first_day", "before_last_day", "views_before", "downloads_before"),
    *("views_total", "downloads_total"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def message(said: Contents, title: str, often: str, *, is_test: bool = False, late: Line = ()) -> Reply:
    """Give the message in the channel, at most ten blocks of it, without who and what next."""
    one = said.things[0] if len(said.things) == 1 else None
    name: Span = Link(cut(one.title, _TITLE), one.url) if one else title
    kind = f"{often.capitalize()} digest".strip().capitalize()
    if is_test:
        kind = f"Test of the {kind.lower()}"
    parts: list[Part] = [Text((*_window(said), *late))]
    if one is not None:
        parts.append(
            Text((*_counted("Views", one.views, one), "\n", *_counted("Downloads", one.downloads, one)))
        )
    elif said.things and len({each.kind for each in said.things}) == 1:
        parts.append(Text((*_summed("Views", said), "\n", *_summed("Downloads", said))))
    elif said.things:
        parts.append(Rows(tuple((_row(each),) for each in said.things[:SHOWN]), dense=True))
    parts += [*_drawn(said), *_movers(said), *_news(said)]
    if said.troubles:
        parts.append(Text((" ".join(said.troubles[:3]),), "Not all could be had"))
    return Reply((f"{kind}: ", name), tuple(parts))


def _window(said: Contents) -> Line:
    if not said.things and not said.members:
        return (_days(said.first_day, said.last_day),)
    earlier = before(said.first_day, said.last_day)
    length = (said.last_day - said.first_day).days + 1
    each = f", {length} days each" if length > 1 else ""
    return (_days(said.first_day, said.last_day), f", compared with {_days(*earlier)}{each}")


def _days(first: date, last: date) -> str:
    return Period(first, last).label


def _counted(name: str, count: Count, thing: Thing) -> Line:
    """Write a counter of the only thing: what was added, what before, and all."""
    total = f" · {number(count.total)} in all"
    if thing.doubt and count.total == 0:
        return (f"{name}  ", Strong("0"), f", or {thing.doubt}")
    return (f"{name}  ", Strong(_change(count, thing)), total)


def _change(count: Count, thing: Thing | None = None) -> str:
    """Write `45,480 → 48,210 (+6 %)`; small numbers have no percentage."""
    if count.now is None:
        return "unknown"
    if thing is not None and thing.first is not None and count.before == 0 and count.now == count.total:
        return f"{number(count.now)} (public since {day(thing.first)}: nothing to compare with)"
    if count.before is None:
        return f"{number(count.now)} (before: unknown)"
    percent = ""
    if count.before >= SMALL:
        change = round(100 * (count.now - count.before) / count.before)
        percent = f" ({change:+d} %)".replace("-", "−") if change else " (±0 %)"
    return f"{number(count.before)} → {number(count.now)}{percent}"


def _summed(name: str, said: Contents) -> Line:
    """Add up a counter over all things; what is not known is said, and not added."""
    counts = [each.views if name == "Views" else each.downloads for each in said.things]
    known = [each for each in counts if each.now is not None and each.before is not None]
    if not known:
        return (f"{name}  ", Strong("unknown"))
    total = None
    if all(each.total is not None for each in counts):
        total = sum(each.total or 0 for each in counts)
    added = Count(sum(each.now or 0 for each in known), sum(each.before or 0 for each in known))
    some = (
        f" of {len(known)} of the {len(counts)}; the others are unknown" if len(known) < len(counts) else ""
    )
    return (f"{name}  ", Strong(_change(added)), some, f" · {number(total)} in all")


def _drawn(said: Contents) -> list[Part]:
    """Draw the series, and say the same figures."""
    if len(said.spans) < 2 or not said.series:
        return []
    length = (said.last_day - said.first_day).days + 1
    labels = tuple(_short(each, said.spans) for each in said.spans)
    names = [cut(each.name, _NAME) for each in said.series]
    lines = [(name, tuple(each.values)) for name, each in zip(_distinct(names), said.series, strict=True)][:6]
    what = "Views and downloads" if said.series[0].name == "Views" else "Views"
    title = f"{what} by {plural(length, 'day') if length > 1 else 'day'}"
    rows: list[Span] = []
    for name, values in lines:
        pairs = (f"{label}: {number(n)}" for label, n in zip(labels, values, strict=True))
        rows += ["\n" if rows else "", Strong(f"{name}  "), " · ".join(pairs)]
    return [Chart(title, "line", labels, tuple(lines)), Text(tuple(rows))]


def _short(at: date, spans: Sequence[date]) -> str:
    """Write the first day of a span, with its year only where there are several."""
    said = day(at)
    return said if spans[0].year != spans[-1].year else said.rsplit(" ", 1)[0]


def _distinct(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        found.append(name if name not in found else f"{name[: _NAME - 3]} {len(found) + 1}")
    return found


def _row(thing: Thing) -> Line:
    views, downloads = (_change(each) for each in (thing.views, thing.downloads))
    doubt = f", or {thing.doubt}" if thing.doubt and thing.views.total == 0 else ""
    return (
        Link(cut(thing.title, _TITLE), thing.url),
        f"  {views} views, {downloads} downloads",
        f" · {number(thing.views.total)} and {number(thing.downloads.total)} in all{doubt}",
    )


def _movers(said: Contents) -> list[Part]:
    """Give the most viewed of the items that are listed, or in what is listed."""
    listed = [each for each in said.things if each.kind == "article"] if len(said.things) > 1 else []
    counted = [each for each in (*listed, *said.members) if each.views.now]
    if not counted:
        return []
    ranked = sorted(counted, key=lambda each: -(each.views.now or 0))
    rows = tuple(
        ((Link(cut(each.title, _TITLE), each.url), f"  {_change(each.views, each)} views"),)
        for each in ranked[:SHOWN]
    )
    some = f", among the first {said.members_of} in it" if said.members_of else ""
    return [Text((), f"Most viewed{some}"), Rows(rows, first=1, dense=True)]


def _news(said: Contents) -> list[Part]:
    if said.new is None:
        return []
    if not said.new:
        return [Text(("Nothing new.",))]
    count = f"{len(said.new)} or more" if said.more_new else str(len(said.new))
    dated = all(said.first_day <= each.published <= said.last_day for each in said.new if each.published)
    heading = f"New: {count}" if dated else "The newest so far"
    if len(said.new) > SHOWN:
        heading += f", the newest {SHOWN} of them"
    return [Text((), heading), Rows(tuple((_new(each),) for each in said.new[:SHOWN]), dense=True)]


def _new(found: New) -> Line:
    facts = [day(found.published)] if found.published else []
    if found.is_version:
        facts.append("a new version")
    if found.views is not None or found.downloads is not None:
        facts.append(f"{number(found.views)} views, {number(found.downloads)} downloads in all")
    return (Link(cut(found.title, _TITLE), found.url), f"  {' · '.join(facts)}" if facts else "")


def footed(
    reply: Reply, said: Contents, number: int, *, owner: str, next_at: float | None, gone: bool = False
) -> Reply:
    """Add the small print and the buttons: raw counts as of when, what comes next, and who set it up."""
    following: Line = (" Next: ", Moment(next_at), ".") if next_at is not None else ()
    who = f"{owner}, who set it up, has left." if gone else f"Set up by {owner}."
    value = str(number)
    buttons = [
        Button("Change", deed="digest.change", value=value),
        Button("Pause", deed="digest.pause", value=value),
        Button(
            "Stop", deed="digest.stop", value=value, confirm="Stop this digest? Its number is not used again."
        ),
    ]
    if gone:
        buttons.insert(0, Button("Adopt", deed="digest.adopt", value=value, style="primary"))
    return reply.with_notes(
        (f"{RAW}, as of ", Moment(said.as_of), ". Days are Figshare's, in UTC."),
        (f"Digest {number}. {who}", *following),
    ).with_buttons(*buttons)


def table(said: Contents, title: str) -> Reply | None:
    """Give the whole table, for the thread; nothing when the channel shows all there is."""
    heading = f"All of it, {_days(said.first_day, said.last_day)}"
    if rows := [*said.things, *said.members] if len(said.things) + len(said.members) > 1 else []:
        names = ("Title", "Views", "before", "in all", "Downloads", "before", "in all")
        made = tuple(_cells(each) for each in rows)
        return Reply((heading,), (Table(title, names, made),))
    if said.new and len(said.new) > SHOWN:
        news = tuple(
            (
                Link(each.title, each.url),
                day(each.published) if each.published else "–",
                each.views,
                each.downloads,
            )
            for each in said.new
        )
        return Reply((heading,), (Table(title, ("Title", "Published", "Views", "Downloads"), news),))
    if len(said.days) > 1:
        days = tuple((day(each.day), each.views, each.downloads) for each in said.days)
        return Reply((heading,), (Table(title, ("Day", "Views", "Downloads"), days),))
    return None


def _cells(thing: Thing) -> tuple[Cell, ...]:
    views: tuple[Cell, ...] = (thing.views.now, thing.views.before, thing.views.total)
    link = Link(cut(thing.title, 80), thing.url)
    return (link, *views, thing.downloads.now, thing.downloads.before, thing.downloads.total)


def sheet(said: Contents) -> str:
    """Write all of it as CSV, with an empty field where a count is unknown."""
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    earlier = before(said.first_day, said.last_day)
    out.writerow(_COLUMNS)
    for each in (*said.things, *said.members):
        out.writerow(
            _plain(
                [
                    *(each.kind, each.id, each.title, each.url, said.first_day, said.last_day),
                    *(each.views.now, each.downloads.now, *earlier, each.views.before, each.downloads.before),
                    *(each.views.total, each.downloads.total),
                ]
            )
        )
    for one in said.new or ():
        published = one.published
        row = [one.kind, one.id, one.title, one.url, published, published, None, None, None, None, None, None]
        out.writerow(_plain([*row, one.views, one.downloads]))
    for a_day in said.days:
        out.writerow(_plain(["day", "", "", "", a_day.day, a_day.day, a_day.views, a_day.downloads]))
    return written.getvalue()


def _plain(cells: Iterable[object]) -> list[str]:
    """Write cells so that no spreadsheet takes a title for a formula."""
    said = ("" if each is None else str(each) for each in cells)
    return [f"'{each}" if each.startswith(_FORMULA) else each for each in said]
