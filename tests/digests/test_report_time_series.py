"""The chart of a digest: what is added up, and with which week it begins."""

from datetime import date

from bot.digests.report.facts import ComparedCount, ReportRow, Series
from bot.digests.report.time_series import TimeSeries, Window, time_series

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))
A = ReportRow("article", 1, "A", first_public=date(2019, 3, 1))
B = ReportRow("article", 2, "B", first_public=date(2026, 11, 12))
AUTHOR = ReportRow("author", 3, "author 3")
TIMELINES = {
    ("article", 1, "views"): {"2026-11-02": 3, "2026-11-10": 5, "2026-11-16": 4, "2026-11-22": 5},
    ("article", 2, "views"): {"2026-11-12": 1, "2026-11-20": 4},
    ("author", 3, "views"): {"2026-11-12": 7},
}


def test_items_are_added_up_from_the_first_public_week_on():
    chart = time_series([A, B], TIMELINES, WEEK)
    assert len(chart.buckets) == 8 and chart.charted_count is None
    assert [(line.name, line.values[-3:]) for line in chart.series] == [("Views", (3, 6, 13))]
    alone = time_series([B], TIMELINES, WEEK)
    assert alone == TimeSeries((date(2026, 11, 9), date(2026, 11, 16)), (Series("Views", (1, 4)),))


def test_author_and_item_are_not_added_up():
    chart = time_series([AUTHOR, A, B], TIMELINES, WEEK)
    assert [(line.name, line.values[-2:]) for line in chart.series] == [("author 3", (7, 0)), ("A", (5, 9))]
    assert chart.charted_count == 2


def test_unknown_rows_are_left_out_and_the_chart_says_so():
    unknown = ReportRow("article", 4, "C")
    chart = time_series([A, unknown], {**TIMELINES, ("article", 4, "views"): None}, WEEK)
    assert chart.series[0].values[-1] == 9 and chart.charted_count == 1
    doubtful = ReportRow("article", 5, "D", views=ComparedCount(0, 0, 0), zero_caveat="unknown to Figshare")
    assert time_series([doubtful], {("article", 5, "views"): {}}, WEEK) == TimeSeries()


def test_chart_needs_two_weeks():
    new = ReportRow("article", 2, "B", first_public=date(2026, 11, 18))
    assert time_series([new], {("article", 2, "views"): {"2026-11-20": 4}}, WEEK) == TimeSeries()
