"""What a digest fetches, asked of the sample catalogue."""

import asyncio
import json
from datetime import date, timedelta
from itertools import pairwise

import pytest

from bot.digests.report import collect
from bot.digests.report.facts import Contents, Count
from bot.digests.report.time_series import Window
from bot.figshare.errors import FigshareError
from bot.language import topics
from bot.language.tokens import InvalidArgument
from bot.upstream.request_context import Question, question
from tests.conftest import NOON, World, world_of
from tests.handlers.test_stats import LBORO

FIRST, LAST = date(2026, 11, 16), date(2026, 11, 22)
UNKNOWN = Count(None, None, None)


async def gathered(
    world: World, words: str, first: date = FIRST, last: date = LAST, *, is_first: bool = False
) -> Contents:
    room = asyncio.Semaphore(8)
    return await collect.gather(world.bot, topics.of(words), first, last, is_first=is_first, room=room)


def down(world: World, path: str = "/stats") -> None:
    world.goes_wrong(path, status=500, times=None)


async def views(world: World, words: str) -> int:
    return int((await world.ask(f"views {words}")).splitlines()[1].split()[0].replace(",", ""))


async def test_a_thing_has_what_the_days_added_what_as_many_days_before_added_and_all_there_is(world):
    (one,) = (await gathered(world, "5616445")).things
    assert one.title == "Using APIs to customise repositories and engage audiences"
    assert one.url and one.url.startswith("https://figshare.com/articles/")
    assert one.views.now == await views(world, "5616445 2026-11-16..2026-11-22")
    assert one.views.before == await views(world, "5616445 2026-11-09..2026-11-15")
    assert one.views.total == await views(world, "5616445")


@pytest.mark.parametrize(
    ("words", "requests"),
    [
        ("5616445", 4),
        ("5616445 11820345 9784012", 12),
        ("author 2041117", 3),
        ("group 20442", 3 + 1),
        # the collection, its list, and the views of the eleven items in it
        ("collection 4000001", 4 + 1 + 11),
        # an item that is named and in the collection too is counted once
        ("collection 4000001 9784012", 8 + 1 + 10),
    ],
)
async def test_one_timeline_covers_both_windows_and_an_item_takes_four_requests(world, words, requests):
    await gathered(world, words)
    assert len(world.requests) == requests
    assert len(set(world.requests)) == requests


@pytest.mark.parametrize(
    ("length", "count"), [(1, 8), (7, 8), (31, 8), (45, 8), (46, 7), (60, 6), (122, 2), (200, 2), (366, 2)]
)
def test_spans_are_as_long_as_the_window_and_as_many_as_a_year_has(length, count):
    # over both changes of the clocks
    window = Window(date(2026, 10, 20), date(2026, 10, 20) + timedelta(days=length - 1))
    spans = window.spans
    assert len(spans) == count
    assert spans[-1] == window.first
    assert {later - earlier for earlier, later in pairwise(spans)} == {timedelta(days=length)}
    assert window.before == (spans[-2], window.first - timedelta(days=1))


async def test_the_chart_ends_with_the_numbers_of_the_digest(world):
    said = await gathered(world, "5616445 11820345")
    assert [each.name for each in said.series] == ["Views", "Downloads"]
    assert len(said.spans) == 8 and said.spans[-1] == FIRST
    assert said.series[0].values[-2:] == (
        sum(each.views.before for each in said.things),
        sum(each.views.now for each in said.things),
    )
    assert said.series[1].values[-1] == sum(each.downloads.now for each in said.things)
    assert said.series_of is None


async def test_the_days_of_one_thing_add_up_to_its_count(world):
    said = await gathered(world, "5616445")
    assert [each.day for each in said.days] == [FIRST + timedelta(days=at) for at in range(7)]
    assert sum(each.views for each in said.days) == said.things[0].views.now
    assert (await gathered(world, "5616445 11820345")).days == ()


async def test_before_it_was_public_an_item_has_no_counts_rather_than_0(world):
    said = await gathered(world, "26550107")
    assert said.things[0].first == date(2026, 11, 20)
    assert [each.day.day for each in said.days] == [20, 21, 22]
    assert said.series == () and said.spans == ()
    said = await gathered(world, "26550433")
    assert said.spans == (date(2026, 11, 2), date(2026, 11, 9), FIRST)


