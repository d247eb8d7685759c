"""The words of a digest: its days, its counts, its titles."""

import unicodedata
from datetime import date
from typing import Literal

from bot.digests.report.facts import Count, New, Report, ReportRow
from bot.language.schedules import before
from bot.reply import Line, Link, Strong
from bot.text import MONTHS, cut, day, number

NOUNS = {"article": "item", "collection": "collection", "project": "project"}
# With fewer before, a percentage says more than there is.
SMALL = 100
_LONGEST = 120
_ISOLATE, _END = "\u2068", "\u2069"

# How much of the days before a thing was public: all of them, some, none.
Age = Literal["old", "young", "new"]


def short(at: date, with_year: bool) -> str:
    """Write a day that stays on its line."""
    said = day(at) if with_year else f"{at.day} {MONTHS[at.month - 1]}"
    return said.replace(" ", "\u00a0")


def link(found: ReportRow | New, longest: int = _LONGEST) -> Link:
    """Give a title that leads to its item."""
    return Link(isolated(cut(found.title, longest)), found.url)


def isolated(text: str) -> str:
    """Keep a title written from right to left from turning round the numbers beside it."""
    turned = any(unicodedata.bidirectional(each) in ("R", "AL") for each in text)
    return f"{_ISOLATE}{text}{_END}" if turned else text


def age(thing: ReportRow, said: Report) -> Age:
    """Tell whether there is something to compare with."""
    if thing.first is None or thing.first <= before(said.first_day, said.last_day)[0]:
        return "old"
    was_counted = thing.views.before or thing.downloads.before
    return "young" if thing.first < said.first_day or was_counted else "new"


def since(thing: ReportRow, said: Report) -> str:
    """Say since when something is public that was not before."""
    if thing.first is None or thing.is_doubtful or age(thing, said) == "old":
        return ""
    return f"public since {day(thing.first)}"


def added(count: Count, of: Age = "old", noun: str = "") -> Line:
    """Write what the days added, and what those before did: `2 → 5`, `45,480 → 48,210 (+6%)`."""
    if count.now is None:
        return (f"{noun}s " if noun else "", Strong("unknown"))
    now, one = number(count.now), f" {noun}{'' if count.now == 1 else 's'}" if noun else ""
    if of == "new":
        return (Strong(now), one)
    if count.before is None:
        return (Strong(now), one, " (before: unknown)")
    percent = _percent(count.now, count.before) if of == "old" else ""
    return (f"{number(count.before)} → ", Strong(now), f" {noun}s" if noun else "", percent)


def _percent(now: int, before: int) -> str:
    if before < SMALL:
        return ""
    change = round(100 * (now - before) / before)
    # What is left is not nothing.
    change = max(change, -99) if now else change
    return f" ({change:+,}%)".replace("-", "−") if change else ""


def counted(thing: ReportRow, count: Count, said: Report, between: str) -> Line:
    """Write a counter of a thing: what was added, what before, and all there is."""
    if count.now is None and count.total is None:
        return (Strong("unknown"),)
    if thing.is_doubtful:
        return (Strong("0"), f", or {thing.doubt}")
    return (*added(count, age(thing, said)), between, total(count.total))


def total(count: int | None) -> str:
    """Write all there is."""
    return "all time unknown" if count is None else f"{number(count)} all time"
