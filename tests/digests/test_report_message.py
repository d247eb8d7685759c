"""What a channel reads in a digest, in its thread and in its file."""

import csv
import io
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from bot.digests.report import csv_file, message, thread
from bot.digests.report.facts import ComparedCount, NewItem, Report, Series
from bot.digests.report.records import RecordFacts
from bot.render import blocks, plain_text
from bot.reply import Chart, Link, Moment, Reply, Rows, Table, Text
from bot.text import date_range
from tests.support import report_samples as samples
from tests.support.message_checks import assert_is_good, elements, read_by_slack
from tests.support.report_samples import AS_OF, FIRST, HOSTILE, LAST, NEXT, TITLES, items, week

EVERYTHING = samples.everything()
RECORDS = {
    ("article", 11820345): RecordFacts(
        "10.6084/m9.figshare.11820345.v2", "dataset", "Maya Okafor; Jonas Weber"
    )
}
NOT_NATIVE = frozenset()


def digest(report: Report, title: str = "these", often: str = "weekly", **options: object) -> Reply:
    reply = message.channel_message(report, title, often, **options)
    return message.with_footer(reply, report, 7, owner="Maya Okafor", next_at=NEXT)


def read(report: Report, title: str = "these", **options: object) -> list[str]:
    """Return what a person reads, line by line, without addresses."""
    return "\n".join(plain_text.reply_lines(digest(report, title, **options), str)).splitlines()


def thread_of(report: Report) -> Reply:
    reply = thread.thread_message(report, "these")
    assert reply is not None
    return reply


def table_of(report: Report) -> Table:
    return next(part for part in thread_of(report).parts if isinstance(part, Table))


def files_of(report: Report, title: str = "these") -> dict[str, list[dict[str, str]]]:
    """Return the rows of each file of a digest, by what the file's name says of them."""
    return {
        file.name.removeprefix("figshare-digest-7-these-").removesuffix(f"-{report.last_day}.csv"): list(
            csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline=""))
        )
        for file in csv_file.csv_files(report, title, 7, RECORDS)
    }


def file_of(report: Report, name: str = "counts") -> list[dict[str, str]]:
    return files_of(report)[name]


def fullest() -> Report:
    """Return the digest with most in it."""
    other = samples.collection()
    holders = tuple(replace(other.listed[0], id=index, title=TITLES[index]) for index in range(5))
    troubles = (
        "Figshare is asking me to slow down.",
        samples.DOWN,
        "There is no public item 1 on Figshare.",
        "And more.",
    )
    return replace(
        other,
        listed=holders,
        new_items=samples.published_items(50),
        may_have_more_new=True,
        days=(),
        problems=troubles,
    )


@pytest.mark.parametrize("kinds", [blocks.NATIVE_BLOCKS, NOT_NATIVE], ids=["native", "plain"])
@pytest.mark.parametrize("name", [*EVERYTHING, "fullest"])
def test_slack_accepts_every_digest_and_nobody_is_pinged(name, kinds):
    report = EVERYTHING.get(name) or fullest()
    late = ("\nLate: it was due ", Moment(NEXT), ".")
    reply = message.channel_message(report, HOSTILE[0] * 9, "weekly", is_test=True, late=late)
    reply = message.with_footer(reply, report, 7, owner=HOSTILE[1], next_at=NEXT, owner_has_left=True)
    channel = blocks.message_payload(reply, kinds=kinds)
    assert len(channel["blocks"]) <= 12
    assert_is_good(channel)
    if (thread_reply := thread.thread_message(report, HOSTILE[0])) is not None:
        assert_is_good(blocks.message_payload(thread_reply, kinds=kinds))


def test_heading_names_frequency_and_topic():
    assert read(samples.typical(), "6 items")[0] == "Weekly digest: 6 items"
    assert read(samples.typical(), "6 items", often="weekdays")[0] == "Weekday digest: 6 items"
    assert read(samples.typical(), "6 items", often="")[0] == "Digest: 6 items"
    assert read(samples.one_item())[0] == f"Weekly digest: {TITLES[1]}"
    assert read(samples.collection())[0] == "Weekly digest: Everything about frogs (collection)"
    assert read(samples.typical(), "6 items", is_test=True)[0] == "Test of the weekly digest: 6 items"


