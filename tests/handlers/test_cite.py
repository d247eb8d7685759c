"""What a person gets who wants to cite an item."""

import json

import pytest
from lxml import etree

from bot.reply import Copy


def citation(reply):
    return next(part for part in reply.parts if isinstance(part, Copy)).text


async def test_citation_without_a_style_is_of_figshare(client):
    reply = await client.reply("cite 5616445")
    assert citation(reply) == (
        "Thornbury, Ada; Ossler, Benedikt (2017). Using APIs to customise repositories and engage audiences. "
        "figshare. Presentation. https://doi.org/10.6084/m9.figshare.5616445.v2"
    )
    assert "Figshare's own citation." in await client.ask("cite 5616445")
    assert [button.words for button in reply.buttons] == [
        f"cite 5616445 {style}" for style in ("apa", "bibtex", "ris", "csl", "datacite")
    ]


@pytest.mark.parametrize(
    ("style", "start"),
    [
        ("apa", "Thornbury, A., & Ossler, B. (2017"),
        ("bibtex", "@misc{"),
        ("ris", "TY  - "),
        ("csl", "[\n  {"),
    ],
)
async def test_each_style_is_ready_to_copy(client, style, start):
    reply = await client.reply(f"cite 5616445 {style}")
    cited = citation(reply)
    assert (
        cited.startswith(start.strip()[:1])
        and "Using APIs" in cited
        and "10.6084/m9.figshare.5616445" in cited
    )
    if style != "csl":
        assert cited.startswith(start)
    else:
        assert "Thornbury" in json.dumps(json.loads(cited))
    assert style not in [button.words.split()[-1] for button in reply.buttons]


async def test_datacite_is_the_record_of_the_repository(client):
    reply = await client.reply("cite 5616445 datacite")
    root = etree.fromstring(citation(reply).encode())
    assert root.tag.endswith("oai_datacite")
    assert client.requests[-1][1].startswith("/v2/oai?verb=GetRecord&")


async def test_version_is_cited_as_that_version(client):
    reply = await client.reply("cite 11820345.v2 bibtex")
    assert "10.6084/m9.figshare.11820345.v2" in citation(reply)
    assert "Newer: v3." in await client.ask("cite 11820345.v2 bibtex")
    assert reply.buttons[0].words == "cite 11820345.v2 apa"


@pytest.mark.parametrize("style", ["", "apa", "bibtex", "ris", "csl", "datacite"])
async def test_many_authors_are_shortened_between_names(client, style):
    reply = await client.reply(f"cite 20291007 {style}".strip())
    cited = citation(reply)
    message = await client.message(f"cite 20291007 {style}".strip())
    sent = "".join(
        element["text"]
        for block in message["blocks"]
        if block["type"] == "rich_text"
        for section in block["elements"]
        if section["type"] == "rich_text_preformatted"
        for element in section["elements"]
    )
    # pieces end at a line, whose break is not copied twice
    assert sent.replace("\n", "") == cited.replace("\n", "")
    text = await client.ask(f"cite 20291007 {style}".strip())
    if "Halmstad 399" not in cited and "Lindqvist 399" not in cited and " 399" not in cited:
        assert "Only the first 20 authors" in text
        assert " 19" in cited and "Demirhan 20" not in cited
        if style in ("apa", "bibtex"):
            assert "others" in cited or "…" in cited or "et al" in cited


async def test_collection_can_be_cited(client):
    assert "Everything about frogs" in citation(await client.reply("cite collection 4000001 ris"))
    text = await client.ask("cite collection 4000001 datacite")
    assert "OAI-PMH has only items." in text


@pytest.mark.parametrize("words", ["project 113166", "author 2041117"])
async def test_citation_of_other_kinds_is_refused(client, words):
    assert "have no citation" in await client.ask(f"cite {words}")


async def test_unknown_style_is_named(client):
    reply = await client.reply("cite 5616445 mla")
    assert reply.outcome == "wrong" and "mla" in await client.ask("cite 5616445 mla")
