"""Editing a draft: what Figshare holds now is shown, and only what changed is sent."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import msgspec

from bot.bot import Bot
from bot.commands import Interaction, action, decoded, number
from bot.drafts import field_parser
from bot.drafts.accounts import account_for, own_draft
from bot.drafts.card import called, card, card_of
from bot.drafts.choices import choices as allowed
from bot.drafts.create import traced
from bot.drafts.form import LONGEST, Choices, digest, fields, shown
from bot.figshare.account import Account
from bot.figshare.errors import BadRequest, OutcomeUnknown
from bot.figshare.private import PrivateArticle
from bot.language.tokens import LARGEST_ID
from bot.reply import Form, Line, Reply, Text, Value
from bot.text import cut

LONGEST_HINT = 1_900


class Kept(msgspec.Struct, frozen=True):
    """What goes with the form: the draft, and a sign of each value that Figshare held when it opened."""

    id: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)]
    base: dict[str, str]


@action("draft.edit", role="writes")
async def edit(bot: Bot, interaction: Interaction) -> Reply:
    kept = _kept(interaction) if interaction.private_metadata else Kept(number(interaction.value), {})

    async def fill() -> Form:
        account = await account_for(bot, interaction.user, interaction.people)
        found = await own_draft(account, kept.id)
        choices, said = await allowed(bot, account)
        now = shown(found)
        base = {name: kept.base.get(name, digest(value)) for name, value in now.items()}
        typed = {name: value for name, value in interaction.values.items() if name in now}
        return _form(found, now | typed, base, choices, said, {})

    return Reply(
        ("The form did not open.",),
        (Text(("Please press the button again.",)),),
        form=Form("Edit draft", submit_action="draft.save", load=fill),
        is_private=True,
        keeps_original=True,
    )


@action("draft.save", role="writes")
async def save(bot: Bot, interaction: Interaction) -> Reply:
    kept = _kept(interaction)
    account = await account_for(bot, interaction.user, interaction.people)
    found = await own_draft(account, kept.id)
    now = shown(found)
    mine = [name for name, value in interaction.values.items() if digest(value) != kept.base.get(name)]
    theirs = {name for name, value in now.items() if digest(value) != kept.base.get(name)}
    names = [
        name for name in mine if name not in now or digest(interaction.values[name]) != digest(now[name])
    ]
    if clash := theirs.intersection(names):
        return await _both(bot, account, found, {name: interaction.values[name] for name in mine}, now, clash)
    if not names:
        return card(found)
    changed = await field_parser.read(bot, interaction.values, names, found)
    async with traced(bot).record(interaction.user, "edit", found.id):
        try:
            warnings = await account.edit(found.id, changed)
        except BadRequest as error:
            raise field_parser.refused(error) or error from None
        except OutcomeUnknown:
            after = shown(await account.draft(found.id))
            if any(digest(after.get(name, "")) != digest(interaction.values[name]) for name in names):
                raise
            warnings = []
    notes: tuple[Line, ...] = tuple((cut(each, 300),) for each in warnings)
    return (await card_of(account, found.id)).with_footnotes(*notes)


async def _both(
    bot: Bot,
    account: Account,
    found: PrivateArticle,
    mine: Mapping[str, Value],
    now: Mapping[str, Value],
    clash: set[str],
) -> Reply:
    """Show what was typed and what stands on Figshare meanwhile; saving again replaces that.

    What the person left as it was shows what Figshare holds now.
    """
    choices, _ = await allowed(bot, account)
    base = {name: digest(value) for name, value in now.items()}
    form = _form(
        found,
        {**now, **mine},
        base,
        choices,
        (
            (
                "It was changed on Figshare while you wrote. Below your text stands what is there now: ",
                "save again to replace that, or close this to leave it.",
            ),
        ),
        {name: _in_words(now[name]) for name in clash},
    )
    return Reply(("It was changed on Figshare meanwhile.",), form=form, outcome="wrong", is_private=True)


def _form(
    found: PrivateArticle,
    filled: Mapping[str, Value],
    base: dict[str, str],
    choices: Choices,
    said: tuple[Line, ...],
    theirs: Mapping[str, str],
) -> Form:
    left_out: tuple[Line, ...] = ()
    if missing := [name for name in LONGEST if name not in base]:
        left_out = (
            (
                "Too long, too rich or too private for a form, so to be edited on Figshare: "
                f"{', '.join(missing)}.",
            ),
        )
    kept = msgspec.json.encode(Kept(found.id, base)).decode()
    hints = {
        name: cut(f"On Figshare now: {text or 'nothing'}", LONGEST_HINT) for name, text in theirs.items()
    }
    asked = (
        replace(each, hint=hints.get(each.name, each.hint), revision=base[each.name] if theirs else "")
        for each in fields(filled, choices, only=list(base))
    )
    return Form(
        "Edit draft",
        submit_action="draft.save",
        submit_label="Save",
        fields=tuple(asked),
        intro=((called(found),), *said, *left_out),
        private_metadata=kept,
        reopen_action="draft.edit",
    )


def _kept(interaction: Interaction) -> Kept:
    """Return what the form kept; raises InvalidValue when it is another form's."""
    return decoded(interaction.private_metadata, Kept)


def _in_words(value: Value) -> str:
    return value if isinstance(value, str) else ", ".join(each.label for each in value)
