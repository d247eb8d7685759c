"""What a person gets who wants to cite an item."""

import json

import pytest
from lxml import etree

from bot.reply import Copy


def citation(reply):
    return next(part for part in reply.parts if isinstance(part, Copy)).text


async def test_without_a_style_it_is_figshares_own(world):
    reply = await world.reply("cite 5616445")
    assert citation(reply) == (
        "Thornbury, Ada; Ossler, Benedikt (2017). Using APIs to customise repositories and engage audiences. "
        "figshare. Presentation. https://doi.org/10.6084/m9.figshare.5616445.v2"
    )
    assert "Figshare's own citation." in await world.ask("cite 5616445")
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
async def test_each_style_is_ready_to_copy(world, style, start):
    reply = await world.reply(f"cite 5616445 {style}")
    said = citation(reply)
    assert (
        said.startswith(start.strip()[:1]) and "Using APIs" in said and "10.6084/m9.figshare.5616445" in said
    )
    if style != "csl":
        assert said.startswith(start)
    else:
        assert "Thornbury" in json.dumps(json.loads(said))
    assert style not in [button.words.split()[-1] for button in reply.buttons]


async def test_datacite_is_what_the_repository_gives(world):
    reply = await world.reply("cite 5616445 datacite")
    root = etree.fromstring(citation(reply).encode())
    assert root.tag.endswith("oai_datacite")
    assert world.requests[-1][1].startswith("/v2/oai?verb=GetRecord&")


async def test_a_version_is_cited_as_that_version(world):
    reply = await world.reply("cite 11820345.v2 bibtex")
    assert "10.6084/m9.figshare.11820345.v2" in citation(reply)
    assert "Newer: v3." in await world.ask("cite 11820345.v2 bibtex")
    assert reply.buttons[0].words == "cite 11820345.v2 apa"


@pytest.mark.parametrize("style", ["", "apa", "bibtex", "ris", "csl", "datacite"])
async def test_four_hundred_authors_are_never_cut_in_the_middle(world, style):
    reply = await world.reply(f"cite 20291007 {style}".strip())
    said = citation(reply)
    message = await world.message(f"cite 20291007 {style}".strip())
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
    text = await world.ask(f"cite 20291007 {style}".strip())
    if "Halmstad 399" not in said and "Lindqvist 399" not in said and " 399" not in said:
        assert "Only the first 20 authors" in text
        assert " 19" in said and "Demirhan 20" not in said
        if style in ("apa", "bibtex"):
            assert "others" in said or "…" in said or "et al" in said


async def test_a_collection_can_be_cited(world):
    assert "Everything about frogs" in citation(await world.reply("cite collection 4000001 ris"))
    said = await world.ask("cite collection 4000001 datacite")
    assert "OAI-PMH knows items only." in said


@pytest.mark.parametrize("words", ["project 113166", "author 2041117"])
async def test_what_has_no_citation_says_so(world, words):
    assert "has no citation" in await world.ask(f"cite {words}")


async def test_an_unknown_style_is_named(world):
    reply = await world.reply("cite 5616445 mla")
    assert reply.outcome == "wrong" and "mla" in await world.ask("cite 5616445 mla")