async def test_in_a_chart_of_several_kinds_nothing_begins_with_zeros_from_before_it_was_public(world):
    said = await gathered(world, "5616445 collection 4000001 26550107")
    assert [each.name for each in said.series] == [each.title for each in said.things[:2]]
    assert said.series_of == 2 and len(said.spans) == 8


async def test_what_authors_have_in_common_is_not_counted_twice(world):
    said = await gathered(world, "author 2041117 author 2041879")
    assert [each.name for each in said.series] == ["author 2041117", "author 2041879"]
    assert [each.values[-1] for each in said.series] == [each.views.now for each in said.things]


async def test_a_counter_that_can_not_be_had_is_unknown_and_the_rest_goes_out(world):
    down(world, "/stats/timeline/day/downloads/article/5616445")
    said = await gathered(world, "5616445 11820345")
    broken, whole = said.things
    assert (broken.downloads.now, broken.downloads.before) == (None, None)
    assert broken.downloads.total and broken.views.now is not None
    assert None not in (whole.views.now, whole.views.before, whole.downloads.now, whole.downloads.total)
    assert said.troubles == ("Figshare's statistics service does not answer.",)
    # only what is known of both counters is drawn
    assert said.series_of == 1
    assert said.series[0].values[-1] == whole.views.now
    assert not said.is_empty


async def test_a_total_that_can_not_be_had_is_unknown(world):
    down(world, "/stats/total")
    (one,) = (await gathered(world, "5616445")).things
    assert one.views.now is not None and one.views.total is None and one.downloads.total is None


async def test_one_counter_alone_is_drawn_when_the_other_is_unknown(world):
    down(world, "/stats/timeline/day/downloads")
    said = await gathered(world, "5616445 11820345")
    assert [each.name for each in said.series] == ["Views"]
    assert said.series_of is None


async def test_a_title_that_can_not_be_had_leaves_the_counts(world):
    down(world, "/v2/articles/5616445")
    said = await gathered(world, "5616445 11820345")
    assert said.things[0].title == "item 5616445"
    assert said.things[0].views.now is not None and said.things[0].views.total
    assert said.troubles == ("Figshare does not answer.",)


@pytest.mark.parametrize(
    "words", ["5616445", "5616445 11820345", "author 2041117", "collection 4000001", "project 113166"]
)
async def test_titles_alone_are_no_digest(world, words):
    down(world)
    with pytest.raises(FigshareError):
        await gathered(world, words)


@pytest.mark.parametrize("words", ["5616445", "search title:frog", "group 20442"])
async def test_nothing_at_all_is_no_digest(world, words):
    down(world, "/")
    with pytest.raises(FigshareError):
        await gathered(world, words)


async def test_new_items_alone_are_a_digest(world):
    down(world)
    said = await gathered(world, "group 20442", date(2026, 11, 2), date(2026, 11, 8))
    assert said.things[0].views == UNKNOWN
    assert [each.id for each in said.new] == [26550433]


async def test_a_withdrawn_item_has_unknown_counts_and_not_0(world):
    said = await gathered(world, "5616445 9900123")
    kept, gone = said.things
    assert kept.views.total and gone.title == "item 9900123"
    assert gone.views == gone.downloads == UNKNOWN
    assert said.troubles == ("Figshare knows no public item 9900123.",)
    assert said.series_of == 1


async def test_an_item_nobody_can_look_up_and_nobody_viewed_has_unknown_counts(world):
    down(world, "/v2/articles/7821100")
    (one,) = (await gathered(world, "7821100")).things
    assert one.views == one.downloads == UNKNOWN


async def test_nobody_looked_is_a_fact_where_the_item_is_known(world):
    (one,) = (await gathered(world, "7821100")).things
    assert one.views == one.downloads == Count(0, 0, 0)
    assert not one.is_doubtful


async def test_the_0_of_an_author_is_in_doubt_until_there_is_any_count(world):
    nobody, somebody = (await gathered(world, "author 999999 author 2041117")).things
    assert nobody.is_doubtful and nobody.doubt == "unknown to Figshare"
    assert nobody.certain.views == UNKNOWN
    assert not somebody.is_doubtful and somebody.views.total > 0


