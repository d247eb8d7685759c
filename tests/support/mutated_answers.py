"""Mutates answers of Figshare at random, in every way that a test of one fault forgets."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from lxml import etree

LARGE = 100_000


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


MARKUP = [
    *(
        "<b>",
        "<div><p>",
        "<b a=1><p>",
        "<a href='",
        "<!--",
        "<script>",
        "<table>",
        "</p>",
        "<",
        "&",
        "&#",
        "&amp;",
    ),
    *(
        "<!channel> ",
        "<@U1> ",
        "<https://evil.example|x>",
        "```",
        "`",
        "*_~",
        ". aa. aa. https://",
        "(1)",
        " ",
    ),
    *(
        "\x00",
        "\u200d",
        "\u202e",
        "\ud800",
        "\udfff",
        "\U000e0041",
        "\n",
        "\t",
        "\r\n",
        "’",
        "漢",
        "🐸",
        "and ",
        ", ",
    ),
]
ADDRESSES = [
    *(
        "https://figshare.com@evil.example/",
        "https://x.example/\n<!here>",
        "javascript:alert(1)",
        "https://[::1",
    ),
    *(
        "https://x.example:99999999/",
        "//x.example",
        "https://x.example/" + "a" * 4_000,
        "http://",
        "https://a\\@b",
    ),
]
NUMBERS = [0, -1, 1, 2**31, 2**53 + 1, 2**63, 2**64, 10**30, 10**400, 1.5, 1e300, -0.0]
RAW = [
    "1e999",
    "-1e999",
    "1" + "0" * 5_000,
    "NaN",
    "Infinity",
    "01",
    "tru",
    "'x'",
    "",
    "[1",
    '"\\ud800"',
    '"\\u12',
]
ROWS = ["{}", "null", "1", '""', '{"id": 1}']
HTML = b"<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>"


def text(random: Random) -> str:
    length = random.choice((0, 1, 30, 300, 5_000, LARGE if random.random() < 0.1 else 300))
    piece = random.choice(MARKUP)
    return random.choice(("", "Frogs ", "10.1/")) + piece * (length // len(piece) + 1)


def nested(random: Random) -> Any:
    value: Any = 1
    for _ in range(random.choice((5, 300, 900))):
        value = [value] if random.random() < 0.5 else {"total": value}
    return value


VALUES: list[Callable[[Random], Any]] = [
    lambda random: None,
    lambda random: random.choice((True, False)),
    lambda random: random.choice(NUMBERS),
    text,
    text,
    lambda random: random.choice(ADDRESSES),
    lambda random: random.choice(
        ([], {}, "", [None], [[]], {"": {}}, {"id": None}, "0", "2026-13-45", "0000-00-00")
    ),
    nested,
    # Separate values: if they were one, a mutation of it would grow all of them.
    lambda random: [json.loads(row) for row in [random.choice(ROWS)] * random.choice((1, 100, 3_000))],
    lambda random: {str(number): number for number in range(random.choice((1, 400, 3_000)))},
]


def random_place(holder: list[Any], random: Random) -> tuple[Any, Any]:
    """Return a random place in a document, as the container of a value and its key."""
    node: Any = holder
    while True:
        keys = list(node) if isinstance(node, dict) else range(len(node))
        key = random.choice(keys)
        if not isinstance(node[key], dict | list) or not node[key] or random.random() < 0.2:
            return node, key
        node = node[key]


def mutate_json(body: bytes, random: Random) -> bytes:
    """Return JSON with some values changed, or some of its text."""
    document = json.loads(body)
    holder = [document[:50] if isinstance(document, list) else document]
    raw: dict[str, str] = {}
    for _ in range(random.choice((1, 1, 2, 5))):
        node, key = random_place(holder, random)
        match random.randrange(6):
            case 0 if node is not holder:
                del node[key]
            case 1 if isinstance(node, dict) and node is not holder:
                node[text(random)[:1_000]] = node.pop(key)
            case 2:
                mark = f"raw {len(raw)}"
                node[key], raw[f'"{mark}"'] = mark, random.choice(RAW)
            case _:
                node[key] = random.choice(VALUES)(random)
    document_text = json.dumps(holder[0], ensure_ascii=random.random() < 0.7)
    for mark, replacement in raw.items():
        document_text = document_text.replace(mark, replacement)
    return document_text.encode("utf-8", "surrogatepass")


ODD_XML = [
    b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>",
    b"<?xml-stylesheet href='x'?>",
    b"\xef\xbb\xbf",
    b"<?xml version='1.0' encoding='utf-16'?>",
]
ATTRIBUTES = ["status", "code", "capability", "href", "rel", "at", "length", "change", "x"]
WORDS = [
    "",
    "deleted",
    "1" * 400,
    "-1",
    "changelist",
    "9999-99-99",
    "10000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
]


def xml_text(value: str) -> str:
    """Return text without the characters that XML can't have."""
    return "".join(
        each for each in value if each in "\t\n" or (each >= " " and not "\ud800" <= each <= "\udfff")
    )


