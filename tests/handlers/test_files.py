"""What a person sees who asks for the files of an item."""

import pytest


async def test_files_have_sizes_types_checksums_and_download_links(client):
    text = (await client.ask("files 11820345")).splitlines()
    assert text[1] == "Files 1–3 of 3, 1.3 MB in all"
    assert text[2].startswith("1. counts.csv <http") and text[2].endswith("/file/download/28369788>")
    assert text[3].startswith("   812 kB · text/csv · md5 ")


async def test_long_file_list_is_paged(client):
    seen = []
    for page, heading, more in ((1, "1–10", True), (2, "11–20", True), (3, "21–25", False)):
        reply = await client.reply("files 17125063", page)
        assert f"Files {heading}, 510 MB in all" in await client.ask("files 17125063", page)
        assert reply.has_next_page is more and reply.page == page
        seen += [row[0][0].text for row in reply.parts[1].rows]
    assert seen == [f"evening-{n:02}.wav" for n in range(1, 26)]
    assert "No more files" in await client.ask("files 17125063", 4)


async def test_version_files_are_shown_with_the_newer_version(client):
    await client.ask("files 11820345.v1")
    assert ("GET", "/v2/articles/11820345/versions/1/files?page=1&page_size=10") in client.requests
    assert "Newer: v3." in await client.ask("files 11820345.v1")
    assert "Newer" not in await client.ask("files 11820345")


async def test_link_is_shown_as_a_link(client):
    text = await client.ask("files 10042001")
    assert "Atlas of pond names <https://example.org/atlas-of-pond-names>" in text
    assert "an external link" in text


async def test_embargoed_item_says_why_it_has_no_files(client):
    assert "Under embargo: no files to show" in await client.ask("files 23550871")


async def test_item_without_files_says_so(client):
    assert "No files" in await client.ask("files 11366120")


@pytest.mark.parametrize("words", ["collection 4000001", "project 113166", "author 2041117"])
async def test_files_of_other_kinds_are_refused(client, words):
    assert "have no files of their own" in await client.ask(f"files {words}")


async def test_file_name_cannot_reverse_the_line(client):
    text = await client.ask("files 25110340")
    assert "invoicefdp.exe" in text and "\u202e" not in text
