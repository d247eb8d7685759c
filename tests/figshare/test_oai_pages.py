"""One record that can't be read costs no other: the rest of the page is shown, and the answer counts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figshare.errors import FigshareError, InvalidResponse, OaiError
from bot.figshare.oai_pages import parse_page
from bot.figshare.oai_records import parse_header, parse_record, parse_set
from tests.figshare.test_xml import ATTACKS
from tests.support.paths import SHARED

XML = {"content-type": "text/xml"}
DECLARED = (
    'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
LAUGHS = '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>'


def record(
    number: int, title: str = "Frogs", datestamp: str = "<datestamp>2026-11-20T01:00:00Z</datestamp>"
) -> str:
    return (
        f"<record><header><identifier>oai:figshare.com:article/{number}</identifier>{datestamp}</header>"
        f"<metadata><oai_dc:dc><dc:title>{title}</dc:title></oai_dc:dc></metadata></record>"
    )


def page(*rows: str, verb: str = "ListRecords", before: str = "", root: str = DECLARED) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" {root}>'
        f"<responseDate>2026-11-27T08:00:00Z</responseDate><{verb}>{''.join(rows)}"
        f"<resumptionToken>more</resumptionToken></{verb}></OAI-PMH>"
    ).encode()


def parsed(body: bytes):
    return parse_page(body, "ListRecords", lambda row: parse_record(row, "oai_dc"))


BAD_TITLES = [
    "Bad &#x3; title",
    "\x03",
    "Frogs & toads",
    "Frogs&nbsp;toads",
    "\ufffe",
    "&#xFFFE;",
    "a < b",
    "<b>",
    "</b>",
]
BAD_RECORDS = {
    **{repr(title): record(2, title) for title in BAD_TITLES},
    "no datestamp": record(2, datestamp=""),
    "an odd datestamp": record(2, datestamp="<datestamp>yesterday</datestamp>"),
    "no identifier": record(2).replace("identifier>", "name>"),
    "no header": "<record><metadata/></record>",
    "nothing": "<record></record>",
    "no end": record(2).replace("</record>", ""),
    "an unknown prefix": record(2).replace("dc:title", "xx:title"),
}


@pytest.mark.parametrize("bad", BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_page_with_one_bad_record_has_the_others(bad):
    listed = parsed(page(record(1), bad, record(3), record(4)))
    assert [row.header.article_id for row in listed.rows] == [1, 3, 4]
    assert (len(listed.unreadable), listed.token) == (1, "more")
    assert {row.dublin_core.title for row in listed.rows} == {"Frogs"}


def test_bytes_that_are_no_utf_8_cost_their_record_only():
    body = page(record(1), record(2, "x-here-x"), record(3)).replace(b"-here-", b"\xff\xfe")
    listed = parsed(body)
    assert [row.header.article_id for row in listed.rows] == [1, 3] and len(listed.unreadable) == 1


@pytest.mark.parametrize("bad", BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_page_of_bad_records_alone_is_invalid(bad):
    with pytest.raises(InvalidResponse):
        parsed(page(bad, bad))


def test_rows_of_every_list_are_read_apart():
    headers = [
        f"<header><identifier>a/{n}</identifier><datestamp>2026</datestamp></header>" for n in (1, 2, 3)
    ]
    headers[1] = headers[1].replace("a/2", "a/&nbsp;")
    listed = parse_page(page(*headers, verb="ListIdentifiers"), "ListIdentifiers", parse_header)
    assert [row.identifier for row in listed.rows] == ["a/1", "a/3"] and len(listed.unreadable) == 1
    sets = [f"<set><setSpec>s{n}</setSpec><setName>A & B</setName></set>" for n in (1, 2)]
    sets.append("<set><setSpec>s3</setSpec><setName>C</setName></set><set><setName>D</setName></set>")
    listed = parse_page(page(*sets, verb="ListSets"), "ListSets", parse_set)
    assert [row.set_spec for row in listed.rows] == ["s3"] and len(listed.unreadable) == 3


@pytest.mark.parametrize("inside", ["before", "record"])
def test_no_entity_is_expanded_in_any_part(inside):
    bad = record(2, "Frogs & toads")
    if inside == "before":
        with pytest.raises(InvalidResponse):
            parsed(page(record(1), bad, record(3, "&b;"), before=LAUGHS))
    else:
        listed = parsed(page(record(1), bad, record(3, LAUGHS + "&b;"), record(4, "&b;")))
        assert "lol" not in str(listed) and len(listed.rows) == 1


@pytest.mark.parametrize("body", ATTACKS.values(), ids=ATTACKS)
def test_page_that_is_no_oai_is_invalid(body):
    with pytest.raises(InvalidResponse):
        parsed(body)


def test_page_that_is_cut_off_is_invalid():
    body = page(record(1), record(2, "Frogs & toads"), record(3))
    for length in range(len(body)):
        with pytest.raises(InvalidResponse):
            parsed(body[:length])


def test_error_beside_nothing_readable_stays_an_error():
    answer = page(verb="ListRecords").replace(
        b"<ListRecords>", b'<error code="badArgument">&amp;</error><ListRecords>'
    )
    with pytest.raises(OaiError):
        parsed(answer)


PIECES = st.sampled_from(
    [
        "<record>",
        "</record>",
        "<record/>",
        "&",
        "&b;",
        record(1),
        record(2),
        "x",
        "<a>",
        "</a>",
        "]]>",
        "<!--",
    ]
)


@given(st.lists(PIECES, max_size=12))
def test_any_page_is_read_or_refused(pieces):
    try:
        listed = parsed(page(*pieces))
    except FigshareError:
        return
    good = sum(piece in (record(1), record(2)) for piece in pieces)
    assert len(listed.rows) <= good


@pytest.mark.parametrize("bad", BAD_RECORDS.values(), ids=BAD_RECORDS)
async def test_new_shows_the_good_records_and_counts_the_bad_one(client, bad):
    client.goes_wrong(
        "/v2/oai", times=None, body=page(record(1), bad, record(3)).replace(b"more", b""), headers=XML
    )
    text = await client.ask("new")
    assert "1–2 of 2" in text and "<https://figshare.com/articles/_/3>" in text
    assert "1 record left out: I couldn't read what Figshare sent." in text


async def test_recorded_page_with_a_control_character_is_shown(client):
    path = SHARED / "cases" / "oai" / "oai-control-character.xml"
    if not path.exists():
        pytest.skip("no such answers here")
    client.goes_wrong("/v2/oai", times=None, body=path.read_bytes(), headers=XML)
    text = await client.ask("new")
    assert all(f"Good record {number}" in text for number in (1, 2, 3))
    assert "1 record left out" in text


async def test_sets_that_cannot_be_read_are_counted(client):
    sets = "<set><setSpec>item_type_1</setSpec><setName>A & B</setName></set>"
    sets += "<set><setSpec>item_type_2</setSpec></set>"
    client.goes_wrong(
        "/v2/oai", times=None, body=page(sets, verb="ListSets").replace(b"more", b""), headers=XML
    )
    assert "1 set left out: I couldn't read what Figshare sent." in await client.ask("oai sets")
