"""The fields of a draft: what Figshare takes, refuses and shows to the owner."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .accounts import AccountHolder
from .item_types import TYPE_NUMBERS
from .library import CatalogueAuthor, Library, Seed
from .representations import API, Json, author_object, timestamp
from .responses import ErrorResponse

LENGTHS = {"title": (3, 1000), "description": (0, 20_000)}


@dataclass
class Draft:
    """An item that is not public; `fields` is what was written, checked and as it will be shown."""

    id: int
    holder: AccountHolder
    fields: Json
    created: datetime
    modified: datetime
    # recorded: "draft" when new, "private" once it was written to
    status: str = "draft"
    doi: str = ""
    links: list[Json] = field(default_factory=list)

    def row(self) -> Json:
        name = self.fields["defined_type"]
        path = f"/articles/{(name or 'dataset').replace(' ', '_')}/_/{self.id}"
        return {
            "id": self.id,
            "title": self.fields["title"],
            "doi": self.doi,
            "handle": "",
            "url": f"{API}/account/articles/{self.id}",
            "published_date": None,
            "thumb": "",
            "defined_type": TYPE_NUMBERS.get(name, 0),
            "defined_type_name": name,
            "group_id": self.fields["group_id"],
            "url_private_api": f"{API}/account/articles/{self.id}",
            "url_public_api": f"{API}/articles/{self.id}",
            "url_private_html": f"https://figshare.com/account/articles/{self.id}",
            "url_public_html": f"https://figshare.com{path}",
            "timeline": {},
            "resource_title": None,
            "resource_doi": None,
            "created_date": timestamp(self.created),
            "modified_date": timestamp(self.modified),
        }

    def detail(self) -> Json:
        fields = {name: value for name, value in self.fields.items() if name != "defined_type"}
        row = self.row()
        return {
            "curation_status": None,
            "files": [],
            "group_resource_id": None,
            "account_id": self.holder.id,
            "folder_structure": {},
            "custom_fields": [],
            "figshare_url": row["url_public_html"],
            "download_disabled": False,
            "version": 0,
            "status": self.status,
            "size": 0,
            "is_public": False,
            "is_confidential": False,
            "is_metadata_record": False,
            "confidential_reason": "",
            "metadata_reason": "",
            "has_linked_file": False,
            "citation": self.citation(row["url_public_html"]),
            "is_embargoed": False,
            "embargo_date": None,
            "embargo_type": None,
            "embargo_title": "",
            "embargo_reason": "",
            "embargo_options": [],
            **fields,
            "keywords": fields["tags"],
            **row,
        }

    def citation(self, page: str) -> str:
        people = "; ".join(person["full_name"] for person in self.fields["authors"])
        type_name = self.fields["defined_type"].capitalize() or "Dataset"
        return f"{people} ({self.created.year}). {self.fields['title']}. figshare. {type_name}. {page}"

    def add_link(self, expires: datetime) -> Json:
        """Add a private link, and return it as the list of them shows it."""
        token = hashlib.sha256(f"{self.id} {len(self.links)}".encode()).hexdigest()[:20]
        link = {
            "id": token * 4,
            "is_active": True,
            "expires_date": f"{expires:%Y-%m-%dT%H:%M:%S}",
            "html_location": f"https://figshare.com/s/{token}",
        }
        self.links.append(link)
        return link


def empty_fields(library: Library, holder: AccountHolder) -> Json:
    """Return the fields of a draft of which only the title is known; its owner is its author."""
    return {
        "authors": [author_object(CatalogueAuthor(holder.user_id, holder.name))],
        "description": "",
        "funding": None,
        "funding_list": [],
        "license": library.licences[1],
        "tags": [],
        "categories": [],
        "references": [],
        "related_materials": [],
        "defined_type": "",
        "group_id": None,
    }


def checked_fields(library: Library, holder: AccountHolder, body: Json) -> Json:
    """Return the written fields as they will be shown; raises ErrorResponse as Figshare would."""
    fields: Json = {}
    for name, (min_length, max_length) in LENGTHS.items():
        if name in body:
            fields[name] = _text(body, name, min_length, max_length)
    for name, check in _checks(library, holder).items():
        if name in body:
            fields[name] = check(body[name])
    if fields.get("related_materials"):
        fields["references"] = [material["link"] for material in fields["related_materials"]]
    return fields


def _checks(library: Library, holder: AccountHolder) -> dict[str, Any]:
    return {
        "defined_type": lambda name: _choice(TYPE_NUMBERS, "defined_type", name) and name,
        "license": lambda value: _choice(licences(library, holder), "license", value),
        "group_id": lambda value: _choice(groups(library, holder), "group_id", value)["id"],
        "categories": lambda values: [
            _choice(library.categories, "categories", value) for value in _list("categories", values)
        ],
        "tags": lambda values: _texts("tags", values),
        "references": lambda values: _texts("references", values, "http"),
        "authors": lambda values: _authors(library, holder, values),
        "related_materials": _materials,
        "funding_list": _funding,
    }


def licences(library: Library, holder: AccountHolder) -> dict[int, Seed]:
    """Return the licences of everybody, and of the holder's institution."""
    return {number: row for number, row in library.licences.items() if number < 10 or holder.institution}


