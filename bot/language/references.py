"""Which thing on Figshare a pasted id, DOI, handle, page, address or ORCID means.

Shapes as found on 5250 records: DOIs of figshare.com and of portals, handles, pages under any host.
The number in a DOI or on a page is a claim: ids are global, so `Reference.doi` is there to be verified.
"""

import re
from collections.abc import Sequence
from string import ascii_letters
from typing import Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

Kind = Literal["article", "collection", "project", "author", "group"]


class Reference(Struct, frozen=True):
    """What was pasted; kind None: a number or DOI whose kind is not said (an item until found otherwise)."""

    kind: Kind | None = None
    # None: there is only a DOI, a handle or an ORCID to look up
    id: int | None = None
    version: int | None = None
    # as asked, in lower case, without https://doi.org/ and without .vN: to be verified against the item found
    doi: str | None = None
    # as asked, with its .vN: Figshare knows a handle only in full
    handle: str | None = None
    orcid: str | None = None
    # a private link: nothing else is kept of it
    private: bool = False


_KIND_WORDS: dict[str, Kind] = {
    "article": "article",
    "item": "article",
    "collection": "collection",
    "project": "project",
    "author": "author",
    "group": "group",
}
_LARGEST_ID = 10**12
_LONGEST = 2000

_WRAPPED = re.compile(r"<([^|<>]*+)(?:\|[^<>]*+)?>")
_AMPERSAND = re.compile(r"&(?:amp;)++")
_ID = re.compile(r"([1-9][0-9]{0,12})(?:\.v([1-9][0-9]{0,3}))?", re.IGNORECASE)
_ORCID = re.compile(
    r"(?:orcid:|(?:https?://)?(?:www\.)?orcid\.org/)?((?:[0-9]{4}-){3}[0-9]{3}[0-9x])/?", re.IGNORECASE
)
_OAI = re.compile(r"oai:[a-z0-9.-]+:articles?/([0-9]+)(?:(?:\.v|/)([1-9][0-9]{0,3}))?", re.IGNORECASE)
_DOI = re.compile(r"(?:info:)?(?:doi:)?/?(10\.[0-9]{4,9}(?:\.[0-9]+)*/[!#-;=?-~]+)", re.IGNORECASE)
_NOT_IN_DOI = re.compile(r"[^!#-;=?-~]")
_SHOWN_DOI = re.compile(r"/(10\.[0-9]{4,9}/.+)")
_DOI_HOST = re.compile(r"(?:https?://)?(?:(?:www|dx)\.)?doi\.org/", re.IGNORECASE)
_DOI_VERSION = re.compile(r"\.v([1-9][0-9]{0,3})$")
_DOI_ID = re.compile(r"(?:^10\.[0-9.]+/|\.)([1-9][0-9]{0,12})$")
_DOI_COLLECTION = re.compile(r"[./]c\.[0-9]+$")
_HANDLE_HOST = re.compile(r"(?:hdl:|(?:https?://)?hdl\.handle\.net/)", re.IGNORECASE)
_HANDLE = re.compile(
    r"[0-9]{4,6}(?:\.[0-9]+)*/(?:[a-z][a-z_-]*\.)*[0-9]{3,12}(?:\.v([1-9][0-9]{0,3}))?", re.I
)
_TWO_YEARS = re.compile(r"(?:19|20)[0-9]{2}/(?:19|20)[0-9]{2}")
_ADDRESS = re.compile(r"https?://\S+|(?:[a-z0-9-]+\.)+[a-z]{2,}(?::[0-9]+)?/\S+", re.IGNORECASE)

# What remains of a private link: its hash is a key.
PRIVATE_LINK = "https://figshare.com/s/private"
# An address ends at what it has no need of, whatever was written around it, or where the next begins.
_UNBROKEN = re.compile(r"[^\s\"'<>()\[\]{}|`*~,;](?:(?!https?://)[^\s\"'<>()\[\]{}|`*~,;])*+", re.IGNORECASE)
# Under Figshare's own hosts anything after /s/ is one; elsewhere what looks like its hashes.
_PRIVATE = re.compile(
    r"private_link=[^&#]"
    r"|(?:figshare|figsh)\.com\.?(?::[0-9]*+)?[\\/]++s[\\/]++[^\\/?#]"
    r"|(?<![\\/])[\\/]++s[\\/]++(?:[0-9a-f]{8,}+(?![0-9a-z-])|[0-9a-z_-]{16})",
    re.IGNORECASE,
)
_ENCODED_AGAIN = re.compile(r"%(?:25)++(?=[0-9a-f]{2})", re.IGNORECASE)
_REGISTRANT = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*")
_FILE_PATH = re.compile(r"(?:/v[0-9])?(?:/ndownloader)?/(?:files|file/download)/[0-9]+(?:/|$)")
_PAGES: dict[str, Kind] = {
    "articles": "article",
    "collections": "collection",
    "projects": "project",
    "authors": "author",
}
# in front of /articles/N: the API's versions, the account's pages, downloads
_BEFORE_PAGES = frozenset({"v2", "v3", "account", "ndownloader"})
_VERSION = re.compile(r"[1-9][0-9]{0,3}")


