"""The card of a draft: what it is, what it lacks for publishing, and what can be done with it."""

from bot.figshare.account import Account
from bot.figshare.errors import FigshareError
from bot.figshare.models import Article
from bot.figshare.private import PrivateArticle
from bot.items.cards import displayable_doi, title_line
from bot.reply import Button, Code, Line, Link, Reply, Text
from bot.text import cut, formatted_day, parse_day, plain, safe_url

_MAX_TITLE_IN_DIALOG = 150


def draft_card(draft: PrivateArticle) -> Reply:
    """Return a draft's card, with its buttons."""
    url, doi = safe_url(draft.url_private_html), displayable_doi(draft.doi)
    changed = parse_day(draft.modified_date)
    parts = [
        Text((f"Draft {draft.id}", *((f" · changed {formatted_day(changed)}",) if changed else ()))),
        Text(_checklist(draft), "To publish it on Figshare"),
    ]
    if doi:
        parts.append(Text((Code(doi), ", reserved"), "DOI"))
    if url:
        parts.append(Text((Link("Edit on Figshare", url),)))
    id = str(draft.id)
    buttons = [Button("Edit", action="draft.edit", value=id)]
    if not doi:
        buttons.append(Button("Reserve DOI", action="draft.reserve", value=id))
    buttons.append(Button("Private link", action="draft.link", value=id))
    buttons.append(delete_button(draft, needs_confirmation=True))
    return Reply((Link(draft_title(draft), url),), tuple(parts), buttons=tuple(buttons), is_private=True)


def delete_button(draft: PrivateArticle, needs_confirmation: bool) -> Button:
    """Return the button that deletes a draft, with or without a confirmation dialog that names the title."""
    question = (
        f"Delete the draft “{cut(draft_title(draft), _MAX_TITLE_IN_DIALOG)}”? This can't be undone."
        if needs_confirmation
        else ""
    )
    return Button("Delete", action="draft.delete", value=str(draft.id), style="danger", confirm=question)


def draft_title(draft: Article) -> str:
    """Return a draft's title in one line."""
    return title_line(draft.title, f"draft {draft.id}")


def _checklist(draft: PrivateArticle) -> Line:
    """Return which of the required fields are filled: https://docs.figshare.com/#private_article_publish."""
    required = {
        "title": draft.title,
        "description": plain(draft.description),
        "authors": draft.authors,
        "categories": draft.categories,
        "type": draft.defined_type_name,
        "licence": draft.license and draft.license.name,
        "keywords": draft.tags,
    }
    marks = [f"{name} {'✓' if value else '✗'}" for name, value in required.items()]
    return (marks[0], *(f"  {mark}" for mark in marks[1:]))


async def card_after_change(account: Account, id: int) -> Reply:
    """Return the card of a draft that was just changed.

    The change is done even when Figshare can't show the draft, so FigshareError is not raised.
    """
    try:
        return draft_card(await account.draft(id))
    except FigshareError:
        return Reply(
            (f"Done: draft {id}.",),
            (Text(("Figshare can't show it right now.",)),),
            buttons=(Button("Show it", action="draft.card", value=str(id)),),
            is_private=True,
        )
