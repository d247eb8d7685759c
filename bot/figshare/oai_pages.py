"""The pages of OAI-PMH's lists. A row that can't be read costs itself only: the page says how many did.

Figshare's metadata is what people typed, and one control character in it makes a whole page invalid XML.
"""

import re
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar
from xml.sax.saxutils import quoteattr

from bot.figshare.errors import InvalidResponse, OaiError
from bot.figshare.oai_records import OAI, verb_element
from bot.figshare.xml import XmlElement, child_text, indented_xml, parse_xml

T = TypeVar("T")

# The tags around each row of a list.
_ROW_TAGS = {
    "ListRecords": re.compile(rb"<(/?)record(?=[\s/>])[^<>]*>"),
    "ListIdentifiers": re.compile(rb"<(/?)header(?=[\s/>])[^<>]*>"),
    "ListSets": re.compile(rb"<(/?)set(?=[\s/>])[^<>]*>"),
}
# More rows than a page has anywhere, and longer declarations of namespaces.
_MAX_ROWS, _MAX_DECLARATIONS = 2_000, 4_000


class ListPage(NamedTuple, Generic[T]):
    """A page of a list; `token` is the resumptionToken of the next one, "" on the last.

    `unreadable` has a number for each row that is left out, since it couldn't be read: on every page the same
    number for the same row.
    """

    rows: tuple[T, ...]
    token: str
    unreadable: frozenset[int] = frozenset()


def parse_page(body: bytes, verb: str, parse_row: Callable[[XmlElement], T]) -> ListPage[T]:
    """Return a page of a list; `noRecordsMatch` is an empty one, other errors are raised.

    Raises InvalidResponse where no row at all can be read.
    """
    sources: Sequence[XmlElement | bytes]
    try:
        element = verb_element(body, verb)
    except OaiError as error:
        if error.code != "noRecordsMatch":
            raise
        return ListPage((), "")
    except InvalidResponse as error:
        element, sources = _parsed_apart(body, verb, error)
    else:
        sources = [row for row in element if row.tag != f"{OAI}resumptionToken"]
    rows, unreadable = list[T](), set[int]()
    for source in sources:
        try:
            rows.append(parse_row(_parsed_row(source) if isinstance(source, bytes) else source))
        except InvalidResponse:
            unreadable.add(hash(source if isinstance(source, bytes) else indented_xml(source)))
    if unreadable and not rows:
        raise InvalidResponse(f"no readable row in {verb}")
    return ListPage(tuple(rows), child_text(element, f"{OAI}resumptionToken"), frozenset(unreadable))


def _parsed_apart(body: bytes, verb: str, error: InvalidResponse) -> tuple[XmlElement, list[bytes]]:
    """Return the element around the rows of a page, and each row as a document of its own.

    Raises the error if the page is not XML without its rows either.
    """
    if verb not in _ROW_TAGS:
        raise error
    frame, rows = _cut_apart(body, _ROW_TAGS[verb])
    if not rows or len(rows) > _MAX_ROWS:
        raise error
    element = verb_element(frame, verb)
    names = [(f"xmlns:{prefix}" if prefix else "xmlns", uri) for prefix, uri in element.nsmap.items()]
    declarations = "".join(f" {name}={quoteattr(uri)}" for name, uri in names)
    if len(declarations) > _MAX_DECLARATIONS:
        raise error
    encoding = element.getroottree().docinfo.encoding or "UTF-8"
    begin = f'<?xml version="1.0" encoding="{encoding}"?><row{declarations}>'.encode()
    return element, [begin + row + b"</row>" for row in rows]


def _parsed_row(document: bytes) -> XmlElement:
    root = parse_xml(document)
    if len(root) != 1:
        raise InvalidResponse("not one row")
    return root[0]


def _cut_apart(body: bytes, row_tag: re.Pattern[bytes]) -> tuple[bytes, list[bytes]]:
    """Return a page without its rows, and the rows; one without an end reaches to the next."""
    outside, rows = list[bytes](), list[bytes]()
    begin, end = None, 0
    for tag in row_tag.finditer(body):
        is_begin = not tag[1]
        if begin is not None:
            end = tag.start() if is_begin else tag.end()
            rows.append(body[begin:end])
            begin = None
        if is_begin:
            outside.append(body[end : tag.start()])
            begin = tag.start()
    if begin is not None:
        end = begin
    return b"".join([*outside, body[end:]]), rows
