"""Where views and downloads came from."""

from collections.abc import Sequence

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.stats import CounterName
from bot.items.counts import (
    CounterSeries,
    bounded_period,
    counter_table,
    counts_footnote,
    error_paragraph,
    fetch_series,
    zero_paragraph,
)
from bot.items.lookup import fetch_subject
from bot.language.periods import Period
from bot.language.references import Reference
from bot.reply import Chart, Reply, Text
from bot.text import cut, plain, plural

_COUNTRIES_SHOWN = 10
_COUNTERS: tuple[CounterName, ...] = ("views", "downloads")


@command(
    "countries <reference> [period]",
    task="Compare",
    examples=("countries 5616445", "countries 5616445 2025"),
    depends_on_today=True,
    words="country, where, where from, which countries, what countries, from which countries, by "
    "country, per country, geography, geographic, geographical, location, locations, around the world, "
    "nations, map",
    argument_words={"": ", ".join(_COUNTERS)},
    caveats={
        "Figshare doesn't say who, only from which countries.": "who viewed, who views, who read, who reads, "
        "who downloaded, who downloads, who used, who uses, who saw, who visited, who looked at, "
        "who has viewed, who has downloaded, who has read, who is reading, who is viewing, "
        "who is downloading, who's reading, who's viewing, who's downloading, who shared"
    },
)
async def countries(bot: Bot, question: Question, reference: Reference, period: Period | None) -> Reply:
    """Where views and downloads came from: the top ten countries; by default of the last 12 whole months.

    “Unknown” is what Figshare counted without saying where from.
    """
    subject = await fetch_subject(bot, reference)
    period = bounded_period(subject, period, question.today)

    async def by_country(counter: CounterName) -> dict[str, int]:
        assert period.start is not None and period.end is not None
        return await bot.stats.breakdown(counter, subject.kind, subject.id, period.start, period.end)

    series, error = await fetch_series(_COUNTERS, by_country)
    names = list(dict.fromkeys(country for counts in series.values() for country in counts))
    if not names:
        text = Text((f"No views or downloads, {period.label}.",))
        return Reply((subject.link,), (text, *zero_paragraph(subject)), footnotes=(counts_footnote(subject),))
    top, others = names[:_COUNTRIES_SHOWN], names[_COUNTRIES_SHOWN:]
    rows: list[tuple[str, Sequence[str]]] = [(_country_name(name), [name]) for name in top]
    if others:
        rows.append((plural(len(others), "other country", "other countries"), others))
    return Reply(
        (subject.link,),
        (
            Text((f"{period.label}, by country",)),
            *error_paragraph(error),
            _chart(series, top),
            counter_table("By country", "Country", rows, series, _COUNTERS),
        ),
        footnotes=(counts_footnote(subject),),
        outcome="ok" if error is None else "trouble",
        subscribable=subject.topic,
    )


def _chart(series: CounterSeries, names: Sequence[str]) -> Chart:
    # Slack allows labels of at most 20 characters and no label twice.
    short_names = [cut(_country_name(name), 20) for name in names]
    labels = tuple(
        label if short_names.index(label) == index else f"{label[:16]} {index + 1}"
        for index, label in enumerate(short_names)
    )
    return Chart(
        f"{' and '.join(series).capitalize()} by country",
        "bar",
        labels,
        tuple(
            (counter.capitalize(), tuple(counts.get(name, 0) for name in names))
            for counter, counts in series.items()
        ),
    )


def _country_name(name: str) -> str:
    return cut(plain(name, 300), 60) or "Unknown"
