"""What a person sees who asks for the files of an item."""

import json

import pytest

JSON = {"content-type": "application/json"}


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


NO_REASON = "Figshare gives no reason."
EMBARGO = {"is_embargoed": True, "embargo_type": "file", "embargo_date": "2027-03-03T00:00:00Z"}


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        (EMBARGO, ["No files to show", "Embargo: the files, until 3 Mar 2027, 100 days left", NO_REASON]),
        (
            EMBARGO
            | {"embargo_title": "Under review", "embargo_reason": "<p>Held for the &amp; journal</p>"},
            [
                "No files to show",
                "Embargo: the files, until 3 Mar 2027, 100 days left",
                "Why: Under review · Held for the & journal",
            ],
        ),
        (
            EMBARGO | {"embargo_type": "article", "embargo_date": None, "embargo_reason": "Sensitive"},
            ["No files to show", "Embargo: the whole item, without an end", "Why: Sensitive"],
        ),
        (
            EMBARGO | {"embargo_date": "2026-11-20"},
            [
                "No files to show",
                "Embargo: the files, until 20 Nov 2026, which is over, but Figshare hasn't opened it yet",
                NO_REASON,
            ],
        ),
        (
            EMBARGO | {"embargo_date": "11/8/2047"},
            ["No files to show", "Embargo: the files, until a date that I can't read: 11/8/2047", NO_REASON],
        ),
        (
            {"is_metadata_record": True, "metadata_reason": "Waiting for permission"},
            ["No files: this is a metadata record, without files of its own.", "Why: Waiting for permission"],
        ),
        (
            {"is_metadata_record": True, "metadata_reason": ""},
            ["No files: this is a metadata record, without files of its own.", NO_REASON],
        ),
        ({"is_confidential": True}, ["No files to show", "Access: confidential"]),
        ({"is_embargoed": False, "embargo_type": "file"}, ["No files"]),
    ],
)
async def test_missing_files_say_until_when_and_why(client, facts, lines):
    item = {
        "id": 7,
        "title": "Frogs",
        "url_public_html": "https://figshare.com/articles/_/7",
        "files": [],
    } | facts
    for path, document in (("/v2/articles/7/files", []), ("/v2/articles/7", item)):
        client.goes_wrong(path, times=None, body=json.dumps(document).encode(), headers=JSON)
    assert (await client.ask("files 7")).splitlines()[1 : len(lines) + 1] == lines
    assert "No more files" in await client.ask("files 7", 2)


async def test_embargo_is_named_above_files_that_are_listed(client):
    item = {"id": 7, "title": "Frogs", "size": 5, "files": [{"id": 1, "name": "a.csv", "size": 5}]} | EMBARGO
    for path, document in (("/v2/articles/7/files", item["files"]), ("/v2/articles/7", item)):
        client.goes_wrong(path, times=None, body=json.dumps(document).encode(), headers=JSON)
    text = await client.ask("files 7")
    assert "Files 1–1 of 1, 5 B in all" in text and "Embargo: the files, until 3 Mar 2027" in text


async def test_item_without_files_says_so(client):
    assert "No files" in await client.ask("files 11366120")
    assert "metadata record" in await client.ask("files 11366120")


@pytest.mark.parametrize("words", ["collection 4000001", "project 113166", "author 2041117"])
async def test_files_of_other_kinds_are_refused(client, words):
    assert "have no files of their own" in await client.ask(f"files {words}")


async def test_file_name_cannot_reverse_the_line(client):
    text = await client.ask("files 25110340")
    assert "invoicefdp.exe" in text and "\u202e" not in text
