"""How a digest words its days, its counts and its titles."""

import unicodedata
from datetime import date
from typing import Literal

from bot.digests.report.facts import ComparedCount, NewItem, Report, ReportRow
from bot.reply import Line, Link, Strong
from bot.text import MONTHS, cut, formatted_count, formatted_day

KIND_NOUNS = {"article": "item", "collection": "collection", "project": "project"}
# The percentage of a smaller number would look more certain than it is.
_SMALLEST_FOR_PERCENTAGE = 100
_MAX_TITLE_LENGTH = 120
# Unicode's "first strong isolate" and its end: https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates
_ISOLATE, _END = "\u2068", "\u2069"

# On how many of the days before the digest's a row was public: all of them, some, or none.
Comparability = Literal["full", "partial", "none"]


def short_day(value: date, with_year: bool) -> str:
    """Return a day that is not broken over two lines: `16 Nov`, `16 Nov 2026`."""
    text = formatted_day(value) if with_year else f"{value.day} {MONTHS[value.month - 1]}"
    return text.replace(" ", "\u00a0")


def title_link(record: ReportRow | NewItem, max_length: int = _MAX_TITLE_LENGTH) -> Link:
    """Return a title that links to its page."""
    return Link(isolated(cut(record.title, max_length)), record.url)


def isolated(text: str) -> str:
    """Return a title so that, written from right to left, it doesn't reorder the numbers beside it."""
    is_right_to_left = any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
    return f"{_ISOLATE}{text}{_END}" if is_right_to_left else text


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


def change_phrase(count: ComparedCount, comparable: Comparability = "full", noun: str = "") -> Line:
    """Return a count and the one before: `2 → 5 views`, `45,480 → 48,210 (+6%)`; `31` without one before."""
    if count.current is None:
        return (f"{noun}s " if noun else "", Strong("unknown"))
    current = formatted_count(count.current)
    if comparable == "none" or count.previous is None:
        suffix = f" {noun}{'' if count.current == 1 else 's'}" if noun else ""
        note = () if comparable == "none" else (" (before: unknown)",)
        return (Strong(current), suffix, *note)
    percentage = _percentage(count.current, count.previous) if comparable == "full" else ""
    return (f"{formatted_count(count.previous)} → ", Strong(current), f" {noun}s" if noun else "", percentage)


def _percentage(current: int, previous: int) -> str:
    if previous < _SMALLEST_FOR_PERCENTAGE:
        return ""
    change = round(100 * (current - previous) / previous)
    # Rounded to −100%, the change would say that nothing is left.
    change = max(change, -99) if current else change
    return f" ({change:+,}%)".replace("-", "−") if change else ""


def count_phrase(row: ReportRow, count: ComparedCount, report: Report, separator: str) -> Line:
    """Return one of the counters of a row: `2 → 5 · 12,345 all time`, or why it is not known."""
    if count.current is None and count.all_time is None:
        return (Strong("unknown"),)
    if row.is_doubtful:
        return (Strong("0"), f", or {row.zero_caveat}")
    return (*change_phrase(count, comparability(row, report)), separator, all_time_phrase(count.all_time))


def all_time_phrase(count: int | None) -> str:
    """Return `12,345 all time`."""
    return "all time unknown" if count is None else f"{formatted_count(count)} all time"
