"""Figshare's OAI-PMH 2.0: six verbs over the latest versions of the articles."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from lxml import etree
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .library import Library
from .oai_formats import FORMATS, UNSENDABLE, Element, Format, root_element, text
from .oai_records import Record, all_sets, records
from .shapes import stamp

T = TypeVar("T")

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
BASE_URL = "https://api.figshare.com/v2/oai"
STYLESHEET = b"""<?xml version='1.0' encoding='utf-8'?>
<?xml-stylesheet type="text/xsl" href="/v2/static/oai2.xsl"?>
"""
PREFIX = "oai:figshare.com:article/"
RECORDS_PER_PAGE = 10
SETS_PER_PAGE = 30
TOKEN_LIFE = timedelta(minutes=60)

# verb -> (needed, allowed besides), without resumptionToken
ARGUMENTS: dict[str, tuple[set[str], set[str]]] = {
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), set()),
    "GetRecord": ({"identifier", "metadataPrefix"}, set()),
    "ListIdentifiers": ({"metadataPrefix"}, {"from", "until", "set"}),
    "ListRecords": ({"metadataPrefix"}, {"from", "until", "set"}),
}


class Refused(Exception):
    """An OAI-PMH error: sent with HTTP 200, as the protocol wants it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Oai:
    def __init__(self, library: Library, now: Callable[[], datetime]) -> None:
        self.library = library
        self.now = now
        self.records = records(library)

    def routes(self) -> list[Route]:
        return [Route("/oai", self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        sent = request.query_params
        if request.method == "POST":
            sent = QueryParams((await request.body()).decode(errors="replace"))
        root = root_element(OAI, "OAI-PMH", xsi=XSI)
        root.set(f"{{{XSI}}}schemaLocation", f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd")
        _add(root, "responseDate", stamp(self.now()))
        said = _add(root, "request", BASE_URL)
        arguments: dict[str, str] = {}
        try:
            arguments = _arguments(sent)
            body = self.body(arguments)
        except Refused as refused:
            _add(root, "error", str(refused), code=refused.code)
            if refused.code not in {"badVerb", "badArgument"}:
                _echo(said, arguments)
        else:
            _echo(said, arguments)
            root.append(body)
        document = STYLESHEET + etree.tostring(root, encoding="utf-8")
        return Response(document, media_type="text/xml; charset=utf-8", headers={"Server": "nginx"})

    def body(self, arguments: Mapping[str, str]) -> Element:
        verb = arguments["verb"]
        arguments, page = self.resumed(arguments)
        root = etree.Element(f"{{{OAI}}}{verb}")
        if verb == "Identify":
            _identify(root)
        elif verb == "ListMetadataFormats":
            if "identifier" in arguments:
                self.record(arguments["identifier"])
            for prefix in FORMATS:
                _format(root, prefix)
        elif verb == "ListSets":
            sets = all_sets(self.library, self.records)
            for spec, name in _page(sets, page, SETS_PER_PAGE):
                row = _add(root, "set")
                _add(row, "setSpec", spec)
                _add(row, "setName", name)
            self.resumption(root, arguments, page, len(sets), SETS_PER_PAGE)
        elif verb == "GetRecord":
            self.add_record(root, self.record(arguments["identifier"]), arguments["metadataPrefix"])
        else:
            self.listing(root, arguments, page)
        return root

    def listing(self, root: Element, arguments: Mapping[str, str], page: int) -> None:
        selected = self.selected(arguments)
        for record in _page(selected, page, RECORDS_PER_PAGE):
            if arguments["verb"] == "ListIdentifiers":
                _header(root, record)
            else:
                self.add_record(root, record, arguments["metadataPrefix"])
        self.resumption(root, arguments, page, len(selected), RECORDS_PER_PAGE)

    def selected(self, arguments: Mapping[str, str]) -> list[Record]:
        _prefix(arguments["metadataPrefix"])
        start, end = arguments.get("from", ""), arguments.get("until", "")
        if start and end and len(start) != len(end):
            raise Refused("badArgument", "from and until have different granularities")
        first, last = _instant(start), _instant(end)
        if first and last and first > last:
            raise Refused("badArgument", "from is later than until")
        if last and len(end) == 10:
            last = last.replace(hour=23, minute=59, second=59)
        wanted = arguments.get("set")
        found = [
            record
            for record in self.records
            if (not first or record.at.replace(microsecond=0) >= first)
            and (not last or record.at.replace(microsecond=0) <= last)
            and (not wanted or wanted in record.sets)
        ]
        if not found:
            raise Refused("noRecordsMatch", "The combination of the given values results in an empty list")
        return found

    def record(self, identifier: str) -> Record:
        number = identifier.removeprefix(PREFIX)
        for record in self.records:
            if identifier.startswith(PREFIX) and number == str(record.id):
                return record
        raise Refused("idDoesNotExist", f"{identifier} is not known in this repository")

    def add_record(self, parent: Element, record: Record, prefix: str) -> None:
        chosen = _prefix(prefix)
        row = _add(parent, "record")
        _header(row, record)
        if record.item:
            _add(row, "metadata").append(chosen.build(self.library, record.item))

    def resumption(
        self, root: Element, arguments: Mapping[str, str], page: int, rows: int, size: int
    ) -> None:
        """Close a list: with a token if more follows, with an empty one if this ends a chain."""
        if page * size >= rows:
            if page > 1:
                _add(root, "resumptionToken")
            return
        expires = stamp(self.now() + TOKEN_LIFE)
        kept = {**arguments, "page": str(page + 1), "expires": expires}
        token = base64.b64encode(urlencode(kept).encode()).decode()
        _add(root, "resumptionToken", token, expirationDate=expires)

    def resumed(self, arguments: Mapping[str, str]) -> tuple[Mapping[str, str], int]:
        token = arguments.get("resumptionToken")
        if token is None:
            return arguments, 1
        try:
            kept = dict(parse_qsl(base64.b64decode(token, validate=True).decode(), strict_parsing=True))
            page = int(kept.pop("page"))
            expires = _instant(kept.pop("expires"))
        except (ValueError, KeyError, Refused):
            raise Refused("badResumptionToken", "The resumptionToken is invalid") from None
        whole = ARGUMENTS[arguments["verb"]][0] <= set(kept) and page > 1
        if kept.get("verb") != arguments["verb"] or not whole or expires is None or expires < self.now():
            raise Refused("badResumptionToken", "The resumptionToken is invalid or expired")
        return kept, page


def _arguments(sent: QueryParams) -> dict[str, str]:
    arguments = dict(sent)
    verb = arguments.get("verb", "")
    if verb not in ARGUMENTS or len(sent.getlist("verb")) > 1:
        raise Refused("badVerb", "Value of the verb argument is not a legal OAI-PMH verb")
    given = set(arguments) - {"verb"}
    needed, allowed = ARGUMENTS[verb]
    if len(sent.multi_items()) > len(arguments):
        raise Refused("badArgument", "An argument is repeated")
    if "resumptionToken" in given and verb.startswith("List") and verb != "ListMetadataFormats":
        if given != {"resumptionToken"}:
            raise Refused("badArgument", "resumptionToken is an exclusive argument")
        return arguments
    if given - needed - allowed:
        raise Refused("badArgument", f"Illegal argument: {', '.join(sorted(given - needed - allowed))}")
    if needed - given:
        raise Refused("badArgument", f"Missing argument: {', '.join(sorted(needed - given))}")
    return arguments


def _echo(said: Element, arguments: Mapping[str, str]) -> None:
    for name, value in arguments.items():
        said.set(name, UNSENDABLE.sub("", value))


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    for pattern in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Refused("badArgument", f"{text} is not a date of a supported granularity")


def _page(rows: Sequence[T], page: int, size: int) -> Sequence[T]:
    return rows[(page - 1) * size : page * size]


def _add(parent: Element, name: str, value: str = "", **attributes: str) -> Element:
    return text(parent, f"{{{OAI}}}{name}", value, **attributes)


def _identify(root: Element) -> None:
    for name, value in (
        ("repositoryName", "figshare"),
        ("baseURL", BASE_URL),
        ("protocolVersion", "2.0"),
        ("adminEmail", "info@figshare.com"),
        # a placeholder since 2026
        ("earliestDatestamp", "1800-01-01T00:00:00Z"),
        ("deletedRecord", "transient"),
        ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
    ):
        _add(root, name, value)


def _prefix(prefix: str) -> Format:
    if prefix not in FORMATS:
        raise Refused("cannotDisseminateFormat", f"{prefix} is not supported")
    return FORMATS[prefix]


def _format(root: Element, prefix: str) -> None:
    row = _add(root, "metadataFormat")
    _add(row, "metadataPrefix", prefix)
    _add(row, "schema", FORMATS[prefix].schema)
    _add(row, "metadataNamespace", FORMATS[prefix].namespace)


def _header(parent: Element, record: Record) -> None:
    header = _add(parent, "header")
    if record.item is None:
        header.set("status", "deleted")
    _add(header, "identifier", f"{PREFIX}{record.id}")
    _add(header, "datestamp", stamp(record.at))
    for spec in record.sets:
        _add(header, "setSpec", spec)
