"""What a person sees who asks for a collection or a project."""

import pytest


async def test_a_collection_shows_its_card_and_the_first_items(world):
    said = await world.ask("collection 4000001")
    assert said.startswith("Everything about frogs")
    assert (
        "Collection by Dilnoza Karimova, Chiara Montefalco · 11 items · version 2 · published 1 Jul 2024"
        in said
    )
    assert "DOI: 10.6084/m9.figshare.c.4000001.v2" in said
    assert "views · " in said and "all time" in said
    assert "1. Call recordings of the common frog (Rana temporaria) in fourteen garden ponds" in said
    assert "There is a next page." in said


async def test_a_project_shows_its_card_and_the_items_in_it(world):
    said = await world.ask("project 113166")
    assert said.startswith("Listening to frogs <https://figshare.com/projects/Listening_to_frogs/113166>")
    assert "Project of Chiara Montefalco, Dilnoza Karimova, Emeka Obianwu · published 1 Aug 2019" in said
    assert "4. frogwatch" in said and "There is a next page." not in said


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
async def test_all_its_names_lead_to_it(world, words, title):
    assert (await world.ask(words)).startswith(title)


async def test_its_items_have_pages(world):
    pages = [await world.reply("collection 4000001", page) for page in (1, 2, 3)]
    assert [reply.more for reply in pages] == [True, True, False]
    rows = [row[0][0].text for reply in pages for row in reply.parts[-1].rows]
    assert len(rows) == len(set(rows)) == 11
    assert "No more items." in await world.ask("collection 4000001", 4)


@pytest.mark.parametrize("words", ["collection 6650021", "project 201550"])
async def test_an_empty_one_says_so(world, words):
    assert "No public items in it." in await world.ask(words)


async def test_the_wrong_kind_is_offered_as_what_it_is(world):
    reply = await world.reply("collection https://figshare.com/projects/x/113166")
    assert "That leads to a project, not to a collection." in await world.ask(
        "collection https://figshare.com/projects/x/113166"
    )
    assert (await world.reply(reply.buttons[0].words)).outcome == "ok"


@pytest.mark.parametrize("words", ["collection 99", "project 99"])
async def test_an_unknown_one_says_so(world, words):
    reply = await world.reply(words)
    assert reply.outcome == "wrong" and f"Figshare knows no public {words}." in await world.ask(words)


async def test_a_foreign_doi_is_not_answered_with_somebody_elses_collection(world):
    said = await world.ask("collection 10.9999/other.c.4000001")
    assert "Figshare knows no public" in said and "frogs" not in said


async def test_titles_cannot_ping_or_pretend(world):
    message = await world.message("collection 7003312")
    assert "<!everyone>" not in str(message)
    assert message["text"].startswith("look &amp; see")


async def test_it_takes_three_requests(world):
    await world.ask("collection 4000001")
    assert len(world.requests) == 3
