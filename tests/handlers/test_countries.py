"""What a person sees who asks where views and downloads came from."""

import pytest

from bot.reply import Chart, Table
from tests.support.bot_client import open_bot_client


def table(reply):
    return next(part for part in reply.parts if isinstance(part, Table))


async def test_countries_show_the_top_ten_of_the_last_twelve_months(client):
    reply = await client.reply("countries 5616445")
    text = await client.ask("countries 5616445")
    assert "1 Nov 2025 – 31 Oct 2026, by country" in text
    rows = table(reply).rows
    assert (
        rows[0][0] == "United States" and rows[10][0].endswith("other countries") and rows[11][0] == "Total"
    )
    for column in (1, 2):
        assert sum(row[column] for row in rows[:-1]) == rows[-1][column]
    assert [row[1] for row in rows[:10]] == sorted((row[1] for row in rows[:10]), reverse=True)


async def test_countries_total_is_that_of_the_counter(client):
    rows = table(await client.reply("countries 5616445 2025")).rows
    assert f"{rows[-1][1]} views" in await client.ask("views 5616445 2025")


async def test_countries_name_the_kind_of_counts(client):
    text = await client.ask("countries 5616445 2025")
    assert "Raw Figshare counts, all versions together." in text
    assert "As of 23 Nov 2026" in text


async def test_chart_and_table_agree(client):
    reply = await client.reply("countries 5616445 2025")
    chart = next(part for part in reply.parts if isinstance(part, Chart))
    assert list(chart.series[0][1]) == [row[1] for row in table(reply).rows[:10]]
    assert len(set(chart.categories)) == len(chart.categories)


@pytest.mark.parametrize(
    ("period", "written"),
    [
        ("all time", "20 Nov 2017 – 23 Nov 2026, so far"),
        ("this month", "1 Nov 2026 – 23 Nov 2026, so far"),
        ("last month", "1 Oct 2026 – 31 Oct 2026"),
    ],
)
async def test_answer_repeats_the_understood_period(client, period, written):
    assert f"{written}, by country" in await client.ask(f"countries 5616445 {period}")


async def test_countries_without_views_say_so(client):
    assert "No views or downloads, 1 Nov 2025 – 31 Oct 2026." in await client.ask("countries 7821100")


async def test_countries_take_one_request_for_each_counter(client):
    await client.ask("countries 5616445")
    assert len(client.requests) == 1 + 2


async def test_group_of_ours_is_asked_at_the_portal():
    async with open_bot_client(
        figshare_portal="lboro",
        figshare_group=20401,
        figshare_stats_username="lboro",
        figshare_stats_password="sample-lboro",
    ) as client:
        assert "United Kingdom" in await client.ask("countries ours last month")
        assert all(path.startswith("/stats/lboro/breakdown/") for _, path in client.requests)
