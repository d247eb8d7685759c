"""The lists of a digest in its channel: the items whose views changed most, and what is new."""

from collections.abc import Iterable, Sequence

from bot.digests.report.facts import ComparedCount, NewItem, Report, ReportRow
from bot.digests.report.phrases import (
    KIND_NOUNS,
    change_phrase,
    comparability,
    public_since,
    short_day,
    title_link,
)
from bot.reply import Line, Strong
from bot.text import plural

# How many rows of each list the channel shows; the thread has all of them.
CHANNEL_ROWS = 5
# Kinds that have items in them.
CONTAINER_KINDS = ("collection", "project")


def most_viewed(rows: Iterable[ReportRow]) -> list[ReportRow]:
    """Return rows by their views, the most first; those with unknown views come last."""

    def views(row: ReportRow) -> int:
        current = row.without_doubtful.views.current
        return -1 if current is None else current

    return sorted(rows, key=views, reverse=True)


def mover_lines(report: Report) -> list[Line]:
    """Return the items whose views changed most; of a portal the most viewed, as Figshare ranks them."""
    if not (rows := movers(report)):
        return []
    if is_ranking(report):
        return [(Strong("Most viewed"),), *_ranked(rows, report)]
    containers = [row for row in report.listed if row.kind in CONTAINER_KINDS]
    heading = f"Biggest changes in views{_among(report, containers, bool(_listed_items(report)))}"
    return [(Strong(heading),), *_ranked(rows, report)]


def movers(report: Report) -> list[ReportRow]:
    """Return the items that `mover_lines` names."""
    if is_ranking(report):
        return list(report.members)
    changes = [
        (row, _change(row.without_doubtful.views)) for row in (*_listed_items(report), *report.members)
    ]
    changes.sort(key=lambda pair: (abs(pair[1]), pair[0].views.current or 0), reverse=True)
    return [row for row, change in changes if change][:CHANNEL_ROWS]


def is_ranking(report: Report) -> bool:
    """Return whether the members are the most viewed items of a portal."""
    return bool(report.members) and not any(row.kind in CONTAINER_KINDS for row in report.listed)


def _listed_items(report: Report) -> list[ReportRow]:
    # Up to five listed things have lines of their own already.
    is_long = len(report.listed) > CHANNEL_ROWS
    return [row for row in report.listed if row.kind == "article"] if is_long else []


def _among(report: Report, containers: list[ReportRow], has_listed: bool) -> str:
    """Return among which items these changes are the biggest, empty where that is plain."""
    if not containers or (has_listed and not report.members):
        return ""
    these = "these and " if has_listed else ""
    kinds = sorted({row.kind for row in containers})
    inside = f"in the {kinds[0]}" if len(containers) == 1 else f"in the {'s and '.join(kinds)}s"
    if not report.has_more_members:
        return f", among {these}the items {inside}"
    count = len(report.members)
    if report.member_count:
        return f", among {these}the first {count} of its {report.member_count:,} items"
    return f", among {these}the first {count} items {inside}"


def _change(count: ComparedCount) -> int:
    return 0 if count.current is None or count.previous is None else count.current - count.previous


def _ranked(rows: Iterable[ReportRow], report: Report) -> list[Line]:
    lines: list[Line] = []
    for rank, row in enumerate(rows, 1):
        since = public_since(row, report)
        views = change_phrase(row.views, comparability(row, report), "view")
        lines.append((f"{rank}. ", title_link(row), "  ", *views, f", {since}" if since else ""))
    return lines


def new_item_lines(report: Report) -> list[Line]:
    """Return what is new, or that nothing is, or that it is unknown."""
    items = report.new_items
    if items is None:
        return []
    if not items and report.may_have_more_new:
        return [(Strong("New items: unknown"),)]
    lines = [new_item_line(item, report) for item in items[:CHANNEL_ROWS]]
    if report.is_first_of_search:
        return [_newest_so_far(len(lines)), *lines]
    has_groups = any(row.kind == "group" for row in report.listed)
    is_cut = report.has_more_members and not has_groups
    among = f" among the first {len(report.members)}" if is_cut else ""
    if not items:
        where = f"{among}{_inside(report)}" or (" this week" if report.day_count == 7 else "")
        return [(f"No new items{where}.",)]
    return [(Strong(_new_items_heading(items, among, report.may_have_more_new)),), *lines]


def _new_items_heading(items: Sequence[NewItem], among: str, may_have_more: bool) -> str:
    """Return `New items: 12 or more, the newest 5 of them`."""
    kinds = {item.kind for item in items}
    noun = KIND_NOUNS[kinds.pop()] if len(kinds) == 1 else "item"
    count = f"{len(items)}{' or more' if may_have_more else ''}{among}"
    newest = f", the newest {CHANNEL_ROWS} of them" if len(items) > CHANNEL_ROWS else ""
    return f"New {noun}s: {count}{newest}"


def _inside(report: Report) -> str:
    """Return in what nothing is new, empty where nothing else was counted."""
    kinds = [row.kind for row in report.listed]
    can_have_new = (*CONTAINER_KINDS, "group")
    if not set(kinds).difference(can_have_new):
        return ""
    inside = [f"{kind}{'s' if kinds.count(kind) > 1 else ''}" for kind in can_have_new if kind in kinds]
    return f" in the {' and '.join(inside)}" if inside else ""


def _newest_so_far(count: int) -> Line:
    if not count:
        return ("No matches so far.",)
    heading = "The newest so far" if count == 1 else f"The {count} newest so far"
    return (Strong(f"{heading}."), " Future digests will only show new ones.")


def new_item_line(item: NewItem, report: Report) -> Line:
    """Return when something was published, and its all-time counts where they were fetched."""
    facts = [short_day(item.published, with_year=True) if item.published else "no date"]
    if item.is_version:
        facts.append("new version")
    if report.has_new_counts:
        counts = ((item.views, "view"), (item.downloads, "download"))
        facts += [f"{noun}s unknown" if count is None else plural(count, noun) for count, noun in counts]
    return (title_link(item), "\n" if report.has_new_counts else "  ", " · ".join(facts))
