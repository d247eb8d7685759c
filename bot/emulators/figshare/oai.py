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
from .oai_formats import FORMATS, MetadataFormat
from .oai_records import OaiRecord, all_sets, oai_records
from .representations import timestamp
from .xml import INVALID_CHARACTERS, XmlElement, add_element, root_element

T = TypeVar("T")

OAI_NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OAI_BASE_URL = "https://api.figshare.com/v2/oai"
STYLESHEET = b"""<?xml version='1.0' encoding='utf-8'?>
<?xml-stylesheet type="text/xsl" href="/v2/static/oai2.xsl"?>
"""
IDENTIFIER_PREFIX = "oai:figshare.com:article/"
RECORDS_PER_PAGE = 10
SETS_PER_PAGE = 30
TOKEN_LIFE = timedelta(minutes=60)

# verb -> (required arguments, optional arguments), without resumptionToken
ARGUMENTS: dict[str, tuple[set[str], set[str]]] = {
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), set()),
    "GetRecord": ({"identifier", "metadataPrefix"}, set()),
    "ListIdentifiers": ({"metadataPrefix"}, {"from", "until", "set"}),
    "ListRecords": ({"metadataPrefix"}, {"from", "until", "set"}),
}


class OaiProtocolError(Exception):
    """Raised when a request is answered with an error of OAI-PMH, which is sent with HTTP 200."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OaiApi:
    def __init__(self, library: Library, now: Callable[[], datetime]) -> None:
        self.library = library
        self.now = now

    @property
    def records(self) -> list[OaiRecord]:
        return oai_records(self.library)

    def routes(self) -> list[Route]:
        return [Route("/oai", self.answer, methods=["GET"])]

    async def answer(self, request: Request) -> Response:
        root = root_element(OAI_NAMESPACE, "OAI-PMH", xsi=XSI)
        root.set(
            f"{{{XSI}}}schemaLocation",
            f"{OAI_NAMESPACE} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd",
        )
        _add(root, "responseDate", timestamp(self.now()))
        request_element = _add(root, "request", OAI_BASE_URL)
        arguments: dict[str, str] = {}
        try:
            arguments = _arguments(request.query_params)
            body = self.body(arguments)
        except OaiProtocolError as error:
            _add(root, "error", str(error), code=error.code)
            if error.code not in {"badVerb", "badArgument"}:
                _echo(request_element, arguments)
        else:
            _echo(request_element, arguments)
            root.append(body)
        document = STYLESHEET + etree.tostring(root, encoding="utf-8")
        return Response(document, media_type="text/xml; charset=utf-8", headers={"Server": "nginx"})

    def body(self, arguments: Mapping[str, str]) -> XmlElement:
        verb = arguments["verb"]
        arguments, page = self.resumed_arguments(arguments)
        root = etree.Element(f"{{{OAI_NAMESPACE}}}{verb}")
        if verb == "Identify":
            _identify(root)
        elif verb == "ListMetadataFormats":
            if "identifier" in arguments:
                self.record(arguments["identifier"])
            for prefix in FORMATS:
                _add_format(root, prefix)
        elif verb == "ListSets":
            sets = all_sets(self.library, self.records)
            for spec, name in _page(sets, page, SETS_PER_PAGE):
                row = _add(root, "set")
                _add(row, "setSpec", spec)
                _add(row, "setName", name)
            self.add_resumption_token(root, arguments, page, len(sets), SETS_PER_PAGE)
        elif verb == "GetRecord":
            self.add_record(root, self.record(arguments["identifier"]), arguments["metadataPrefix"])
        else:
            self.listing(root, arguments, page)
        return root

    def listing(self, root: XmlElement, arguments: Mapping[str, str], page: int) -> None:
        records = self.selected_records(arguments)
        for record in _page(records, page, RECORDS_PER_PAGE):
            if arguments["verb"] == "ListIdentifiers":
                _add_header(root, record)
            else:
                self.add_record(root, record, arguments["metadataPrefix"])
        self.add_resumption_token(root, arguments, page, len(records), RECORDS_PER_PAGE)

    def selected_records(self, arguments: Mapping[str, str]) -> list[OaiRecord]:
        _metadata_format(arguments["metadataPrefix"])
        start, end = arguments.get("from", ""), arguments.get("until", "")
        if start and end and len(start) != len(end):
            raise OaiProtocolError("badArgument", "from and until have different granularities")
        first, last = _instant(start), _instant(end)
        if first and last and first > last:
            raise OaiProtocolError("badArgument", "from is later than until")
        if last and len(end) == 10:
            last = last.replace(hour=23, minute=59, second=59)
        wanted = arguments.get("set")
        records = [
            record
            for record in self.records
            if (not first or record.datestamp.replace(microsecond=0) >= first)
            and (not last or record.datestamp.replace(microsecond=0) <= last)
            and (not wanted or wanted in record.sets)
        ]
        if not records:
            raise OaiProtocolError("noRecordsMatch", "The combination of the values results in an empty list")
        return records

    def record(self, identifier: str) -> OaiRecord:
        number = identifier.removeprefix(IDENTIFIER_PREFIX)
        for record in self.records:
            if identifier.startswith(IDENTIFIER_PREFIX) and number == str(record.id):
                return record
        raise OaiProtocolError("idDoesNotExist", f"{identifier} is not known in this repository")

    def add_record(self, parent: XmlElement, record: OaiRecord, prefix: str) -> None:
        metadata_format = _metadata_format(prefix)
        row = _add(parent, "record")
        _add_header(row, record)
        if record.item:
            _add(row, "metadata").append(metadata_format.build(self.library, record.item))

    def add_resumption_token(
        self, root: XmlElement, arguments: Mapping[str, str], page: int, rows: int, size: int
    ) -> None:
        """End a list: with a token if more follows, with an empty one at the end of several pages."""
        if page * size >= rows:
            if page > 1:
                _add(root, "resumptionToken")
            return
        expires = timestamp(self.now() + TOKEN_LIFE)
        state = {**arguments, "page": str(page + 1), "expires": expires}
        token = base64.b64encode(urlencode(state).encode()).decode()
        _add(root, "resumptionToken", token, expirationDate=expires)

    def resumed_arguments(self, arguments: Mapping[str, str]) -> tuple[Mapping[str, str], int]:
        token = arguments.get("resumptionToken")
        if token is None:
            return arguments, 1
        try:
            state = dict(parse_qsl(base64.b64decode(token, validate=True).decode(), strict_parsing=True))
            page = int(state.pop("page"))
            expires = _instant(state.pop("expires"))
        except (ValueError, KeyError, OaiProtocolError):
            raise OaiProtocolError("badResumptionToken", "The resumptionToken is invalid") from None
        is_complete = ARGUMENTS[arguments["verb"]][0] <= set(state) and page > 1
        if (
            state.get("verb") != arguments["verb"]
            or not is_complete
            or expires is None
            or expires < self.now()
        ):
            raise OaiProtocolError("badResumptionToken", "The resumptionToken is invalid or expired")
        return state, page


def _arguments(params: QueryParams) -> dict[str, str]:
    arguments = dict(params)
    verb = arguments.get("verb", "")
    if verb not in ARGUMENTS or len(params.getlist("verb")) > 1:
        raise OaiProtocolError("badVerb", "Value of the verb argument is not a legal OAI-PMH verb")
    given = set(arguments) - {"verb"}
    required, allowed = ARGUMENTS[verb]
    if len(params.multi_items()) > len(arguments):
        raise OaiProtocolError("badArgument", "An argument is repeated")
    if "resumptionToken" in given and verb.startswith("List") and verb != "ListMetadataFormats":
        if given != {"resumptionToken"}:
            raise OaiProtocolError("badArgument", "resumptionToken is an exclusive argument")
        return arguments
    if given - required - allowed:
        raise OaiProtocolError(
            "badArgument", f"Illegal argument: {', '.join(sorted(given - required - allowed))}"
        )
    if required - given:
        raise OaiProtocolError("badArgument", f"Missing argument: {', '.join(sorted(required - given))}")
    return arguments


def _echo(element: XmlElement, arguments: Mapping[str, str]) -> None:
    for name, value in arguments.items():
        element.set(name, INVALID_CHARACTERS.sub("", value))


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    for pattern in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise OaiProtocolError("badArgument", f"{text} is not a date of a supported granularity")


def _page(rows: Sequence[T], page: int, size: int) -> Sequence[T]:
    return rows[(page - 1) * size : page * size]


def _add(parent: XmlElement, name: str, value: str = "", **attributes: str) -> XmlElement:
    return add_element(parent, f"{{{OAI_NAMESPACE}}}{name}", value, **attributes)


def _identify(root: XmlElement) -> None:
    for name, value in (
        ("repositoryName", "figshare"),
        ("baseURL", OAI_BASE_URL),
        ("protocolVersion", "2.0"),
        ("adminEmail", "info@figshare.com"),
        # A placeholder since 2026.
        ("earliestDatestamp", "1800-01-01T00:00:00Z"),
        ("deletedRecord", "transient"),
        ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
    ):
        _add(root, name, value)


def _metadata_format(prefix: str) -> MetadataFormat:
    if prefix not in FORMATS:
        raise OaiProtocolError("cannotDisseminateFormat", f"{prefix} is not supported")
    return FORMATS[prefix]


def _add_format(root: XmlElement, prefix: str) -> None:
    row = _add(root, "metadataFormat")
    _add(row, "metadataPrefix", prefix)
    _add(row, "schema", FORMATS[prefix].schema)
    _add(row, "metadataNamespace", FORMATS[prefix].namespace)


def _add_header(parent: XmlElement, record: OaiRecord) -> None:
    header = _add(parent, "header")
    if record.item is None:
        header.set("status", "deleted")
    _add(header, "identifier", f"{IDENTIFIER_PREFIX}{record.id}")
    _add(header, "datestamp", timestamp(record.datestamp))
    for spec in record.sets:
        _add(header, "setSpec", spec)
