"""What a digest fetches, asked of the sample catalogue."""

import asyncio
import json
from datetime import date, timedelta
from itertools import pairwise

import pytest

from bot.digests.report import collect
from bot.digests.report.facts import ComparedCount, Report
from bot.digests.report.time_series import Window
from bot.figshare.errors import FigshareError
from bot.language import topics
from bot.language.tokens import InvalidArgument
from bot.upstream.request_context import RequestContext, request_context_of
from tests.support.bot_client import BotClient, open_bot_client
from tests.support.clock import NOON
from tests.support.portals import LBORO

FIRST, LAST = date(2026, 11, 16), date(2026, 11, 22)
UNKNOWN = ComparedCount(None, None, None)


async def gathered(
    client: BotClient, words: str, first: date = FIRST, last: date = LAST, *, is_first: bool = False
) -> Report:
    request_slots = asyncio.Semaphore(8)
    return await collect.collect_report(
        client.bot, topics.parse_topic(words), first, last, is_first=is_first, request_slots=request_slots
    )


def down(client: BotClient, path: str = "/stats") -> None:
    client.goes_wrong(path, status=500, times=None)


async def views(client: BotClient, words: str) -> int:
    return int((await client.ask(f"views {words}")).splitlines()[1].split()[0].replace(",", ""))


async def test_report_row_has_added_previous_and_total_counts(client):
    (one,) = (await gathered(client, "5616445")).listed
    assert one.title == "Using APIs to customise repositories and engage audiences"
    assert one.url and one.url.startswith("https://figshare.com/articles/")
    assert one.views.current == await views(client, "5616445 2026-11-16..2026-11-22")
    assert one.views.previous == await views(client, "5616445 2026-11-09..2026-11-15")
    assert one.views.all_time == await views(client, "5616445")


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
async def test_one_timeline_covers_both_windows_in_four_requests(client, words, requests):
    await gathered(client, words)
    assert len(client.requests) == requests
    assert len(set(client.requests)) == requests


@pytest.mark.parametrize(
    ("length", "count"), [(1, 8), (7, 8), (31, 8), (45, 8), (46, 7), (60, 6), (122, 2), (200, 2), (366, 2)]
)
def test_time_buckets_match_the_window_and_cover_a_year(length, count):
    # over both changes of the clocks
    window = Window(date(2026, 10, 20), date(2026, 10, 20) + timedelta(days=length - 1))
    spans = window.buckets
    assert len(spans) == count
    assert spans[-1] == window.first
    assert {later - earlier for earlier, later in pairwise(spans)} == {timedelta(days=length)}
    assert window.previous_days == (spans[-2], window.first - timedelta(days=1))


async def test_chart_ends_with_the_counts_of_the_digest(client):
    report = await gathered(client, "5616445 11820345")
    assert [each.name for each in report.series] == ["Views", "Downloads"]
    assert len(report.buckets) == 8 and report.buckets[-1] == FIRST
    assert report.series[0].values[-2:] == (
        sum(each.views.previous for each in report.listed),
        sum(each.views.current for each in report.listed),
    )
    assert report.series[1].values[-1] == sum(each.downloads.current for each in report.listed)
    assert report.charted_count is None


async def test_days_of_a_row_add_up_to_its_count(client):
    report = await gathered(client, "5616445")
    assert [each.day for each in report.days] == [FIRST + timedelta(days=index) for index in range(7)]
    assert sum(each.views for each in report.days) == report.listed[0].views.current
    assert (await gathered(client, "5616445 11820345")).days == ()


async def test_item_has_no_counts_before_its_publication(client):
    report = await gathered(client, "26550107")
    assert report.listed[0].first_public == date(2026, 11, 20)
    assert [each.day.day for each in report.days] == [20, 21, 22]
    assert report.series == () and report.buckets == ()
    report = await gathered(client, "26550433")
    assert report.buckets == (date(2026, 11, 2), date(2026, 11, 9), FIRST)


async def test_chart_of_several_kinds_begins_at_the_publication(client):
    report = await gathered(client, "5616445 collection 4000001 26550107")
    assert [each.name for each in report.series] == [each.title for each in report.listed[:2]]
    assert report.charted_count == 2 and len(report.buckets) == 8


