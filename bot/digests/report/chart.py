"""The chart of a digest, and the same figures as text."""

from collections.abc import Sequence

from bot.digests.report.facts import Report
from bot.digests.report.phrases import NOUNS, isolated, short
from bot.reply import Chart, Part, Rows, Span, Strong, Text
from bot.text import cut, number, plural

_LINES, _NAME = 6, 20
_WEEK = 7
# Nothing says that Slack looks for mentions in a chart, and nothing that it does not.
_MARKS = str.maketrans("<>", "‹›")
_COUNTERS = {"Views", "Downloads"}


def chart(said: Report) -> list[Part]:
    """Draw the digest's days, and as many before them several times over; nothing where all is 0."""
    if len(said.spans) < 2 or not any(any(each.values) for each in said.series):
        return []
    labels = tuple(short(each, said.spans[0].year != said.spans[-1].year) for each in said.spans)
    series = said.series
    if len(series) > _LINES:
        series = tuple(sorted(series, key=lambda each: each.values[-1], reverse=True)[:_LINES])
    names = _distinct([cut(each.name, _NAME) for each in series])
    drawn = tuple((name.translate(_MARKS), each.values) for name, each in zip(names, series, strict=True))
    pairs = [" · ".join(_pairs(labels, each.values)) for each in series]
    return [Chart(_title(said), "line", labels, drawn), _text(_caption(said), names, pairs)]


def _text(caption: str, names: Sequence[str], pairs: Sequence[str]) -> Part:
    """Write the figures: small where the words are ours, and else as text that Slack takes literally."""
    lines = list(zip(names, pairs, strict=True))
    if set(names) <= _COUNTERS:
        return Rows((((caption,), *((f"{name}  {values}",) for name, values in lines)),))
    spans: list[Span] = [caption]
    for name, values in lines:
        spans += ["\n", Strong(isolated(name)), f"  {values}"]
    return Text(tuple(spans))


def _title(said: Report) -> str:
    names, length = [each.name for each in said.series], _length(said)
    # Else the lines have the names of things.
    counters = names if set(names) <= _COUNTERS else ["Views"]
    each = {1: "day", _WEEK: "week"}.get(length, f"{length} days")
    kinds = {each.kind for each in said.things}
    noun = NOUNS.get(kinds.pop(), "thing") if len(kinds) == 1 else "thing"
    some = f", {said.series_of} of {plural(len(said.things), noun)}" if said.series_of is not None else ""
    if len(said.series) > _LINES:
        some = f", the {_LINES} most viewed"
    return f"{' and '.join(counters).capitalize()} per {each}{some}"


def _length(said: Report) -> int:
    return (said.last_day - said.first_day).days + 1


def _caption(said: Report) -> str:
    if (length := _length(said)) == 1:
        return "Day by day"
    return "Each week by its first day" if length == _WEEK else f"Each {length} days by their first day"


def _pairs(labels: Sequence[str], values: Sequence[int]) -> list[str]:
    return [f"{label}:\u00a0{number(n)}" for label, n in zip(labels, values, strict=True)]


def _distinct(names: Sequence[str]) -> list[str]:
    """Number names that are the same, since Slack takes no two lines of one name."""
    found: list[str] = []
    for name in names:
        found.append(name if name not in found else f"{name[: _NAME - 3]} {len(found) + 1}")
    return found
