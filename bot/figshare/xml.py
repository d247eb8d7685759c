"""Parses XML that may be an attack: no doctype, no entities, no network, and a bound on its size.

https://lxml.de/FAQ.html#how-do-i-use-lxml-safely-as-a-web-service-endpoint
"""

import re
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from bot.figshare.client import MAX_XML_BYTES
from bot.figshare.errors import InvalidResponse

if TYPE_CHECKING:
    from lxml import etree

# lxml takes 4 MB, and only OAI-PMH and ResourceSync need it: so each function imports it, not the module.
XmlElement: TypeAlias = "etree._Element"

# More than any of Figshare's documents has; parsing takes time that grows with both.
_MAX_ELEMENTS, _MAX_DEPTH = 60_000, 40

# ResourceSync allows every precision of https://www.w3.org/TR/NOTE-datetime.
_DATETIME = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(T.+)?", re.ASCII)


def parse_xml(body: bytes) -> XmlElement:
    """Return the root of an XML document; raises InvalidResponse for anything else, even a doctype."""
    from lxml import etree

    if len(body) > MAX_XML_BYTES:
        raise InvalidResponse(f"more than {MAX_XML_BYTES:,} bytes")
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
    if _too_large_test()(root):
        raise InvalidResponse(f"more than {_MAX_ELEMENTS:,} elements, or {_MAX_DEPTH} within each other")
    return root


def local_name(element: XmlElement) -> str:
    """Return an element's name without its namespace."""
    from lxml import etree

    return etree.QName(element).localname


def child_text(parent: XmlElement, path: str) -> str:
    """Return the trimmed text at a path such as `{namespace}title`; "" where there is none."""
    return (parent.findtext(path) or "").strip()


def indented_xml(element: XmlElement) -> str:
    """Return an element as a document of its own, indented, with only the namespaces that it uses."""
    from lxml import etree

    root = deepcopy(element)
    etree.cleanup_namespaces(root)
    etree.indent(root)
    return etree.tostring(root, encoding="unicode", with_tail=False).strip()


def parse_datetime(text: str) -> datetime | None:
    """Return a W3C date or time of any precision in UTC; None where the text is neither."""
    match = _DATETIME.fullmatch(text.strip())
    if not match:
        return None
    year, month, day, time = match.groups()
    try:
        moment = datetime.fromisoformat(f"{year}-{month or '01'}-{day or '01'}{time or ''}")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


@cache
def _too_large_test() -> "etree.XPath":
    from lxml import etree

    return etree.XPath(f"count(//*) > {_MAX_ELEMENTS} or boolean({'/*' * (_MAX_DEPTH + 1)})")