async def test_items_shared_by_authors_are_not_counted_twice(client):
    report = await gathered(client, "author 2041117 author 2041879")
    assert [each.name for each in report.series] == ["author 2041117", "author 2041879"]
    assert [each.values[-1] for each in report.series] == [each.views.current for each in report.listed]


async def test_failed_counter_is_unknown_and_the_digest_is_sent(client):
    down(client, "/stats/timeline/day/downloads/article/5616445")
    report = await gathered(client, "5616445 11820345")
    broken, whole = report.listed
    assert (broken.downloads.current, broken.downloads.previous) == (None, None)
    assert broken.downloads.all_time and broken.views.current is not None
    assert None not in (
        whole.views.current,
        whole.views.previous,
        whole.downloads.current,
        whole.downloads.all_time,
    )
    assert report.problems == ("Figshare's statistics service isn't responding.",)
    # only what is known of both counters is drawn
    assert report.charted_count == 1
    assert report.series[0].values[-1] == whole.views.current
    assert not report.is_empty


async def test_failed_total_is_unknown(client):
    down(client, "/stats/total")
    (one,) = (await gathered(client, "5616445")).listed
    assert one.views.current is not None and one.views.all_time is None and one.downloads.all_time is None


async def test_one_counter_alone_is_drawn_when_the_other_is_unknown(client):
    down(client, "/stats/timeline/day/downloads")
    report = await gathered(client, "5616445 11820345")
    assert [each.name for each in report.series] == ["Views"]
    assert report.charted_count is None


async def test_failed_title_leaves_the_counts(client):
    down(client, "/v2/articles/5616445")
    report = await gathered(client, "5616445 11820345")
    assert report.listed[0].title == "item 5616445"
    assert report.listed[0].views.current is not None and report.listed[0].views.all_time
    assert report.problems == ("Figshare isn't responding.",)


@pytest.mark.parametrize(
    "words", ["5616445", "5616445 11820345", "author 2041117", "collection 4000001", "project 113166"]
)
async def test_titles_without_figures_raise(client, words):
    down(client)
    with pytest.raises(FigshareError):
        await gathered(client, words)


@pytest.mark.parametrize("words", ["5616445", "search title:frog", "group 20442"])
async def test_unreachable_figshare_raises(client, words):
    down(client, "/")
    with pytest.raises(FigshareError):
        await gathered(client, words)


async def test_new_items_without_counts_are_a_digest(client):
    down(client)
    report = await gathered(client, "group 20442", date(2026, 11, 2), date(2026, 11, 8))
    assert report.listed[0].views == UNKNOWN
    assert [each.id for each in report.new_items] == [26550433]


async def test_withdrawn_item_has_unknown_counts_and_not_0(client):
    report = await gathered(client, "5616445 9900123")
    public, withdrawn = report.listed
    assert public.views.all_time and withdrawn.title == "item 9900123"
    assert withdrawn.views == withdrawn.downloads == UNKNOWN
    assert report.problems == ("There is no public item 9900123 on Figshare.",)
    assert report.charted_count == 1


async def test_item_without_record_and_views_has_unknown_counts(client):
    down(client, "/v2/articles/7821100")
    (one,) = (await gathered(client, "7821100")).listed
    assert one.views == one.downloads == UNKNOWN


async def test_known_item_without_views_has_0(client):
    (one,) = (await gathered(client, "7821100")).listed
    assert one.views == one.downloads == ComparedCount(0, 0, 0)
    assert not one.is_doubtful


async def test_author_is_doubtful_until_there_is_any_count(client):
    nobody, somebody = (await gathered(client, "author 999999 author 2041117")).listed
    assert nobody.is_doubtful and nobody.zero_caveat == "unknown to Figshare"
    assert nobody.without_doubtful.views == UNKNOWN
    assert not somebody.is_doubtful and somebody.views.all_time > 0


