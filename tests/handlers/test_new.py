"""What a person sees who asks what is new."""

import json
import re
from datetime import timedelta

import pytest

from bot.render.plain_text import terminal_text
from tests.support.bot_client import open_bot_client
from tests.support.clock import TODAY
from tests.support.portals import LBORO


async def test_new_without_words_is_the_last_thirty_days(client):
    text = await client.ask("new")
    assert text.startswith("Newest records since 24 Oct 2026\n1–5")
    assert "\n1. Counting what cannot be seen" in text and "There is a next page" in text
    assert "preprint · 22 Nov 2026 · Chiara Montefalco, Ada Thornbury · 26550001" in text
    assert "By OAI-PMH: new versions count as new." in text


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("new dataset", "Newest datasets since 24 Oct 2026"),
        ("new datasets", "Newest datasets since 24 Oct 2026"),
        ("new journal contribution since 2024-01-01", "Newest journal contributions since 1 Jan 2024"),
        ("new 2025", "Newest records since 1 Jan 2025"),
        ("new since 2025", "Newest records since 1 Jan 2025"),
        ("new since 2026-11-20", "Newest records since 20 Nov 2026"),
        ("new since:2026-11-01", "Newest records since 1 Nov 2026"),
        ("new since 1 Jan 2024", "Newest records since 1 Jan 2024"),
        ("new 2025 dataset", "Newest datasets since 1 Jan 2025"),
        ("new this month", "Newest records since 1 Nov 2026"),
        ("new last week", "Newest records, 16 Nov 2026 – 22 Nov 2026"),
        ("new in 2025", "Newest records, 1 Jan 2025 – 31 Dec 2025"),
        ("new dataset March 2025", "Newest datasets, 1 Mar 2025 – 31 Mar 2025"),
        ("new all time", "Newest records, all time"),
        ("new portal 2", "Newest records of portal 2 since"),
        ("new portal lough", "Newest records of Loughborough University since"),
        ('new portal "la trobe" since 2021', "Newest records of La Trobe University since 1 Jan 2021"),
        ("new thesis portal 2 since 2012", "Newest theses of portal 2 since 1 Jan 2012"),
        ("new since 2025 software", "Newest software since 1 Jan 2025"),
    ],
)
async def test_type_portal_and_date_narrow_the_list(client, words, heading):
    reply = await client.reply(words)
    assert reply.outcome == "ok"
    assert (await client.ask(words)).startswith(heading)


async def test_portal_and_type_narrow_together(client):
    text = await client.ask("new thesis portal 2 since 2012")
    assert "Hearing in noise" in text and "Steel frames" in text and "battery" not in text


async def test_pages_continue_until_the_total_is_known(client):
    titles, page = [], 1
    while True:
        reply = await client.reply("new since 2026", page)
        titles += [row[0][0] for row in reply.parts[1].rows]
        if not reply.has_next_page:
            break
        page += 1
    assert len(titles) == len(set(titles)) > 5
    assert f"6–{len(titles)} of {len(titles)}" in await client.ask("new since 2026", 2)
    assert "No more results." in await client.ask("new since 2026", 3)


async def test_finished_period_lists_its_days_alone(client):
    text = await client.ask("new 20 Nov 2026 to 21 Nov 2026")
    days = re.findall(r"([0-9]+ Nov 2026) ·|withdrawn · ([0-9]+ Nov 2026)", text)
    assert days and {day for pair in days for day in pair if day} <= {"20 Nov 2026", "21 Nov 2026"}


async def test_repeated_page_takes_no_request(client):
    await client.ask("new since 2026")
    requests = len(client.requests)
    await client.ask("new since 2026")
    assert len(client.requests) == requests <= 6


async def test_withdrawn_record_says_so(client):
    assert "Item 24001177\n   withdrawn · 21 Nov 2026" in await client.ask("new")


async def test_no_records_say_so(client):
    text = await client.ask("new standard since 2026-11-22")
    assert "None." in text and (await client.reply("new standard since 2026-11-22")).outcome == "ok"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("new portal Nowhere", "no portal of that name"),
        ("new portal university", "2 portals have that in their name"),
        ("new frogs", "frogs"),
        ("new since frog", "I can't read that as a date"),
        ("new since 2030-01-01", "that is in the future"),
    ],
)
async def test_wrong_argument_is_named_with_a_working_example(client, words, why):
    reply = await client.reply(words)
    text = await client.ask(words)
    assert reply.outcome == "wrong" and why in text
    assert (await client.reply(reply.buttons[0].words)).outcome == "ok"


async def test_ours_is_the_portal(client):
    assert "FIGSHARE_INSTITUTION" in await client.ask("new ours")
    async with open_bot_client(figshare_institution=2) as configured:
        text = await configured.ask("new ours")
        assert text.startswith("Newest records of institution 2 since")
        assert "Data management plan for the battery hall" in text


@pytest.mark.parametrize("name", ["lboro", "LBORO", '"Loughborough University"', "loughborough"])
async def test_portal_is_known_by_its_id_and_its_name(client, name):
    for words in (f"new portal {name}", f"new portal {name} since 2020 first versions"):
        text = await client.ask(words)
        assert text.startswith("Newest records of Loughborough University since "), text
        assert "Data management plan for the battery hall" in text


