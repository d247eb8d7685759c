"""The chart of a digest, and the same figures as text."""

from collections.abc import Sequence

from bot.digests.report.facts import Report
from bot.digests.report.phrases import KIND_NOUNS, isolated, short_day
from bot.reply import Chart, Part, Rows, Span, Strong, Text
from bot.text import cut, formatted_count, plural

_MAX_LINES, _MAX_NAME_LENGTH = 6, 20
_WEEK = 7
# Slack doesn't document whether it looks for mentions in the names of a chart's lines.
_MENTION_BRACKETS = str.maketrans("<>", "‹›")
_COUNTER_NAMES = {"Views", "Downloads"}


def chart_parts(report: Report) -> list[Part]:
    """Return the chart of a digest and its figures as text; nothing where all of them are 0."""
    if len(report.buckets) < 2 or not any(any(line.values) for line in report.series):
        return []
    has_two_years = report.buckets[0].year != report.buckets[-1].year
    labels = tuple(short_day(first_day, has_two_years) for first_day in report.buckets)
    series = report.series
    if len(series) > _MAX_LINES:
        series = tuple(sorted(series, key=lambda line: line.values[-1], reverse=True)[:_MAX_LINES])
    names = _distinct([cut(line.name, _MAX_NAME_LENGTH) for line in series])
    lines = tuple(
        (name.translate(_MENTION_BRACKETS), line.values) for name, line in zip(names, series, strict=True)
    )
    figures = [" · ".join(_figures(labels, line.values)) for line in series]
    return [Chart(_title(report), "line", labels, lines), _figures_part(_caption(report), names, figures)]


def _figures_part(caption: str, names: Sequence[str], figures: Sequence[str]) -> Part:
    """Return the figures: small print where all words are ours, else text that Slack takes literally."""
    lines = list(zip(names, figures, strict=True))
    if set(names) <= _COUNTER_NAMES:
        return Rows((((caption,), *((f"{name}  {values}",) for name, values in lines)),))
    spans: list[Span] = [caption]
    for name, values in lines:
        spans += ["\n", Strong(isolated(name)), f"  {values}"]
    return Text(tuple(spans))


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


def _figures(labels: Sequence[str], values: Sequence[int]) -> list[str]:
    return [f"{label}:\u00a0{formatted_count(value)}" for label, value in zip(labels, values, strict=True)]


def _distinct(names: Sequence[str]) -> list[str]:
    """Return the names, with a number where one repeats: Slack refuses two lines of the same name."""
    distinct: list[str] = []
    for name in names:
        repeats = name in distinct
        distinct.append(f"{name[: _MAX_NAME_LENGTH - 3]} {len(distinct) + 1}" if repeats else name)
    return distinct
