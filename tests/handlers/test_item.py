"""What a person reads who pastes an item, in every form it can be pasted in."""

import logging

import pytest

TITLE = "Using APIs to customise repositories and engage audiences"
FORMS = [
    ("5616445", TITLE),
    ("5616445.v2", TITLE),
    ("article 5616445", TITLE),
    ("item 5616445", TITLE),
    ("10.6084/m9.figshare.5616445", TITLE),
    ("10.6084/m9.figshare.5616445.v2", TITLE),
    ("doi:10.6084/m9.figshare.5616445", TITLE),
    ("DOI: 10.6084/M9.FIGSHARE.5616445", TITLE),
    ("https://doi.org/10.6084/m9.figshare.5616445.v2", TITLE),
    ("https://figshare.com/articles/presentation/Using_APIs/5616445", TITLE),
    ("https://figshare.com/articles/presentation/Using_APIs/5616445/2", TITLE),
    ("https://api.figshare.com/v2/articles/5616445", TITLE),
    ("oai:figshare.com:article/5616445", TITLE),
    ("<https://figshare.com/articles/presentation/Using_APIs/5616445|figshare.com/…>", TITLE),
    ("<https://doi.org/10.6084/m9.figshare.5616445.v2>", TITLE),
    ("10.17028/rd.lboro.12345678.v1", "Thermal imaging of battery cells under load"),
    (
        "https://repository.lboro.ac.uk/articles/dataset/Thermal/12345678/1",
        "Thermal imaging of battery cells",
    ),
    ("10.15786/13696192.v3", "Snow depth at nine mountain huts"),
    ("10.26181/60112d78eeffe", "Loneliness in later life: summary of a survey"),
    ("2134/12674225.v1", "Steel frames in fire: a numerical study"),
    ("10.6084/m9.figshare.c.4000001.v2", "Everything about frogs"),
    ("https://figshare.com/collections/Everything/4000001", "Everything about frogs"),
    ("https://figshare.com/projects/Listening_to_frogs/113166", "Listening to frogs"),
]


@pytest.mark.parametrize(("pasted", "title"), FORMS)
async def test_pasted_reference_finds_the_card(client, pasted, title):
    assert (await client.ask(pasted)).startswith(title)
    assert (await client.ask(f"item {pasted.removeprefix('item ')}")).startswith(title)


async def test_card_shows_type_authors_and_dates(client):
    text = await client.ask("11820345")
    assert "Dataset by Dilnoza Karimova, The Pond Survey Group" in text
    assert "version 3 · first published 10 Feb 2020 · this version 15 Mar 2021" in text
    assert "Licence: CC BY 4.0 <https://creativecommons.org/licenses/by/4.0/>" in text
    assert "DOI: 10.6084/m9.figshare.11820345.v3 <https://doi.org/10.6084/m9.figshare.11820345.v3>" in text
    assert "Files: 3 files, 1.3 MB" in text
    assert "views · " in text and "downloads · all time, all versions" in text
    assert "Raw Figshare counts." in text
    assert "As of 23 Nov 2026, 12:00 UTC." in text


async def test_card_takes_two_requests_and_none_when_repeated(client):
    await client.ask("5616445")
    assert sorted(path for _, path in client.requests) == [
        "/stats/total/article/5616445",
        "/v2/articles/5616445",
    ]
    await client.ask("10.6084/m9.figshare.5616445")
    assert len(client.requests) == 2


async def test_card_buttons_ask_the_next_questions(client):
    reply = await client.reply("5616445.v1")
    assert [button.words for button in reply.buttons] == [
        "files 5616445.v1",
        "versions 5616445",
        "cite 5616445.v1",
        "stats 5616445",
    ]


async def test_version_card_shows_its_date_and_the_newer_version(client):
    text = await client.ask("11820345.v2")
    assert "version 2 · first published 10 Feb 2020 · this version 2 Jun 2020" in text
    assert "Newer: v3." in text
    assert "Newer" not in await client.ask("11820345.v3")


async def test_unknown_version_offers_the_list_of_versions(client):
    reply = await client.reply("5616445.v9")
    assert reply.outcome == "wrong"
    assert "Item 5616445 has no public version 9." in await client.ask("5616445.v9")
    assert [button.words for button in reply.buttons] == ["versions 5616445"]


async def test_html_is_removed_from_titles_and_descriptions(client):
    text = await client.ask("21004518")
    assert text.startswith("Skin microbiome of the poison frog Dendrobates tinctorius <")
    text = await client.ask("11820345")
    assert "frogs seen & heard" in text and "<table" not in text and "H₂O temperatures are in °C." in text


async def test_many_authors_are_shortened_to_a_count(client):
    text = await client.ask("20291007")
    assert "Ada Thornbury 0, Benedikt Mizushima 1, Chiara Adekoya 2 and 397 more authors" in text


