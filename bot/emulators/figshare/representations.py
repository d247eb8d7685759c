"""Items in Figshare's JSON: the order of keys, blanks and quirks as recorded in 2026."""

from __future__ import annotations

import hashlib
import mimetypes
from datetime import datetime
from typing import Any

from .library import CatalogueAuthor, CatalogueFile, Item, Library

Json = dict[str, Any]

API = "https://api.figshare.com/v2"
# The fields that even the barest item has.
BARE_FIELDS = {
    "id",
    "title",
    "doi",
    "url",
    "published_date",
    "defined_type",
    "defined_type_name",
    "version",
    "status",
}


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def article_row(library: Library, item: Item, *, searched: bool = False) -> Json:
    """Return the row of a list; a row of a search begins with the project's number."""
    row = _head(item, len(item.versions))
    row["group_id"] = item.group or 0
    row["resource_title"], row["resource_doi"] = item.seed.get("resource", ["", ""])
    row |= dates(item, len(item.versions))
    return {"project_id": library.project_of(item), **row} if searched else row


def article_detail(library: Library, item: Item, version: int | None = None) -> Json:
    number = version or len(item.versions)
    seed = item.seed
    detail = {
        "files": [file_object(file) for file in item.files[:10]],
        "folder_structure": {},
        "authors": [author_object(author) for author in item.authors],
        "custom_fields": [_custom_field(*field) for field in seed.get("custom_fields", {}).items()],
        "figshare_url": item.page,
        "download_disabled": "embargo" in seed,
        "description": description(item),
        "funding": "; ".join(title for title, _, _ in seed.get("funding", [])) or None,
        "funding_list": funding_list(item),
        "version": number,
        "status": "public",
        "size": sum(f.size for f in item.files),
        **dates(item, number),
        "is_public": True,
        "is_confidential": False,
        "is_metadata_record": "metadata_reason" in seed,
        "confidential_reason": "",
        "metadata_reason": seed.get("metadata_reason", ""),
        "license": library.licences[seed.get("licence", 1)],
        "tags": list(seed["tags"]),
        "keywords": list(seed["tags"]),
        "categories": [library.categories[number] for number in item.categories],
        "references": seed.get("references", []),
        "has_linked_file": "link" in seed,
        "citation": citation(item, number),
        "related_materials": [
            _related(item, *numbered) for numbered in enumerate(seed.get("references", []))
        ],
        **_embargo(item),
        **_head(item, number),
    }
    detail["resource_title"], detail["resource_doi"] = seed.get("resource", [None, None])
    if seed.get("bare"):
        return {key: value if key in BARE_FIELDS or value is True else None for key, value in detail.items()}
    return detail


def _head(item: Item, version: int) -> Json:
    published = item.versions[version - 1]
    return {
        "id": item.id,
        "title": item.title,
        "doi": item.doi(version),
        "handle": item.handle,
        "url": f"{API}/articles/{item.id}",
        "published_date": timestamp(published),
        "thumb": _thumb(item),
        "defined_type": item.type,
        "defined_type_name": item.type_name,
        "group_id": item.group,
        "url_private_api": f"{API}/account/articles/{item.id}",
        "url_public_api": f"{API}/articles/{item.id}",
        "url_private_html": f"https://figshare.com/account/articles/{item.id}",
        "url_public_html": item.page,
        "timeline": publication_dates(item, published),
    }


def _thumb(item: Item) -> str:
    if not item.seed.get("thumb"):
        return ""
    first = item.files[0].id
    return f"https://ndownloader.figshare.com/files/{first}/preview/{first}/thumb.png"


def publication_dates(item: Item, published: datetime) -> Json:
    first = item.first.strftime("%Y-%m-%dT%H:%M:%S")
    # recorded in a project's rows: a date alone
    return {
        "posted": published.strftime("%Y-%m-%dT%H:%M:%S"),
        "firstOnline": first[:10] if item.seed.get("project") else first,
    }


def dates(item: Item, version: int) -> Json:
    moment = timestamp(item.versions[version - 1])
    return {"created_date": moment, "modified_date": moment}


def description(item: Item) -> str:
    about = item.seed.get("about", "")
    noun = "item" if item.kind == "article" else item.kind
    return f"<p>Sample data: this {noun} is invented.</p><p>{about}<br></p>"


def author_object(author: CatalogueAuthor) -> Json:
    first, _, last = author.name.partition(" ")
    return {
        "id": author.id,
        "full_name": author.name,
        "first_name": first,
        "last_name": last,
        "is_active": author.is_active,
        "url_name": "_" if not author.is_active else author.name.replace(" ", "_"),
        "orcid_id": author.orcid,
    }