async def test_our_own_portal_is_known_by_its_id(client):
    async with open_bot_client(**LBORO) as configured:
        assert "Data management plan for the battery hall" in await configured.ask("new portal lboro")
        assert not any("/search" in path for _, path in configured.requests)


async def test_id_of_a_portal_whose_newest_item_has_no_record_yet_is_known(client):
    assert "no portal of that name" in await client.ask("new portal nowhere")
    error = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="idDoesNotExist"/></OAI-PMH>'
    client.goes_wrong("/v2/oai", body=error.encode(), headers={"content-type": "text/xml"})
    assert "battery hall" in await client.ask("new portal lboro")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("new portal Lougborough", "new portal 2"),
        ('new dataset portal "Loughbrough Univ" 2026', "new dataset portal 2 2026"),
        ("new portal latrobee", "new portal 234"),
    ],
)
async def test_unknown_portal_offers_the_nearest(client, words, offered):
    reply = await client.reply(words)
    assert reply.outcome == "wrong" and offered in [button.words for button in reply.buttons]
    assert "no portal of that name; the nearest" in await client.ask(words)
    assert (await client.reply(offered)).outcome == "ok"


async def test_portal_number_takes_one_request(client):
    await client.ask("new portal 2")
    assert len(client.requests) == 1


async def test_first_versions_leave_out_new_versions(client):
    dois = [
        "10.1/a.1.v1",
        "10.1/a.2.v2",
        "10.1/a.3.v12",
        "2134/4.v1",
        "10.1371/journal.pone.1.s001",
        "10.1/a.6.v3",
    ]
    records = "".join(
        f"<record><header><identifier>oai:figshare.com:article/{number}</identifier>"
        f"<datestamp>2026-11-20T01:00:00Z</datestamp></header><metadata><dc><title>Frogs</title>"
        f"<identifier>{doi}</identifier></dc></metadata></record>"
        for number, doi in enumerate(dois, start=1)
    )
    body = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{records}</ListRecords></OAI-PMH>'
    client.goes_wrong("/v2/oai", times=None, body=body.encode(), headers={"content-type": "text/xml"})
    everything = await client.ask("new")
    assert "\n1–5\n" in everything and "By OAI-PMH: new versions count as new." in everything
    for words in ("new first versions", "new first versions since 2026", "new since 2026 first versions"):
        text = await client.ask(words)
        assert "1–3 of 3" in text and "By OAI-PMH: first versions only." in text
        assert [line.split(" · ")[-1] for line in text.splitlines() if line.startswith("   ")] == [
            "1",
            "4",
            "5",
        ]


async def test_group_lists_its_newest_items(client):
    text = await client.ask("new group 20442 since 2010")
    assert text.startswith("Newest records of group 20442 since 1 Jan 2010\n1–")
    assert "New versions count as new." in text and "OAI" not in text
    (method, address), *_ = [request for request in client.requests if "group=20442" in request[1]]
    assert method == "GET" and "order=published_date" in address and "published_since=2009-12-31" in address
    assert "None." in await client.ask("new group 999999")
    reply = await client.reply("new portal 2 group 20442")
    assert reply.outcome == "wrong" and reply.buttons[0].words == "new group 20442"


async def test_group_and_first_versions_narrow_together(client):
    rows = [
        {
            "id": 1,
            "title": "Old frogs",
            "published_date": "2026-11-20T00:00:00Z",
            "timeline": {"firstOnline": "2019-01-01"},
        },
        {
            "id": 2,
            "title": "New frogs",
            "published_date": "2026-11-19T00:00:00Z",
            "timeline": {"firstOnline": "2026-11-19"},
        },
    ]
    client.goes_wrong(
        "/v2/articles",
        times=None,
        body=json.dumps(rows).encode(),
        headers={"content-type": "application/json"},
    )
    assert "1–2 of 2" in await client.ask("new group 17")
    text = await client.ask("new group 17 first versions")
    assert "1–1 of 1" in text and "New frogs" in text and "Old frogs" not in text
    assert "First versions only." in text
    assert "None." in await client.ask("new group 17 2026-11-01..2026-11-10")


def answer_with_rows(client, rows):
    client.goes_wrong(
        "/v2/articles",
        times=None,
        body=json.dumps(rows).encode(),
        headers={"content-type": "application/json"},
    )


async def test_group_with_too_many_newer_items_does_not_say_none(client):
    rows = [{"id": id, "title": "Frogs", "published_date": "2026-11-20T00:00:00Z"} for id in range(1, 101)]
    answer_with_rows(client, rows)
    for page in (1, 2):
        text = await client.ask("new group 17 2015-01-01..2015-12-31", page)
        assert "None." not in text and "No more results." not in text
        assert "too many records to check them all. Try a different date." in text


async def test_group_lists_items_of_a_day_begun_at_figshare_only(client):
    answer_with_rows(
        client, [{"id": 1, "title": "Frogs of tomorrow", "published_date": f"{TODAY}T01:00:00Z"}]
    )
    yesterday = TODAY - timedelta(days=1)
    text = terminal_text(await client.reply("new group 17", today=yesterday))
    assert "1–1 of 1" in text and "Frogs of tomorrow" in text
    assert "None." in terminal_text(await client.reply("new group 17 21 Nov 2026", today=yesterday))
