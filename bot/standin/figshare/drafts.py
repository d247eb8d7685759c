"""What a draft at the stand-in is made of: what Figshare takes, refuses and shows to its owner."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .accounts import Holder
from .library import TYPE_NUMBERS, Author, Library, Seed
from .paging import Refusal
from .shapes import API, Json, author, stamp

LENGTHS = {"title": (3, 1000), "description": (0, 20_000)}


@dataclass
class Draft:
    """An item that is not public; `fields` is what was written, checked and as it will be shown."""

    id: int
    holder: Holder
    fields: Json
    created: datetime
    modified: datetime
    # recorded: "draft" when new, "private" once it was written to
    status: str = "draft"
    doi: str = ""
    links: list[Json] = field(default_factory=list)

    def row(self) -> Json:
        name = self.fields["defined_type"]
        at = f"/articles/{(name or 'dataset').replace(' ', '_')}/_/{self.id}"
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
            "url_public_html": f"https://figshare.com{at}",
            "timeline": {},
            "resource_title": None,
            "resource_doi": None,
            "created_date": stamp(self.created),
            "modified_date": stamp(self.modified),
        }

    def whole(self) -> Json:
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
        what = self.fields["defined_type"].capitalize() or "Dataset"
        return f"{people} ({self.created.year}). {self.fields['title']}. figshare. {what}. {page}"

    def link(self, until: datetime) -> Json:
        """Make a private link and give it as the list of them shows it."""
        token = hashlib.sha256(f"{self.id} {len(self.links)}".encode()).hexdigest()[:20]
        made = {
            "id": token * 4,
            "is_active": True,
            "expires_date": f"{until:%Y-%m-%dT%H:%M:%S}",
            "html_location": f"https://figshare.com/s/{token}",
        }
        self.links.append(made)
        return made


def empty(library: Library, holder: Holder) -> Json:
    """Give the fields of a draft of which only the title has been told; its owner is its author."""
    return {
        "authors": [author(Author(holder.user_id, holder.name))],
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


def checked(library: Library, holder: Holder, told: Json) -> Json:
    """Give the fields that were told as they will be shown; raises Refusal as Figshare would."""
    fields: Json = {}
    for name, (shortest, longest) in LENGTHS.items():
        if name in told:
            fields[name] = _text(told, name, shortest, longest)
    for name, known in _known(library, holder).items():
        if name in told:
            fields[name] = known(told[name])
    if "keywords" in told:
        fields["tags"] = _texts("keywords", told["keywords"])
    if fields.get("related_materials"):
        fields["references"] = [each["link"] for each in fields["related_materials"]]
    return fields


def _known(library: Library, holder: Holder) -> dict[str, Any]:
    return {
        "defined_type": lambda name: _one(TYPE_NUMBERS, "defined_type", name) and name,
        "license": lambda value: _one(licences(library, holder), "license", value),
        "group_id": lambda value: _one(groups(library, holder), "group_id", value)["id"],
        "categories": lambda values: [
            _one(library.categories, "categories", value) for value in _list("categories", values)
        ],
        "tags": lambda values: _texts("tags", values),
        "references": lambda values: _texts("references", values, "http"),
        "authors": lambda values: _authors(library, holder, values),
        "related_materials": _materials,
        "funding_list": _funding,
    }


def licences(library: Library, holder: Holder) -> dict[int, Seed]:
    """Give the licences of everybody, and of the holder's institution."""
    return {number: row for number, row in library.licences.items() if number < 10 or holder.institution}


def groups(library: Library, holder: Holder) -> dict[int, Seed]:
    """Give the groups of the holder's institution."""
    return {number: row for number, row in library.groups.items() if row["institution"] == holder.institution}


def until(told: Json, now: datetime) -> datetime:
    """Tell until when a private link is to open an item: a year, unless told otherwise."""
    if not told.get("expires_date"):
        return now + timedelta(days=365)
    try:
        return datetime.fromisoformat(str(told["expires_date"]))
    except ValueError:
        raise Refusal.unprocessable("Invalid value received for expires_date") from None


def _text(told: Json, name: str, shortest: int, longest: int) -> str:
    value = told[name]
    if not isinstance(value, str):
        raise Refusal.unprocessable(f"Invalid value received for {name}: not a string")
    if not shortest <= len(value) <= longest:
        raise Refusal.unprocessable(
            f"Invalid value received for {name}: {shortest} to {longest} characters, not {len(value)}"
        )
    return value


def _list(name: str, values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise Refusal.unprocessable(f"Invalid value received for {name}: not a list")
    return values


def _texts(name: str, values: Any, start: str = "") -> list[str]:
    for value in _list(name, values):
        if not isinstance(value, str) or not value.startswith(start):
            raise Refusal.bad(f"Invalid value received for {name}")
    return list(values)


def _one(known: Any, name: str, value: Any) -> Any:
    if not isinstance(value, int | str) or value not in known:
        raise Refusal.bad(f"Invalid value received for {name}")
    return known[value]


def _authors(library: Library, holder: Holder, values: Any) -> list[Json]:
    known = {person.id: person for item in library.articles.values() for person in item.authors}
    known[holder.user_id] = Author(holder.user_id, holder.name)
    made = []
    for said in _list("authors", values):
        given = said if isinstance(said, dict) else {}
        name = given.get("name") or f"{given.get('first_name', '')} {given.get('last_name', '')}".strip()
        if given.get("id"):
            # whatever else is said is ignored
            made.append(author(_one(known, "authors", given["id"])))
        elif isinstance(name, str) and name:
            number = 14_000_000 + int(hashlib.sha256(name.encode()).hexdigest()[:5], 16)
            made.append(author(Author(number, name, str(given.get("orcid_id", "")), is_active=False)))
        else:
            raise Refusal.bad("Bad data: The field is mandatory.")
    return made


def _materials(values: Any) -> list[Json]:
    made = []
    for number, said in enumerate(_list("related_materials", values)):
        given = said if isinstance(said, dict) else {}
        identifier, kind = str(given.get("identifier", "")), given.get("identifier_type", "URL")
        if not identifier or (kind == "URL") != identifier.startswith("http"):
            raise Refusal.bad("Invalid identifier format")
        made.append(
            {
                "id": 10_432 + number,
                "identifier": identifier,
                "title": given.get("title", ""),
                "relation": given.get("relation", "References"),
                "identifier_type": kind,
                "is_linkout": given.get("is_linkout", False),
                "link": f"https://doi.org/{identifier}" if kind == "DOI" else identifier,
            }
        )
    return made


def _funding(values: Any) -> list[Json]:
    made = []
    for number, said in enumerate(_list("funding_list", values)):
        given = said if isinstance(said, dict) else {}
        if bool(given.get("id")) == bool(given.get("title")):
            raise Refusal.bad("Bad data: The field is mandatory.")
        made.append(
            {
                "id": given.get("id") or 2_000 + number,
                "title": given.get("title") or f"Sample grant {given['id']}",
                "grant_code": "",
                "funder_name": "",
                "is_user_defined": int("title" in given),
                "url": "",
            }
        )
    return made