def mutate_xml(body: bytes, random: Random) -> bytes:
    """Return XML with some elements changed."""
    root = etree.fromstring(body)
    for _ in range(random.choice((1, 1, 2, 5))):
        elements = [each for each in root.iter() if isinstance(each.tag, str)]
        element = random.choice(elements)
        parent = element.getparent()
        match random.randrange(7):
            case 0 if parent is not None:
                parent.remove(element)
            case 1:
                element.text = xml_text(text(random))
            case 2:
                element.text = random.choice((*ADDRESSES, *WORDS)).replace("\n", " ")
            case 3:
                element.set(random.choice(ATTRIBUTES), random.choice(WORDS))
            case 4:
                namespace = etree.QName(element).namespace
                nested_element = element
                for _ in range(random.choice((3, 60, 400))):
                    nested_element = etree.SubElement(
                        nested_element, random.choice((f"{{{namespace}}}set", "a"))
                    )
            case 5 if parent is not None:
                copy = etree.tostring(element)[:2_000]
                for _ in range(random.choice((2, 100, 600))):
                    parent.append(etree.fromstring(copy) if copy.endswith(b">") else etree.Element("a"))
                    if len(copy) > 500:
                        break
            case _:
                element.tag = random.choice(("a", f"{{{etree.QName(element).namespace}}}record", "{x}error"))
    return etree.tostring(root)


def mutate_bytes(body: bytes, random: Random) -> bytes:
    index = random.randrange(len(body) + 1)
    match random.randrange(6):
        case 0:
            return body[:index]
        case 1:
            return (
                body[:index]
                + random.choice((b"\x00", b"\xff", b"\xed\xa0\x80", b"<", b"]", b'"', b"&x;"))
                + body[index:]
            )
        case 2:
            return random.choice(
                (b"", b" ", b"null", b"1", b'""', b"[]", b"{}", b"[{}]", HTML, b"\xfe\xff\x00<")
            )
        case 3:
            return random.choice((b"[", b'{"a":', b"<a>", b'{"message":[')) * random.choice(
                (50, 2_000, 50_000)
            )
        case 4:
            return random.choice(ODD_XML) + body
    return body + body


STATUSES = [200, 200, 201, 204, 205, 206, 301, 302, 304, 400, 401, 404, 405, 410, 418, 422, 500, 502, 503]
TYPES = [
    "text/html",
    "application/json",
    "text/xml; charset=utf-16",
    "",
    "application/json; charset=x",
    "image/png",
]
ENCODINGS = [("gzip", 1), ("gzip, gzip", 2), ("br", 0), ("gzip", 0), ("deflate", 1), ("identity", 0)]


def mutate(answer: Answer, random: Random) -> Answer:
    """Return an answer as Figshare might send it one day."""
    body = answer.body
    try:
        body = mutate_xml(body, random) if body.lstrip()[:1] == b"<" else mutate_json(body, random)
    except (ValueError, etree.LxmlError, RecursionError):
        body = mutate_bytes(body, random)
    if random.random() < 0.15:
        body = mutate_bytes(body, random)
    answer = replace(answer, body=body)
    if random.random() < 0.1:
        answer = replace(answer, status=random.choice(STATUSES))
    if random.random() < 0.05:
        answer = replace(answer, headers=answer.headers | {"content-type": random.choice(TYPES)})
    if random.random() < 0.05:
        encoding, times = random.choice(ENCODINGS)
        for _ in range(times):
            answer = replace(answer, body=gzip.compress(answer.body, 1))
        answer = replace(answer, headers=answer.headers | {"content-encoding": encoding})
    return answer
