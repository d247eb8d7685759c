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
    said = citation(reply)
    assert (
        said.startswith(start.strip()[:1]) and "Using APIs" in said and "10.6084/m9.figshare.5616445" in said
    )
    if style != "csl":
        assert said.startswith(start)
    else:
        assert "Thornbury" in json.dumps(json.loads(said))
    assert style not in [button.words.split()[-1] for button in reply.buttons]


async def test_datacite_is_what_the_repository_gives(client):
    reply = await client.reply("cite 5616445 datacite")
    root = etree.fromstring(citation(reply).encode())
    assert root.tag.endswith("oai_datacite")
    assert client.requests[-1][1].startswith("/v2/oai?verb=GetRecord&")


async def test_a_version_is_cited_as_that_version(client):
    reply = await client.reply("cite 11820345.v2 bibtex")
    assert "10.6084/m9.figshare.11820345.v2" in citation(reply)
    assert "Newer: v3." in await client.ask("cite 11820345.v2 bibtex")
    assert reply.buttons[0].words == "cite 11820345.v2 apa"


@pytest.mark.parametrize("style", ["", "apa", "bibtex", "ris", "csl", "datacite"])
async def test_four_hundred_authors_are_never_cut_in_the_middle(client, style):
    reply = await client.reply(f"cite 20291007 {style}".strip())
    said = citation(reply)
    message = await client.message(f"cite 20291007 {style}".strip())
    shown = "".join(
        element["text"]
        for block in message["blocks"]
        if block["type"] == "rich_text"
        for section in block["elements"]
        if section["type"] == "rich_text_preformatted"
        for element in section["elements"]
    )
    # pieces end at a line, whose break is not copied twice
    assert shown.replace("\n", "") == said.replace("\n", "")
    text = await client.ask(f"cite 20291007 {style}".strip())
    if "Halmstad 399" not in said and "Lindqvist 399" not in said and " 399" not in said:
        assert "Only the first 20 authors" in text
        assert " 19" in said and "Demirhan 20" not in said
        if style in ("apa", "bibtex"):
            assert "others" in said or "…" in said or "et al" in said


async def test_a_collection_can_be_cited(client):
    assert "Everything about frogs" in citation(await client.reply("cite collection 4000001 ris"))
    text = await client.ask("cite collection 4000001 datacite")
    assert "OAI-PMH knows items only." in text


@pytest.mark.parametrize("words", ["project 113166", "author 2041117"])
async def test_what_has_no_citation_says_so(client, words):
    assert "has no citation" in await client.ask(f"cite {words}")


async def test_an_unknown_style_is_named(client):
    reply = await client.reply("cite 5616445 mla")
    assert reply.outcome == "wrong" and "mla" in await client.ask("cite 5616445 mla")
