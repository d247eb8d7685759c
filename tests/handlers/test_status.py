"""What a person sees who asks whether all is well."""

from bot import version
from bot.reply import Table
from tests.conftest import world_of


def states(reply):
    return {row[0]: row[2] for row in next(part for part in reply.parts if isinstance(part, Table)).rows}


async def test_everything_can_be_reached(world):
    reply = await world.reply("status")
    assert reply.title == ("Everything can be reached",)
    assert set(states(reply)) == {"REST v2", "Statistics", "OAI-PMH", "ResourceSync"}
    assert f"figshare-bot {version}." in await world.ask("status")


async def test_it_tells_how_old_is_what_it_holds(world):
    await world.ask("5616445")
    world.clock.now += 7200
    assert "the oldest from 2 hours ago" in await world.ask("status")


async def test_what_cannot_be_reached_is_named_with_its_cause(world):
    world.goes_wrong("/stats", status=503, times=None)
    world.goes_wrong("/v2/oai", kind="blocked", times=None)
    reply = await world.reply("status")
    assert reply.title == ("Not everything can be reached",)
    found = states(reply)
    assert found["Statistics"].startswith("no: ") and "firewall" in found["OAI-PMH"]
    assert found["REST v2"].startswith("yes")


async def test_pressing_it_again_and_again_asks_once(world):
    for _ in range(5):
        await world.ask("status")
    assert len(world.requests) == 4


async def test_what_it_asks_is_no_answer_to_anybody_else(world):
    await world.ask("status")
    assert (await world.ask("oai identify")).startswith("OAI-PMH: figshare")
    assert "5,908 views" in await world.ask("views 5616445")
    assert "Resource list" in await world.ask("resourcesync")
    assert (await world.reply("status")).title == ("Everything can be reached",)


async def test_an_unknown_figshare_has_no_statistics():
    async with world_of(figshare_stats_url="", figshare_resourcesync_url=()) as world:
        found = states(await world.reply("status"))
        assert found["REST v2"].startswith("yes")
        assert not found["Statistics"].startswith("yes") and not found["ResourceSync"].startswith("yes")
