"""What a person sees who asks for the files of an item."""

import pytest


async def test_files_have_sizes_types_checksums_and_download_links(client):
    text = (await client.ask("files 11820345")).splitlines()
    assert text[1] == "Files 1–3 of 3, 1.3 MB in all"
    assert text[2].startswith("1. counts.csv <http") and text[2].endswith("/file/download/28369788>")
    assert text[3].startswith("   812 kB · text/csv · md5 ")


async def test_a_long_list_has_pages(client):
    seen = []
    for page, heading, more in ((1, "1–10", True), (2, "11–20", True), (3, "21–25", False)):
        reply = await client.reply("files 17125063", page)
        assert f"Files {heading}, 510 MB in all" in await client.ask("files 17125063", page)
        assert reply.has_next_page is more and reply.page == page
        seen += [row[0][0].text for row in reply.parts[1].rows]
    assert seen == [f"evening-{n:02}.wav" for n in range(1, 26)]
    assert "No more files" in await client.ask("files 17125063", 4)


async def test_a_version_selects_its_files_and_says_what_is_newer(client):
    await client.ask("files 11820345.v1")
    assert ("GET", "/v2/articles/11820345/versions/1/files?page=1&page_size=10") in client.requests
    assert "Newer: v3." in await client.ask("files 11820345.v1")
    assert "Newer" not in await client.ask("files 11820345")


async def test_a_link_is_told_apart_from_a_file(client):
    text = await client.ask("files 10042001")
    assert "Atlas of pond names <https://example.org/atlas-of-pond-names>" in text
    assert "a link to another place" in text


async def test_an_embargo_is_why_there_are_none(client):
    assert "Under embargo: no files to show" in await client.ask("files 23550871")


async def test_an_item_without_files_says_so(client):
    assert "No files" in await client.ask("files 11366120")


@pytest.mark.parametrize("words", ["collection 4000001", "project 113166", "author 2041117"])
async def test_what_has_no_files_says_so(client, words):
    assert "has no files of its own" in await client.ask(f"files {words}")


async def test_names_of_files_cannot_turn_the_line_around(client):
    text = await client.ask("files 25110340")
    assert "invoicefdp.exe" in text and "\u202e" not in text