def test_heading_of_a_search_quotes_its_words():
    for words, heading in (("title:frog", "“title:frog”"), ('"frog leg"', '"frog leg"')):
        lines = read(samples.search_later(), f"search {words}")
        assert lines[0] == f"Weekly digest: new results for {heading}"
    assert thread_of(samples.search_first()).title == ("All items, up to 22 Nov 2026",)
    assert thread_of(samples.typical()).title == ("Full figures, 16–22 Nov 2026",)


def test_no_new_items_are_of_this_week_only_if_it_is_one():
    nothing = samples.search_nothing()
    assert read(nothing)[2] == "No new items this week."
    assert read(replace(nothing, first_day=LAST))[2] == "No new items."


def test_single_row_is_a_link_in_the_heading():
    assert digest(samples.one_item()).title[1] == Link(TITLES[1], samples.url(5616445))


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (date(2026, 11, 22), date(2026, 11, 22), "22 Nov 2026"),
        (date(2026, 11, 16), date(2026, 11, 22), "16–22 Nov 2026"),
        (date(2026, 10, 26), date(2026, 11, 1), "26 Oct – 1 Nov 2026"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 Dec 2026 – 3 Jan 2027"),
    ],
)
def test_days_are_written_as_briefly_as_possible(first, last, written):
    assert date_range(first, last) == written


def test_window_names_its_days_and_the_compared_ones():
    assert read(samples.typical())[1] == "16–22 Nov 2026, compared with 9–15 Nov 2026"
    assert read(samples.daily())[1] == "22 Nov 2026, compared with 21 Nov 2026"
    assert read(samples.month())[1] == "1–31 Dec 2026, compared with 31 Oct – 30 Nov 2026, 31 days each"
    assert read(samples.new_year())[1] == "28 Dec 2026 – 3 Jan 2027, compared with 21–27 Dec 2026"
    assert read(samples.search_later())[1] == "16–22 Nov 2026"


def test_days_that_are_not_over_are_counted_so_far():
    ahead = replace(samples.typical(), as_of=AS_OF - 86_400)
    assert read(ahead)[1] == "16–22 Nov 2026, so far, compared with 9–15 Nov 2026"
    assert read(samples.search_first())[1] == "Up to 22 Nov 2026"


def test_lateness_stands_below_the_window():
    assert read(samples.typical(), late=("\nLate.",))[1:3] == [
        "16–22 Nov 2026, compared with 9–15 Nov 2026",
        "Late.",
    ]


def test_single_row_has_added_previous_and_total_counts():
    lines = read(samples.one_item())
    assert lines[2:4] == ["5 views (2 before) · 12,345 in all", "1 download (1 before) · 4,100 in all"]


def test_large_numbers_have_a_percentage_and_small_ones_have_not():
    lines = read(samples.busy_item())
    assert lines[2] == "48,210 views (45,480 before, up 6%) · 2,345,678 in all"
    assert lines[3] == "21,904 downloads (22,351 before, down 2%) · 904,100 in all"


@pytest.mark.parametrize(
    ("before", "now", "written"),
    [
        (19, 300, "300 views (19 before)"),
        (20, 60, "60 views (20 before, up 200%)"),
        (20, 0, "0 views (20 before, down 100%)"),
        (1_000, 1, "1 view (1,000 before, down 99%)"),
        (100, 100, "100 views (100 before)"),
        (1_000, 1_004, "1,004 views (1,000 before)"),
        (1_000, 1_006, "1,006 views (1,000 before, up 1%)"),
        (200, 10_200, "10,200 views (200 before, up 5,000%)"),
        (0, 5, "5 views (0 before)"),
        (0, 0, "0 views (0 before)"),
    ],
)
def test_percentage_never_says_more_than_the_numbers(before, now, written):
    one = replace(items(1)[0], views=ComparedCount(now, before, 99_999))
    assert read(week((one,)))[2] == f"{written} · 99,999 in all"


