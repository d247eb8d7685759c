"""The chart of a digest."""

from collections.abc import Sequence

from bot.digests.report.facts import Report
from bot.digests.report.phrases import KIND_NOUNS, short_day
from bot.reply import Chart
from bot.text import cut, plural

_MAX_LINES, _MAX_NAME_LENGTH = 6, 20
_WEEK = 7
# Slack doesn't document whether it looks for mentions in the names of a chart's lines.
_MENTION_BRACKETS = str.maketrans("<>", "‹›")
_COUNTER_NAMES = {"Views", "Downloads"}


def chart_of(report: Report) -> Chart | None:
    """Return the chart of a digest; None where there is nothing to draw, or all of it is 0.

    No table in the channel has its figures, so it has a caption.
    """
    if len(report.buckets) < 2 or not any(any(line.values) for line in report.series):
        return None
    has_two_years = report.buckets[0].year != report.buckets[-1].year
    labels = tuple(short_day(first_day, has_two_years) for first_day in report.buckets)
    series = report.series
    if len(series) > _MAX_LINES:
        series = tuple(sorted(series, key=lambda line: line.values[-1], reverse=True)[:_MAX_LINES])
    names = _distinct([cut(line.name, _MAX_NAME_LENGTH) for line in series])
    lines = tuple(
        (name.translate(_MENTION_BRACKETS), line.values) for name, line in zip(names, series, strict=True)
    )
    return Chart(_title(report), "line", labels, lines, _caption(report))


def _title(report: Report) -> str:
    names, length = [line.name for line in report.series], report.day_count
    # Lines that are not named by a counter show the views of one row each.
    counters = names if set(names) <= _COUNTER_NAMES else ["Views"]
    unit = {1: "day", _WEEK: "week"}.get(length, f"{length} days")
    kinds = {row.kind for row in report.listed}
    noun = KIND_NOUNS.get(kinds.pop(), "thing") if len(kinds) == 1 else "thing"
    subset = ""
    if report.charted_count is not None:
        subset = f", {report.charted_count} of {plural(len(report.listed), noun)}"
    if len(report.series) > _MAX_LINES:
        subset = f", the {_MAX_LINES} most viewed"
    return f"{' and '.join(counters).capitalize()} per {unit}{subset}"


def _caption(report: Report) -> str:
    if (length := report.day_count) == 1:
        return "Day by day"
    return "Weeks starting" if length == _WEEK else f"Periods of {length} days starting"


def _distinct(names: Sequence[str]) -> list[str]:
    """Return the names, with a number where one repeats: Slack refuses two lines of the same name."""
    distinct: list[str] = []
    for name in names:
        repeats = name in distinct
        distinct.append(f"{name[: _MAX_NAME_LENGTH - 3]} {len(distinct) + 1}" if repeats else name)
    return distinct
