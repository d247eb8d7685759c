"""How a draft looks: what it is, what it lacks before it could be published, what can be done with it."""

from bot.figshare.account import Account
from bot.figshare.errors import FigshareError
from bot.figshare.models import Article
from bot.figshare.private import PrivateArticle
from bot.items.cards import doi, title
from bot.reply import Button, Code, Line, Link, Reply, Span, Text
from bot.text import cut, day, parsed_day, plain, web

_TITLE_IN_QUESTION = 150


def card(found: PrivateArticle) -> Reply:
    """Give a draft's card, with its buttons."""
    name, page = called(found), web(found.url_private_html)
    parts = [
        Text((f"Draft {found.id}", *_when(found))),
        Text(_complete(found), "To publish it on Figshare"),
    ]
    if reserved := doi(found.doi):
        parts.append(Text((Code(reserved), ", reserved"), "DOI"))
    if page:
        parts.append(Text((Link("Edit on Figshare", page),)))
    id = str(found.id)
    buttons = [Button("Edit", action="draft.edit", value=id)]
    if not reserved:
        buttons.append(Button("Reserve DOI", action="draft.reserve", value=id))
    buttons.append(Button("Private link", action="draft.link", value=id))
    buttons.append(delete_button(found, asks=True))
    return Reply((Link(name, page),), tuple(parts), buttons=tuple(buttons), is_private=True)


def delete_button(found: PrivateArticle, asks: bool) -> Button:
    """Give the button that deletes a draft; with `asks` it asks back and names the title."""
    question = f"Delete the draft “{cut(called(found), _TITLE_IN_QUESTION)}”? This can't be undone."
    return Button(
        "Delete", action="draft.delete", value=str(found.id), style="danger", confirm=question if asks else ""
    )


def called(found: Article) -> str:
    """Give a draft's title in one line."""
    return title(found.title, f"draft {found.id}")


def _when(found: PrivateArticle) -> Line:
    changed = parsed_day(found.modified_date)
    return (f" · changed {day(changed)}",) if changed else ()


def _complete(found: PrivateArticle) -> Line:
    """Say what is there and what is missing: https://docs.figshare.com/#private_article_publish."""
    needed = {
        "title": found.title,
        "description": plain(found.description),
        "authors": found.authors,
        "categories": found.categories,
        "type": found.defined_type_name,
        "licence": found.license and found.license.name,
        "keywords": found.tags,
    }
    spans: list[Span] = []
    for name, value in needed.items():
        spans.append(f"{'  ' if spans else ''}{name} {'✓' if value else '✗'}")
    return tuple(spans)


async def card_of(account: Account, id: int) -> Reply:
    """Give the card of a draft that was just written to; that was done, even if Figshare does not show it."""
    try:
        return card(await account.draft(id))
    except FigshareError:
        return Reply(
            (f"It is done: draft {id}.",),
            (Text(("Figshare does not show it just now.",)),),
            buttons=(Button("Show it", action="draft.card", value=str(id)),),
            is_private=True,
        )
