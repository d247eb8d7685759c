"""Authors' names are remembered as records come, in a bounded memory."""

import json

from bot.figshare.known_authors import KnownAuthors
from bot.figshare.models import Author


def test_authors_seen_longest_ago_are_forgotten_first():
    known = KnownAuthors(max_authors=2)
    known.add([Author(id=1, full_name="Ann")])
    known.add([Author(id=2, full_name="Bo")])
    assert known.name(1) == "Ann"
    known.add([Author(id=3, full_name="Cy")])
    assert [known.name(id) for id in (1, 2, 3)] == ["Ann", "", "Cy"]


def test_newer_record_replaces_a_name_and_nameless_rows_do_not():
    known = KnownAuthors()
    known.add([Author(id=1, full_name="Ann"), None, Author(full_name="Bo")])
    known.add([Author(id=1, full_name="Ann &amp; <b>Lee</b>"), Author(id=1)])
    assert known.name(1) == "Ann & Lee"
    assert len(known) == 1


async def test_memory_is_bounded_whatever_records_come(client):
    for item in range(1, 24):
        authors = [{"id": item * 1_000 + number, "full_name": "N" * 300} for number in range(600)]
        client.goes_wrong(
            f"/v2/articles/{item}",
            exact=True,
            body=json.dumps({"id": item, "title": "Frogs", "authors": authors}).encode(),
            headers={"content-type": "application/json"},
        )
        await client.ask(f"item {item}")
    known = client.bot.figshare.known_authors
    assert len(known) == 10_000
    # Thousands of authors of one item displace only a part of the others.
    assert known.name(23_499) and not known.name(23_500)
    assert not known.name(1_000) and len(known.name(23_000)) == 80
