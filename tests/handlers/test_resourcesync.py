"""What a person sees who asks what a portal offers by ResourceSync."""

from tests.conftest import world_of


async def test_what_is_offered_and_the_latest_changes(world):
    said = await world.ask("resourcesync")
    assert said.startswith("ResourceSync\nSource: http://127.0.0.1")
    assert "Resource list <" in said and "6 resources · at 23 Nov 2026" in said
    assert "Latest changes: newest first" in said
    assert "deleted · 21 Nov 2026" in said


async def test_a_host_that_is_not_configured_is_never_asked(world):
    for words in ("evil.example.com", "https://evil.example.com/.well-known/resourcesync", "127.0.0.1:1"):
        reply = await world.reply(f"resourcesync {words}")
        assert reply.outcome == "wrong" and "is not configured" in await world.ask(f"resourcesync {words}")
    assert world.requests == []
    assert (await world.reply(reply.buttons[0].words)).outcome == "ok"


async def test_without_an_address_it_says_what_to_set():
    async with world_of(figshare_resourcesync_url=()) as world:
        assert "FIGSHARE_RESOURCESYNC_URL" in await world.ask("resourcesync")


async def test_a_firewall_is_not_an_empty_list(world):
    world.goes_wrong("/.well-known/resourcesync", kind="challenge", times=None)
    reply = await world.reply("resourcesync")
    assert reply.outcome == "trouble"
    assert "A firewall in front of the portal's ResourceSync address turned me away." in await world.ask(
        "resourcesync"
    )
