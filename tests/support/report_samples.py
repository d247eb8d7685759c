"""Digests of every kind, as their facts."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from bot.digests.report.facts import Count, Day, New, Report, ReportRow, Series

FIRST, LAST = date(2026, 11, 16), date(2026, 11, 22)
AS_OF = datetime(2026, 11, 23, 8, 58, tzinfo=UTC).timestamp()
LATER = datetime(2027, 1, 4, 8, 58, tzinfo=UTC).timestamp()
NEXT = datetime(2026, 11, 30, 9, tzinfo=UTC).timestamp()
OLD = date(2019, 3, 1)
SPANS = tuple(FIRST - timedelta(days=7 * at) for at in range(7, -1, -1))
DOWN = "Figshare's statistics service does not answer."
TITLES = (
    "Frog counts along the Thames, 2012 to 2018",
    "Using APIs to customise repositories and engage audiences",
    "Counting what cannot be seen: eDNA in small ponds",
    "Chorus for eleven loudspeakers and a pond",
    "A model of heat in a terraced house",
    "What librarians ask of a chat window",
)
HOSTILE = (
    "<!channel> *read* this <@U0123456> `now`",
    "@here @channel <https://evil.example|our repository>",
    '=HYPERLINK("https://evil.example","frogs")',
    "أصوات الضفادع في الجنوب",
    "Frogs 🐸🐸 of the :tada: marsh ~ _2020_",
    "+1-1|cmd" + " and so on" * 100,
)


def url(id: int) -> str:
    return f"https://figshare.com/articles/dataset/_/{id}"


def item(id: int, title: str, views: Count, downloads: Count, first: date | None = OLD) -> ReportRow:
    return ReportRow("article", id, title, url(id), first, views, downloads)


def items(count: int, titles: Sequence[str] = TITLES) -> tuple[ReportRow, ...]:
    """Return items of which the first are viewed a lot and the last not at all."""
    made = []
    for at in range(count):
        views = max(0, 140 - 31 * at)
        made.append(
            item(
                11820345 + at,
                titles[at % len(titles)] + (f" {at // len(titles) + 1}" if at >= len(titles) else ""),
                Count(views, max(0, 131 - 29 * at), 12_345 - 61 * at),
                Count(views // 3, max(0, 48 - 12 * at), 4_100 - 17 * at),
            )
        )
    return tuple(made)


def drawn(views: int = 300, downloads: int | None = 90, spans: Sequence[date] = SPANS) -> dict[str, object]:
    """Return spans and the series that are drawn over them."""
    rise = (0.8, 0.85, 0.7, 0.9, 1.1, 1.3, 1.0, 1.2)[-len(spans) :]
    series = [Series("Views", tuple(int(views * each) for each in rise))]
    if downloads is not None:
        series.append(Series("Downloads", tuple(int(downloads * each) for each in rise)))
    return {"spans": tuple(spans), "series": tuple(series)}


def week(things: Sequence[ReportRow] = (), **others: object) -> Report:
    return Report(FIRST, LAST, AS_OF, tuple(things), **others)  # type: ignore[arg-type]


def days(views: Sequence[int | None], downloads: Sequence[int | None]) -> tuple[Day, ...]:
    return tuple(
        Day(FIRST + timedelta(days=at), *each) for at, each in enumerate(zip(views, downloads, strict=True))
    )


def typical() -> Report:
    return week(items(6), **drawn())


def few() -> Report:
    return week(items(3), **drawn(210, 70))


def first_ever() -> Report:
    """Return an item that was published inside the days."""
    one = item(26550214, TITLES[5], Count(31, 0, 31), Count(4, 0, 4), first=date(2026, 11, 18))
    return week(
        (one,),
        days=days((0, 0, 12, 9, 6, 1, 3), (0, 0, 2, 1, 1, 0, 0))[2:],
    )


def half_unknown() -> Report:
    known = items(6)
    unknown = [replace(each, views=Count(), downloads=Count(1, 2, 40)) for each in known[2:4]]
    nothing = replace(known[5], title="item 11820350", url=None, first=None, views=Count(), downloads=Count())
    return week(
        (*known[:2], *unknown, known[4], nothing),
        **{**drawn(221, 74), "series_of": 3},
        troubles=(DOWN,),
    )


def one_unknown() -> Report:
    one = replace(items(1)[0], downloads=Count(None, None, None))
    series = drawn()["series"]
    return week(
        (one,),
        spans=SPANS,
        series=series[:1],  # type: ignore[index]
        days=days((20, 24, 18, 22, 19, 20, 17), (None,) * 7),
        troubles=(DOWN,),
    )


def one_item() -> Report:
    one = item(5616445, TITLES[1], Count(5, 2, 12_345), Count(1, 1, 4_100))
    return week(
        (one,),
        spans=SPANS,
        series=(Series("Views", (3, 2, 6, 4, 0, 1, 2, 5)), Series("Downloads", (0, 1, 1, 2, 0, 0, 1, 1))),
        days=days((1, 0, 2, 0, 1, 0, 1), (0, 0, 1, 0, 0, 0, 0)),
    )


def busy_item() -> Report:
    one = item(5616445, TITLES[1], Count(48_210, 45_480, 2_345_678), Count(21_904, 22_351, 904_100))
    return week(
        (one,),
        **drawn(40_175, 18_253),
        days=days((6887,) * 6 + (6888,), (3129,) * 7),
    )


def daily() -> Report:
    one = item(5616445, TITLES[1], Count(2, 5, 12_345), Count(0, 1, 4_100))
    spans = tuple(LAST - timedelta(days=at) for at in range(7, -1, -1))
    return Report(
        LAST,
        LAST,
        AS_OF,
        (one,),
        spans=spans,
        series=(Series("Views", (3, 2, 6, 4, 0, 1, 5, 2)), Series("Downloads", (0, 1, 1, 2, 0, 0, 1, 0))),
        days=(Day(LAST, 2, 0),),
    )


def many() -> Report:
    return week(items(200), **drawn(9_000, 2_900))


def collection() -> Report:
    """Return a collection with 50 of its 300 members."""
    one = ReportRow(
        "collection",
        4000001,
        "Everything about frogs",
        "https://figshare.com/collections/Everything_about_frogs/4000001",
        date(2022, 2, 2),
        Count(31, 36, 5_410),
        Count(0, 0, 0),
    )
    members = tuple(
        replace(each, views=replace(each.views, total=None), downloads=Count()) for each in items(50)
    )
    return week(
        (one,),
        members=members,
        members_cut=True,
        members_of=300,
        new=(),
        **drawn(30, 0),
        days=days((4,) * 7, (0,) * 7),
    )


def mixed() -> Report:
    author = ReportRow(
        "author",
        2041117,
        "author 2041117",
        "https://figshare.com/authors/_/2041117",
        None,
        Count(210, 180, 40_122),
        Count(61, 70, 9_320),
        "unknown to Figshare",
    )
    group = ReportRow(
        "group",
        20442,
        "group 20442",
        None,
        None,
        Count(1_204, 1_150, 99_310),
        Count(402, 377, 31_022),
        "not a group of lboro",
    )
    things = (items(1)[0], collection().things[0], author, group)
    series = tuple(
        Series(
            each.title,
            tuple(int((each.views.now or 0) * rise) for rise in (0.8, 0.85, 0.7, 0.9, 1.1, 1.3, 1.0, 1)),
        )
        for each in things
    )
    return week(things, members=collection().members[:11], new=news(2), spans=SPANS, series=series)


def doubtful() -> Report:
    """Return an author of whom nothing is known, perhaps since there is none."""
    nobody = ReportRow(
        "author",
        999999,
        "author 999999",
        "https://figshare.com/authors/_/999999",
        None,
        Count(0, 0, 0),
        Count(0, 0, 0),
        "unknown to Figshare",
    )
    return week(
        (nobody,),
    )


def news(count: int, first: date = LAST, **others: object) -> tuple[New, ...]:
    made = []
    for at in range(count):
        id = 26550001 + at
        made.append(
            New(
                "article",
                id,
                TITLES[at % len(TITLES)],
                url(id),
                first - timedelta(days=at % 7),
                at == 1,
                **others,
            )  # type: ignore[arg-type]
        )
    return tuple(made)


def search_first() -> Report:
    found = tuple(
        replace(
            each, published=LAST - timedelta(days=9 * at), views=412 - 55 * at, downloads=max(0, 31 - 11 * at)
        )
        for at, each in enumerate(news(5))
    )
    return week(new=found, new_counted=True, so_far=True)


def search_later() -> Report:
    found = (*news(1, views=31, downloads=4), *news(2, views=1, downloads=None)[1:])
    return week(new=found, new_counted=True, troubles=(DOWN,))


def search_many() -> Report:
    return week(new=news(50, views=3, downloads=1), more_new=True, new_counted=True)


def search_nothing() -> Report:
    return week(new=(), new_counted=True)


def ours() -> Report:
    portal = ReportRow(
        "group", 20401, "lboro", None, None, Count(48_210, 45_480, 2_345_678), Count(21_904, 22_351, 904_100)
    )
    members = tuple(
        replace(each, downloads=Count(), views=replace(each.views, total=None)) for each in items(5)
    )
    return week(
        (portal,),
        members=members,
        new=news(50),
        more_new=True,
        **drawn(40_175, 18_253),
        days=days((6887,) * 6 + (6888,), (3129,) * 7),
    )


def hostile() -> Report:
    things = items(6, HOSTILE)
    new = tuple(replace(each, title=title) for each, title in zip(news(6), HOSTILE, strict=True))
    series = tuple(Series(each.title, (1, 2, 3, 4, 5, 6, 7, 8)) for each in things)
    return week(things, new=new, spans=SPANS, series=series)


def hostile_mix() -> Report:
    things = hostile().things[:3]
    group = ReportRow("group", 20442, "group 20442", None, None, Count(1, 2, 3), Count(0, 0, 1))
    one = hostile()
    return week((*things, group), new=one.new, spans=SPANS, series=one.series[:4])


def nothing_happened() -> Report:
    still = tuple(replace(each, views=Count(0, 0, 12), downloads=Count(0, 0, 1)) for each in items(3))
    return week(still, spans=SPANS, series=(Series("Views", (0,) * 8), Series("Downloads", (0,) * 8)))


def withdrawn() -> Report:
    """Return two items of which one can't be found any more."""
    gone = ReportRow("article", 9900123, "item 9900123")
    chart = {**drawn(140, 46), "series_of": 1}
    return week((items(1)[0], gone), **chart, troubles=("Figshare knows no public item 9900123.",))


