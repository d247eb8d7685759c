"""What a person sees who asks for the counters over time."""

import pytest

from bot.render import plain_text
from bot.reply import Chart, Table


def parts(reply):
    chart = next(part for part in reply.parts if isinstance(part, Chart))
    return chart, next(part for part in reply.parts if isinstance(part, Table))


async def test_timeline_without_a_period_covers_twelve_months(client):
    reply = await client.reply("timeline 5616445")
    chart, table = parts(reply)
    assert "1 Nov 2025 – 31 Oct 2026, by month" in await client.ask("timeline 5616445")
    assert len(chart.categories) == 12 and chart.categories[0] == "Nov 2025"
    assert [row[0] for row in table.rows][::12] == ["Nov 2025", "Total"]
    assert [name for name, _ in chart.series] == ["Views", "Downloads", "Shares"]


async def test_chart_and_table_agree(client):
    chart, table = parts(await client.reply("timeline 5616445 2025 by month"))
    text = (await client.message("timeline 5616445 2025 by month"))["text"]
    for index, row in enumerate(table.rows[:-1]):
        assert row[1:] == tuple(values[index] for _, values in chart.series)
        assert row[0] in text
    assert table.rows[-1] == ("Total", *(sum(values) for _, values in chart.series))


async def test_long_chart_is_coarser_than_its_table(client):
    chart, table = parts(await client.reply("timeline 5616445 last 30 days by day"))
    assert chart.categories == ("24–31 Oct 2026", "1–22 Nov")
    assert len(table.rows) == 31 and table.rows[0][0] == "24 Oct 2026"
    for index, (_, values) in enumerate(chart.series, start=1):
        assert sum(values) == table.rows[-1][index]


@pytest.mark.parametrize(
    ("words", "steps", "first"),
    [
        ("last 10 days", "day", "13 Nov 2026"),
        ("2025 by day", "day", "1 Jan 2025"),
        ("2025 by year", "year", "2025"),
        ("since 2024-12-15", "year", "2024 (15 Dec – 31 Dec)"),
        ("all time", "year", "2017 (20 Nov – 31 Dec)"),
        ("all time by month", "month", "20–30 Nov 2017"),
        ("by month 2025", "month", "Jan 2025"),
        ("this month", "month", "1–23 Nov 2026, so far"),
        ("by year", "year", "2017"),
        ("by day", "day", "24 Oct 2026"),
    ],
)
async def test_steps_are_the_requested_or_fitting_ones(client, words, steps, first):
    chart, table = parts(await client.reply(f"timeline 5616445 {words}"))
    assert table.columns[0].lower() == steps
    assert table.rows[0][0] == first
    assert len(chart.categories) <= 20 and len(set(chart.categories)) == len(chart.categories)


@pytest.mark.parametrize(
    ("words", "last"),
    [
        ("5616445 by year", "2026 (1 Jan – 23 Nov, so far)"),
        ("5616445 2026", "1–23 Nov 2026, so far"),
        ("5616445 this month by day", "23 Nov 2026, so far"),
        ("5616445 by day", "22 Nov 2026"),
        ("5616445 by month", "Oct 2026"),
        ("5616445 2025", "Dec 2025"),
        ("5616445 since 2024", "2026 (1 Jan – 23 Nov, so far)"),
    ],
)
async def test_step_that_is_not_over_says_so_far(client, words, last):
    _, table = parts(await client.reply(f"timeline {words}"))
    assert table.rows[-2][0] == last
    assert all(", so far" not in row[0] for row in table.rows[:-2])


async def test_years_without_a_period_are_whole_and_all_of_them(client):
    text = await client.ask("timeline 5616445 by year")
    assert "1 Jan 2017 – 23 Nov 2026, so far, by year" in text
    _, table = parts(await client.reply("timeline 5616445 by year"))
    assert [row[0][:4] for row in table.rows[:-1]] == [str(year) for year in range(2017, 2027)]
    assert f"{table.rows[-1][1]:,} views" in await client.ask("views 5616445")


@pytest.mark.parametrize("words", ["by year", "all time", "all time by month"])
async def test_years_of_a_group_begin_with_its_first_count(client, words):
    _, table = parts(await client.reply(f"timeline group 20401 {words}"))
    assert sum(table.rows[0][1:]) > 0 and table.rows[-1][1] > 0
    assert f"{table.rows[-1][1]:,} views" in await client.ask("views group 20401")


async def test_unfinished_period_says_so_far(client):
    assert "1 Jan 2026 – 23 Nov 2026, so far, by month" in await client.ask("timeline 5616445 2026")


async def test_all_time_adds_up_to_the_counter(client):
    _, table = parts(await client.reply("timeline 5616445 all time"))
    assert f"{table.rows[-1][1]:,} views" in await client.ask("views 5616445")


@pytest.mark.parametrize("words", ["collection 4000001", "project 113166", "author 2041117", "group 20442"])
async def test_everything_counted_has_a_timeline(client, words):
    reply = await client.reply(f"timeline {words}")
    assert reply.outcome == "ok" and parts(reply)[1].rows[-1][1] > 0


async def test_month_without_views_is_a_row_of_zeros(client):
    _, table = parts(await client.reply("timeline 7821100 2025"))
    assert len(table.rows) == 13 and all(row[1:] == (0, 0, 0) for row in table.rows)


async def test_timeline_takes_one_request_for_each_counter(client):
    await client.ask("timeline 5616445")
    assert len(client.requests) == 1 + 3
    client.requests.clear()
    await client.ask("timeline 5616445 all time")
    assert len(client.requests) == 2 * 3


async def test_versions_are_counted_together_with_a_note(client):
    assert "all versions" in await client.ask("timeline 5616445.v1")


@pytest.mark.parametrize("step", ["by week", "by quarter", "per quarter", "quarterly", "weekly"])
async def test_unknown_step_offers_the_ones_there_are(client, step):
    reply = await client.reply(f"timeline 5616445 2025 {step}")
    name = "quarter" if "quarter" in step else "week"
    assert reply.outcome == "wrong"
    assert f"I can do by day, by month or by year, not by {name}." in await client.ask(
        f"timeline 5616445 2025 {step}"
    )
    offered = [button.words for button in reply.buttons]
    assert offered == [f"timeline 5616445 2025 by {step}" for step in ("month", "year", "day")]
    assert all([(await client.reply(words)).outcome == "ok" for words in offered])


async def test_failed_counter_is_unknown_and_the_others_are_shown(client):
    client.goes_wrong("/stats/timeline/month/downloads", status=500, times=None)
    reply = await client.reply("timeline 5616445")
    _, table = parts(reply)
    assert table.rows[-1][1] > 0 and all(row[2] is None for row in table.rows)
    text = await client.ask("timeline 5616445")
    assert "unknown" in text and "Figshare's statistics service isn't responding." in text
    assert reply.outcome == "trouble"


async def test_long_timeline_is_paged_with_the_total_of_all_rows(client):
    first, second = [parts(await client.reply("timeline 5616445 2025 by day", page))[1] for page in (1, 2)]
    assert (first.rows[0][0], second.rows[0][0]) == ("1 Jan 2025", "1 Apr 2025")
    assert len(first.rows) == 91 and first.rows[-1] == second.rows[-1]
    assert (await client.reply("timeline 5616445 2025 by day")).has_next_page
    assert "91–180 of 365" in plain_text.terminal_text(await client.reply("timeline 5616445 2025 by day", 2))
    assert f"{first.rows[-1][1]} views" in await client.ask("views 5616445 2025")
