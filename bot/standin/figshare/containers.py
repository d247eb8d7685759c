"""What collections, projects, categories and item types look like in Figshare's JSON."""

from __future__ import annotations

from .library import ITEM_TYPES, Item, Library
from .shapes import API, Json, author, citation, dates, description, funding, stamp, timeline


def collection_row(item: Item) -> Json:
    return {
        "id": item.id,
        "title": item.title,
        "doi": item.doi(),
        "handle": item.handle,
        "url": f"{API}/collections/{item.id}",
        "published_date": stamp(item.latest),
        "timeline": timeline(item, item.latest),
    }


def collection(library: Library, item: Item, version: int | None = None) -> Json:
    number = version or len(item.versions)
    at = item.versions[number - 1]
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
        "authors": [author(a) for a in item.authors],
        "institution_id": item.institution["id"] if item.institution else None,
        "group_id": item.group,
        "articles_count": len(library.articles_of(item)),
        "public": True,
        "citation": citation(item, number),
        "custom_fields": [],
        "funding": funding(item),
        **dates(item, number),
        **collection_row(item),
        "doi": item.doi(number),
        "published_date": stamp(at),
        "timeline": timeline(item, at),
    }


def project_row(item: Item) -> Json:
    return {
        "id": item.id,
        "title": item.title,
        "url": f"{API}/projects/{item.id}",
        "created_date": stamp(item.first),
        "published_date": stamp(item.first),
        "modified_date": stamp(item.latest),
    }


def project(item: Item) -> Json:
    roles = ["Owner", *["Collaborator"] * len(item.authors)]
    return {
        "description": description(item),
        "funding": "; ".join(title for title, _, _ in item.seed.get("funding", [])) or None,
        "funding_list": funding(item),
        "collaborators": [
            {"user_id": a.id, "name": a.name, "role_name": role}
            for a, role in zip(item.authors, roles, strict=False)
        ],
        "figshare_url": item.page,
        "custom_fields": [],
        **project_row(item),
    }


def category(library: Library, number: int) -> Json:
    row = library.categories[number]
    has_children = any(c["parent_id"] == number for c in library.categories.values())
    return {**row, "is_selectable": row["parent_id"] != 0, "has_children": has_children}


def item_types() -> list[Json]:
    return [
        {
            "id": number,
            "name": name,
            "string_id": name.replace(" ", "_"),
            "icon": name.split()[0],
            "public_description": f"Sample description of {name}",
            "is_selectable": True,
            "url_name": name.replace(" ", "_"),
        }
        for number, name in ITEM_TYPES.items()
    ]
