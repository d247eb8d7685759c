"""What a person sees who asks for the history of something."""

import pytest

from bot.reply import Link


async def test_versions_are_listed_newest_first_with_their_dates(world):
    said = (await world.ask("versions 11820345")).splitlines()
    at = "https://figshare.com/articles/dataset/Frog_counts_along_the_Thames_2012_to_2018/11820345"
    assert said[1:5] == [
        f"• Version 3 <{at}/3> · 15 Mar 2021",
        f"• Version 2 <{at}/2> · 2 Jun 2020",
        f"• Version 1 <{at}/1> · 10 Feb 2020",
        "3 of 3 versions, newest first.",
    ]


async def test_beyond_ten_the_rest_are_links(world):
    reply = await world.reply("versions 22334120")
    assert len(reply.parts[0].rows) == 10
    assert [span.text for span in reply.parts[1].line if isinstance(span, Link)] == ["v2", "v1"]
    assert len(world.requests) == 2 + 10


async def test_the_only_version_says_so(world):
    assert "The only version." in await world.ask("versions 9784012")


@pytest.mark.parametrize("words", ["collection 4000001", "10.6084/m9.figshare.c.4000001.v1"])
async def test_collections_have_versions_too(world, words):
    said = await world.ask(f"versions {words}")
    assert "Version 2 <" in said and "1 Jul 2024" in said and "2 Feb 2022" in said


@pytest.mark.parametrize("words", ["project 113166", "author 2041117", "group 20442"])
async def test_what_has_no_versions_says_so(world, words):
    reply = await world.reply(f"versions {words}")
    assert reply.outcome == "wrong" and "has no versions" in await world.ask(f"versions {words}")


async def test_a_date_that_could_not_be_had_is_unknown(world):
    world.goes_wrong("/v2/articles/11820345/versions/2", status=500, times=None)
    said = await world.ask("versions 11820345")
    assert "/2> · date unknown" in said and "15 Mar 2021" in said