def test_item_published_in_the_window_is_compared_with_nothing():
    lines = read(samples.first_ever())
    assert lines[1:5] == [
        "16–22 Nov 2026",
        "31 views · 31 in all",
        "4 downloads · 4 in all",
        "Published on 18 Nov 2026, so there's nothing to compare with yet.",
    ]
    assert "before" not in " ".join(lines) and " 0" not in " ".join(lines[:5])
    assert file_of(samples.first_ever())[0]["views_before"] == ""
    one = samples.first_ever().listed[0]
    row = next(row for row in table_of(week((one, *items(2)))).rows if row[0].text == one.title)
    assert (row[2], row[5]) == ("–", "–")


def test_partly_unpublished_window_has_no_percentage():
    lines = read(samples.young())
    assert lines[2] == "240 views (120 before) · 360 in all"
    assert lines[4] == "Public since 13 Nov 2026."


def test_publication_day_contradicted_by_counts_is_ignored():
    one = replace(samples.first_ever().listed[0], views=ComparedCount(31, 12, 43))
    assert "31 views (12 before) · 43 in all" in read(week((one,)))


def test_up_to_five_rows_are_listed_with_their_sum():
    lines = read(samples.few())
    assert lines[2:14] == [
        TITLES[0],
        "140 views (131 before, up 7%) · 12,345 in all",
        "46 downloads (48 before, down 4%) · 4,100 in all",
        TITLES[1],
        "109 views (102 before, up 7%) · 12,284 in all",
        "36 downloads (36 before) · 4,083 in all",
        TITLES[2],
        "78 views (73 before, up 7%) · 12,223 in all",
        "26 downloads (24 before, up 8%) · 4,066 in all",
        "Total",
        "327 views (306 before, up 7%) · 36,852 in all",
        "108 downloads (108 before) · 12,249 in all",
    ]
    assert not any("changes" in line for line in lines)


@pytest.mark.parametrize("many", [3, 6])
def test_sum_with_an_unpublished_item_has_no_percentage(many):
    things = [*items(many)[:-1], replace(items(many)[-1], first_public=FIRST - timedelta(days=2))]

    def sums(report):
        return [line for line in read(week(report)) if line.endswith(" in all")][-2:]

    assert "%" in sums(items(many))[0] and "%" not in sums(things)[0]


def test_all_time_is_said_where_only_the_days_are_unknown():
    things = [
        replace(each, views=replace(each.views, current=None, previous=None), downloads=ComparedCount())
        for each in items(6)
    ]
    lines = read(week(things))
    assert lines[2:4] == ["Views unknown · 73,155 in all", "Downloads unknown"]


def test_row_without_a_record_keeps_the_subscribed_name():
    nameless = replace(items(1)[0], title="item 11820345", url=None, first_public=None)
    assert read(week([nameless]), "Frog counts")[0].endswith("digest: Frog counts")


def test_many_rows_are_summed_and_the_top_movers_listed():
    lines = read(samples.typical())
    assert lines[2:4] == [
        "390 views (365 before, up 7%) · 73,155 in all",
        "128 downloads (120 before, up 7%) · 24,345 in all",
    ]
    index = lines.index("Biggest changes in views")
    assert lines[index + 1] == f"1. {TITLES[0]}  140 views (131 before, up 7%)"
    assert lines[index + 5] == f"5. {TITLES[4]}  16 views (15 before)"
    links = [
        each
        for each in elements(blocks.message_payload(digest(samples.typical())))
        if each.get("type") == "link"
    ]
    assert [each["url"] for each in links] == [samples.url(11820345 + index) for index in range(5)]


