"""The offer of a new draft: a form where one can open, and buttons elsewhere."""

from collections.abc import Mapping

from bot.bot import Bot
from bot.commands import Interaction
from bot.drafts.accounts import account_for
from bot.drafts.choices import choices
from bot.drafts.form import LONGEST, fields
from bot.language.tokens import InvalidArgument
from bot.reply import Button, Form, Reply, Text, Value


def offered(bot: Bot, title: str, interaction: Interaction) -> Reply:
    """Give the form of a new draft, and the buttons that stand where none can open."""
    if len(title) > LONGEST["title"]:
        raise InvalidArgument("", "a title has at most 1,000 characters", "draft Counting frogs by ear")
    buttons = [Button("Fill in and create", action="draft.form", value=title, style="primary")]
    if title:
        buttons.append(Button("Create with the title alone", action="draft.title", value=title))
    return Reply(
        ("A new draft",),
        (Text((title,), "Title") if title else Text(("It has no title yet.",)),),
        footnotes=(("Nothing is written to Figshare before you press Create.",),),
        buttons=tuple(buttons),
        form=_form(bot, {"title": title} | dict(interaction.values), title, interaction),
        is_private=True,
        keeps_original=True,
    )


def _form(bot: Bot, filled: Mapping[str, Value], kept: str, interaction: Interaction) -> Form:
    async def fill() -> Form:
        account = await account_for(bot, interaction.user, interaction.people)
        found, said = await choices(bot, account)
        return Form(
            "New draft",
            submit_action="draft.create",
            submit_label="Create",
            fields=fields(filled, found),
            intro=said,
            private_metadata=kept,
            reopen_action="draft.form",
        )

    return Form("New draft", submit_action="draft.create", load=fill)
