"""Digests of every kind, as their facts."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from bot.digests.report.facts import ComparedCount, DayCounts, NewItem, Report, ReportRow, Series

FIRST, LAST = date(2026, 11, 16), date(2026, 11, 22)
AS_OF = datetime(2026, 11, 23, 8, 58, tzinfo=UTC).timestamp()
LATER = datetime(2027, 1, 4, 8, 58, tzinfo=UTC).timestamp()
NEXT = datetime(2026, 11, 30, 9, tzinfo=UTC).timestamp()
OLD = date(2019, 3, 1)
BUCKETS = tuple(FIRST - timedelta(days=7 * index) for index in range(7, -1, -1))
DOWN = "Figshare's statistics service isn't responding."
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


def item(
    id: int, title: str, views: ComparedCount, downloads: ComparedCount, first_public: date | None = OLD
) -> ReportRow:
    return ReportRow("article", id, title, url(id), first_public, views, downloads)


def items(count: int, titles: Sequence[str] = TITLES) -> tuple[ReportRow, ...]:
    """Return items of which the first are viewed a lot and the last not at all."""
    rows = []
    for index in range(count):
        views = max(0, 140 - 31 * index)
        rows.append(
            item(
                11820345 + index,
                titles[index % len(titles)]
                + (f" {index // len(titles) + 1}" if index >= len(titles) else ""),
                ComparedCount(views, max(0, 131 - 29 * index), 12_345 - 61 * index),
                ComparedCount(views // 3, max(0, 48 - 12 * index), 4_100 - 17 * index),
            )
        )
    return tuple(rows)


def charted(
    views: int = 300, downloads: int | None = 90, buckets: Sequence[date] = BUCKETS
) -> dict[str, object]:
    """Return the buckets of a chart and its series."""
    rise = (0.8, 0.85, 0.7, 0.9, 1.1, 1.3, 1.0, 1.2)[-len(buckets) :]
    series = [Series("Views", tuple(int(views * each) for each in rise))]
    if downloads is not None:
        series.append(Series("Downloads", tuple(int(downloads * each) for each in rise)))
    return {"buckets": tuple(buckets), "series": tuple(series)}


def week(rows: Sequence[ReportRow] = (), **others: object) -> Report:
    return Report(FIRST, LAST, AS_OF, tuple(rows), **others)  # type: ignore[arg-type]


def days(views: Sequence[int | None], downloads: Sequence[int | None]) -> tuple[DayCounts, ...]:
    return tuple(
        DayCounts(FIRST + timedelta(days=index), *each)
        for index, each in enumerate(zip(views, downloads, strict=True))
    )


def typical() -> Report:
    return week(items(6), **charted())


def few() -> Report:
    return week(items(3), **charted(210, 70))


def first_ever() -> Report:
    """Return an item that was published inside the days."""
    one = item(
        26550214, TITLES[5], ComparedCount(31, 0, 31), ComparedCount(4, 0, 4), first_public=date(2026, 11, 18)
    )
    return week(
        (one,),
        days=days((0, 0, 12, 9, 6, 1, 3), (0, 0, 2, 1, 1, 0, 0))[2:],
    )


def half_unknown() -> Report:
    known = items(6)
    unknown = [replace(each, views=ComparedCount(), downloads=ComparedCount(1, 2, 40)) for each in known[2:4]]
    nothing = replace(
        known[5],
        title="item 11820350",
        url=None,
        first_public=None,
        views=ComparedCount(),
        downloads=ComparedCount(),
    )
    return week(
        (*known[:2], *unknown, known[4], nothing),
        **{**charted(221, 74), "charted_count": 3},
        problems=(DOWN,),
    )


def one_unknown() -> Report:
    one = replace(items(1)[0], downloads=ComparedCount(None, None, None))
    series = charted()["series"]
    return week(
        (one,),
        buckets=BUCKETS,
        series=series[:1],  # type: ignore[index]
        days=days((20, 24, 18, 22, 19, 20, 17), (None,) * 7),
        problems=(DOWN,),
    )


def one_item() -> Report:
    one = item(5616445, TITLES[1], ComparedCount(5, 2, 12_345), ComparedCount(1, 1, 4_100))
    return week(
        (one,),
        buckets=BUCKETS,
        series=(Series("Views", (3, 2, 6, 4, 0, 1, 2, 5)), Series("Downloads", (0, 1, 1, 2, 0, 0, 1, 1))),
        days=days((1, 0, 2, 0, 1, 0, 1), (0, 0, 1, 0, 0, 0, 0)),
    )


def busy_item() -> Report:
    one = item(
        5616445, TITLES[1], ComparedCount(48_210, 45_480, 2_345_678), ComparedCount(21_904, 22_351, 904_100)
    )
    return week(
        (one,),
        **charted(40_175, 18_253),
        days=days((6887,) * 6 + (6888,), (3129,) * 7),
    )


def daily() -> Report:
    one = item(5616445, TITLES[1], ComparedCount(2, 5, 12_345), ComparedCount(0, 1, 4_100))
    buckets = tuple(LAST - timedelta(days=index) for index in range(7, -1, -1))
    return Report(
        LAST,
        LAST,
        AS_OF,
        (one,),
        buckets=buckets,
        series=(Series("Views", (3, 2, 6, 4, 0, 1, 5, 2)), Series("Downloads", (0, 1, 1, 2, 0, 0, 1, 0))),
        days=(DayCounts(LAST, 2, 0),),
    )


def many() -> Report:
    return week(items(200), **charted(9_000, 2_900))


def collection() -> Report:
    """Return a collection with 50 of its 300 members."""
    one = ReportRow(
        "collection",
        4000001,
        "Everything about frogs",
        "https://figshare.com/collections/Everything_about_frogs/4000001",
        date(2022, 2, 2),
        ComparedCount(31, 36, 5_410),
        ComparedCount(0, 0, 0),
    )
    members = tuple(
        replace(each, views=replace(each.views, all_time=None), downloads=ComparedCount())
        for each in items(50)
    )
    return week(
        (one,),
        members=members,
        has_more_members=True,
        member_count=300,
        new_items=(),
        **charted(30, 0),
        days=days((4,) * 7, (0,) * 7),
    )


def mixed() -> Report:
    author = ReportRow(
        "author",
        2041117,
        "author 2041117",
        "https://figshare.com/authors/_/2041117",
        None,
        ComparedCount(210, 180, 40_122),
        ComparedCount(61, 70, 9_320),
        "unknown to Figshare",
    )
    group = ReportRow(
        "group",
        20442,
        "group 20442",
        None,
        None,
        ComparedCount(1_204, 1_150, 99_310),
        ComparedCount(402, 377, 31_022),
        "not a group of lboro",
    )
    rows = (items(1)[0], collection().listed[0], author, group)
    series = tuple(
        Series(
            each.title,
            tuple(int((each.views.current or 0) * rise) for rise in (0.8, 0.85, 0.7, 0.9, 1.1, 1.3, 1.0, 1)),
        )
        for each in rows
    )
    return week(
        rows, members=collection().members[:11], new_items=published_items(2), buckets=BUCKETS, series=series
    )


def doubtful() -> Report:
    """Return an author of whom nothing is known, perhaps since there is none."""
    nobody = ReportRow(
        "author",
        999999,
        "author 999999",
        "https://figshare.com/authors/_/999999",
        None,
        ComparedCount(0, 0, 0),
        ComparedCount(0, 0, 0),
        "unknown to Figshare",
    )
    return week(
        (nobody,),
    )


def published_items(count: int, first: date = LAST, **others: object) -> tuple[NewItem, ...]:
    rows = []
    for index in range(count):
        id = 26550001 + index
        rows.append(
            NewItem(
                "article",
                id,
                TITLES[index % len(TITLES)],
                url(id),
                first - timedelta(days=index % 7),
                index == 1,
                **others,
            )  # type: ignore[arg-type]
        )
    return tuple(rows)


def search_first() -> Report:
    new_items = tuple(
        replace(
            each,
            published=LAST - timedelta(days=9 * index),
            views=412 - 55 * index,
            downloads=max(0, 31 - 11 * index),
        )
        for index, each in enumerate(published_items(5))
    )
    return week(new_items=new_items, has_new_counts=True, is_first_of_search=True)


def search_later() -> Report:
    new_items = (*published_items(1, views=31, downloads=4), *published_items(2, views=1, downloads=None)[1:])
    return week(new_items=new_items, has_new_counts=True, problems=(DOWN,))


def search_many() -> Report:
    return week(
        new_items=published_items(50, views=3, downloads=1), may_have_more_new=True, has_new_counts=True
    )


def search_nothing() -> Report:
    return week(new_items=(), has_new_counts=True)


def ours() -> Report:
    portal = ReportRow(
        "group",
        20401,
        "lboro",
        None,
        None,
        ComparedCount(48_210, 45_480, 2_345_678),
        ComparedCount(21_904, 22_351, 904_100),
    )
    members = tuple(
        replace(each, downloads=ComparedCount(), views=replace(each.views, all_time=None))
        for each in items(5)
    )
    return week(
        (portal,),
        members=members,
        new_items=published_items(50),
        may_have_more_new=True,
        **charted(40_175, 18_253),
        days=days((6887,) * 6 + (6888,), (3129,) * 7),
    )


def hostile() -> Report:
    rows = items(6, HOSTILE)
    new = tuple(replace(each, title=title) for each, title in zip(published_items(6), HOSTILE, strict=True))
    series = tuple(Series(each.title, (1, 2, 3, 4, 5, 6, 7, 8)) for each in rows)
    return week(rows, new_items=new, buckets=BUCKETS, series=series)


def hostile_mix() -> Report:
    rows = hostile().listed[:3]
    group = ReportRow(
        "group", 20442, "group 20442", None, None, ComparedCount(1, 2, 3), ComparedCount(0, 0, 1)
    )
    one = hostile()
    return week((*rows, group), new_items=one.new_items, buckets=BUCKETS, series=one.series[:4])


def nothing_happened() -> Report:
    still = tuple(
        replace(each, views=ComparedCount(0, 0, 12), downloads=ComparedCount(0, 0, 1)) for each in items(3)
    )
    return week(still, buckets=BUCKETS, series=(Series("Views", (0,) * 8), Series("Downloads", (0,) * 8)))


def withdrawn() -> Report:
    """Return two items of which one can't be counted any more."""
    gone = ReportRow("article", 9900123, "item 9900123")
    chart = {**charted(140, 46), "charted_count": 1}
    return week((items(1)[0], gone), **chart, problems=("There is no public item 9900123 on Figshare.",))


