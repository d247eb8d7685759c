"""Periods are read as people write them, and their labels name both ends."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.period_parser import leading_period
from bot.language.periods import ALL_TIME, Period, bucket_keys, chart_step, last_whole_months
from bot.language.tokens import InvalidArgument, normalize, tokenize
from bot.text import date_range

# a Monday
TODAY = date(2026, 11, 23)
PIECES = (
    *("last", "this", "since", "today", "yesterday", "week", "months", "days", "year", "q1", "Q5", "..", "…"),
    *("2025", "2025-03", "2025-13", "2024-01-01..2024-06-30", "0", "30", "9999", "march", "all", "time", "–"),
    *("to", "between", "and", "from", "until", "ytd", "-", "2024-2025", "29", "Feb", "FY2025", "2024/25"),
    *("0000", "9999-12-31", "99999999999999", "1", "jan", "so", "far", "٢٠٢٥", "2024..", "frog"),
)


def read(text, today=TODAY):
    return leading_period([word.text for word in tokenize(normalize(text))], today)


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("2025", "2025-01-01", "2025-12-31"),
        ("2025-03", "2025-03-01", "2025-03-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-03-09", "2025-03-09", "2025-03-09"),
        ("Q1 2025", "2025-01-01", "2025-03-31"),
        ("2025 Q4", "2025-10-01", "2025-12-31"),
        ("q2-2025", "2025-04-01", "2025-06-30"),
        ("march 2025", "2025-03-01", "2025-03-31"),
        ("Sep 2025", "2025-09-01", "2025-09-30"),
        ("yesterday", "2026-11-22", "2026-11-22"),
        ("last week", "2026-11-16", "2026-11-22"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("Last Quarter", "2026-07-01", "2026-09-30"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("last 30 days", "2026-10-24", "2026-11-22"),
        ("last 1 day", "2026-11-22", "2026-11-22"),
        ("last 2 weeks", "2026-11-09", "2026-11-22"),
        ("last 12 months", "2025-11-01", "2026-10-31"),
        ("last 3 years", "2023-01-01", "2025-12-31"),
        ("2024-01-01..2024-06-30", "2024-01-01", "2024-06-30"),
        ("2024-01..2024-06", "2024-01-01", "2024-06-30"),
        ("2024-01…2024-06", "2024-01-01", "2024-06-30"),
        ("2024-01 .. 2024-06", "2024-01-01", "2024-06-30"),
        ("2023..2024", "2023-01-01", "2024-12-31"),
        ("2024-01 .. 2024-06,", "2024-01-01", "2024-06-30"),
        ("1 Jan 2025 – 31 Dec 2025", "2025-01-01", "2025-12-31"),
        ("2025/03", "2025-03-01", "2025-03-31"),
        ("2025/03/09", "2025-03-09", "2025-03-09"),
        ("2025.03.09", "2025-03-09", "2025-03-09"),
        ("2025 march", "2025-03-01", "2025-03-31"),
        ("Mar. 2025", "2025-03-01", "2025-03-31"),
        ("sept 2025", "2025-09-01", "2025-09-30"),
        ("14 March 2024", "2024-03-14", "2024-03-14"),
        ("29 Feb 2024", "2024-02-29", "2024-02-29"),
        ("29th of February 2024", "2024-02-29", "2024-02-29"),
        ("29-Feb-2024", "2024-02-29", "2024-02-29"),
        ("February 29, 2024", "2024-02-29", "2024-02-29"),
        ("Feb 29th 2024", "2024-02-29", "2024-02-29"),
        ("14/03/2024", "2024-03-14", "2024-03-14"),
        ("03/14/2024", "2024-03-14", "2024-03-14"),
        ("03/03/2024", "2024-03-03", "2024-03-03"),
        ("1.2.2024", "2024-02-01", "2024-02-01"),
        ("past 12 months", "2025-11-01", "2026-10-31"),
        ("the last 30 days", "2026-10-24", "2026-11-22"),
        ("in the past two weeks", "2026-11-09", "2026-11-22"),
        ("past week", "2026-11-16", "2026-11-22"),
        ("past month", "2026-10-24", "2026-11-22"),
        ("the past one month", "2026-10-24", "2026-11-22"),
        ("past 2 months", "2026-09-01", "2026-10-31"),
        ("past quarter", "2026-08-01", "2026-10-31"),
        ("over the past year", "2025-11-01", "2026-10-31"),
        ("past 2 years", "2024-11-01", "2026-10-31"),
        ("past day", "2026-11-22", "2026-11-22"),
        ("previous month", "2026-10-01", "2026-10-31"),
        ("in 2025", "2025-01-01", "2025-12-31"),
        ("for March 2025", "2025-03-01", "2025-03-31"),
        ("during Q1 2025", "2025-01-01", "2025-03-31"),
        ("until 2020", "2011-01-01", "2020-12-31"),
        ("until 30 Jun 2020", "2011-01-01", "2020-06-30"),
        ("till 2010", "2010-01-01", "2010-12-31"),
        ("2024-01-01 – 2024-06-30", "2024-01-01", "2024-06-30"),
        ("2024-01-01–2024-06-30", "2024-01-01", "2024-06-30"),
        ("2024-01-01 to 2024-06-30", "2024-01-01", "2024-06-30"),
        ("2024-01 — 2024-06", "2024-01-01", "2024-06-30"),
        ("2024-01-2024-06", "2024-01-01", "2024-06-30"),
        ("2024–2025", "2024-01-01", "2025-12-31"),
        ("2024 to 2025", "2024-01-01", "2025-12-31"),
        ("from 1 Jan 2024 to 30 Jun 2024", "2024-01-01", "2024-06-30"),
        ("from January to June 2024", "2024-01-01", "2024-06-30"),
        ("between 2024-01-01 and 2024-06-30", "2024-01-01", "2024-06-30"),
        ("between 1 January and 30 June 2024", "2024-01-01", "2024-06-30"),
        ("January 1, 2024 - June 30, 2024", "2024-01-01", "2024-06-30"),
        ("1 Jan 2024-30 Jun 2024", "2024-01-01", "2024-06-30"),
        ("Jan 2024–Jun 2024", "2024-01-01", "2024-06-30"),
        ("Jan–Jun 2024", "2024-01-01", "2024-06-30"),
        ("Q1-Q3 2025", "2025-01-01", "2025-09-30"),
        ("Q1 2025 – Q3 2025", "2025-01-01", "2025-09-30"),
        ("16–22 Nov 2025", "2025-11-16", "2025-11-22"),
        ("28 Oct – 3 Nov 2025", "2025-10-28", "2025-11-03"),
        ("28 Dec – 3 Jan 2025", "2024-12-28", "2025-01-03"),
        ("2025-03-01 to yesterday", "2025-03-01", "2026-11-22"),
    ],
)
def test_finished_period_is_read_with_both_ends(typed, start, end):
    period, taken = read(typed)
    assert period == Period(date.fromisoformat(start), date.fromisoformat(end))
    assert taken == len(tokenize(normalize(typed)))
    assert not period.label.endswith("so far")


@pytest.mark.parametrize(
    ("typed", "start"),
    [
        ("today", "2026-11-23"),
        ("this week", "2026-11-23"),
        ("this month", "2026-11-01"),
        ("this quarter", "2026-10-01"),
        ("this year", "2026-01-01"),
        ("2026", "2026-01-01"),
        ("2026-11", "2026-11-01"),
        ("Q4 2026", "2026-10-01"),
        ("since 2024-06-01", "2024-06-01"),
        ("since 2024-06", "2024-06-01"),
        ("since 2024", "2024-01-01"),
        ("since yesterday", "2026-11-22"),
        ("2024-06..2027-01", "2024-06-01"),
        ("ytd", "2026-01-01"),
        ("year to date", "2026-01-01"),
        ("since March 2024", "2024-03-01"),
        ("since 1 Jan 2024", "2024-01-01"),
        ("since Q3 2024", "2024-07-01"),
        ("since last month", "2026-10-01"),
        ("from 1 Jan 2024 onwards", "2024-01-01"),
        ("from 2024-06-01 to today", "2024-06-01"),
        ("1 Nov 2026 – 23 Nov 2026, so far", "2026-11-01"),
        ("1–23 Nov 2026, so far", "2026-11-01"),
        ("until 2030", "2011-01-01"),
    ],
)
def test_unfinished_period_ends_today_and_says_so_far(typed, start):
    period, _ = read(typed)
    assert (period.start, period.end, period.so_far) == (date.fromisoformat(start), TODAY, True)
    assert period.label.endswith("23 Nov 2026, so far")


@pytest.mark.parametrize(
    ("typed", "word", "example"),
    [
        ("2025-13", "2025-13", "2025-03"),
        ("2025-02-30", "2025-02-30", "28 Feb 2025"),
        ("31 Apr 2025", "31 Apr 2025", "30 Apr 2025"),
        ("February 29, 2025", "February 29 2025", "28 Feb 2025"),
        ("since 31 Apr 2025", "31 Apr 2025", "30 Apr 2025"),
        ("1 Jan 2025 – 31 Apr 2025", "31 Apr 2025", "30 Apr 2025"),
        ("01/02/2024", "01/02/2024", "1 Feb 2024"),
        ("14/03/24", "14/03/24", "14 Mar 2024"),
        ("30 Jun 2024 to 1 Jan 2024", "30 Jun 2024 to 1 Jan 2024", "1 Jan 2024 to 30 Jun 2024"),
        ("in March", "March", "March 2026"),
        ("December", "December", "December 2025"),
        ("FY2025", "FY2025", "2024"),
        ("2024/25", "2024/25", "2024"),
        ("academic year 2024/25", "academic year 2024/25", "2024"),
        ("since last summer", "since last summer", "since 2026-06-01"),
        ("2024-06..2024-01", "2024-06..2024-01", "2024-01..2024-06"),
        ("2024..", "2024..", "2024-01..2024-06"),
        ("2027", "2027", "2025"),
        ("since 2027-01-01", "2027-01-01", "2025"),
        ("Q5 2025", "Q5 2025", "Q1 2025"),
        ("q3", "q3", "Q3 2025"),
        ("last 0 days", "last 0 days", "last 30 days"),
        ("last 30", "last 30", "last 30 days"),
        ("last 30 frogs", "last 30 frogs", "last 30 days"),
        ("since", "since", "since 2026-06-01"),
        ("since frog", "since frog", "since 2026-06-01"),
        ("last 999999999999999 years", "last 999999999999999 years", "since 2012-01-01"),
    ],
)
def test_nearly_right_period_is_refused_with_working_example(typed, word, example):
    with pytest.raises(InvalidArgument) as raised:
        read(typed)
    assert (raised.value.argument, raised.value.example) == (word, example)
    assert all(read(each) for each in raised.value.examples)


@pytest.mark.parametrize(
    "typed", ["", "frog", "last", "this", "5616445", "20", "10", "1.5", "top 2025", "٢٠٢٥"]
)
def test_other_words_are_no_period(typed):
    assert read(typed) is None


def test_longest_leading_period_is_read():
    assert read("2025 10 ours")[1] == 1
    assert read("2025 q1 ours")[1] == 2
    assert read("last 30 days by month")[1] == 3
    assert read("2024-01-01 to frogs")[1] == 1
    assert read("last 30 days to frogs")[1] == 3


def test_day_that_may_be_two_is_refused_with_both():
    with pytest.raises(InvalidArgument, match="two days") as raised:
        read("since 01/02/2024")
    assert raised.value.examples == ("1 Feb 2024", "2 Jan 2024")


@pytest.mark.parametrize(
    ("typed", "begins", "start", "end"),
    [
        ("FY2025", (8, 1), "2024-08-01", "2025-07-31"),
        ("FY 25", (8, 1), "2024-08-01", "2025-07-31"),
        ("2024/25", (8, 1), "2024-08-01", "2025-07-31"),
        ("in 2024/2025", (8, 1), "2024-08-01", "2025-07-31"),
        ("academic year 2024/25", (9, 15), "2024-09-15", "2025-09-14"),
        ("financial year 2025", (4, 1), "2024-04-01", "2025-03-31"),
        ("FY2024-25", (7, 1), "2024-07-01", "2025-06-30"),
        ("FY2025", (1, 1), "2025-01-01", "2025-12-31"),
        ("FY2024", (2, 29), "2023-02-28", "2024-02-28"),
    ],
)
def test_year_of_the_institution_begins_where_it_is_set(typed, begins, start, end):
    period, taken = leading_period(typed.split(), TODAY, begins)
    assert period == Period(date.fromisoformat(start), date.fromisoformat(end))
    assert taken == len(typed.split())


def test_month_or_year_of_the_institution_is_asked_about():
    with pytest.raises(InvalidArgument, match="a month or a year") as raised:
        leading_period(["2011/12"], TODAY, (8, 1))
    assert raised.value.examples == ("FY2012", "2011-12")
    assert read("2011/12")[0] == read("December 2011")[0]


def test_label_has_both_ends():
    assert read("2025")[0].label == "1 Jan 2025 – 31 Dec 2025"
    assert read("this month")[0].label == "1 Nov 2026 – 23 Nov 2026, so far"
    assert read("yesterday")[0].label == "22 Nov 2026"
    assert ALL_TIME.label == "all time"


def test_command_of_a_period_is_short_where_possible():
    assert read("last year")[0].command_words == "2025"
    assert read("last month")[0].command_words == "2026-10"
    assert read("this month")[0].command_words == "2026-11-01..2026-11-23"


def test_last_whole_months_end_before_this_month():
    assert last_whole_months(12, TODAY) == Period(date(2025, 11, 1), date(2026, 10, 31))
    assert last_whole_months(1, date(2026, 1, 1)) == Period(date(2025, 12, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("typed", "expected", "step"),
    [
        ("last week", None, "day"),
        ("last 20 days", "day", "day"),
        ("last 21 days", "day", "month"),
        ("2025", None, "month"),
        ("2025", "day", "month"),
        ("2025", "year", "year"),
        ("last week", "month", "month"),
        ("2024-01..2025-08", "month", "month"),
        ("2024-01..2025-09", "month", "year"),
        ("1990..2025", "day", "year"),
        ("all time", None, "year"),
    ],
)
def test_granularity_gives_at_most_twenty_points(typed, expected, step):
    assert chart_step(read(typed)[0], expected) == step


def test_unknown_granularity_is_refused():
    with pytest.raises(InvalidArgument, match="day, month or year"):
        chart_step(ALL_TIME, "week")


def test_every_step_of_a_period_has_a_bucket_key():
    assert bucket_keys(read("2024-12..2025-02")[0], "month") == ["2024-12", "2025-01", "2025-02"]
    assert bucket_keys(read("2024-02-28..2024-03-01")[0], "day") == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert bucket_keys(read("2023..2025")[0], "year") == ["2023", "2024", "2025"]
    assert len(bucket_keys(read("2025")[0], "day")) == 365
    assert bucket_keys(ALL_TIME, "month") == []


@given(
    st.lists(st.sampled_from(PIECES) | st.text(), max_size=9), st.dates(date(1991, 1, 1), date(2098, 1, 1))
)
def test_any_words_give_a_period_that_reads_back_or_an_error(words, today):
    try:
        leading = leading_period(words, today)
    except InvalidArgument as error:
        assert error.argument and error.reason and error.example
        return
    if leading:
        period, taken = leading
        assert 1 <= taken <= len(words)
        assert period == ALL_TIME or period.start <= period.end <= today
        assert leading_period(period.command_words.split(), today) == (
            period,
            len(period.command_words.split()),
        )


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9), st.sampled_from([None, (8, 1)]))
def test_every_period_that_is_offered_is_one(words, begins):
    words = normalize(" ".join(words)).split(" ")
    try:
        leading_period(words, TODAY, begins)
    except InvalidArgument as error:
        # An ellipsis is read as two dots.
        assert error.argument in " ".join(words).replace("…", "..")
        for example in error.examples:
            parsed = leading_period(example.split(), TODAY, begins)
            assert parsed and parsed[1] == len(example.split())


@given(st.dates(date(1950, 1, 1), TODAY), st.integers(1, 9000))
def test_label_and_command_of_a_period_read_back(start, length):
    end = min(start + timedelta(days=length), TODAY)
    period = Period(start, end, so_far=end == TODAY)
    assert leading_period(period.command_words.split(), TODAY)[0] == period
    for label in period.label, date_range(start, end):
        words = [token.text for token in tokenize(normalize(label))]
        read_back, taken = leading_period(words, TODAY)
        assert (read_back, taken) == (period, len(words))
    assert len(bucket_keys(period, chart_step(period, None))) <= 20 or end.year - start.year >= 20


def test_past_week_ends_yesterday_and_last_week_on_sunday():
    thursday = date(2026, 11, 26)
    assert read("past week", thursday)[0] == Period(date(2026, 11, 19), date(2026, 11, 25))
    assert read("past 2 weeks", thursday)[0] == Period(date(2026, 11, 12), date(2026, 11, 25))
    assert read("last week", thursday)[0] == Period(date(2026, 11, 16), date(2026, 11, 22))
