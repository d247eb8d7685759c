"""What a person gets who wants to cite an item."""

import json
import re

import pytest
from lxml import etree

from bot.render.plain_text import terminal_text
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


@pytest.mark.parametrize(
    ("words", "style"),
    [
        ("cite 5616445 mla", "MLA"),
        ("cite mla 5616445", "MLA"),
        ("cite 5616445 11820345 chicago", "Chicago"),
        ("cite 5616445 ieee", "IEEE"),
        ("cite 10.6084/m9.figshare.5616445 vancouver", "Vancouver"),
    ],
)
async def test_unknown_style_names_the_styles_there_are(client, words, style):
    reply = await client.reply(words)
    assert reply.outcome == "wrong"
    assert reply.title == (f"I can't cite in {style}. I have APA, BibTeX, RIS, CSL-JSON and DataCite.",)
    for button, name in zip(reply.buttons, ("apa", "bibtex", "ris", "csl", "datacite"), strict=True):
        assert button.words == words.replace(style.lower(), name)
        assert (await client.reply(button.words)).outcome == "ok"


async def test_newer_version_of_a_collection_is_not_that_of_an_item(client):
    client.goes_wrong(
        "/v2/articles/4000001",
        times=None,
        body=json.dumps({"id": 4000001, "title": "An item", "version": 9}).encode(),
        headers={"content-type": "application/json"},
    )
    assert "Newer: v2." in await client.ask("cite 10.6084/m9.figshare.c.4000001.v1")
    assert "Newer" not in await client.ask("cite 10.6084/m9.figshare.c.4000001.v2")


async def test_several_citations_say_which_have_newer_versions(client):
    text = await client.ask("cite 11820345.v1 5616445 11820345.v2 5616445.v2 bibtex")
    assert "\nNewer than 11820345.v1: v3.\nNewer than 11820345.v2: v3." in text
    assert text.count("Newer") == 2


SEVERAL = "5616445 11820345, 10.6084/m9.figshare.5616445"


async def test_several_citations_are_one_list(client):
    reply = await client.reply(f"cite {SEVERAL}")
    assert reply.title == ("2 citations",) and reply.outcome == "ok"
    first, second = citation(reply).split("\n\n")
    assert first.startswith("Thornbury, Ada; Ossler, Benedikt (2017).") and "Frog counts" in second
    assert reply.buttons[0].words == "cite 5616445 11820345 apa"


@pytest.mark.parametrize(("style", "start"), [("bibtex", "@"), ("ris", "TY  - ")])
async def test_several_citations_are_one_file(client, style, start):
    lines = citation(await client.reply(f"cite {SEVERAL} {style}")).splitlines()
    assert len([line for line in lines if line.startswith(start)]) == 2


async def test_several_citations_are_one_json_list(client):
    items = json.loads(citation(await client.reply(f"cite {SEVERAL} csl")))
    assert [item["DOI"] for item in items] == [
        "10.6084/m9.figshare.5616445.v2",
        "10.6084/m9.figshare.11820345.v3",
    ]


KEYS = {"bibtex": r"^@misc\{(.+),$", "ris": r"^ID  - (.+)$", "csl": r'^ +"id": "(.+)",$'}


@pytest.mark.parametrize("style", KEYS)
async def test_several_citations_have_keys_of_their_own(client, style):
    client.goes_wrong(
        "/v2/articles/4000001",
        times=None,
        body=json.dumps({"id": 4000001, "title": "An item", "version": 1}).encode(),
        headers={"content-type": "application/json"},
    )
    words = "11820345 11820345.v1 11820345.v2 4000001 collection 4000001 collection 4000001.v1"
    keys = re.findall(KEYS[style], citation(await client.reply(f"cite {words} {style}")), re.MULTILINE)
    assert keys == [
        "figshare11820345",
        "figshare11820345.v1",
        "figshare11820345.v2",
        "figshare4000001",
        "figshare.c.4000001",
        "figshare.c.4000001.v1",
    ]


@pytest.mark.parametrize("style", KEYS)
async def test_key_of_one_citation_names_a_version_that_was_asked_for(client, style):
    for words, key in (
        ("11820345", "figshare11820345"),
        ("11820345.v2", "figshare11820345.v2"),
        ("collection 4000001", "figshare4000001"),
    ):
        keys = re.findall(KEYS[style], citation(await client.reply(f"cite {words} {style}")), re.MULTILINE)
        assert keys == [key]


@pytest.mark.parametrize("style", ["", " bibtex", " datacite"])
async def test_latest_version_is_cited_once_with_and_without_its_number(client, style):
    reply = await client.reply(f"cite 11820345 11820345.v3 5616445{style}")
    assert reply.title[0].startswith("2 citations")


async def test_several_citations_say_what_has_none(client):
    reply = await client.reply("cite 5616445 99999999 author 2041117")
    text = await client.ask("cite 5616445 99999999 author 2041117")
    assert reply.title == ("1 citation",) and reply.outcome == "ok"
    assert "item 99999999: There is no public item 99999999 on Figshare." in text
    assert "author 2041117: Authors have no citation." in text
    client.goes_wrong("/v2/articles/11820345", status=500, times=9)
    assert "item 11820345: unknown" in await client.ask("cite 5616445 11820345")


async def test_several_long_citations_are_never_cut(client):
    ids = "5616445 11820345 9784012 12930417 14410233 16651209 18112046 21004518"
    reply = await client.reply(f"cite {ids} datacite")
    cited, words = citation(reply).count("<resource "), reply.buttons[0].words
    assert 0 < cited < 8 and "don't fit into this message." in terminal_text(reply)
    while words.startswith("cite") and words.endswith("datacite"):
        following = await client.reply(words)
        assert len(citation(following)) <= 9_000
        cited += citation(following).count("<resource ")
        words = following.buttons[0].words
    assert cited == 8


async def test_of_more_than_ten_citations_a_button_asks_the_rest(client):
    ten = "9784012 11820345 12930417 14410233 16651209 18112046 21004518 24335170 26102288 5616445"
    reply = await client.reply(f"cite {ten} 12345678 bibtex")
    assert reply.buttons[0].words == "cite 12345678 bibtex" and citation(reply).count("@") >= 10


@pytest.mark.parametrize("style", ["", " apa", " bibtex", " ris", " csl"])
async def test_citation_of_an_item_with_a_handle_links_it(client, style):
    cited = citation(await client.reply(f"cite 2134/12674225.v1{style}"))
    assert "https://hdl.handle.net/2134/12674225.v1" in cited
    assert "Loughborough University. Thesis." not in cited or not style


@pytest.mark.parametrize("words", ["MLA", "in MLA", "as mla", "in  MLA"])
async def test_missing_style_names_the_ones_there_are(client, words):
    reply = await client.reply(f"cite 5616445 {words}")
    assert reply.outcome == "wrong" and reply.buttons[0].words == "cite 5616445 apa"
    assert "I can't cite in MLA. I have APA, " in await client.ask(f"cite 5616445 {words}")


@pytest.mark.parametrize("words", ["mendeley", "in Mendeley", "endnote", "zotero"])
async def test_reference_manager_is_offered_ris(client, words):
    reply = await client.reply(f"cite 5616445 {words}")
    assert "cite 5616445 ris" in [button.words for button in reply.buttons]
