"""The sample catalogue, as it stands at a moment.

library.json has what the tests ask about: two portals, and items of every odd shape. northbridge.json adds an
invented university with its groups, people and forty items, which is `ours` where people try the bot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from .item_types import TYPE_NUMBERS

ItemKind = Literal["article", "collection", "project"]
Seed = Mapping[str, Any]

SEED = Path(__file__).with_name("library.json")
NORTHBRIDGE = Path(__file__).with_name("northbridge.json")

FIRST_FILE = 28_369_770


@dataclass(frozen=True)
class CatalogueAuthor:
    id: int
    name: str
    orcid: str = ""
    is_active: bool = True


@dataclass(frozen=True)
class CatalogueFile:
    id: int
    name: str
    size: int
    link: str = ""


@dataclass(frozen=True)
class Item:
    """A public article, collection or project; `versions` are the dates of its versions, oldest first."""

    kind: ItemKind
    id: int
    seed: Seed
    versions: tuple[datetime, ...]
    authors: tuple[CatalogueAuthor, ...] = ()
    files: tuple[CatalogueFile, ...] = ()
    institution: Seed | None = None

    @property
    def title(self) -> str:
        title = self.seed["title"]
        if isinstance(title, str):
            return title
        length = int(title["length"])
        return (str(title["repeat"]) * length)[:length]

    @property
    def first(self) -> datetime:
        return self.versions[0]

    @property
    def latest(self) -> datetime:
        return self.versions[-1]

    @property
    def type_name(self) -> str:
        return str(self.seed.get("type", ""))

    @property
    def type(self) -> int:
        return TYPE_NUMBERS.get(self.type_name, 0)

    @property
    def group(self) -> int | None:
        return self.seed.get("group")

    @property
    def categories(self) -> tuple[int, ...]:
        return tuple(self.seed.get("categories", ()))

    @property
    def host(self) -> str:
        return str(self.institution["host"]) if self.institution else "figshare.com"

    @property
    def handle(self) -> str:
        return str(self.seed.get("handle", ""))

    def doi(self, version: int | None = None) -> str:
        """Return the DOI of a version, the latest by default; empty for items that have none."""
        if self.kind == "project":
            return ""
        patterns = {
            "article": "10.6084/m9.figshare.{id}.v{version}",
            "collection": "10.6084/m9.figshare.c.{id}.v{version}",
        }
        pattern = patterns[self.kind]
        if self.institution:
            pattern = self.institution["doi" if self.kind == "article" else "collection_doi"]
        pattern = self.seed.get("doi", pattern)
        return str(pattern).format(id=self.id, version=version or len(self.versions))

    @property
    def page(self) -> str:
        """Return the address of the public page, with the slug Figshare would give it."""
        slug = re.sub(r"[^A-Za-z0-9]+", "_", self.title)[:100] or "_"
        of_type = f"{self.type_name.replace(' ', '_')}/" if self.kind == "article" else ""
        return f"https://{self.host}/{self.kind}s/{of_type}{slug}/{self.id}"


@dataclass(frozen=True)
class Withdrawn:
    """An article that was public once: REST no longer knows it, OAI-PMH still has it as deleted."""

    id: int
    withdrawn_at: datetime
    type: int
    categories: tuple[int, ...]
    institution: Seed | None


@dataclass(frozen=True)
class Library:
    note: str
    articles: dict[int, Item]
    collections: Mapping[int, Item]
    projects: Mapping[int, Item]
    withdrawn: Mapping[int, Withdrawn]
    institutions: Sequence[Seed]
    groups: Mapping[int, Seed]
    categories: Mapping[int, Seed]
    licences: Mapping[int, Seed]
    places: Sequence[tuple[str, str, float]]
    # articles with a version that is still to come, with all their versions
    upcoming: list[Item]

    @classmethod
    def load(cls, now: datetime | None = None, *more: Path) -> Library:
        """Read the catalogue as it would stand at `now`: what is published later waits for `publish`.

        `more` are files whose rows are added to those of library.json.
        """
        now = now or datetime.now(UTC)
        seed = json.loads(SEED.read_text(encoding="utf-8"))
        for path in more:
            for name, rows in json.loads(path.read_text(encoding="utf-8")).items():
                seed[name] += rows
        return _Reader(seed, now).library()

    def publish(self, now: datetime) -> None:
        """Make public what is due by now, as somebody may move the clock forward."""
        for item in self.upcoming[:]:
            public = _until(item, now)
            if public.versions:
                self.articles[item.id] = public
            if len(public.versions) == len(item.versions):
                self.upcoming.remove(item)

    def portal(self, string_id: str) -> Seed | None:
        return next((i for i in self.institutions if i["string_id"] == string_id), None)

    def articles_of(self, item: Item) -> list[Item]:
        """Return the articles of a collection or project, in its own order."""
        if item.kind == "project":
            mine = [a for a in self.articles.values() if a.seed.get("project") == item.id]
            return mine + [self.articles[i] for i in item.seed.get("articles", ()) if i in self.articles]
        return [self.articles[i] for i in item.seed["articles"] if i in self.articles]

    def project_of(self, article: Item) -> int | None:
        return next(
            (p.id for p in self.projects.values() if any(a.id == article.id for a in self.articles_of(p))),
            None,
        )


class _Reader:
    def __init__(self, seed: Seed, now: datetime) -> None:
        self.seed = seed
        self.now = now
        self.institutions = {row["id"]: row for row in seed["institutions"]}
        self.groups = {row["id"]: row for row in seed["groups"]}
        self.authors = {
            row["id"]: CatalogueAuthor(
                row["id"], row["name"], row.get("orcid", ""), not row.get("inactive", False)
            )
            for row in seed["authors"]
        }
        self.last_file_id = FIRST_FILE

    def library(self) -> Library:
        articles = [self.item("article", row) for row in self.seed["items"]]
        return Library(
            note=self.seed["note"],
            articles=self.public(articles),
            collections=self.public([self.item("collection", row) for row in self.seed["collections"]]),
            projects=self.public([self.item("project", row) for row in self.seed["projects"]]),
            withdrawn={row["id"]: self.withdrawn(row) for row in self.seed["withdrawn"]},
            institutions=self.seed["institutions"],
            groups=self.groups,
            categories={row[0]: _category(row, self.seed["categories"]) for row in self.seed["categories"]},
            licences={
                row[0]: dict(zip(("value", "name", "url"), row, strict=True)) for row in self.seed["licences"]
            },
            places=[
                (country, city, weight * share / sum(cities.values()))
                for country, weight, cities in self.seed["places"]
                for city, share in cities.items()
            ],
            upcoming=[item for item in articles if item.versions[-1] > self.now],
        )

    def public(self, items: Sequence[Item]) -> dict[int, Item]:
        public = (_until(item, self.now) for item in items)
        return {item.id: item for item in public if item.versions}

    def item(self, kind: ItemKind, row: Seed) -> Item:
        group = self.groups.get(row.get("group", 0))
        embargo = row.get("embargo")
        if embargo:
            until = self.when(embargo["until"]) if embargo["until"] else None
            row = {**row, "embargo": {**embargo, "until": until}}
        dates = [row["on"]] if isinstance(row["on"], str) else row["on"]
        return Item(
            kind=kind,
            id=row["id"],
            seed=row,
            versions=tuple(map(self.when, dates)),
            authors=self.people(row["authors"]),
            files=self.files(row),
            institution=self.institutions[group["institution"]] if group else None,
        )

    def when(self, text: str) -> datetime:
        if text.endswith("d"):
            moment = (self.now + timedelta(days=int(text[:-1]))).replace(
                hour=6, minute=30, second=0, microsecond=0
            )
            return min(moment, self.now) if text.startswith("-") else moment
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    def people(self, seed: Any) -> tuple[CatalogueAuthor, ...]:
        if isinstance(seed, Mapping):
            crowd = list(self.authors.values())
            authors = [
                CatalogueAuthor(
                    9_100_000 + n, f"{crowd[n % 29].name.split()[0]} {crowd[n * 7 % 29].name.split()[-1]} {n}"
                )
                for n in range(int(seed["count"]))
            ]
            return tuple(authors)
        return tuple(self.authors[number] for number in seed)

    def files(self, row: Seed) -> tuple[CatalogueFile, ...]:
        seeds = row.get("files", [])
        if isinstance(seeds, Mapping):
            seeds = [
                [seeds["name"].format(n + 1), seeds["size"] + 997 * n] for n in range(int(seeds["count"]))
            ]
        files = [CatalogueFile(self.next_file_id(), name, size) for name, size in seeds]
        if row.get("link"):
            files.append(CatalogueFile(self.next_file_id(), row["title"], 0, row["link"]))
        return tuple(files)

    def next_file_id(self) -> int:
        self.last_file_id += 3
        return self.last_file_id

    def withdrawn(self, row: Seed) -> Withdrawn:
        institution = self.institutions.get(row["institution"])
        moment = self.when(row["withdrawn"])
        return Withdrawn(row["id"], moment, TYPE_NUMBERS[row["type"]], tuple(row["categories"]), institution)


def _until(item: Item, now: datetime) -> Item:
    """Return an item with the versions that are public by now."""
    if item.versions[-1] <= now:
        return item
    return replace(item, versions=tuple(moment for moment in item.versions if moment <= now))


def _category(row: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Seed:
    parents = {number: parent for number, _, parent, _ in rows}
    path, parent = f"/{row[0]}", row[2]
    while parent:
        path, parent = f"/{parent}{path}", parents[parent]
    return {
        "id": row[0],
        "title": row[1],
        "parent_id": row[2] or 0,
        "path": path,
        "source_id": row[3],
        "taxonomy_id": 100,
    }