def reference(text: str) -> Reference | None:
    """Read one pasted thing; None if it is none of the forms that lead to something on Figshare.

    Raises nothing. A private link gives `Reference(private=True)` and its hash is dropped here.
    """
    pasted = _bare(text)
    if not pasted or len(pasted) > _LONGEST:
        return None
    if without_private_links(pasted) != pasted or PRIVATE_LINK in pasted:
        return Reference(private=True)
    for read in (_plain_id, _orcid, _oai, _doi, _handle, _page):
        found = read(pasted)
        if found is not None:
            return found
    return None


def said(words: Sequence[str]) -> tuple[Reference, int] | None:
    """Read the reference a list of words starts with, and say how many words it took.

    A kind word (`collection 123`) that contradicts what follows gives None.
    """
    first = words[0].lower() if words else ""
    if len(words) > 1 and first in _KIND_WORDS:
        of_kind = _of_kind(_KIND_WORDS[first], reference(words[1]))
        return (of_kind, 2) if of_kind else None
    if len(words) > 1 and first in ("doi:", "hdl:", "orcid:"):
        named = reference(first + words[1])
        return (named, 2) if named else None
    alone = reference(words[0]) if words else None
    return (alone, 1) if alone else None


def is_file_link(text: str) -> bool:
    """Recognise the address of a file: no public call leads from a file to its item."""
    pasted = _bare(text)
    if len(pasted) > _LONGEST or not _ADDRESS.fullmatch(pasted):
        return False
    return _FILE_PATH.match(_split(pasted)[1]) is not None


def without_private_links(text: str) -> str:
    """Put `PRIVATE_LINK` where a private link stands: whoever has its hash may see the item.

    The hash is found anywhere, whatever stands around the address or in front of it, percent-encoded too.
    """
    if "%" not in text and not _PRIVATE.search(text):
        return text
    return _UNBROKEN.sub(lambda found: _without_private_link(found[0]), text)


def _without_private_link(unbroken: str) -> str:
    start = _private_from(unbroken)
    before = unbroken if start is None else unbroken[:start]
    if _private_from(unquote(_ENCODED_AGAIN.sub("%", before))) is not None:
        return PRIVATE_LINK
    return before if start is None else before + PRIVATE_LINK


def _private_from(unbroken: str) -> int | None:
    """Tell where the address of a private link begins in a run of characters."""
    for found in _PRIVATE.finditer(unbroken):
        if not _is_doi(unbroken, found):
            return _beginning(unbroken, found.start())
    return None


def _is_doi(unbroken: str, found: re.Match[str]) -> bool:
    """Tell whether it is `10.1234/s/…`, whose suffix may look like a hash."""
    if found[0][0] not in "\\/":
        return False
    before = unbroken[max(found.start() - 40, 0) : found.start()]
    segment = re.split(r"[\\/:=]", before)[-1]
    return _REGISTRANT.fullmatch(segment) is not None


def _beginning(unbroken: str, at: int) -> int:
    scheme = unbroken.rfind("://", 0, at)
    if scheme >= 0:
        return len(unbroken[:scheme].rstrip(ascii_letters))
    colon = unbroken.rfind(":", 0, at)
    if unbroken[colon + 1 : at].isdigit():
        # that is the host's port
        colon = unbroken.rfind(":", 0, max(colon, 0))
    return colon + 1


def label(ref: Reference) -> str:
    """Say the reference back to the person who pasted it."""
    if ref.private:
        return "a private link"
    version = f".v{ref.version}" if ref.version else ""
    if ref.doi:
        return ref.doi + version
    if ref.handle:
        return ref.handle
    if ref.kind in (None, "article"):
        return f"item {ref.id}{version}"
    return f"{ref.kind} {ref.orcid or f'{ref.id}{version}'}"


def words(ref: Reference) -> str:
    """Write the reference so that `said` reads the same again; a private link is not kept, so gives \"\"."""
    if ref.private:
        return ""
    version = f".v{ref.version}" if ref.version else ""
    if ref.handle:
        bare = ref.handle if reference(ref.handle) else f"hdl:{ref.handle}"
    else:
        bare = (ref.doi or ref.orcid or str(ref.id)) + (version if not ref.orcid else "")
    alone = reference(bare)
    return bare if alone == ref else f"{ref.kind} {bare}"


def _bare(text: str) -> str:
    """Take off Slack's wrapping and the punctuation of the sentence around."""
    pasted = text[: _LONGEST * 2].strip()
    wrapped = _WRAPPED.fullmatch(pasted.rstrip(".,;:!?)"))
    pasted = (wrapped[1] if wrapped else pasted).strip().lstrip("<([{\"'")
    return _without_end(_AMPERSAND.sub("&", pasted), ".,;:!?>\"'")


def _without_end(pasted: str, punctuation: str) -> str:
    """Take off punctuation at the end, and closing brackets that close nothing."""
    unopened = {close: pasted.count(close) - pasted.count(opening) for opening, close in ("()", "[]", "{}")}
    end = len(pasted)
    while end and (pasted[end - 1] in punctuation or unopened.get(pasted[end - 1], 0) > 0):
        end -= 1
        if pasted[end] in unopened:
            unopened[pasted[end]] -= 1
    return pasted[:end]


