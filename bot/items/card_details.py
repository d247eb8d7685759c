"""What a card says of an item when somebody wants to know more: what a curator looks for first."""

from collections.abc import Iterable

from bot.figshare.models import ArticleComplete, Funding, RelatedMaterial
from bot.items.cards import displayable_doi
from bot.reply import Line, Link, Span, Text
from bot.text import cut, plain, plural, safe_url

_MAX_SHOWN, _MAX_LENGTH, _MAX_READ = 10, 150, 1_000
_RESOLVERS = {
    "doi": "https://doi.org/",
    "handle": "https://hdl.handle.net/",
    "arxiv": "https://arxiv.org/abs/",
}


def details(article: ArticleComplete) -> tuple[Text, ...]:
    """Return an item's group, categories, keywords, funders, ORCIDs and related works, if there are any."""
    categories = (category.title for category in article.categories or () if category)
    grants = (_grant(grant) for grant in article.funding_list or () if grant)
    lines: list[tuple[str, Line]] = [
        ("Group", (f"group {article.group_id}",) if article.group_id else ()),
        ("Categories", _listed(map(_plain, categories))),
        ("Keywords", _listed(map(_plain, article.tags or ()))),
        ("Funding", _listed(grants) or _listed([_plain(article.funding)])),
        ("ORCID", _orcids(article)),
        ("Related works", _related_works(article)),
    ]
    return tuple(Text(line, label) for label, line in lines if line)


def _plain(html: str | None) -> str:
    return cut(plain(html, _MAX_READ), _MAX_LENGTH)


def _listed(names: Iterable[Span]) -> Line:
    """Return the first names, separated, and how many more there are; each name once."""
    unique = [name for name in dict.fromkeys(names) if str(getattr(name, "text", name))]
    spans: list[Span] = []
    for name in unique[:_MAX_SHOWN]:
        spans += [" · ", name] if spans else [name]
    more = len(unique) - _MAX_SHOWN
    return (*spans, f" and {more:,} more") if more > 0 else tuple(spans)


def _grant(grant: Funding) -> str:
    name, code = _plain(grant.funder_name) or _plain(grant.title), _plain(grant.grant_code)
    return f"{name} ({code})" if name and code and code not in name else name or code


def _orcids(article: ArticleComplete) -> Line:
    authors = [author for author in article.authors or () if author is not None]
    links = [
        Link(_plain(author.full_name) or orcid, safe_url(f"https://orcid.org/{orcid}"))
        for author in authors
        if (orcid := plain(author.orcid_id, 100).rpartition("/")[2])
    ]
    if not links:
        return ()
    return (f"{len(links):,} of {plural(len(authors), 'author')}: ", *_listed(links))


def _related_works(article: ArticleComplete) -> Line:
    works = [_related_work(work) for work in article.related_materials or () if work]
    if doi := displayable_doi(article.resource_doi):
        works.append(Link(_plain(article.resource_title) or doi, safe_url(f"https://doi.org/{doi}")))
    if not works:
        works = [Link(_plain(url), safe_url(url)) for url in article.references or () if url]
    # The same work may stand in two fields.
    unique: dict[str, Link] = {}
    for work in works:
        unique.setdefault((work.url or work.text).lower(), work)
    return _listed(unique.values())


def _related_work(work: RelatedMaterial) -> Link:
    identifier = plain(work.identifier, _MAX_READ)
    resolver = _RESOLVERS.get(plain(work.identifier_type, 40).lower(), "")
    is_address = identifier.startswith(("https://", "http://"))
    return Link(
        _plain(work.title) or cut(identifier, _MAX_LENGTH),
        safe_url(identifier if is_address else resolver + identifier),
    )
