"""What OAI-PMH answers say, read from their XML."""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct

from bot.figshare.errors import InvalidResponse, OaiError
from bot.figshare.xml import Element, document, moment, name, pretty, text

T = TypeVar("T")

# Of an author; each begins at a bracket, so that no run of spaces is read again and again.
_NUMBER = re.compile(r"\([0-9]+\)$")
OAI = "{http://www.openarchives.org/OAI/2.0/}"


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
    """A form in which records can be had."""

    metadata_prefix: str
    schema: str
    metadata_namespace: str


class Header(Struct, frozen=True):
    """Which record, when it was last published or withdrawn, and the sets it is in."""

    identifier: str
    datestamp: datetime
    set_specs: tuple[str, ...] = ()
    deleted: bool = False

    @property
    def article_id(self) -> int | None:
        """Give the number of the article, where the identifier holds one."""
        number = self.identifier.rpartition("/")[2]
        return int(number) if re.fullmatch("[0-9]{1,18}", number) else None


class DublinCore(Struct, frozen=True, kw_only=True):
    """The useful subset of oai_dc; `title` and `description` are HTML, creators come without their number."""

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
    dc: DublinCore | None = None
    xml: str = ""


class Sets(Struct, frozen=True):
    """Sets; more exist unless complete."""

    sets: tuple[Set, ...]
    complete: bool


class Headers(Struct, frozen=True):
    """Headers; more exist unless complete."""

    headers: tuple[Header, ...]
    complete: bool


class Records(Struct, frozen=True):
    """Records; more exist unless complete. Of the newest, `reached` says since when none was left out."""

    records: tuple[Record, ...]
    complete: bool
    reached: datetime | None = None


class Page(NamedTuple, Generic[T]):
    rows: tuple[T, ...]
    token: str


def answer_to(body: bytes, verb: str) -> Element:
    """Give the element that answers a verb; raises OaiError for `<error>`, else Unreadable."""
    root = document(body)
    if root.tag != f"{OAI}OAI-PMH":
        raise InvalidResponse(f"{name(root)} instead of OAI-PMH")
    error = root.find(f"{OAI}error")
    if error is not None:
        raise OaiError(error.get("code", ""), (error.text or "").strip()[:300])
    answer = root.find(f"{OAI}{verb}")
    if answer is None:
        raise InvalidResponse(f"no {verb} in the answer")
    return answer


def page(body: bytes, verb: str, row: Callable[[Element], T]) -> Page[T]:
    try:
        answer = answer_to(body, verb)
    except OaiError as error:
        # Nothing found is an answer.
        if error.code != "noRecordsMatch":
            raise
        return Page((), "")
    rows = (each for each in answer if each.tag != f"{OAI}resumptionToken")
    return Page(tuple(row(each) for each in rows), text(answer, f"{OAI}resumptionToken"))


def identify(answer: Element) -> Identify:
    return Identify(
        repository_name=text(answer, f"{OAI}repositoryName"),
        base_url=text(answer, f"{OAI}baseURL"),
        protocol_version=text(answer, f"{OAI}protocolVersion"),
        admin_email=text(answer, f"{OAI}adminEmail"),
        earliest_datestamp=text(answer, f"{OAI}earliestDatestamp"),
        deleted_record=text(answer, f"{OAI}deletedRecord"),
        granularity=text(answer, f"{OAI}granularity"),
    )


def metadata_format(row: Element) -> Format:
    return Format(*(text(row, OAI + each) for each in ("metadataPrefix", "schema", "metadataNamespace")))


def item_set(row: Element) -> Set:
    return Set(text(row, f"{OAI}setSpec"), text(row, f"{OAI}setName"))


def header(header: Element) -> Header:
    identifier, at = text(header, f"{OAI}identifier"), moment(text(header, f"{OAI}datestamp"))
    if not identifier or at is None:
        raise InvalidResponse("a header without identifier or datestamp")
    specs = tuple((each.text or "").strip() for each in header.iterfind(f"{OAI}setSpec"))
    return Header(identifier, at, specs, header.get("status") == "deleted")


def record(row: Element, prefix: str) -> Record:
    found = row.find(f"{OAI}header")
    if found is None:
        raise InvalidResponse("a record without a header")
    of, metadata = header(found), row.find(f"{OAI}metadata")
    if of.deleted or metadata is None or not len(metadata):
        return Record(of)
    if prefix == "oai_dc":
        return Record(of, dc=_dublin_core(metadata[0]))
    return Record(of, xml=pretty(metadata[0]))


def _dublin_core(dc: Element) -> DublinCore:
    """Read by local names: the namespace has been dc/terms (2016) and dc/elements/1.1."""
    said: dict[str, list[str]] = defaultdict(list)
    for each in dc:
        if each.text and each.text.strip():
            said[name(each)].append(each.text.strip())

    def first(field: str) -> str:
        return next(iter(said[field]), "")

    return DublinCore(
        title=first("title"),
        # Anthony W. Purcell (105036)
        creator=tuple(_NUMBER.sub("", each).rstrip() for each in said["creator"]),
        subject=tuple(said["subject"]),
        description=first("description"),
        date=moment(first("date")),
        type=first("type"),
        identifier=first("identifier"),
        relation=first("relation"),
        rights=first("rights"),
    )