async def test_portal_group_has_counts_and_new_items():
    async with open_bot_client(**LBORO) as client:
        report = await gathered(client, "group 20442", date(2026, 10, 27), LAST)
        assert ("GET", "/stats/lboro/total/group/20442") in client.requests
        assert report.listed[0].views.all_time > 0
        assert [(each.id, each.published, each.is_version) for each in report.new_items] == [
            (26550433, date(2026, 11, 8), False)
        ]
        assert (await gathered(client, "group 20442")).new_items == ()


async def test_failed_new_items_are_unknown_and_not_none(client):
    down(client, "/v2/articles/search")
    report = await gathered(client, "group 20442")
    assert report.new_items == () and report.may_have_more_new
    assert not report.is_empty
    down(client, "/v2/collections/4000001/articles")
    report = await gathered(client, "collection 4000001")
    assert report.new_items == () and report.may_have_more_new and report.members == ()


async def test_ours_is_the_portal_group_with_top_and_new_items():
    async with open_bot_client(**LBORO) as client:
        report = await gathered(client, "ours", date(2026, 10, 27), LAST)
        (portal,) = report.listed
        assert portal.title == "lboro" and portal.views.all_time == 17_639
        assert len(report.members) == 5
        ranked = [each.views.current for each in report.members]
        assert ranked == sorted(ranked, reverse=True) and ranked[-1] > 0
        assert all(each.title and each.url and each.views.all_time is None for each in report.members)
        assert [each.id for each in report.new_items] == [26550433]
        assert len(report.series) == 2 and len(report.days) == 27
        assert len(client.requests) == 3 + 1 + 5 * 2 + 1


async def test_ours_of_an_institution_alone_has_new_items_only():
    async with open_bot_client(figshare_institution=234) as client:
        report = await gathered(client, "ours")
        assert report.listed == report.members == () and report.problems == ()
        assert [each.title for each in report.new_items] == ["Pollen at twelve school gates"]
        assert not report.is_empty


async def test_ours_without_configuration_says_what_to_set(client):
    for words in ("ours", "search ours frog"):
        with pytest.raises(InvalidArgument, match="FIGSHARE_INSTITUTION"):
            await gathered(client, words)


def rows(count: int) -> bytes:
    records = [
        {"id": 1000 + index, "title": f"Item {index}", "published_date": "2026-01-01"}
        for index in range(count)
    ]
    return json.dumps(records).encode()


@pytest.mark.parametrize(("there", "looked_at", "is_cut"), [(50, 50, False), (51, 50, True)])
async def test_first_fifty_members_of_a_collection_are_counted(client, there, looked_at, is_cut):
    client.goes_wrong("/v2/collections/4000001/articles", body=rows(there), times=None)
    report = await gathered(client, "collection 4000001")
    assert len(report.members) == looked_at
    assert report.has_more_members is is_cut
    assert report.member_count == (11 if is_cut else None)
    assert all(each.downloads == UNKNOWN and each.views.all_time is None for each in report.members)


async def test_new_in_a_collection_is_first_public_in_the_window(client):
    report = await gathered(client, "collection 5120334", date(2026, 11, 2), date(2026, 11, 8))
    assert [(each.id, each.published) for each in report.new_items] == [(26550433, date(2026, 11, 8))]
    assert (await gathered(client, "collection 5120334")).new_items == ()


async def test_item_new_in_a_group_and_a_collection_is_listed_once(client):
    report = await gathered(client, "collection 5120334 group 20442", date(2026, 11, 2), date(2026, 11, 8))
    assert [each.id for each in report.new_items] == [26550433]


async def test_items_and_authors_have_no_new_items(client):
    assert (await gathered(client, "5616445 11820345")).new_items is None
    assert (await gathered(client, "author 2041117")).new_items is None


async def test_search_digest_lists_new_items_with_counts(client):
    report = await gathered(client, "search sample")
    assert [each.published for each in report.new_items] == [LAST, date(2026, 11, 20), date(2026, 11, 17)]
    for each in report.new_items:
        assert each.views == await views(client, str(each.id))
        assert each.downloads is not None and each.url
        assert not each.is_version
    assert not report.is_first_of_search and not report.may_have_more_new and report.has_new_counts


