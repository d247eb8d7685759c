"""What a person sees who asks for a collection or a project."""

import pytest


async def test_collection_card_shows_the_first_items(client):
    text = await client.ask("collection 4000001")
    assert text.startswith("Everything about frogs")
    assert (
        "Collection by Dilnoza Karimova, Chiara Montefalco · 11 items · version 2 · published 1 Jul 2024"
        in text
    )
    assert "DOI: 10.6084/m9.figshare.c.4000001.v2" in text
    assert "views · " in text and "all time" in text
    assert "1. Call recordings of the common frog (Rana temporaria) in fourteen garden ponds" in text
    assert "There is a next page: add --page 2." in text


async def test_project_card_shows_the_items(client):
    text = await client.ask("project 113166")
    assert text.startswith("Listening to frogs <https://figshare.com/projects/Listening_to_frogs/113166>")
    assert "Project of Chiara Montefalco, Dilnoza Karimova, Emeka Obianwu · published 1 Aug 2019" in text
    assert "4. frogwatch" in text and "There is a next page" not in text


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("collection 4000001", "Everything"),
        ("collection 10.6084/m9.figshare.c.4000001", "Everything"),
        ("collection https://figshare.com/collections/Everything/4000001/1", "Everything"),
        ("item collection 4000001", "Everything"),
        ("https://figshare.com/collections/x/4000001", "Everything"),
        ("project https://figshare.com/projects/x/113166", "Listening"),
        ("item project 113166", "Listening"),
    ],
)
async def test_every_reference_form_finds_the_collection(client, words, title):
    assert (await client.ask(words)).startswith(title)


async def test_collection_items_are_paged(client):
    pages = [await client.reply("collection 4000001", page) for page in (1, 2, 3)]
    assert [reply.has_next_page for reply in pages] == [True, True, False]
    rows = [row[0][0].text for reply in pages for row in reply.parts[-1].rows]
    assert len(rows) == len(set(rows)) == 11
    assert "No more items." in await client.ask("collection 4000001", 4)


@pytest.mark.parametrize("words", ["collection 6650021", "project 201550"])
async def test_empty_collection_says_so(client, words):
    assert "No public items in it." in await client.ask(words)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("collection https://figshare.com/projects/x/113166", "a project"),
        ("collection project 113166", "a project"),
        ("collection author 2041117", "an author"),
    ],
)
async def test_wrong_kind_is_offered_as_the_right_kind(client, words, kind):
    assert f"That's {kind}, not a collection." in await client.ask(words)
    [button] = (await client.reply(words)).buttons
    assert button.words == " ".join([kind.split()[-1], words.split()[-1].rpartition("/")[2]])
    assert (await client.reply(button.words)).outcome == "ok"


@pytest.mark.parametrize("words", ["collection 99", "project 99"])
async def test_unknown_collection_says_so(client, words):
    reply = await client.reply(words)
    assert reply.outcome == "wrong" and f"There is no public {words} on Figshare." in await client.ask(words)


async def test_foreign_doi_finds_no_collection(client):
    text = await client.ask("collection 10.9999/other.c.4000001")
    assert "There is no public" in text and "frogs" not in text


async def test_titles_cannot_mention_or_fake_links(client):
    message = await client.message("collection 7003312")
    assert "<!everyone>" not in str(message)
    assert message["text"].startswith("look &amp; see")


async def test_collection_takes_three_requests(client):
    await client.ask("collection 4000001")
    assert len(client.requests) == 3
