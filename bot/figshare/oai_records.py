"""The answers of OAI-PMH as values, parsed from their XML.

http://www.openarchives.org/OAI/2.0/openarchivesprotocol.htm#ProtocolMessages
"""

import re
from collections import defaultdict
from datetime import datetime

from msgspec import Struct

from bot.figshare.errors import InvalidResponse, OaiError
from bot.figshare.xml import XmlElement, child_text, indented_xml, local_name, parse_datetime, parse_xml

OAI = "{http://www.openarchives.org/OAI/2.0/}"
# The number behind an author; it begins at a bracket, so that a run of spaces is not searched repeatedly.
_AUTHOR_NUMBER = re.compile(r"\([0-9]+\)$")


class Identify(Struct, frozen=True, kw_only=True):
    """The repository's own description; `earliest_datestamp` is a placeholder (1800) since 2026."""

    repository_name: str
    base_url: str
    protocol_version: str
    admin_email: str
    earliest_datestamp: str
    deleted_record: str
    granularity: str


class Set(Struct, frozen=True):
    """A part of the repository: `item_type_3`, `portal_2`, `category_4`, `month_year_09_2026`."""

    set_spec: str
    set_name: str


class Format(Struct, frozen=True):
    """A metadata format in which records can be requested."""

    metadata_prefix: str
    schema: str
    metadata_namespace: str


class Header(Struct, frozen=True):
    """The name of a record, when it was last published or withdrawn (UTC), and the sets it belongs to."""

    identifier: str
    datestamp: datetime
    set_specs: tuple[str, ...] = ()
    is_deleted: bool = False

    @property
    def article_id(self) -> int | None:
        """Return the number of the article, where the identifier holds one."""
        number = self.identifier.rpartition("/")[2]
        return int(number) if re.fullmatch("[0-9]{1,18}", number) else None


class DublinCore(Struct, frozen=True, kw_only=True):
    """The useful fields of oai_dc; `title` and `description` are HTML, creators come without their number."""

    title: str = ""
    creator: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    description: str = ""
    date: datetime | None = None
    type: str = ""
    identifier: str = ""
    relation: str = ""
    rights: str = ""


class Record(Struct, frozen=True):
    """A record as Dublin Core, or in another format as indented XML; a deleted one has neither."""

    header: Header
    dublin_core: DublinCore | None = None
    xml: str = ""


class Sets(Struct, frozen=True):
    """Sets; more exist unless `is_complete`, and `unreadable` counts those that couldn't be read."""

    sets: tuple[Set, ...]
    is_complete: bool
    unreadable: int = 0


class Headers(Struct, frozen=True):
    """Headers; more exist unless `is_complete`, and `unreadable` counts those that couldn't be read."""

    headers: tuple[Header, ...]
    is_complete: bool
    unreadable: int = 0


class Records(Struct, frozen=True):
    """Records; more exist unless `is_complete`, and `unreadable` counts those that couldn't be read.

    Of the newest, none since `complete_since` is missing.
    """

    records: tuple[Record, ...]
    is_complete: bool
    complete_since: datetime | None = None
    unreadable: int = 0


def verb_element(body: bytes, verb: str) -> XmlElement:
    """Return the element that answers a verb; raises OaiError for `<error>`, InvalidResponse without any."""
    root = parse_xml(body)
    if root.tag != f"{OAI}OAI-PMH":
        raise InvalidResponse(f"{local_name(root)} instead of OAI-PMH")
    error = root.find(f"{OAI}error")
    if error is not None:
        raise OaiError(error.get("code", ""), (error.text or "").strip()[:300])
    element = root.find(f"{OAI}{verb}")
    if element is None:
        raise InvalidResponse(f"no {verb} in the answer")
    return element


def parse_identify(element: XmlElement) -> Identify:
    """Return what a repository says of itself."""
    return Identify(
        repository_name=child_text(element, f"{OAI}repositoryName"),
        base_url=child_text(element, f"{OAI}baseURL"),
        protocol_version=child_text(element, f"{OAI}protocolVersion"),
        admin_email=child_text(element, f"{OAI}adminEmail"),
        earliest_datestamp=child_text(element, f"{OAI}earliestDatestamp"),
        deleted_record=child_text(element, f"{OAI}deletedRecord"),
        granularity=child_text(element, f"{OAI}granularity"),
    )


def parse_metadata_format(row: XmlElement) -> Format:
    """Return a metadata format."""
    names = ("metadataPrefix", "schema", "metadataNamespace")
    return Format(*(child_text(row, OAI + name) for name in names))


def parse_set(row: XmlElement) -> Set:
    """Return a set; raises InvalidResponse without its name in requests."""
    spec = child_text(row, f"{OAI}setSpec")
    if not spec:
        raise InvalidResponse("a set without setSpec")
    return Set(spec, child_text(row, f"{OAI}setName"))


def parse_header(row: XmlElement) -> Header:
    """Return a header; raises InvalidResponse without an identifier or a datestamp."""
    identifier = child_text(row, f"{OAI}identifier")
    datestamp = parse_datetime(child_text(row, f"{OAI}datestamp"))
    if not identifier or datestamp is None:
        raise InvalidResponse("a header without identifier or datestamp")
    set_specs = tuple((spec.text or "").strip() for spec in row.iterfind(f"{OAI}setSpec"))
    return Header(identifier, datestamp, set_specs, row.get("status") == "deleted")


def parse_record(row: XmlElement, prefix: str) -> Record:
    """Return a record in the format of this prefix; raises InvalidResponse without a header."""
    header_element, metadata = row.find(f"{OAI}header"), row.find(f"{OAI}metadata")
    if header_element is None:
        raise InvalidResponse("a record without a header")
    header = parse_header(header_element)
    if header.is_deleted or metadata is None or not len(metadata):
        return Record(header)
    if prefix == "oai_dc":
        return Record(header, dublin_core=_parse_dublin_core(metadata[0]))
    return Record(header, xml=indented_xml(metadata[0]))


def _parse_dublin_core(element: XmlElement) -> DublinCore:
    """Return Dublin Core by local names, since the namespace has been dc/terms (2016) and dc/elements/1.1."""
    values: dict[str, list[str]] = defaultdict(list)
    for child in element:
        if child.text and child.text.strip():
            values[local_name(child)].append(child.text.strip())

    def first(field: str) -> str:
        return next(iter(values[field]), "")

    return DublinCore(
        title=first("title"),
        # Anthony W. Purcell (105036)
        creator=tuple(_AUTHOR_NUMBER.sub("", name).rstrip() for name in values["creator"]),
        subject=tuple(values["subject"]),
        description=first("description"),
        date=parse_datetime(first("date")),
        type=first("type"),
        identifier=first("identifier"),
        relation=first("relation"),
        rights=first("rights"),
    )