def test_falls_are_listed_and_unchanged_rows_are_not():
    moved = [(10, 90), (50, 50), (20, 12), (None, None), (0, 1), (7, 7)]
    things = [
        replace(each, views=ComparedCount(now, before, 999))
        for each, (now, before) in zip(items(6), moved, strict=True)
    ]
    lines = read(week(things))
    index = lines.index("Biggest changes in views")
    assert lines[index + 1 : index + 5] == [
        f"1. {TITLES[0]}  10 views (90 before, down 89%)",
        f"2. {TITLES[2]}  20 views (12 before)",
        f"3. {TITLES[4]}  0 views (1 before)",
        lines[index + 4],
    ]
    assert not lines[index + 4].startswith("4.")


def test_authors_with_shared_items_are_not_summed():
    lines = read(samples.authors(2))
    assert "Total" not in lines
    assert lines[2:5] == [
        "author 2041117",
        "90 views (80 before, up 12%) · 4,000 in all",
        "0 downloads (3 before) · 700 in all",
    ]
    lines = read(samples.authors(7))
    assert lines[2] == "The 5 most viewed of 7"
    assert sum(" views (" in line for line in lines) == 5


def test_author_keeps_the_name_of_the_subscription():
    assert "Ada Thornbury (author 2041117)" in read(samples.authors(1), "Ada Thornbury (author 2041117)")[0]
    named = samples.authors(1)
    named = replace(named, listed=(replace(named.listed[0], title="Ada Lark (author 2041117)"),))
    assert "Ada Lark (author 2041117)" in read(named, "author 2041117")[0]


def test_rows_of_several_kinds_are_listed_and_not_summed():
    lines = read(samples.mixed(), "4 things")
    assert [line for line in lines if line.endswith(" in all")][6:8] == [
        "1,204 views (1,150 before, up 5%) · 99,310 in all",
        "402 downloads (377 before, up 7%) · 31,022 in all",
    ]
    assert "Total" not in lines


def test_unknown_count_is_unknown_and_never_0():
    lines = read(samples.half_unknown(), "6 items")
    assert (
        lines[2]
        == "265 views (248 before, up 7%) for 3 of 6 items, the others are unknown · all-time count unknown"
    )
    assert (
        lines[3]
        == "89 downloads (88 before, up 1%) for 5 of 6 items, the other is unknown · all-time count unknown"
    )
    assert "Some data is missing: Figshare's statistics service isn't responding." in lines
    last = table_of(samples.half_unknown()).rows[-1]
    assert last[0].text == "item 11820350" and last[1:] == (None,) * 6
    assert "unknown" in plain_text.fallback_text(thread_of(samples.half_unknown()))
    row = file_of(samples.half_unknown())[5]
    assert {row[name] for name in ("views", "downloads", "views_before", "views_in_all")} == {"unknown"}


def test_single_row_may_have_an_unknown_counter():
    lines = read(samples.one_unknown())
    assert lines[2:4] == ["140 views (131 before, up 7%) · 12,345 in all", "Downloads unknown"]
    total_alone = replace(
        items(1)[0], views=ComparedCount(None, None, 12), downloads=ComparedCount(1, 2, None)
    )
    lines = read(week((total_alone,)))
    assert lines[2:4] == ["Views unknown · 12 in all", "1 download (2 before) · all-time count unknown"]


def test_unknown_counts_have_no_number():
    lines = read(week([replace(each, views=ComparedCount(), downloads=ComparedCount()) for each in items(6)]))
    assert lines[2:4] == ["Views unknown", "Downloads unknown"]


def test_withdrawn_item_is_named_with_unknown_counts():
    lines = read(samples.withdrawn())
    index = lines.index("item 9900123")
    assert lines[index + 1 : index + 3] == ["Views unknown", "Downloads unknown"]
    assert "Some data is missing: There is no public item 9900123 on Figshare." in lines
    # a sum of one
    assert "Total" not in lines


def test_many_problems_are_counted():
    many = tuple(f"There is no public item {index} on Figshare." for index in range(9))
    assert any(
        line.endswith("item 2 on Figshare. And 6 more.")
        for line in read(replace(samples.few(), problems=many))
    )


