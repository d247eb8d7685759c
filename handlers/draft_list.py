"""The drafts there are: the list, each one's card and what its buttons do, and the log."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.drafts.accounts import account_for
from bot.drafts.card import called
from bot.figshare.models import Article
from bot.items.cards import title
from bot.reply import Button, Line, Reply, Rows, Strong
from bot.text import cut, day, parsed_day

SIZE = 5
LABEL = 40


@command("drafts", task="Draft", examples=("drafts", "help drafts"), role="reads")
async def drafts(bot: Bot, question: Question) -> Reply:
    """The drafts of the account, newest first."""
    account = await account_for(bot, question.user, question.people)
    found = await account.drafts(question.page, SIZE)
    if not found.rows:
        what = "There are no more drafts." if question.page > 1 else "There are no drafts in this account."
        return Reply((what,), page=question.page, is_private=True)
    return Reply(
        ("Drafts, newest first",),
        (Rows(tuple(_row(each) for each in found.rows), first=(question.page - 1) * SIZE + 1),),
        buttons=tuple(
            Button(cut(called(each), LABEL), action="draft.card", value=str(each.id)) for each in found.rows
        ),
        page=question.page,
        has_next_page=found.more,
        is_private=True,
    )


def _row(found: Article) -> tuple[Line, ...]:
    changed = parsed_day(found.modified_date or found.created_date)
    when = f" · changed {day(changed)}" if changed else ""
    return ((Strong(title(found.title, f"draft {found.id}")),), (f"draft {found.id}{when}",))