async def test_a_group_of_the_portal_is_counted_there_and_has_its_new_items():
    async with world_of(**LBORO) as world:
        said = await gathered(world, "group 20442", date(2026, 10, 27), LAST)
        assert ("GET", "/stats/lboro/total/group/20442") in world.requests
        assert said.things[0].views.total > 0
        assert [(each.id, each.published, each.is_version) for each in said.new] == [
            (26550433, date(2026, 11, 8), False)
        ]
        assert (await gathered(world, "group 20442")).new == ()


async def test_new_items_that_can_not_be_had_are_not_none(world):
    down(world, "/v2/articles/search")
    said = await gathered(world, "group 20442")
    assert said.new == () and said.more_new
    assert not said.is_empty
    down(world, "/v2/collections/4000001/articles")
    said = await gathered(world, "collection 4000001")
    assert said.new == () and said.more_new and said.members == ()


async def test_ours_is_the_portals_group_what_was_most_viewed_and_what_is_new():
    async with world_of(**LBORO) as world:
        said = await gathered(world, "ours", date(2026, 10, 27), LAST)
        (portal,) = said.things
        assert portal.title == "lboro" and portal.views.total == 17_639
        assert len(said.members) == 5
        ranked = [each.views.now for each in said.members]
        assert ranked == sorted(ranked, reverse=True) and ranked[-1] > 0
        assert all(each.title and each.url and each.views.total is None for each in said.members)
        assert [each.id for each in said.new] == [26550433]
        assert len(said.series) == 2 and len(said.days) == 27
        assert len(world.requests) == 3 + 1 + 5 * 2 + 1


async def test_ours_of_an_institution_alone_is_what_is_new():
    async with world_of(figshare_institution=234) as world:
        said = await gathered(world, "ours")
        assert said.things == said.members == () and said.troubles == ()
        assert [each.title for each in said.new] == ["Pollen at twelve school gates"]
        assert not said.is_empty


async def test_ours_without_configuration_says_what_to_set(world):
    for words in ("ours", "search ours frog"):
        with pytest.raises(InvalidArgument, match="FIGSHARE_INSTITUTION"):
            await gathered(world, words)


def rows(count: int) -> bytes:
    made = [{"id": 1000 + at, "title": f"Item {at}", "published_date": "2026-01-01"} for at in range(count)]
    return json.dumps(made).encode()


@pytest.mark.parametrize(("there", "looked_at", "is_cut"), [(50, 50, False), (51, 50, True)])
async def test_of_a_collection_the_first_fifty_items_are_looked_at(world, there, looked_at, is_cut):
    world.goes_wrong("/v2/collections/4000001/articles", body=rows(there), times=None)
    said = await gathered(world, "collection 4000001")
    assert len(said.members) == looked_at
    assert said.members_cut is is_cut
    assert said.members_of == (11 if is_cut else None)
    assert all(each.downloads == UNKNOWN and each.views.total is None for each in said.members)


async def test_new_in_a_collection_is_what_was_first_public_in_these_days(world):
    said = await gathered(world, "collection 5120334", date(2026, 11, 2), date(2026, 11, 8))
    assert [(each.id, each.published) for each in said.new] == [(26550433, date(2026, 11, 8))]
    assert (await gathered(world, "collection 5120334")).new == ()


async def test_an_item_new_in_a_group_and_in_a_collection_is_new_once(world):
    said = await gathered(world, "collection 5120334 group 20442", date(2026, 11, 2), date(2026, 11, 8))
    assert [each.id for each in said.new] == [26550433]


async def test_items_alone_are_not_asked_what_is_new(world):
    assert (await gathered(world, "5616445 11820345")).new is None
    assert (await gathered(world, "author 2041117")).new is None


async def test_a_search_gives_what_was_published_in_the_days_with_its_numbers(world):
    said = await gathered(world, "search sample")
    assert [each.published for each in said.new] == [LAST, date(2026, 11, 20), date(2026, 11, 17)]
    for each in said.new:
        assert each.views == await views(world, str(each.id))
        assert each.downloads is not None and each.url
        assert not each.is_version
    assert not said.so_far and not said.more_new and said.new_counted


