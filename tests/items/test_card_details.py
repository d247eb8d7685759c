"""*More* on a card adds what a curator looks for first: group, keywords, funders, ORCIDs, related works."""

import json

import pytest

from bot.render import blocks
from bot.reply import Link, Text
from tests.support.message_checks import assert_is_good
from tests.support.slack_client import buttons

ITEM = {
    "id": 7,
    "title": "Frogs of the pond",
    "files": [],
    "group_id": 17,
    "tags": ["frog", "H<sub>2</sub>O", "frog", None],
    "categories": [{"id": 1, "title": "Ecology"}, None, {"id": 2, "title": "Zoology &amp; botany"}],
    "funding_list": [
        {"funder_name": "Pond Trust", "grant_code": "PT-1", "title": "Frogs"},
        {"funder_name": "", "grant_code": "", "title": "Given by a friend"},
    ],
    "authors": [
        {"full_name": "Jo Frog", "orcid_id": "0000-0002-1825-0097"},
        {"full_name": "Bo Toad", "orcid_id": ""},
        {"full_name": "Ann Lee", "orcid_id": "https://orcid.org/0000-0001-5109-3700"},
    ],
    "related_materials": [
        {
            "identifier": "10.1234/frogs",
            "identifier_type": "DOI",
            "title": "The paper",
            "relation": "IsSupplementTo",
        },
        {"identifier": "https://example.org/pond", "identifier_type": "URL", "title": ""},
        {"identifier": "javascript:alert(1)", "identifier_type": "URL", "title": "A trap"},
        {"identifier": "978-3-16-148410-0", "identifier_type": "ISBN"},
    ],
    "resource_doi": "10.1234/FROGS",
}
LINES = [
    "Group: group 17",
    "Categories: Ecology · Zoology & botany",
    "Keywords: frog · H₂O",
    "Funding: Pond Trust (PT-1) · Given by a friend",
    "ORCID: 2 of 3 authors: Jo Frog <https://orcid.org/0000-0002-1825-0097> · "
    "Ann Lee <https://orcid.org/0000-0001-5109-3700>",
    "Related works: The paper <https://doi.org/10.1234/frogs> · https://example.org/pond · A trap · "
    "978-3-16-148410-0",
]


def answers(client, item):
    client.goes_wrong(
        "/v2/articles/7",
        times=None,
        body=json.dumps(item).encode(),
        headers={"content-type": "application/json"},
    )


async def test_more_adds_what_a_curator_looks_for(client):
    answers(client, ITEM)
    first, second = (await client.ask("item 7")).splitlines(), (await client.ask("item 7", 2)).splitlines()
    assert [line for line in second if line not in first] == LINES
    assert (await client.reply("item 7")).has_next_page and not (
        await client.reply("item 7", 2)
    ).has_next_page
    for page in (1, 2):
        assert_is_good(await client.message("item 7", page))


@pytest.mark.parametrize("nothing", [None, [], ""])
async def test_item_without_more_has_no_such_button(client, nothing):
    fields = (
        "group_id",
        "tags",
        "categories",
        "funding_list",
        "authors",
        "related_materials",
        "resource_doi",
    )
    answers(client, ITEM | dict.fromkeys(fields, nothing))
    assert not (await client.reply("item 7")).has_next_page


async def test_older_item_shows_its_references_and_funding(client):
    old = ITEM | {
        "related_materials": None,
        "resource_doi": "",
        "funding_list": [],
        "funding": "Pond <b>Trust</b>",
    }
    answers(client, old | {"references": ["https://example.org/a", None, "javascript:alert(1)"]})
    text = await client.ask("item 7", 2)
    assert "Funding: Pond Trust" in text
    assert "Related works: https://example.org/a · javascript:alert(1)" in text
    spans = [
        span
        for part in (await client.reply("item 7", 2)).parts
        if isinstance(part, Text)
        for span in part.line
    ]
    assert "javascript:alert(1)" not in [span.url for span in spans if isinstance(span, Link)]


async def test_long_lists_are_cut_and_counted(client):
    many = {
        "tags": [f"word {number}" for number in range(300)],
        "authors": [
            {"full_name": f"Jo Frog {n}", "orcid_id": f"0000-0002-1825-{n:04}"} for n in range(1_000)
        ],
    }
    answers(client, ITEM | many)
    text = await client.ask("item 7", 2)
    assert "word 9 and 290 more" in text
    assert "ORCID: 1,000 of 1,000 authors: Jo Frog 0" in text and "and 990 more" in text
    assert_is_good(blocks.message_payload(await client.reply("item 7", 2), "item 7"))


async def test_more_and_less_change_the_card_in_place(slack_client):
    seen = await slack_client.slack.command("/figshare", "11820345")
    assert "Keywords" not in seen.text
    more = await slack_client.slack.press(seen.message.ts, buttons(seen.message)["More"])
    assert more.message.ts == seen.message.ts
    assert "Keywords: frog" in more.text and "Funding: Sample Wetland Trust (PFT-2011-07)" in more.text
    less = await slack_client.slack.press(more.message.ts, buttons(more.message)["Less"])
    assert less.message.ts == seen.message.ts and "Keywords" not in less.text
    assert len(slack_client.answers) == 1