def groups(library: Library, holder: AccountHolder) -> dict[int, Seed]:
    """Return the groups of the holder's institution."""
    return {number: row for number, row in library.groups.items() if row["institution"] == holder.institution}


def link_expiry(body: Json, now: datetime) -> datetime:
    """Return when a private link expires: in a year, unless the body says otherwise."""
    if not body.get("expires_date"):
        return now + timedelta(days=365)
    try:
        return datetime.fromisoformat(str(body["expires_date"]))
    except ValueError:
        raise ErrorResponse.unprocessable("Invalid value received for expires_date") from None


def _text(body: Json, name: str, min_length: int, max_length: int) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise ErrorResponse.unprocessable(f"Invalid value received for {name}: not a string")
    if not min_length <= len(value) <= max_length:
        raise ErrorResponse.unprocessable(
            f"Invalid value received for {name}: {min_length} to {max_length} characters, not {len(value)}"
        )
    return value


def _list(name: str, values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise ErrorResponse.unprocessable(f"Invalid value received for {name}: not a list")
    return values


def _texts(name: str, values: Any, start: str = "") -> list[str]:
    for value in _list(name, values):
        if not isinstance(value, str) or not value.startswith(start):
            raise ErrorResponse.bad_request(f"Invalid value received for {name}")
    return list(values)


def _choice(known: Any, name: str, value: Any) -> Any:
    if not isinstance(value, int | str) or value not in known:
        raise ErrorResponse.bad_request(f"Invalid value received for {name}")
    return known[value]


def _authors(library: Library, holder: AccountHolder, values: Any) -> list[Json]:
    known = {each.id: each for item in library.articles.values() for each in item.authors}
    known[holder.user_id] = CatalogueAuthor(holder.user_id, holder.name)
    rows = []
    for value in _list("authors", values):
        person = value if isinstance(value, dict) else {}
        name = person.get("name") or f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        if person.get("id"):
            # Figshare ignores the other fields.
            rows.append(author_object(_choice(known, "authors", person["id"])))
        elif isinstance(name, str) and name:
            number = 14_000_000 + int(hashlib.sha256(name.encode()).hexdigest()[:5], 16)
            rows.append(
                author_object(CatalogueAuthor(number, name, str(person.get("orcid_id", "")), is_active=False))
            )
        else:
            raise ErrorResponse.bad_request("Bad data: The field is mandatory.")
    return rows


def _materials(values: Any) -> list[Json]:
    rows = []
    for index, value in enumerate(_list("related_materials", values)):
        given = value if isinstance(value, dict) else {}
        identifier, kind = str(given.get("identifier", "")), given.get("identifier_type", "URL")
        if not identifier or (kind == "URL") != identifier.startswith("http"):
            raise ErrorResponse.bad_request("Invalid identifier format")
        rows.append(
            {
                "id": 10_432 + index,
                "identifier": identifier,
                "title": given.get("title", ""),
                "relation": given.get("relation", "References"),
                "identifier_type": kind,
                "is_linkout": given.get("is_linkout", False),
                "link": f"https://doi.org/{identifier}" if kind == "DOI" else identifier,
            }
        )
    return rows


def _funding(values: Any) -> list[Json]:
    rows = []
    for index, value in enumerate(_list("funding_list", values)):
        given = value if isinstance(value, dict) else {}
        if bool(given.get("id")) == bool(given.get("title")):
            raise ErrorResponse.bad_request("Bad data: The field is mandatory.")
        rows.append(
            {
                "id": given.get("id") or 2_000 + index,
                "title": given.get("title") or f"Sample grant {given['id']}",
                "grant_code": "",
                "funder_name": "",
                "is_user_defined": int("title" in given),
                "url": "",
            }
        )
    return rows