def test_doubtful_0_says_what_else_it_may_mean():
    lines = read(samples.doubtful())
    assert lines[2:4] == ["0 views, or unknown to Figshare", "0 downloads, or unknown to Figshare"]
    both = replace(samples.mixed(), listed=(samples.mixed().listed[0], samples.doubtful().listed[0]))
    assert "0 views and downloads, or unknown to Figshare" in read(both)
    assert thread.thread_message(samples.doubtful(), "") is None
    (row,) = file_of(samples.doubtful())
    assert row["views"] == row["views_in_all"] == "unknown"
    assert row["remark"] == "0, or unknown to Figshare"


def test_chart_has_its_numbers_in_text_and_thread_only():
    report = digest(samples.typical())
    chart = next(part for part in report.parts if isinstance(part, Chart))
    assert chart.title == "Views and downloads per week"
    assert chart.categories[0].replace("\u00a0", " ") == "28 Sep"
    text = plain_text.fallback_text(report).replace("\u00a0", " ")
    assert "Weeks starting" in text
    for name, values in chart.series:
        output = " · ".join(
            f"{label}: {n:,}" for label, n in zip(chart.categories, values, strict=True)
        ).replace("\u00a0", " ")
        assert f"{name}  {output}" in text
    assert "26 Oct: 330" in plain_text.fallback_text(thread_of(samples.typical())).replace("\u00a0", " ")

    def shown(kinds):
        return str(blocks.message_payload(report, kinds=kinds)["blocks"]).replace("\\xa0", " ")

    assert "26 Oct: 330" not in shown(blocks.NATIVE_BLOCKS)
    # where no chart can be drawn its figures stand in its place
    assert "26 Oct: 330" in shown(NOT_NATIVE)


@pytest.mark.parametrize(
    ("name", "title", "caption"),
    [
        ("daily", "Views and downloads per day", "Day by day"),
        ("month", "Views and downloads per 31 days", "Periods of 31 days starting"),
        ("half_unknown", "Views and downloads per week, 3 of 6 items", "Weeks starting"),
        ("one_unknown", "Views per week", "Weeks starting"),
        ("mixed", "Views per week", "Weeks starting"),
        ("authors", "Views per week, the 6 most viewed", "Weeks starting"),
    ],
)
def test_chart_says_what_each_point_is(name, title, caption):
    reply = digest(EVERYTHING[name])
    assert next(part for part in reply.parts if isinstance(part, Chart)).title == title
    assert any(line.removeprefix("• ") == caption for line in read(EVERYTHING[name]))


def test_chart_of_two_years_has_years_in_its_labels():
    report = replace(samples.typical(), buckets=(date(2025, 12, 29), date(2026, 1, 5)))
    report = replace(report, series=(Series("Views", (1, 2)),))
    chart = next(part for part in digest(report).parts if isinstance(part, Chart))
    assert [each.replace("\u00a0", " ") for each in chart.categories] == ["29 Dec 2025", "5 Jan 2026"]


@pytest.mark.parametrize("name", ["nothing_happened", "first_ever", "doubtful", "search_first"])
def test_report_without_counts_has_no_chart(name):
    assert not any(isinstance(part, Chart) for part in digest(EVERYTHING[name]).parts)


def test_chart_lines_with_similar_names_are_numbered():
    series = tuple(
        Series("Frog counts along the Thames, part " + str(index), (1, index)) for index in range(3)
    )
    report = replace(samples.mixed(), buckets=samples.BUCKETS[-2:], series=series)
    chart = next(part for part in digest(report).parts if isinstance(part, Chart))
    assert len({name for name, _ in chart.series}) == 3


def test_collection_lists_the_items_that_moved_most():
    lines = read(samples.collection())
    assert "Biggest changes in views, among the first 50 of its 300 items" in lines
    assert "No new items among the first 50." in lines
    lines = read(samples.two_collections())
    assert "Biggest changes in views, among the items in the collections" in lines
    project = replace(samples.collection().listed[0], kind="project")
    cut = replace(samples.collection(), listed=(project,), member_count=None)
    assert "Biggest changes in views, among the first 50 items in the project" in read(cut)