def _number(digits: str) -> int | None:
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 13 else 0
    return number if 1 <= number <= _LARGEST_ID else None


def _version(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _of_kind(kind: Kind, ref: Reference | None) -> Reference | None:
    """Join the kind that was said with the thing that was pasted, if they can be the same."""
    if ref is None or ref.private:
        return ref
    if ref.kind not in (None, kind):
        return None
    # only items and collections have DOIs; handles are looked up among items
    if (ref.doi and kind not in ("article", "collection")) or (ref.handle and kind != "article"):
        return None
    if ref.version and kind not in ("article", "collection"):
        return None
    return replace(ref, kind=kind)


def _plain_id(pasted: str) -> Reference | None:
    found = _ID.fullmatch(pasted)
    number = _number(found[1]) if found else None
    return Reference(id=number, version=_version(found[2])) if found and number else None


def _orcid(pasted: str) -> Reference | None:
    found = _ORCID.fullmatch(pasted)
    if not found:
        return None
    orcid = found[1].upper()
    # https://support.orcid.org/hc/en-us/articles/360006897674: ISO 7064 11,2
    total = 0
    for digit in orcid.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = "0123456789X"[(12 - total % 11) % 11]
    return Reference("author", orcid=orcid) if orcid[-1] == check else None


def _oai(pasted: str) -> Reference | None:
    found = _OAI.fullmatch(pasted)
    number = _number(found[1]) if found else None
    return Reference("article", number, _version(found[2])) if found and number else None


def _doi(pasted: str) -> Reference | None:
    """Read a DOI; the number in it is the last `.digits` (or all of the suffix) before `.vN`."""
    host = _DOI_HOST.match(pasted)
    plain = re.split(r"[?#]", pasted[host.end() :])[0] if host else pasted
    if host or "/" not in plain:
        plain = unquote(plain)
    found = _DOI.fullmatch(plain)
    return _of_doi(found[1]) if found else None


def _of_doi(text: str) -> Reference | None:
    doi, before = text.lower(), ""
    while doi != before:
        doi, before = _without_end(_bare(doi), ".,;:!?>\"'/"), doi
    versioned = _DOI_VERSION.search(doi)
    version = None
    if versioned:
        doi, version = doi[: versioned.start()], int(versioned[1])
    if not _DOI.fullmatch(doi):
        return None
    numbered = _DOI_ID.search(doi)
    number = _number(numbered[1]) if numbered else None
    kind: Kind | None = "collection" if number and _DOI_COLLECTION.search(doi) else None
    return Reference(kind, number, version, doi=doi)


def _handle(pasted: str) -> Reference | None:
    host = _HANDLE_HOST.match(pasted)
    handle = pasted[host.end() :] if host else pasted
    found = _HANDLE.fullmatch(handle)
    # 2024/2025 is what people write for a year, unless they say it is a handle
    if not found or (not host and _TWO_YEARS.fullmatch(handle)):
        return None
    return Reference(version=_version(found[1]), handle=handle)


def _split(address: str) -> tuple[str, str, str]:
    """Give an address as host, decoded path and query; empty strings if it is none."""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        return (parts.hostname or "", unquote(parts.path), parts.query)
    except ValueError:
        return "", "", ""


def _page(pasted: str) -> Reference | None:
    """Read the address of a page or of the API by its path: seventy portals have hosts of their own."""
    if not _ADDRESS.fullmatch(pasted) or is_file_link(pasted):
        return None
    _, path, _ = _split(pasted)
    segments = [segment for segment in path.split("/") if segment]
    while segments and segments[0].lower() in _BEFORE_PAGES:
        segments = segments[1:]
    if len(segments) > 1 and segments[0].lower() in _PAGES:
        return _on_page(_PAGES[segments[0].lower()], segments[1:])
    # https://commons.datacite.org/doi.org/10.… and others that show a DOI
    shown = _SHOWN_DOI.search(_NOT_IN_DOI.split(path)[-1])
    return _of_doi(shown[1]) if shown else None


def _on_page(kind: Kind, rest: list[str]) -> Reference | None:
    """Read `[type/][slug/]id[/version]`, or the API's `id[/versions/version][/…]`."""
    number = _number(rest[0])
    if number and (len(rest) == 1 or not rest[1].isdigit()):
        versioned = len(rest) > 2 and rest[1] == "versions" and _VERSION.fullmatch(rest[2])
        return _numbered(kind, number, rest[2] if versioned else None)
    last, before = _number(rest[-1]), _number(rest[-2]) if len(rest) > 1 else None
    if last is None:
        return None
    # a slug may be a number too: /articles/dataset/2020/123456
    if before and _VERSION.fullmatch(rest[-1]) and (before > 9999 or len(rest) > 3):
        return _numbered(kind, before, rest[-1])
    return _numbered(kind, last, None)


def _numbered(kind: Kind, number: int, version: str | None) -> Reference:
    return Reference(kind, number, _version(version) if kind in ("article", "collection") else None)
