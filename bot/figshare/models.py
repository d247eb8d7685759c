"""The useful fields of what Figshare sends; all are documented at https://docs.figshare.com.

Every field may be absent or null: the answers of ten years have different shapes.
"""

from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, field

from bot.figshare.errors import InvalidResponse

T = TypeVar("T")
# An item with 5,000 authors has 35,000 values, the whole taxonomy 10,000.
_MAX_VALUES, _MAX_LENIENT_ROWS = 50_000, 10_000
# No number, size or count at Figshare is larger; one that is counts as unknown.
Number = Annotated[int, Meta(ge=0, le=10**15)]


class Timeline(Struct, frozen=True, kw_only=True):
    """When an item was `posted`, first online, revised: ISO dates, sometimes without time or zone."""

    posted: str | None = None
    first_online: str | None = field(default=None, name="firstOnline")
    publisher_publication: str | None = field(default=None, name="publisherPublication")


class Author(Struct, frozen=True, kw_only=True):
    """An author; `url_name` is `_` for people without a profile."""

    id: Number | None = None
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    url_name: str | None = None
    orcid_id: str | None = None


class License(Struct, frozen=True, kw_only=True):
    """A licence; portals add their own."""

    value: Number | None = None
    name: str | None = None
    url: str | None = None


class Category(Struct, frozen=True, kw_only=True):
    """A subject of Figshare's taxonomy."""

    id: Number = 0
    title: str | None = None
    parent_id: Number | None = None


class File(Struct, frozen=True, kw_only=True):
    """A file; `size` is in bytes, and 0 for an external link."""

    id: Number | None = None
    name: str | None = None
    size: Number | None = None
    is_link_only: bool | None = None
    download_url: str | None = None
    supplied_md5: str | None = None
    computed_md5: str | None = None
    mimetype: str | None = None


class Funding(Struct, frozen=True, kw_only=True):
    """A grant of an item; `is_user_defined` is 1 for one that somebody typed."""

    id: Number | None = None
    title: str | None = None
    grant_code: str | None = None
    funder_name: str | None = None
    is_user_defined: Number | None = None
    url: str | None = None


class RelatedMaterial(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A paper or another work that an item belongs to.

    Figshare rejects a bare DOI as `identifier` without the `identifier_type` "DOI".
    """

    id: Number | None = None
    identifier: str | None = None
    identifier_type: str | None = None
    relation: str | None = None
    title: str | None = None
    is_linkout: bool | None = None


class Version(Struct, frozen=True, kw_only=True):
    """One published version of an item."""

    version: Number = 0
    url: str | None = None


class Article(Struct, frozen=True, kw_only=True):
    """A row of a list or search: https://docs.figshare.com/#articles_list."""

    id: Number
    title: str | None = None
    doi: str | None = None
    handle: str | None = None
    url_public_html: str | None = None
    published_date: str | None = None
    modified_date: str | None = None
    created_date: str | None = None
    defined_type: Number | None = None
    defined_type_name: str | None = None
    group_id: Number | None = None
    timeline: Timeline | None = None
    resource_doi: str | None = None
    resource_title: str | None = None


class ArticleComplete(Article, frozen=True, kw_only=True):
    """An item with everything a card or a citation needs: https://docs.figshare.com/#public_article."""

    figshare_url: str | None = None
    description: str | None = None
    authors: list[Author | None] | None = None
    files: list[File | None] | None = None
    license: License | None = None
    tags: list[str | None] | None = None
    categories: list[Category | None] | None = None
    citation: str | None = None
    version: Number | None = None
    size: Number | None = None
    status: str | None = None
    is_public: bool | None = None
    is_metadata_record: bool | None = None
    metadata_reason: str | None = None
    is_confidential: bool | None = None
    is_embargoed: bool | None = None
    embargo_date: str | None = None
    embargo_type: str | None = None
    embargo_title: str | None = None
    embargo_reason: str | None = None
    references: list[str | None] | None = None
    related_materials: list[RelatedMaterial | None] | None = None
    funding: str | None = None
    funding_list: list[Funding | None] | None = None
    has_linked_file: bool | None = None
    download_disabled: bool | None = None


class Collection(Struct, frozen=True, kw_only=True):
    """A collection, as a row or whole: https://docs.figshare.com/#collection_details."""

    id: Number
    title: str | None = None
    doi: str | None = None
    handle: str | None = None
    url: str | None = None
    url_public_html: str | None = None
    figshare_url: str | None = None
    published_date: str | None = None
    modified_date: str | None = None
    timeline: Timeline | None = None
    description: str | None = None
    authors: list[Author | None] | None = None
    articles_count: Number | None = None
    version: Number | None = None
    citation: str | None = None
    resource_doi: str | None = None


class Project(Struct, frozen=True, kw_only=True):
    """A project, as a row or whole: https://docs.figshare.com/#project_details."""

    id: Number
    title: str | None = None
    url: str | None = None
    figshare_url: str | None = None
    published_date: str | None = None
    modified_date: str | None = None
    created_date: str | None = None
    description: str | None = None
    collaborators: list["Collaborator | None"] | None = None


class Collaborator(Struct, frozen=True, kw_only=True):
    """A person who works on a project."""

    user_id: Number | None = None
    name: str | None = None
    role_name: str | None = None


def bounded_json(body: bytes, max_values: int) -> bytes:
    """Return JSON unchanged if it has no more than about so many values; otherwise raises InvalidResponse.

    A value of two bytes may take hundreds once it is decoded, and decoding it takes time accordingly.
    """
    if body.count(b",") > max_values:
        raise InvalidResponse(f"more than {max_values:,} values")
    return body


def decode_json(body: bytes, kind: type[T]) -> T:
    """Return JSON as `kind`, without the fields that have an unexpected shape; raises InvalidResponse."""
    bounded_json(body, _MAX_VALUES)
    try:
        return msgspec.json.decode(body, type=kind, strict=False)
    except msgspec.ValidationError:
        try:
            return _convert_leniently(msgspec.json.decode(body), kind)  # type: ignore[no-any-return]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidResponse(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidResponse(f"not JSON: {error}") from error


def _convert_leniently(raw: Any, kind: Any) -> Any:
    """Return a decoded value as `kind`, without the rows and optional fields that have another shape."""
    try:
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError:
        if get_origin(kind) in (Union, UnionType):
            for option in get_args(kind):
                if option is not type(None):
                    return _convert_leniently(raw, option)
        if get_origin(kind) is list and isinstance(raw, list) and len(raw) <= _MAX_LENIENT_ROWS:
            rows = (_or_none(row, get_args(kind)[0]) for row in raw)
            return [row for row in rows if row is not None]
        if isinstance(kind, type) and issubclass(kind, Struct) and isinstance(raw, dict):
            return _convert_struct(raw, kind)
        raise


@cache
def _fields(kind: type[Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _convert_struct(raw: dict[str, Any], kind: type[Struct]) -> Any:
    values: dict[str, Any] = {}
    for field_info in _fields(kind):
        if field_info.encode_name in raw:
            value = _or_none(raw[field_info.encode_name], field_info.type)
            if value is not None:
                values[field_info.name] = value
        if field_info.required and field_info.name not in values:
            raise msgspec.ValidationError(f"`{field_info.encode_name}` is missing")
    return kind(**values)


def _or_none(raw: Any, kind: Any) -> Any:
    try:
        return _convert_leniently(raw, kind)
    except msgspec.ValidationError:
        return None