def author(id: int, views: Count, downloads: Count) -> ReportRow:
    named = f"author {id}", f"https://figshare.com/authors/_/{id}"
    return ReportRow("author", id, *named, None, views, downloads, "unknown to Figshare")


def authors(count: int = 7) -> Report:
    """Return authors, who may have items in common."""
    things = tuple(
        author(2041117 + at, Count(90 - at, 80 + at, 4_000), Count(at, 3, 700)) for at in range(count)
    )
    series = tuple(Series(each.title, tuple(range(at, at + 8))) for at, each in enumerate(things))
    return week(things, spans=SPANS, series=series)


def young() -> Report:
    """Return an item that was public for a part of the days before."""
    one = item(
        26550329,
        "Ten exercises on reading a timeline",
        Count(240, 120, 360),
        Count(9, 2, 11),
        date(2026, 11, 13),
    )
    series = (Series("Views", (120, 240)), Series("Downloads", (2, 9)))
    return week((one,), spans=SPANS[-2:], series=series, days=days((40,) * 6 + (0,), (2, 2, 2, 1, 1, 1, 0)))


def month() -> Report:
    first, last = date(2026, 12, 1), date(2026, 12, 31)
    spans = tuple(first - timedelta(days=31 * at) for at in range(7, -1, -1))
    return Report(first, last, LATER, items(6), **drawn(900, 300, spans))  # type: ignore[arg-type]