async def test_no_day_is_in_two_digests_of_a_search_and_none_in_neither(world):
    week = [each.id for each in (await gathered(world, "search sample")).new]
    days = [FIRST + timedelta(days=at) for at in range(7)]
    found = [each.id for day in days for each in (await gathered(world, "search sample", day, day)).new]
    assert sorted(found) == sorted(week)


async def test_the_first_digest_of_a_search_gives_the_five_newest_so_far(world):
    said = await gathered(world, "search sample", date(2026, 11, 9), date(2026, 11, 15), is_first=True)
    assert said.so_far
    assert [each.published for each in said.new] == [
        # not those of the days after, which the next digest will have
        *(date(2026, 11, 14), date(2026, 11, 8), date(2026, 10, 27), date(2026, 10, 14)),
        date(2026, 5, 7),
    ]
    assert all(each.views is not None for each in said.new)
    assert not any(each.is_version for each in said.new)


async def test_a_new_version_is_marked(world):
    said = await gathered(world, "search title:heat", date(2025, 10, 6), date(2025, 10, 12))
    assert [(each.id, each.is_version) for each in said.new] == [(25993410, True)]


def published(day: str, count: int) -> bytes:
    made = [{"id": at, "title": "Frogs", "published_date": f"{day}T01:00:00Z"} for at in range(1, count + 1)]
    return json.dumps(made).encode()


async def test_what_is_behind_later_items_is_found(world):
    world.goes_wrong("/v2/articles/search", body=published("2026-11-23", 50))
    world.goes_wrong("/v2/articles/search", body=published("2026-11-20", 7))
    said = await gathered(world, "group 20442")
    assert len(said.new) == 7 and not said.more_new


async def test_what_may_be_new_behind_too_many_later_items_is_unknown(world):
    world.goes_wrong("/v2/articles/search", body=published("2026-11-23", 50), times=None)
    for is_first in (False, True):
        said = await gathered(world, "search sample", is_first=is_first)
        assert said.new == () and said.more_new and not said.is_empty


async def test_more_than_fifty_new_items_are_fifty_or_more(world):
    world.goes_wrong("/v2/articles/search", body=published("2026-11-20", 50), times=None)
    said = await gathered(world, "group 20442")
    assert len(said.new) == 50 and said.more_new


async def test_numbers_of_matches_that_can_not_be_had_are_unknown(world):
    down(world)
    said = await gathered(world, "search sample")
    assert len(said.new) == 3
    assert all(each.views is None and each.downloads is None for each in said.new)


async def test_collections_and_projects_can_be_searched_for_too(world):
    said = await gathered(world, "search collections frog", is_first=True)
    assert [(each.kind, each.title) for each in said.new] == [("collection", "Everything about frogs")]
    assert said.new[0].url == "https://figshare.com/collections/_/4000001"
    assert said.new[0].views is not None


@pytest.mark.parametrize("words", ["7821100", "search title:nothing", "group 20442"])
async def test_a_digest_is_empty_only_when_certainly_nothing_happened(world, words):
    # before the group had anything
    days = (date(2012, 1, 1), date(2012, 1, 7)) if words == "group 20442" else (FIRST, LAST)
    assert (await gathered(world, words, *days)).is_empty
    assert not (await gathered(world, "5616445")).is_empty
    assert not (await gathered(world, "search sample")).is_empty


async def test_what_is_not_known_may_have_happened(world):
    down(world, "/stats/timeline/day/downloads")
    assert not (await gathered(world, "7821100")).is_empty


async def test_the_counts_are_as_of_the_oldest_answer_among_them(world):
    await gathered(world, "5616445")
    world.clock.now += 3_600
    token = question.set(Question("", not_before=NOON.timestamp()))
    try:
        said = await gathered(world, "5616445 11820345")
    finally:
        question.reset(token)
    assert said.as_of == NOON.timestamp()


async def test_titles_are_plain_text_of_bearable_length(world):
    for id in (25110337, 25110340, 25110343, 25110346, 25110349):
        said = await gathered(world, str(id))
        title = said.things[0].title
        assert title == " ".join(title.split()) and 0 < len(title) <= 250