def test_count_that_was_not_fetched_is_a_dash():
    table = table_of(samples.two_collections())
    assert table.rows[2][1:] == (140, 131, "–", "–", "–", "–")
    shown = plain_text.table_lines(table)[3]
    assert shown.split()[-6:] == ["140", "131", "–", "–", "–", "–"]
    assert "unknown" not in shown
    row = file_of(samples.two_collections(), "items")[0]
    assert row["views"] == "140" and "downloads" not in row
    native = blocks.message_payload(thread_of(samples.two_collections()))["blocks"][1]
    assert [each["align"] for each in native["column_settings"]] == ["left"] + ["right"] * 6


def test_ours_has_totals_most_viewed_and_new_items():
    lines = read(samples.ours(), "lboro")
    assert lines[:3] == [
        "Weekly digest: lboro",
        "16–22 Nov 2026, compared with 9–15 Nov 2026",
        "48,210 views (45,480 before, up 6%) · 2,345,678 in all",
    ]
    assert lines[lines.index("Most viewed") + 1] == f"1. {TITLES[0]}  140 views (131 before, up 7%)"
    index = lines.index("New items: 50 or more, the newest 5 of them")
    assert lines[index + 1].replace("\u00a0", " ") == f"{TITLES[0]}  22 Nov 2026"
    assert lines[index + 2].replace("\u00a0", " ") == f"{TITLES[1]}  21 Nov 2026 · new version"
    assert (
        sum("Nov\u00a02026" in line for line in plain_text.reply_lines(thread_of(samples.ours()), str)) == 50
    )


def test_ranked_item_with_unknown_views_stays_ranked():
    report = samples.ours()
    unknown = replace(report.members[1], views=ComparedCount())
    lines = read(replace(report, members=(report.members[0], unknown)))
    assert f"2. {TITLES[1]}  views unknown" in lines


def test_uncertain_new_items_are_unknown_and_not_none():
    assert "New items: unknown" in read(samples.news_unknown())
    assert not any("No new items" in line for line in read(samples.news_unknown()))
    assert "New items: unknown" in read(replace(samples.search_first(), new_items=(), may_have_more_new=True))


def test_first_search_digest_shows_the_newest_so_far():
    lines = read(samples.search_first(), "search title:frog")
    assert lines[2] == "The 5 newest so far. Future digests will only show new ones."
    assert lines[3:5] == [TITLES[0], "22\u00a0Nov\u00a02026 · 412 views · 31 downloads"]
    assert sum(" views · " in line for line in lines) == 5
    # though all of them may be of these days
    fresh = replace(samples.search_first(), new_items=samples.published_items(5, views=1, downloads=1))
    assert read(fresh)[2].startswith("The 5 newest so far.")
    assert read(replace(samples.search_first(), new_items=()))[2] == "No matches so far."
    assert read(replace(samples.search_first(), new_items=samples.published_items(1)))[2].startswith(
        "The newest so far."
    )


def test_later_search_digest_lists_new_items_with_counts():
    lines = read(samples.search_later(), "search title:frog")
    assert lines[2:7] == [
        "New items: 2",
        TITLES[0],
        "22\u00a0Nov\u00a02026 · 31 views · 4 downloads",
        TITLES[1],
        "21\u00a0Nov\u00a02026 · new version · 1 view · downloads unknown",
    ]
    assert any(line.endswith("all time; Figshare's days, in UTC.") for line in lines)
    assert read(samples.search_nothing())[2] == "No new items this week."
    assert read(samples.search_many())[2] == "New items: 50 or more, the newest 5 of them"


@pytest.mark.parametrize(("kind", "noun"), [("collection", "collections"), ("project", "projects")])
def test_new_items_are_named_by_their_type(kind, noun):
    new = (NewItem(kind, 1, "Frogs", None, LAST, views=0, downloads=0),)
    assert f"New {noun}: 1" in read(week(new_items=new, has_new_counts=True))


