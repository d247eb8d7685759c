"""Three examples to begin with, which work with what is set up."""

from bot.bot import Bot
from bot.reply import Code, Line
from bot.settings import is_set_up

# Of each, the first that works here: one about numbers, one that finds, and one more.
_CHOICES = (
    ("stats ours last month", "stats ours", "views 5616445"),
    ("search ours type:dataset", "search title:frog"),
    ("top downloads ours last month", "top downloads last month"),
)


def works_here(bot: Bot, question: str) -> bool:
    """Return whether nothing has to be set up before a question is answered."""
    return is_set_up(question, bot.settings)


def first_questions(bot: Bot, user: str) -> tuple[str, ...]:
    """Return three questions that work here; the last one begins a draft for people named in the settings.

    Members of a user group are not among them: who they are is asked of Slack when they draft.
    """
    questions = [
        next((question for question in choice if works_here(bot, question)), choice[-1])
        for choice in _CHOICES
    ]
    if user in bot.settings.draft_users and bot.settings.figshare_token:
        questions[-1] = "draft My data set"
    return tuple(questions)


def invitation(bot: Bot, user: str) -> Line:
    """Return the line that invites to ask, with three examples."""
    first, second, third = first_questions(bot, user)
    examples: Line = ("Try ", Code(first), ", ", Code(second), " or ", Code(third), ".")
    return (*examples, " Or paste a DOI, or the address of a Figshare page.")
