"""The cards of items, collections and projects, and their rows in a list."""

from collections.abc import Sequence
from datetime import date

from bot.figshare.models import Article, ArticleComplete, Author, Collection, Project
from bot.items.access import access_lines
from bot.reply import Line, Link, Span, Strong, Text
from bot.text import cut, file_size, formatted_day, paragraphs, parse_day, plain, plural, safe, safe_url

AUTHORS_SHOWN = 3
MAX_TITLE = 250
_MAX_DESCRIPTION = 300


def title_line(html: str | None, default: str) -> str:
    """Return a title as plain text in one line, or the default where there is none."""
    return cut(plain(html, 2_000), MAX_TITLE) or default


def _author_list(authors: Sequence[Author | None] | None) -> str:
    """Return the names of the first few authors and how many more there are."""
    names = [author.full_name for author in authors or () if author is not None and author.full_name]
    more = len(names) - AUTHORS_SHOWN
    return _shown_names(names) + (f" and {plural(more, 'more author')}" if more > 0 else "")


def _shown_names(names: Sequence[str]) -> str:
    # Only the names that are shown are cleaned, since there may be thousands.
    return ", ".join(cut(plain(name, 1_000), 80) for name in names[:AUTHORS_SHOWN])


def list_row(record: Article | Collection | Project) -> tuple[Line, ...]:
    """Return a row of a list: the title as a link, and a smaller line of facts."""
    noun = _noun(record)
    facts = [_type_name(record) if isinstance(record, Article) else noun]
    if published := parse_day(record.published_date):
        facts.append(formatted_day(published))
    if isinstance(record, Article | Collection) and (doi := displayable_doi(record.doi)):
        facts.append(doi)
    facts.append(f"{'' if noun == 'item' else noun + ' '}{record.id}")
    return ((Link(record_title(record), page_url(record), is_strong=True),), (" · ".join(facts),))


def _noun(record: Article | Collection | Project) -> str:
    if isinstance(record, Article):
        return "item"
    return "collection" if isinstance(record, Collection) else "project"


def record_title(record: Article | Collection | Project) -> str:
    """Return a record's title in one line; without one, `item 5616445`."""
    return title_line(record.title, f"{_noun(record)} {record.id}")


def page_url(record: Article | Collection | Project) -> str | None:
    """Return the address of a record's page; without one from Figshare, collections and projects get theirs.

    The number leads to the page, whatever stands in place of the title.
    """
    url = safe_url(getattr(record, "url_public_html", None)) or safe_url(
        getattr(record, "figshare_url", None)
    )
    if url is None and not isinstance(record, Article):
        return f"https://figshare.com/{_noun(record)}s/_/{record.id}"
    return url


def _type_name(article: Article) -> str:
    return cut(plain(article.defined_type_name, 200).replace("_", " "), 60) or "item"


def displayable_doi(doi: str | None) -> str:
    """Return a DOI as it can be shown; empty when it doesn't look like one."""
    doi = safe((doi or "")[:1_000]).strip()
    return cut(doi, 200) if doi.startswith("10.") and len(doi.split()) == 1 else ""


def item_card(article: ArticleComplete, today: date) -> tuple[Text, ...]:
    """Return the facts of an item's card; from `today` it counts the days that an embargo still lasts."""
    spans: list[Span] = [Strong("Metadata only · ")] if article.is_metadata_record else []
    spans.append(_type_name(article).capitalize())
    if names := _author_list(article.authors):
        spans.append(f" by {names}")
    lines = [Text(tuple(spans)), *_dates(article)]
    if article.license is not None and (name := plain(article.license.name)):
        lines.append(Text((Link(cut(name, 120), safe_url(article.license.url)),), "Licence"))
    if doi := displayable_doi(article.doi):
        lines.append(_doi_line(doi))
    elif handle := cut(plain(article.handle, 1_000), 200):
        lines.append(Text((Link(handle, safe_url(f"https://hdl.handle.net/{handle}")),), "Handle"))
    lines.append(Text((_files(article),), "Files"))
    return (*lines, *access_lines(article, today), *_description(article.description))


def _dates(article: ArticleComplete) -> tuple[Text, ...]:
    timeline = article.timeline
    first = parse_day((timeline.first_online or timeline.posted) if timeline is not None else None)
    published = parse_day(article.published_date)
    updated = parse_day(article.modified_date)
    facts = []
    if article.version:
        facts.append(f"version {article.version}")
    if first:
        facts.append(f"first published {formatted_day(first)}")
    if published:
        facts.append(f"this version {formatted_day(published)}")
    if updated and updated != published:
        facts.append(f"updated {formatted_day(updated)}")
    return (Text((" · ".join(facts),)),) if facts else ()


def _files(article: ArticleComplete) -> str:
    files = [file for file in article.files or () if file is not None]
    if article.is_metadata_record:
        return "none: a metadata record"
    if not files:
        return file_size(article.size) if article.size else "none listed"
    # Figshare lists at most ten files in an item's details.
    count = "10 or more files" if len(files) == 10 else plural(len(files), "file")
    links = sum(1 for file in files if file.is_link_only)
    facts = f"{count}, {file_size(article.size)}" if article.size else count
    return facts + (f", {plural(links, 'external link')}" if links else "")


def collection_card(collection: Collection) -> tuple[Text, ...]:
    """Return the facts of a collection's card."""
    names = _author_list(collection.authors)
    facts = [f"Collection by {names}" if names else "Collection"]
    if collection.articles_count is not None:
        facts.append(plural(collection.articles_count, "item"))
    if collection.version:
        facts.append(f"version {collection.version}")
    if published := parse_day(collection.published_date):
        facts.append(f"published {formatted_day(published)}")
    lines = [Text((" · ".join(facts),))]
    if doi := displayable_doi(collection.doi):
        lines.append(_doi_line(doi))
    return (*lines, *_description(collection.description))


def project_card(project: Project) -> tuple[Text, ...]:
    """Return the facts of a project's card."""
    names = [person.name for person in project.collaborators or () if person is not None and person.name]
    more = f" and {len(names) - AUTHORS_SHOWN} more" if len(names) > AUTHORS_SHOWN else ""
    facts = [f"Project of {_shown_names(names)}{more}" if names else "Project"]
    if published := parse_day(project.published_date) or parse_day(project.created_date):
        facts.append(f"published {formatted_day(published)}")
    return (Text((" · ".join(facts),)), *_description(project.description))


def _doi_line(doi: str) -> Text:
    return Text((Link(doi, safe_url(f"https://doi.org/{doi}")),), "DOI")


def _description(html: str | None) -> tuple[Text, ...]:
    description = cut(paragraphs(html).replace("\n", " "), _MAX_DESCRIPTION)
    return (Text((description,)),) if description else ()
