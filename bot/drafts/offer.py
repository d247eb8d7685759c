"""The offer of a new draft: a form where one can open, and buttons elsewhere."""

from collections.abc import Mapping

from bot.bot import Bot
from bot.commands import Interaction
from bot.drafts.accounts import account_of_user
from bot.drafts.choices import fetch_choices
from bot.drafts.form import MAX_LENGTHS, form_fields
from bot.language.tokens import InvalidArgument
from bot.reply import Button, Form, Reply, Text, Value


def draft_offer(bot: Bot, title: str, interaction: Interaction) -> Reply:
    """Return the form of a new draft, and the buttons that stand where no form can open."""
    if len(title) > MAX_LENGTHS["title"]:
        raise InvalidArgument("", "a title has at most 1,000 characters", "draft Counting frogs by ear")
    buttons = [Button("Fill in and create", action="draft.form", value=title, style="primary")]
    if title:
        buttons.append(Button("Create with the title alone", action="draft.title", value=title))
    return Reply(
        ("A new draft",),
        (Text((title,), "Title") if title else Text(("It has no title yet.",)),),
        footnotes=(("Nothing is written to Figshare before you press Create.",),),
        buttons=tuple(buttons),
        form=new_draft_form(bot, {"title": title, **interaction.values}, title, interaction),
        is_private=True,
        keeps_original=True,
    )


def new_draft_form(bot: Bot, values: Mapping[str, Value], title: str, interaction: Interaction) -> Form:
    """Return the form of a new draft filled in with `values`; opened again, it has `title`."""

    async def load() -> Form:
        account = await account_of_user(bot, interaction.user, interaction.directory)
        choices, notes = await fetch_choices(account)
        return Form(
            "New draft",
            submit_action="draft.create",
            submit_label="Create",
            fields=form_fields(values, choices),
            intro=notes,
            private_metadata=title,
            reopen_action="draft.form",
        )

    return Form("New draft", submit_action="draft.create", load=load)