def author(id: int, views: ComparedCount, downloads: ComparedCount) -> ReportRow:
    named = f"author {id}", f"https://figshare.com/authors/_/{id}"
    return ReportRow("author", id, *named, None, views, downloads, "unknown to Figshare")


def authors(count: int = 7) -> Report:
    """Return authors, who may have items in common."""
    rows = tuple(
        author(2041117 + index, ComparedCount(90 - index, 80 + index, 4_000), ComparedCount(index, 3, 700))
        for index in range(count)
    )
    series = tuple(Series(each.title, tuple(range(index, index + 8))) for index, each in enumerate(rows))
    return week(rows, buckets=BUCKETS, series=series)


def young() -> Report:
    """Return an item that was public for a part of the days before."""
    one = item(
        26550329,
        "Ten exercises on reading a timeline",
        ComparedCount(240, 120, 360),
        ComparedCount(9, 2, 11),
        date(2026, 11, 13),
    )
    series = (Series("Views", (120, 240)), Series("Downloads", (2, 9)))
    return week(
        (one,), buckets=BUCKETS[-2:], series=series, days=days((40,) * 6 + (0,), (2, 2, 2, 1, 1, 1, 0))
    )


def month() -> Report:
    first, last = date(2026, 12, 1), date(2026, 12, 31)
    buckets = tuple(first - timedelta(days=31 * index) for index in range(7, -1, -1))
    return Report(first, last, LATER, items(6), **charted(900, 300, buckets))  # type: ignore[arg-type]