def test_footnote_explains_the_counts_and_the_owner():
    lines = read(samples.typical())
    assert lines[-2:] == [
        "Raw Figshare counts as of 23 Nov 2026, 08:58 UTC, all versions together; Figshare's days, in UTC.",
        "Digest 7. Set up by Maya Okafor. Next: 30 Nov 2026, 09:00 UTC.",
    ]
    report = samples.typical()
    reply = message.with_footer(
        message.channel_message(report, "", "weekly"), report, 7, owner="Maya", next_at=None
    )
    assert list(plain_text.reply_lines(reply, str))[-1] == "Digest 7. Set up by Maya."


def test_buttons_change_pause_stop_or_adopt_the_digest():
    report = samples.typical()
    reply = digest(report)
    assert [(each.label, each.value) for each in reply.buttons] == [
        ("Change", "7"),
        ("Pause", "7"),
        ("Stop", "7"),
    ]
    assert reply.buttons[2].confirm
    gone = message.with_footer(
        message.channel_message(report, "", ""), report, 7, owner="Maya", next_at=NEXT, owner_has_left=True
    )
    assert [each.label for each in gone.buttons] == ["Adopt", "Change", "Pause", "Stop"]
    assert "Maya, who set it up, has left." in plain_text.fallback_text(gone)


def test_owner_name_may_be_any_text():
    report = samples.typical()
    reply = message.with_footer(
        message.channel_message(report, "", ""), report, 7, owner="@channel", next_at=None
    )
    assert not any("@channel" in text for text in read_by_slack(blocks.message_payload(reply)["blocks"]))


@pytest.mark.parametrize("name", ["hostile", "hostile_mix"])
def test_hostile_titles_stand_in_literal_text(name):
    report = EVERYTHING[name]
    for reply in (digest(report), thread_of(report)):
        for kinds in (blocks.NATIVE_BLOCKS, NOT_NATIVE):
            texts = read_by_slack(blocks.message_payload(reply, kinds=kinds)["blocks"])
            assert not any(
                word in text for text in texts for word in ("channel", "evil", "HYPERLINK", "tada")
            )


def test_chart_line_name_is_no_mention():
    chart = next(part for part in digest(samples.hostile()).parts if isinstance(part, Chart))
    assert all("<" not in name and len(name) <= 20 for name, _ in chart.series)


def test_right_to_left_title_does_not_reverse_the_numbers():
    lines = read(samples.hostile())
    assert f"4. \u2068{HOSTILE[3]}\u2069  47 views (44 before, up 7%)" in lines
    assert not any("\u2068" in cell for row in file_of(samples.hostile()) for cell in row.values())


def test_thread_has_the_long_table():
    table = table_of(samples.typical())
    assert table.columns == ("Title", "Views", "before", "in all", "Downloads", "before", "in all")
    assert table.rows[0] == (Link(TITLES[0], samples.url(11820345)), 140, 131, 12_345, 46, 48, 4_100)
    assert len(table.rows) == 6
    assert len(table_of(samples.collection()).rows) == 50
    assert table_of(samples.search_first()).rows[0][2:] == (412, 31)
    assert table_of(samples.search_later()).rows[1][1:] == ("21\u00a0Nov\u00a02026 (new version)", 1, None)
    assert table_of(samples.portal_alone()).columns == ("Title", "Published")
    assert thread.thread_message(samples.search_nothing(), "") is None


@pytest.mark.parametrize(
    ("name", "is_more"),
    [
        ("one_item", False),
        ("few", False),
        ("daily", False),
        ("search_first", False),
        ("search_nothing", False),
        ("typical", True),
        ("collection", True),
        ("search_many", True),
        ("ours", True),
    ],
)
def test_thread_is_for_what_the_channel_does_not_show(name, is_more):
    assert thread.has_more_than_channel(EVERYTHING[name]) is is_more


