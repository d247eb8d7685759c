"""Reads XML from outside as if it were an attack: no doctype, no entities, no network, bounded.

https://lxml.de/FAQ.html#how-do-i-use-lxml-safely-as-a-web-service-endpoint
"""

import re
from copy import deepcopy
from datetime import UTC, datetime

from lxml import etree

from bot.figshare.client import XML_LIMIT
from bot.figshare.errors import InvalidResponse

Element = etree._Element

# Beyond what any of Figshare's documents has; reading them takes time that grows with both.
_MOST_ELEMENTS, _DEEPEST = 60_000, 40
_TOO_MANY = etree.XPath(f"count(//*) > {_MOST_ELEMENTS} or boolean({'/*' * (_DEEPEST + 1)})")

# ResourceSync allows every length of https://www.w3.org/TR/NOTE-datetime.
_DATETIME = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(T.+)?", re.ASCII)


def document(body: bytes) -> Element:
    """Give the root of an XML document; raises Unreadable for anything else, HTML and doctypes among it."""
    if len(body) > XML_LIMIT:
        raise InvalidResponse(f"more than {XML_LIMIT:,} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError) as error:
        raise InvalidResponse(f"not XML: {str(error)[:200]}") from error
    # lxml would accept an XXE document and leave its entity out. The stubs don't know `doctype`.
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise InvalidResponse("a doctype")
    if _TOO_MANY(root):
        raise InvalidResponse(f"more than {_MOST_ELEMENTS:,} elements, or {_DEEPEST} within each other")
    return root


def name(element: Element) -> str:
    """Give an element's name without its namespace."""
    return etree.QName(element).localname


def text(parent: Element, path: str) -> str:
    """Give the text at a path such as `{namespace}title`, trimmed; "" where there is none."""
    return (parent.findtext(path) or "").strip()


def pretty(element: Element) -> str:
    """Write an element on its own, indented, with no more namespaces than it uses."""
    alone = deepcopy(element)
    etree.cleanup_namespaces(alone)
    etree.indent(alone)
    return etree.tostring(alone, encoding="unicode", with_tail=False).strip()


def moment(written: str) -> datetime | None:
    """Read a W3C date or time of any precision as UTC; None where it is none."""
    found = _DATETIME.fullmatch(written.strip())
    if not found:
        return None
    year, month, day, time = found.groups()
    try:
        read = datetime.fromisoformat(f"{year}-{month or '01'}-{day or '01'}{time or ''}")
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