def new_year() -> Report:
    first, last = date(2026, 12, 28), date(2027, 1, 3)
    buckets = tuple(first - timedelta(days=7 * index) for index in range(7, -1, -1))
    return Report(first, last, LATER, items(2), **charted(200, 70, buckets))  # type: ignore[arg-type]


def portal_alone() -> Report:
    """Return the digest of a portal of which only the institution is known: nothing but new items."""
    return week(new_items=published_items(2))


def news_unknown() -> Report:
    group = mixed().listed[3]
    return week(
        (group,),
        **charted(1_003, 350),
        days=days((172,) * 7, (57,) * 7),
        new_items=(),
        may_have_more_new=True,
        problems=(DOWN,),
    )


def two_collections() -> Report:
    one = collection()
    other = replace(one.listed[0], id=5120334, title="Energy at Loughborough", views=ComparedCount(2, 0, 99))
    new = published_items(1)
    return week((*one.listed, other), members=one.members[:7], new_items=new, **charted(33, 0))


def everything() -> dict[str, Report]:
    """Return all of them by name."""
    samples = (
        *(typical, few, first_ever, young, half_unknown, one_unknown, one_item, busy_item, daily, many),
        *(collection, two_collections, mixed, authors, doubtful, withdrawn, month, new_year),
        *(search_first, search_later, search_many, search_nothing),
        *(ours, portal_alone, news_unknown, hostile, hostile_mix, nothing_happened),
    )
    return {sample.__name__: sample() for sample in samples}
