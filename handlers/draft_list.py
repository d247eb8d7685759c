"""The list of the account's drafts."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.drafts.accounts import account_of_user
from bot.drafts.card import draft_title
from bot.figshare.models import Article
from bot.reply import Button, Line, Reply, Rows, Strong
from bot.text import cut, formatted_day, parse_day

_DRAFTS_PER_PAGE = 5
_MAX_BUTTON_LABEL = 40


@command("drafts", task="Draft", examples=("drafts", "help drafts"), role="reads")
async def drafts(bot: Bot, question: Question) -> Reply:
    """The drafts of the account, newest first."""
    account = await account_of_user(bot, question.user, question.directory)
    page = await account.drafts(question.page, _DRAFTS_PER_PAGE)
    if not page.rows:
        text = "There are no more drafts." if question.page > 1 else "There are no drafts in this account."
        return Reply((text,), page=question.page, is_private=True)
    return Reply(
        ("Drafts, newest first",),
        (
            Rows(
                tuple(_row(draft) for draft in page.rows),
                first_number=(question.page - 1) * _DRAFTS_PER_PAGE + 1,
            ),
        ),
        buttons=tuple(
            Button(cut(draft_title(draft), _MAX_BUTTON_LABEL), action="draft.card", value=str(draft.id))
            for draft in page.rows
        ),
        page=question.page,
        has_next_page=page.has_next_page,
        is_private=True,
    )


def _row(draft: Article) -> tuple[Line, ...]:
    changed = parse_day(draft.modified_date or draft.created_date)
    details = f"draft {draft.id}" + (f" · changed {formatted_day(changed)}" if changed else "")
    return ((Strong(draft_title(draft)),), (details,))