def file_object(file: CatalogueFile) -> Json:
    md5 = "" if file.link else hashlib.md5(str(file.id).encode()).hexdigest()
    return {
        "id": file.id,
        "name": file.name,
        "size": file.size,
        "is_link_only": bool(file.link),
        "download_url": file.link or f"https://ndownloader.figshare.com/files/{file.id}",
        "supplied_md5": md5,
        "computed_md5": md5,
        "mimetype": mimetypes.guess_type(file.name)[0] or "undefined",
    }


def funding_list(item: Item) -> list[Json]:
    return [
        {
            "id": item.id + n,
            "title": title,
            "grant_code": code,
            "funder_name": funder,
            "is_user_defined": 1,
            "url": "",
        }
        for n, (title, code, funder) in enumerate(item.seed.get("funding", []))
    ]


def citation(item: Item, version: int | None = None) -> str:
    """Return the citation as Figshare writes it: family names first, the first year, HTML left in."""
    people = []
    for person in item.authors:
        first, _, last = person.name.partition(" ")
        people.append(f"{last}, {first}" if last else first)
    publisher = item.institution["name"] if item.institution else "figshare"
    type_name = item.type_name.capitalize() or item.kind.capitalize()
    doi = item.doi(version)
    address = f" https://doi.org/{doi}" if doi else ""
    if item.handle and not doi:
        address = f" https://hdl.handle.net/{item.handle}"
    return f"{'; '.join(people)} ({item.first.year}). {item.title}. {publisher}. {type_name}.{address}"


def _custom_field(name: str, value: Any) -> Json:
    kind = "dropdown" if isinstance(value, list) else "text"
    return {
        "name": name,
        "value": value,
        "field_type": kind,
        "settings": {},
        "order": None,
        "is_mandatory": False,
    }


def _related(item: Item, number: int, identifier: str) -> Json:
    return {
        "id": item.id * 10 + number,
        "identifier": identifier,
        "title": "",
        "relation": "References",
        "identifier_type": "URL",
        "is_linkout": False,
        "link": identifier,
    }


def _embargo(item: Item) -> Json:
    embargo = item.seed.get("embargo")
    return {
        "is_embargoed": bool(embargo),
        # recorded: null for an embargo that never ends
        "embargo_date": timestamp(embargo["until"]) if embargo and embargo["until"] else None,
        # "file" without an embargo is normal: only is_embargoed decides
        "embargo_type": embargo["type"] if embargo else "file",
        "embargo_title": embargo["title"] if embargo else "",
        "embargo_reason": embargo["reason"] if embargo else "",
        "embargo_options": embargo.get("options", []) if embargo else [],
    }


def collection_row(item: Item) -> Json:
    return {
        "id": item.id,
        "title": item.title,
        "doi": item.doi(),
        "handle": item.handle,
        "url": f"{API}/collections/{item.id}",
        "published_date": timestamp(item.latest),
        "timeline": publication_dates(item, item.latest),
    }


def collection_detail(library: Library, item: Item, version: int | None = None) -> Json:
    number = version or len(item.versions)
    published = item.versions[number - 1]
    return {
        "version": number,
        "resource_id": "",
        "resource_doi": "",
        "resource_title": "",
        "resource_link": "",
        "resource_version": None,
        "description": description(item),
        "categories": [library.categories[c] for c in item.categories],
        "references": [],
        "related_materials": [],
        "tags": list(item.seed["tags"]),
        "keywords": list(item.seed["tags"]),
        "authors": [author_object(author) for author in item.authors],
        "institution_id": item.institution["id"] if item.institution else None,
        "group_id": item.group,
        "articles_count": len(library.articles_of(item)),
        "public": True,
        "citation": citation(item, number),
        "custom_fields": [],
        "funding": funding_list(item),
        **dates(item, number),
        **collection_row(item),
        "doi": item.doi(number),
        "published_date": timestamp(published),
        "timeline": publication_dates(item, published),
    }


def project_row(item: Item) -> Json:
    return {
        "id": item.id,
        "title": item.title,
        "url": f"{API}/projects/{item.id}",
        "created_date": timestamp(item.first),
        "published_date": timestamp(item.first),
        "modified_date": timestamp(item.latest),
    }


def project_detail(item: Item) -> Json:
    roles = ["Owner", *["Collaborator"] * len(item.authors)]
    return {
        "description": description(item),
        "funding": "; ".join(title for title, _, _ in item.seed.get("funding", [])) or None,
        "funding_list": funding_list(item),
        "collaborators": [
            {"user_id": a.id, "name": a.name, "role_name": role}
            for a, role in zip(item.authors, roles, strict=False)
        ],
        "figshare_url": item.page,
        "custom_fields": [],
        **project_row(item),
    }


def category_object(library: Library, number: int) -> Json:
    row = library.categories[number]
    has_children = any(c["parent_id"] == number for c in library.categories.values())
    return {**row, "is_selectable": row["parent_id"] != 0, "has_children": has_children}
