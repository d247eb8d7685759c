"""What a person sees who asks for the history of something."""

import json

import pytest

from bot.reply import Link, Rows
from tests.support.message_checks import assert_is_good


async def test_versions_are_listed_newest_first_with_their_dates(client):
    text = (await client.ask("versions 11820345")).splitlines()
    url = "https://figshare.com/articles/dataset/Frog_counts_along_the_Thames_2012_to_2018/11820345"
    assert text[1:5] == [
        f"• Version 3 <{url}/3> · 15 Mar 2021",
        f"• Version 2 <{url}/2> · 2 Jun 2020",
        f"• Version 1 <{url}/1> · 10 Feb 2020",
        "3 of 3 versions, newest first.",
    ]


async def test_versions_beyond_ten_are_links(client):
    reply = await client.reply("versions 22334120")
    assert len(reply.parts[0].rows) == 10
    assert [span.text for span in reply.parts[1].line if isinstance(span, Link)] == ["v2", "v1"]
    assert len(client.requests) == 2 + 10


async def test_many_versions_are_counted_as_they_are_shown(client):
    versions = [{"version": number, "url": ""} for number in range(1, 151)]
    client.goes_wrong(
        "/v2/articles/11820345/versions",
        exact=True,
        times=None,
        body=json.dumps(versions).encode(),
        headers={"content-type": "application/json"},
    )
    seen = []
    for page, count, has_next_page in ((1, "1–110 of 150", True), (2, "111–150 of 150", False)):
        reply = await client.reply("versions 11820345", page)
        assert reply.has_next_page is has_next_page
        assert f"{count} versions, newest first." in await client.ask("versions 11820345", page)
        assert_is_good(await client.message("versions 11820345", page))
        for part in reply.parts:
            lines = [row[0] for row in part.rows] if isinstance(part, Rows) else [part.line]
            seen += [span.url for line in lines for span in line if isinstance(span, Link)]
    assert [url.rpartition("/")[2] for url in seen] == [str(number) for number in range(150, 0, -1)]
    assert "No more versions." in await client.ask("versions 11820345", 3)


async def test_only_version_says_so(client):
    assert "The only version." in await client.ask("versions 9784012")


@pytest.mark.parametrize("words", ["collection 4000001", "10.6084/m9.figshare.c.4000001.v1"])
async def test_collection_versions_are_listed(client, words):
    text = await client.ask(f"versions {words}")
    assert "Version 2 <" in text and "1 Jul 2024" in text and "2 Feb 2022" in text


@pytest.mark.parametrize("words", ["project 113166", "author 2041117", "group 20442"])
async def test_versions_of_other_kinds_are_refused(client, words):
    reply = await client.reply(f"versions {words}")
    assert reply.outcome == "wrong" and "have no versions" in await client.ask(f"versions {words}")


async def test_unavailable_date_is_unknown(client):
    client.goes_wrong("/v2/articles/11820345/versions/2", status=500, times=None)
    text = await client.ask("versions 11820345")
    assert "/2> · date unknown" in text and "15 Mar 2021" in text