def new_year() -> Report:
    first, last = date(2026, 12, 28), date(2027, 1, 3)
    spans = tuple(first - timedelta(days=7 * at) for at in range(7, -1, -1))
    return Report(first, last, LATER, items(2), **drawn(200, 70, spans))  # type: ignore[arg-type]


def portal_alone() -> Report:
    """Return ours where only the institution is known: nothing but what is new."""
    return week(new=news(2))


def news_unknown() -> Report:
    group = mixed().things[3]
    return week(
        (group,),
        **drawn(1_003, 350),
        days=days((172,) * 7, (57,) * 7),
        new=(),
        more_new=True,
        troubles=(DOWN,),
    )


def two_collections() -> Report:
    one = collection()
    other = replace(one.things[0], id=5120334, title="Energy at Loughborough", views=Count(2, 0, 99))
    new = news(1)
    return week((*one.things, other), members=one.members[:7], new=new, **drawn(33, 0))


def everything() -> dict[str, Report]:
    """Return all of them by name."""
    made = (
        *(typical, few, first_ever, young, half_unknown, one_unknown, one_item, busy_item, daily, many),
        *(collection, two_collections, mixed, authors, doubtful, withdrawn, month, new_year),
        *(search_first, search_later, search_many, search_nothing),
        *(ours, portal_alone, news_unknown, hostile, hostile_mix, nothing_happened),
    )
    return {each.__name__: each() for each in made}