async def test_ten_listed_files_are_shown_as_ten_or_more(client):
    assert "Files: 10 or more files, 4.2 GB" in await client.ask("19438250")


async def test_embargo_is_shown_with_its_end(client):
    assert "Embargo: the whole item, until 21 Feb 2027, 90 days left" in await client.ask("23550871")
    assert "Embargo: the files, until 3 Dec 2026, 10 days left" in await client.ask("23550904")


async def test_metadata_record_says_that_it_has_no_files(client):
    text = await client.ask("11366120")
    assert "Metadata only · Dataset" in text and "Files: none: a metadata record" in text


async def test_handle_is_shown_without_a_doi(client):
    assert "Handle: 2134/12674225.v1 <https://hdl.handle.net/2134/12674225.v1>" in await client.ask(
        "12674225"
    )


async def test_bare_item_has_a_card(client):
    reply = await client.reply("25110349")
    assert reply.outcome == "ok"
    assert "An item with next to nothing filled in" in await client.ask("25110349")


@pytest.mark.parametrize(
    "foreign", ["10.5281/zenodo.11820345", "10.17028/rd.lboro.5616445.v1", "10.9999/other.repo.12345678"]
)
async def test_foreign_doi_never_finds_another_item(client, foreign):
    for command in ("item", "views", "files", "cite", "versions", "stats", "timeline", "countries"):
        reply = await client.reply(f"{command} {foreign}")
        text = await client.ask(f"{command} {foreign}")
        assert reply.outcome == "wrong", command
        assert f"There is no item with {foreign} on Figshare." in text
        assert not any(title in text for title in ("Frog", TITLE, "Thermal", "5,"))


async def test_publisher_doi_finds_the_item(client):
    assert (await client.ask("10.5281/zenodo.1217023")).startswith(
        "Supplementary tables for a study kept else"
    )


async def test_doi_without_version_finds_the_item_by_doi(client):
    assert (await client.ask("10.15786/13696192")).startswith("Snow depth at nine mountain huts")


async def test_number_of_a_collection_or_project_offers_it(client):
    reply = await client.reply("4000001")
    assert "There is no public item 4000001 on Figshare." in await client.ask("4000001")
    assert [button.words for button in reply.buttons] == ["collection 4000001"]
    reply = await client.reply("views 113166")
    assert [button.words for button in reply.buttons] == ["views project 113166"]
    assert (await client.reply(reply.buttons[0].words)).outcome == "ok"


async def test_unknown_number_says_that_the_reason_is_unknown(client):
    text = await client.ask("99999999")
    assert "There is no public item 99999999 on Figshare." in text
    assert "private, withdrawn or mistyped" in text


async def test_year_alone_is_an_item_number(client):
    assert "There is no public item 2025 on Figshare." in await client.ask("2025")
    assert "There is no public item 2025 on Figshare." in await client.ask("article 2025")


HASH = "0123456789abcdef0123"


LINKS = [
    f"https://figshare.com/s/{HASH}",
    f"<https://figshare.com/s/{HASH}|a draft>",
    f"https://opal.latrobe.edu.au/s/{HASH}?file=1",
    f"https://figshare.com/articles/dataset/x/5616445?private_link={HASH}",
    f"https://figshare.com/%73/{HASH}",
]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize(
    "words", ["{}", "views {}", "cite {} bibtex", "files {}", "timeline {}", "collection {}"]
)
async def test_private_link_shows_nothing(client, caplog, link, words):
    caplog.set_level(logging.DEBUG)
    output = await client.ask(words.format(link))
    assert "private link" in output and "can't show anything" in output
    assert HASH not in output and HASH not in caplog.text
    assert not any(HASH in path for _, path in client.requests)


@pytest.mark.parametrize(
    "words",
    ["vews {}", "frob {}", "views {} 2024-13", "views {} frog", "search {}", "search titel:x {}", "new {}"],
)
async def test_private_link_hash_is_never_repeated(client, caplog, words):
    caplog.set_level(logging.DEBUG)
    question = words.format(LINKS[0])
    message = await client.message(question, share=True)
    assert HASH not in str(message) and HASH not in await client.ask(question) and HASH not in caplog.text


async def test_file_link_says_that_its_item_is_unknown(client):
    text = await client.ask("https://figshare.com/ndownloader/files/28369773")
    assert "a link to a file" in text


@pytest.mark.parametrize("words", ["author 2041117", "group 20442"])
async def test_subject_without_a_record_offers_its_statistics(client, words):
    assert f"no public record for {words.split()[0]}s, only statistics:" in await client.ask(f"item {words}")
    [button] = (await client.reply(f"item {words}")).buttons
    assert button.words == f"stats {words}"
