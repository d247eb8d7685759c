"""How an item, a collection and a project look, wherever they stand."""

from collections.abc import Sequence
from datetime import date

from bot.figshare.models import Article, ArticleComplete, Author, Collection, Project
from bot.items.lookup import Subject
from bot.reply import Line, Link, Span, Strong, Text
from bot.text import cut, day, paragraphs, parsed_day, plain, plural, safe, size, web

FIRST_AUTHORS = 3
LONGEST_DESCRIPTION = 300


def title(html: str | None, otherwise: str) -> str:
    """Write a title in one line, short enough for a list."""
    return cut(plain(html, 2_000), 250) or otherwise


def authors(found: Sequence[Author | None] | None) -> str:
    """Write the first few authors and how many more there are."""
    names = [each.full_name for each in found or () if each is not None and each.full_name]
    # there may be thousands
    first = ", ".join(cut(plain(name, 1_000), 80) for name in names[:FIRST_AUTHORS])
    more = len(names) - FIRST_AUTHORS
    return first + (f" and {plural(more, 'more author')}" if more > 0 else "")


def row(found: Article | Collection | Project) -> tuple[Line, ...]:
    """Write what a list shows: the title as a link, and a smaller line."""
    kind = (
        "collection" if isinstance(found, Collection) else "project" if isinstance(found, Project) else "item"
    )
    url = web(getattr(found, "url_public_html", None)) or web(getattr(found, "figshare_url", None))
    if url is None and kind != "item":
        url = f"https://figshare.com/{kind}s/_/{found.id}"
    facts = [_type(found) if isinstance(found, Article) else kind]
    published = parsed_day(found.published_date)
    if published:
        facts.append(day(published))
    if isinstance(found, Article | Collection) and (name := doi(found.doi)):
        facts.append(name)
    facts.append(f"{'' if kind == 'item' else kind + ' '}{found.id}")
    return ((Link(title(found.title, f"{kind} {found.id}"), url, strong=True),), (" · ".join(facts),))


def _type(found: Article) -> str:
    return cut(plain(found.defined_type_name, 200).replace("_", " "), 60) or "item"


def doi(name: str | None) -> str:
    """Give a DOI that can be shown, or nothing."""
    name = safe((name or "")[:1_000]).strip()
    return cut(name, 200) if name.startswith("10.") and len(name.split()) == 1 else ""


def item(found: ArticleComplete, thing: Subject, today: date) -> tuple[Text, ...]:
    """Write the facts of an item's card."""
    kind = _type(found).capitalize()
    head: list[Span] = [Strong("Metadata only · " if found.is_metadata_record else ""), kind]
    if names := authors(found.authors):
        head.append(f" by {names}")
    lines = [Text(tuple(span for span in head if span not in ("", Strong(""))))]
    lines += _dates(found)
    if found.license is not None and (name := plain(found.license.name)):
        lines.append(Text((Link(cut(name, 120), web(found.license.url)),), "Licence"))
    if name := doi(found.doi):
        lines.append(Text((Link(name, web(f"https://doi.org/{name}")),), "DOI"))
    elif name := cut(plain(found.handle, 1_000), 200):
        lines.append(Text((Link(name, web(f"https://hdl.handle.net/{name}")),), "Handle"))
    lines.append(Text((_files(found),), "Files"))
    lines += _embargo(found, today)
    if described := cut(paragraphs(found.description).replace("\n", " "), LONGEST_DESCRIPTION):
        lines.append(Text((described,)))
    return tuple(lines)


def _dates(found: ArticleComplete) -> list[Text]:
    timeline = found.timeline
    first = parsed_day((timeline.first_online or timeline.posted) if timeline is not None else None)
    latest = parsed_day(found.published_date)
    updated = parsed_day(found.modified_date)
    said = []
    if first:
        said.append(f"first published {day(first)}")
    if latest:
        said.append(f"this version {day(latest)}")
    if updated and updated != latest:
        said.append(f"updated {day(updated)}")
    version = f"version {found.version}" if found.version else ""
    return [Text((" · ".join(filter(None, [version, *said])),))] if said or version else []


def _files(found: ArticleComplete) -> str:
    files = [each for each in found.files or () if each is not None]
    if found.is_metadata_record:
        return "none: a metadata record"
    if not files:
        return f"{size(found.size)}" if found.size else "none listed"
    # Figshare lists at most ten files in an item's details.
    count = "10 or more files" if len(files) == 10 else plural(len(files), "file")
    links = sum(1 for each in files if each.is_link_only)
    said = f"{count}, {size(found.size)}" if found.size else count
    return said + (f", {plural(links, 'link')} to other places" if links else "")


def _embargo(found: ArticleComplete, today: date) -> list[Text]:
    if found.is_confidential:
        return [Text(("confidential",), "Access")]
    if not found.is_embargoed:
        return []
    until = parsed_day(found.embargo_date)
    what = "the whole item" if found.embargo_type == "article" else "the files"
    when = f"until {day(until)}" if until else "without an end"
    left = f", {plural((until - today).days, 'day')} left" if until and until > today else ""
    return [Text((Strong(f"{what}, {when}{left}"),), "Embargo")]


def collection(found: Collection) -> tuple[Text, ...]:
    """Write the facts of a collection's card."""
    facts = ["Collection" + (f" by {names}" if (names := authors(found.authors)) else "")]
    if found.articles_count is not None:
        facts.append(plural(found.articles_count, "item"))
    if found.version:
        facts.append(f"version {found.version}")
    published = parsed_day(found.published_date)
    if published:
        facts.append(f"published {day(published)}")
    lines = [Text((" · ".join(facts),))]
    if name := doi(found.doi):
        lines.append(Text((Link(name, web(f"https://doi.org/{name}")),), "DOI"))
    return (*lines, *_described(found.description))


def project(found: Project) -> tuple[Text, ...]:
    """Write the facts of a project's card."""
    names = [each.name for each in found.collaborators or () if each is not None and each.name]
    more = f" and {len(names) - FIRST_AUTHORS} more" if len(names) > FIRST_AUTHORS else ""
    first = ", ".join(cut(plain(name, 1_000), 80) for name in names[:FIRST_AUTHORS])
    facts = ["Project" + (f" of {first}{more}" if names else "")]
    published = parsed_day(found.published_date) or parsed_day(found.created_date)
    if published:
        facts.append(f"published {day(published)}")
    return (Text((" · ".join(facts),)), *_described(found.description))


def _described(html: str | None) -> tuple[Text, ...]:
    described = cut(paragraphs(html).replace("\n", " "), LONGEST_DESCRIPTION)
    return (Text((described,)),) if described else ()
