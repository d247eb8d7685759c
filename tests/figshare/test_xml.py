"""Hostile or broken XML ends quickly, and always as the same error."""

import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bot.figshare.errors import InvalidResponse
from bot.figshare.xml import child_text, indented_xml, local_name, parse_datetime, parse_xml

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a0 "lol">%s]>
<lolz>&a9;</lolz>""" % b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
QUADRATIC = b'<!DOCTYPE a [<!ENTITY x "%s">]><a>%s</a>' % (b"x" * 100_000, b"&x;" * 100_000)
DEFAULTS = b'<!DOCTYPE a [<!ATTLIST b c CDATA "%s">]><a>%s</a>' % (b"x" * 100_000, b"<b/>" * 100_000)
IN_ATTRIBUTES = b'<!DOCTYPE a [<!ENTITY x "%s">]><a>%s</a>' % (b"x" * 900_000, b'<c b="&x;"/>' * 80_000)
XXE = b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>'
OUTSIDE = b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/never.dtd"><a/>'
PARAMETER = b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]><a/>'

ATTACKS = {
    "billion laughs": LAUGHS,
    "quadratic": QUADRATIC,
    "default attributes": DEFAULTS,
    "entities in attributes": IN_ATTRIBUTES,
    "a file": XXE,
    "an outside dtd": OUTSIDE,
    "a parameter entity": PARAMETER,
    "a bare doctype": b"<!DOCTYPE a><a/>",
    "a doctype behind a comment": b"\xef\xbb\xbf<?xml version='1.0'?><!-- <a> -->\n<?x y?><!DOCTYPE a><a/>",
    "a doctype in UTF-16": "<!DOCTYPE a><a/>".encode("utf-16"),
    "a doctype in UTF-7": b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE a+AD4-<a/>",
    "3 MB": b"<a>%s</a>" % (b"<b>text</b>" * 280_000),
    "too deep": b"<a>" * 100_000 + b"</a>" * 100_000,
    "never ending comments": b"<!--" * 400_000,
    "cut off": b"<OAI-PMH><ListRecords><record>",
    "cut off in a tag": b"<OAI-PMH><ListRec",
    "html": b"<!doctype html><html><body><p>Forbidden<br></body></html>",
    "html without a doctype": b"<html><head><meta charset=utf-8></head><body>403<br></body></html>",
    "json": b'{"message": "no"}',
    "nothing": b"",
    "white space": b" \n",
    "an unknown entity": b"<a>&nbsp;</a>",
    "no UTF-8": b"<a>\xff\xfe</a>",
    "an unknown encoding": b"<?xml version='1.0' encoding='klingon'?><a/>",
    "two roots": b"<a/><b/>",
}


@pytest.mark.parametrize("body", ATTACKS.values(), ids=ATTACKS)
def test_hostile_xml_is_invalid_quickly(body):
    began = time.process_time()
    with pytest.raises(InvalidResponse):
        parse_xml(body)
    assert time.process_time() - began < 0.5


def test_comments_and_stylesheets_in_xml_are_accepted():
    body = b"""<?xml version='1.0' encoding='utf-8'?>
    <?xml-stylesheet type="text/xsl" href="/v2/static/oai2.xsl"?><a><!-- one --> two <b/></a>""".replace(
        b"\n    ", b"\n"
    )
    root = parse_xml(body)
    assert (root.text or "").strip() == "two"
    assert [local_name(each) for each in root] == ["b"]


def test_doctype_inside_text_is_only_text():
    assert parse_xml(b"<a><![CDATA[<!DOCTYPE a>]]></a>").text == "<!DOCTYPE a>"


@given(st.binary(max_size=200))
def test_random_bytes_raise_only_invalid_response(body):
    with suppress(InvalidResponse):
        parse_xml(body)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-09", datetime(2026, 9, 1, tzinfo=UTC)),
        ("2026-09-08", datetime(2026, 9, 8, tzinfo=UTC)),
        ("2026-09-08T07:06Z", datetime(2026, 9, 8, 7, 6, tzinfo=UTC)),
        (" 2026-09-08T07:06:05Z ", datetime(2026, 9, 8, 7, 6, 5, tzinfo=UTC)),
        ("2026-09-08T07:06:05.25+02:00", datetime(2026, 9, 8, 5, 6, 5, 250_000, tzinfo=UTC)),
        ("2026-09-08T07:06:05", datetime(2026, 9, 8, 7, 6, 5, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("2026-13-01", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_of_every_precision_are_read_as_utc(text, expected):
    assert parse_datetime(text) == expected


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}T[0-9:.+Z-]{0,12}", fullmatch=True))
def test_random_dates_are_utc_or_none(text):
    moment = parse_datetime(text)
    assert moment is None or moment.tzinfo is UTC


def test_element_is_written_with_the_namespaces_it_uses():
    root = parse_xml(
        b'<o xmlns="urn:o" xmlns:x="urn:x" xmlns:y="urn:y"><x:a><x:b>&lt;i&gt;</x:b></x:a> tail</o>'
    )
    written = indented_xml(root[0])
    assert written == '<x:a xmlns:x="urn:x">\n  <x:b>&lt;i&gt;</x:b>\n</x:a>'
    assert "urn:y" in etree.tostring(root, encoding="unicode")


def test_missing_text_is_empty():
    root = parse_xml(b"<a><b> c </b><d/></a>")
    assert (child_text(root, "b"), child_text(root, "d"), child_text(root, "e")) == ("c", "", "")
