"""What a person sees who asks whether all is well."""

from bot import version
from bot.reply import Table
from tests.support.bot_client import open_bot_client


def states(reply):
    return {row[0]: row[2] for row in next(part for part in reply.parts if isinstance(part, Table)).rows}


async def test_status_lists_every_reachable_api(client):
    reply = await client.reply("status")
    assert reply.title == ("Everything can be reached",)
    assert set(states(reply)) == {"REST v2", "Statistics", "OAI-PMH", "ResourceSync"}
    assert f"figshare-bot {version}." in await client.ask("status")


async def test_status_shows_the_age_of_cached_answers(client):
    await client.ask("5616445")
    client.clock.now += 7200
    assert "the oldest is 2 hours old" in await client.ask("status")


async def test_unreachable_service_is_named_with_the_cause(client):
    client.goes_wrong("/stats", status=503, times=None)
    client.goes_wrong("/v2/oai", kind="blocked", times=None)
    reply = await client.reply("status")
    assert reply.title == ("Not everything can be reached",)
    state_of = states(reply)
    assert state_of["Statistics"].startswith("no: ") and "firewall" in state_of["OAI-PMH"]
    assert state_of["REST v2"].startswith("yes")


async def test_repeated_status_takes_no_request(client):
    for _ in range(5):
        await client.ask("status")
    assert len(client.requests) == 4


async def test_status_probe_is_never_served_to_others(client):
    await client.ask("status")
    assert (await client.ask("oai identify")).startswith("OAI-PMH: figshare")
    assert "5,908 views" in await client.ask("views 5616445")
    assert "Resource list" in await client.ask("resourcesync")
    assert (await client.reply("status")).title == ("Everything can be reached",)


async def test_unknown_figshare_has_no_statistics():
    async with open_bot_client(figshare_stats_url="", figshare_resourcesync_url=()) as client:
        answer = states(await client.reply("status"))
        assert answer["REST v2"].startswith("yes")
        assert not answer["Statistics"].startswith("yes") and not answer["ResourceSync"].startswith("yes")