def test_too_long_table_is_cut_and_says_so():
    report = thread_of(samples.many())
    table = table_of(samples.many())
    assert 50 < len(table.rows) <= 99
    assert report.parts[0] == Text((f"First {len(table.rows)} of 200; the CSV has them all.",))
    assert [each["type"] for each in blocks.message_payload(report)["blocks"]] == [
        "rich_text",
        "rich_text",
        "table",
        "rich_text",
    ]
    views = [row[1] for row in table.rows]
    assert views == sorted(views, reverse=True)
    assert len(file_of(samples.many())) == 200


def test_long_titles_leave_room_for_all_new_items():
    report = replace(samples.mixed(), listed=items(200, HOSTILE[5:]), new_items=samples.published_items(50))
    for kinds in (blocks.NATIVE_BLOCKS, NOT_NATIVE):
        payload = blocks.message_payload(thread_of(report), kinds=kinds)
        assert_is_good(payload)
    listed = next(part for part in thread_of(report).parts if isinstance(part, Rows))
    assert len(listed.rows) == 50


def test_file_has_every_figure_and_its_meaning():
    rows = file_of(samples.typical())
    assert rows[0] == {
        "id": "11820345",
        "doi": "10.6084/m9.figshare.11820345.v2",
        "address": samples.url(11820345),
        "title": TITLES[0],
        "type": "dataset",
        "authors": "Maya Okafor; Jonas Weber",
        "first_public": "2019-03-01",
        "views": "140",
        "views_before": "131",
        "downloads": "46",
        "downloads_before": "48",
        "views_in_all": "12345",
        "downloads_in_all": "4100",
        "first_day": "2026-11-16",
        "last_day": "2026-11-22",
        "before_first_day": "2026-11-09",
        "before_last_day": "2026-11-15",
        "remark": "",
        "as_of": "2026-11-23T08:58:00Z",
    }
    assert {rows[1][name] for name in ("doi", "type", "authors")} == {"unknown"}


def test_each_file_of_a_digest_has_one_kind_of_row():
    files = files_of(replace(samples.collection(), new_items=samples.published_items(2)))
    assert {name: len(rows) for name, rows in files.items()} == {
        "counts": 1,
        # the last row says that there are more
        "items": 51,
        "new-items": 2,
        "by-day": 7,
        "history": 8,
    }
    assert files["items"][-1]["remark"] == "first 50 of 300 items"
    assert list(files["history"][-1].values())[:3] == ["2026-11-16", "2026-11-22", "36"]
    assert files["by-day"][0]["day"] == "2026-11-16"
    names = list(file_of(samples.mixed(), "history")[0])[2:-1]
    assert names and all(name.startswith("views of ") for name in names)
    assert csv_file.csv_files(samples.search_nothing(), "frogs", 7, {}) == []


def test_file_of_a_search_has_its_new_items():
    new = file_of(samples.search_later(), "new-items")
    assert (new[1]["views_in_all"], new[1]["downloads_in_all"]) == ("1", "unknown")
    assert (new[0]["new_version"], new[1]["new_version"]) == ("no", "yes")
    assert new[0]["published"] == "2026-11-22"
    assert set(files_of(samples.search_first())) == {"new-items"}
    assert file_of(samples.portal_alone(), "new-items")[0]["views_in_all"] == ""
    assert file_of(samples.search_many(), "new-items")[-1]["remark"].startswith("there may be more")


@pytest.mark.parametrize("title", ['=HYPERLINK("https://evil.example","x")', "+1", "-1", "@SUM(1)", "\t=1"])
def test_title_in_the_file_is_no_formula(title):
    (row,) = file_of(week((replace(items(1)[0], title=title),)))
    assert row["title"] == f"'{title}"


def test_report_is_empty_when_all_counts_are_0():
    assert samples.nothing_happened().is_empty
    assert samples.search_nothing().is_empty
    assert not samples.half_unknown().is_empty
    assert not samples.news_unknown().is_empty
    assert not samples.first_ever().is_empty
    still = replace(
        samples.collection().listed[0], views=ComparedCount(0, 9, 9), downloads=ComparedCount(0, 0, 0)
    )
    assert not replace(samples.collection(), listed=(still,)).is_empty
    assert replace(samples.collection(), listed=(still,), members=()).is_empty
