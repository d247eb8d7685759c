"""The offer of a new draft: a form where one can open, and buttons elsewhere."""

from collections.abc import Mapping

from bot.bot import Bot
from bot.commands import Act
from bot.drafts.accounts import account_for
from bot.drafts.choices import choices
from bot.drafts.form import LONGEST, fields
from bot.language.tokens import InvalidArgument
from bot.reply import Button, Form, Reply, Text, Value


def offered(bot: Bot, title: str, act: Act) -> Reply:
    """Give the form of a new draft, and the buttons that stand where none can open."""
    if len(title) > LONGEST["title"]:
        raise InvalidArgument("", "a title has at most 1,000 characters", "draft Counting frogs by ear")
    buttons = [Button("Fill in and create", deed="draft.form", value=title, style="primary")]
    if title:
        buttons.append(Button("Create with the title alone", deed="draft.title", value=title))
    return Reply(
        ("A new draft",),
        (Text((title,), "Title") if title else Text(("It has no title yet.",)),),
        notes=(("Nothing is written to Figshare before you press Create.",),),
        buttons=tuple(buttons),
        form=_form(bot, {"title": title} | dict(act.told), title, act),
        private=True,
        aside=True,
    )


def _form(bot: Bot, filled: Mapping[str, Value], kept: str, act: Act) -> Form:
    async def fill() -> Form:
        account = await account_for(bot, act.user, act.people)
        found, said = await choices(bot, account)
        return Form(
            "New draft",
            deed="draft.create",
            submit="Create",
            fields=fields(filled, found),
            said=said,
            kept=kept,
            opener="draft.form",
        )

    return Form("New draft", deed="draft.create", fill=fill)