async def test_every_day_is_in_exactly_one_search_digest(client):
    week = [each.id for each in (await gathered(client, "search sample")).new_items]
    days = [FIRST + timedelta(days=index) for index in range(7)]
    report = [
        each.id for day in days for each in (await gathered(client, "search sample", day, day)).new_items
    ]
    assert sorted(report) == sorted(week)


async def test_first_search_digest_lists_the_five_newest(client):
    report = await gathered(client, "search sample", date(2026, 11, 9), date(2026, 11, 15), is_first=True)
    assert report.is_first_of_search
    assert [each.published for each in report.new_items] == [
        # not those of the days after, which the next digest will have
        *(date(2026, 11, 14), date(2026, 11, 8), date(2026, 10, 27), date(2026, 10, 14)),
        date(2026, 5, 7),
    ]
    assert all(each.views is not None for each in report.new_items)
    assert not any(each.is_version for each in report.new_items)


async def test_new_version_is_marked(client):
    report = await gathered(client, "search title:heat", date(2025, 10, 6), date(2025, 10, 12))
    assert [(each.id, each.is_version) for each in report.new_items] == [(25993410, True)]


def published(day: str, count: int) -> bytes:
    records = [
        {"id": index, "title": "Frogs", "published_date": f"{day}T01:00:00Z"} for index in range(1, count + 1)
    ]
    return json.dumps(records).encode()


async def test_items_behind_later_ones_are_found(client):
    client.goes_wrong("/v2/articles/search", body=published("2026-11-23", 50))
    client.goes_wrong("/v2/articles/search", body=published("2026-11-20", 7))
    report = await gathered(client, "group 20442")
    assert len(report.new_items) == 7 and not report.may_have_more_new


async def test_new_items_behind_too_many_later_ones_are_unknown(client):
    client.goes_wrong("/v2/articles/search", body=published("2026-11-23", 50), times=None)
    for is_first in (False, True):
        report = await gathered(client, "search sample", is_first=is_first)
        assert report.new_items == () and report.may_have_more_new and not report.is_empty


async def test_more_than_fifty_new_items_are_fifty_or_more(client):
    client.goes_wrong("/v2/articles/search", body=published("2026-11-20", 50), times=None)
    report = await gathered(client, "group 20442")
    assert len(report.new_items) == 50 and report.may_have_more_new


async def test_failed_counts_of_matches_are_unknown(client):
    down(client)
    report = await gathered(client, "search sample")
    assert len(report.new_items) == 3
    assert all(each.views is None and each.downloads is None for each in report.new_items)


async def test_collections_and_projects_can_be_searched_for_too(client):
    report = await gathered(client, "search collections frog", is_first=True)
    assert [(each.kind, each.title) for each in report.new_items] == [
        ("collection", "Everything about frogs")
    ]
    assert report.new_items[0].url == "https://figshare.com/collections/_/4000001"
    assert report.new_items[0].views is not None


@pytest.mark.parametrize("words", ["7821100", "search title:nothing", "group 20442"])
async def test_report_is_empty_only_if_certainly_nothing_happened(client, words):
    # before the group had anything
    days = (date(2012, 1, 1), date(2012, 1, 7)) if words == "group 20442" else (FIRST, LAST)
    assert (await gathered(client, words, *days)).is_empty
    assert not (await gathered(client, "5616445")).is_empty
    assert not (await gathered(client, "search sample")).is_empty


async def test_report_with_unknown_counts_is_not_empty(client):
    down(client, "/stats/timeline/day/downloads")
    assert not (await gathered(client, "7821100")).is_empty


async def test_counts_are_dated_by_the_oldest_answer(client):
    await gathered(client, "5616445")
    client.clock.now += 3_600
    with request_context_of(RequestContext("", min_fetched_at=NOON.timestamp())):
        report = await gathered(client, "5616445 11820345")
    assert report.as_of == NOON.timestamp()


async def test_titles_are_plain_text_of_limited_length(client):
    for id in (25110337, 25110340, 25110343, 25110346, 25110349):
        report = await gathered(client, str(id))
        title = report.listed[0].title
        assert title == " ".join(title.split()) and 0 < len(title) <= 250
