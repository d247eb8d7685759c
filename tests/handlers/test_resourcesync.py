"""What a person sees who asks what a portal offers by ResourceSync."""

from tests.support.bot_client import open_bot_client


async def test_source_shows_capabilities_and_changes(client):
    text = await client.ask("resourcesync")
    assert text.startswith("ResourceSync\nSource: http://127.0.0.1")
    assert "Resource list <" in text and "6 resources · at 23 Nov 2026" in text
    assert "Latest changes: newest first" in text
    assert "deleted · 21 Nov 2026" in text


async def test_unconfigured_host_is_never_asked(client):
    for words in ("evil.example.com", "https://evil.example.com/.well-known/resourcesync", "127.0.0.1:1"):
        reply = await client.reply(f"resourcesync {words}")
        assert reply.outcome == "wrong" and "isn't one of the portals set up here" in await client.ask(
            f"resourcesync {words}"
        )
    assert client.requests == []
    assert (await client.reply(reply.buttons[0].words)).outcome == "ok"


async def test_missing_address_is_answered_with_the_setting():
    async with open_bot_client(figshare_resourcesync_url=()) as client:
        assert "FIGSHARE_RESOURCESYNC_URL" in await client.ask("resourcesync")


async def test_firewall_is_not_an_empty_list(client):
    client.goes_wrong("/.well-known/resourcesync", kind="challenge", times=None)
    reply = await client.reply("resourcesync")
    assert reply.outcome == "trouble"
    assert "A firewall in front of the portal's ResourceSync address blocked me." in await client.ask(
        "resourcesync"
    )
