"""What a person sees who asks for the repository as OAI-PMH describes it."""

import pytest


async def test_identify_shows_the_repository(client):
    text = await client.ask("oai identify")
    assert text.startswith("OAI-PMH: figshare")
    assert "Protocol: 2.0" in text and "Deleted records: transient" in text
    assert len(client.requests) == 1


async def test_sets_are_paged(client):
    first = await client.reply("oai sets")
    assert first.has_next_page
    assert "portal_2 Loughborough University" in await client.ask("oai sets", 2)
    assert "16–30" in await client.ask("oai sets", 2)
    page, seen = 1, 0
    while True:
        reply = await client.reply("oai sets", page)
        seen += len(reply.parts[1].rows)
        if not reply.has_next_page:
            break
        page += 1
    assert f" of {seen}" in await client.ask("oai sets", page)


async def test_formats_are_listed(client):
    text = await client.ask("oai formats")
    assert "oai_dc" in text and "oai_datacite" in text and "7 formats." in text


async def test_record_is_shown_as_dublin_core(client):
    text = await client.ask("oai record 5616445")
    assert "Identifier: oai:figshare.com:article/5616445" in text
    assert "Datestamp: 29 Nov 2017, 16:03 UTC" in text
    assert "dc:title: Using APIs to customise repositories and engage audiences" in text
    assert "dc:creators: Ada Thornbury, Benedikt Ossler" in text
    assert len(client.requests) == 1


@pytest.mark.parametrize("prefix", ["oai_datacite", "rdf", "cerif", "qdc", "mets", "uketd_dc"])
async def test_record_in_another_format_is_xml(client, prefix):
    reply = await client.reply(f"oai record 5616445 {prefix}")
    assert reply.outcome == "ok" and "<" in await client.ask(f"oai record 5616445 {prefix}")


@pytest.mark.parametrize(
    "words", ["10.6084/m9.figshare.5616445", "oai:figshare.com:article/5616445", "article 5616445"]
)
async def test_record_takes_any_reference_form(client, words):
    assert "oai:figshare.com:article/5616445" in await client.ask(f"oai record {words}")


async def test_withdrawn_item_still_has_a_record(client):
    assert "Status: withdrawn" in await client.ask("oai record 9900123")


async def test_unknown_item_has_no_record(client):
    assert "There is no OAI-PMH record oai:figshare.com:article/424242." in await client.ask(
        "oai record 424242"
    )


async def test_unknown_format_lists_the_known_ones(client):
    reply = await client.reply("oai record 5616445 frog")
    assert "no such format; there are oai_dc, oai_datacite" in await client.ask("oai record 5616445 frog")
    assert (await client.reply(reply.buttons[0].words)).outcome == "ok"


async def test_collection_has_no_record(client):
    assert "no records of collections" in await client.ask("oai record collection 4000001")


@pytest.mark.parametrize("words", ["oai", "oai frog"])
async def test_half_a_command_offers_whole_ones(client, words):
    reply = await client.reply(words)
    assert reply.outcome == "wrong"
    assert (await client.reply(reply.buttons[0].words)).outcome == "ok"
