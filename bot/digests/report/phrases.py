"""How a digest words its days, its counts and its titles."""

from datetime import date
from typing import Literal

from bot.digests.report.facts import ComparedCount, NewItem, Report, ReportRow
from bot.reply import Line, Link, Strong
from bot.text import MONTHS, capitalized, cut, formatted_count, formatted_day, isolated, plural

KIND_NOUNS = {"article": "item", "collection": "collection", "project": "project"}
# The percentage of a smaller number would look more certain than it is.
_SMALLEST_FOR_PERCENTAGE = 20
_MAX_TITLE_LENGTH = 120

# On how many of the days before the digest's a row was public: all of them, some, or none.
Comparability = Literal["full", "partial", "none"]


def short_day(value: date, with_year: bool) -> str:
    """Return a day that is not broken over two lines: `16 Nov`, `16 Nov 2026`."""
    text = formatted_day(value) if with_year else f"{value.day} {MONTHS[value.month - 1]}"
    return text.replace(" ", "\u00a0")


def title_link(record: ReportRow | NewItem, max_length: int = _MAX_TITLE_LENGTH) -> Link:
    """Return a title that links to its page."""
    return Link(isolated(cut(record.title, max_length)), record.url)


def comparability(row: ReportRow, report: Report) -> Comparability:
    """Return on how many of the days before the digest's this was public; counts outweigh its record."""
    if row.first_public is None or row.first_public <= report.previous_days[0]:
        return "full"
    was_counted = row.views.previous or row.downloads.previous
    return "partial" if row.first_public < report.first_day or was_counted else "none"


def public_since(row: ReportRow, report: Report) -> str:
    """Return `public since 18 Nov 2026` where not all of the days before can be compared, else nothing."""
    if row.first_public is None or row.is_doubtful or comparability(row, report) == "full":
        return ""
    return f"public since {formatted_day(row.first_public)}"


def change_phrase(count: ComparedCount, comparable: Comparability, noun: str) -> Line:
    """Return a count and the one before in words: `12 views (14 before)`, `31 views` without one before."""
    if count.current is None:
        return (Strong(f"{noun}s unknown"),)
    current = Strong(plural(count.current, noun))
    if comparable == "none":
        return (current,)
    if count.previous is None:
        return (current, " (before: unknown)")
    change = _percentage(count.current, count.previous) if comparable == "full" else ""
    return (current, f" ({formatted_count(count.previous)} before{change})")


def _percentage(current: int, previous: int) -> str:
    if previous < _SMALLEST_FOR_PERCENTAGE:
        return ""
    change = round(100 * (current - previous) / previous)
    # Rounded to a fall by 100%, the change would say that nothing is left.
    change = max(change, -99) if current else change
    return f", {'up' if change > 0 else 'down'} {abs(change):,}%" if change else ""


def count_phrase(row: ReportRow, count: ComparedCount, report: Report, noun: str) -> Line:
    """Return one of the counters of a row: `12 views (14 before) · 5,921 in all`, or why it is not known."""
    if count.current is None and count.all_time is None:
        return (Strong(capitalized(f"{noun}s unknown")),)
    if row.is_doubtful:
        return (Strong(f"0 {noun}s"), f", or {row.zero_caveat}")
    change = change_phrase(count, comparability(row, report), noun)
    if count.current is None:
        change = (Strong(capitalized(f"{noun}s unknown")),)
    return (*change, " · ", all_time_phrase(count.all_time))


def all_time_phrase(count: int | None) -> str:
    """Return `12,345 in all`."""
    return "all-time count unknown" if count is None else f"{formatted_count(count)} in all"
