"""XML documents as Figshare sends them."""

import re
from typing import cast

from lxml import etree

XmlElement = etree._Element

# The characters that XML 1.0 cannot hold.
INVALID_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def add_element(parent: XmlElement, name: str, value: str = "", **attributes: str) -> XmlElement:
    """Add an element with a text, and return it."""
    element = etree.SubElement(parent, name, attributes)
    element.text = INVALID_CHARACTERS.sub("", value)
    return element


def root_element(namespace: str, name: str, **prefixes: str) -> XmlElement:
    """Return the root of a document whose default namespace is `namespace`."""
    # The stubs know no default namespace.
    names = cast("dict[str, str]", {None: namespace, **prefixes})
    return etree.Element(f"{{{namespace}}}{name}", nsmap=names)
