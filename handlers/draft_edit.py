"""Editing a draft: the form shows what Figshare holds, and only what the person changed is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec

from bot.bot import Bot
from bot.commands import Interaction, action, decode_metadata, parse_id
from bot.drafts.accounts import account_of_user, audit_log_of, fetch_draft
from bot.drafts.card import card_after_change, draft_card, draft_title
from bot.drafts.choices import fetch_choices
from bot.drafts.field_parser import error_at_field, parse_fields
from bot.drafts.form import MAX_LENGTHS, Choices, field_values, fingerprint, form_fields
from bot.figshare.account import Account
from bot.figshare.errors import BadRequest, OutcomeUnknown
from bot.figshare.private import DraftFields, PrivateArticle
from bot.language.tokens import LARGEST_ID
from bot.reply import Form, Line, Reply, Text, Value
from bot.text import cut

# Slack allows 2,000 characters in a hint: https://docs.slack.dev/reference/block-kit/blocks/input-block
_MAX_HINT = 1_900


class EditMetadata(msgspec.Struct, frozen=True):
    """What the form carries: the draft, and `base`, a fingerprint of each value when the form opened."""

    id: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)]
    base: dict[str, str]


@dataclass(frozen=True, slots=True)
class Changes:
    """A submitted edit, compared field by field as in a three-way merge.

    The three are the base (fingerprints of what Figshare held when the form opened), what was submitted, and
    what Figshare holds now. A field that the person left alone keeps Figshare's present value.
    """

    # what Figshare holds now
    current: Mapping[str, Value]
    # what the person changed since the form opened
    edited: Mapping[str, Value]
    # what of that differs from what Figshare holds now
    to_send: Mapping[str, Value]
    # what of that somebody else has changed since the form opened
    conflicts: frozenset[str]


def _compare(base: Mapping[str, str], submitted: Mapping[str, Value], draft: PrivateArticle) -> Changes:
    current = field_values(draft)
    edited = {name: value for name, value in submitted.items() if fingerprint(value) != base.get(name)}
    to_send = {
        name: value
        for name, value in edited.items()
        if name not in current or fingerprint(value) != fingerprint(current[name])
    }
    conflicts = frozenset(
        name for name in to_send if name in current and fingerprint(current[name]) != base.get(name)
    )
    return Changes(current, edited, to_send, conflicts)


@action("draft.edit", role="writes")
async def open_edit_form(bot: Bot, interaction: Interaction) -> Reply:
    metadata = (
        decode_metadata(interaction.private_metadata, EditMetadata)
        if interaction.private_metadata
        else EditMetadata(parse_id(interaction.value), {})
    )

    async def load() -> Form:
        account = await account_of_user(bot, interaction.user, interaction.directory)
        draft = await fetch_draft(account, metadata.id)
        choices, notes = await fetch_choices(account)
        current = field_values(draft)
        base = {name: metadata.base.get(name, fingerprint(value)) for name, value in current.items()}
        typed = {name: value for name, value in interaction.values.items() if name in current}
        return _form(draft, current | typed, base, choices, notes)

    return Reply(
        ("The form did not open.",),
        (Text(("Please press the button again.",)),),
        form=Form("Edit draft", submit_action="draft.save", load=load),
        is_private=True,
        keeps_original=True,
    )


@action("draft.save", role="writes")
async def save_draft(bot: Bot, interaction: Interaction) -> Reply:
    metadata = decode_metadata(interaction.private_metadata, EditMetadata)
    account = await account_of_user(bot, interaction.user, interaction.directory)
    draft = await fetch_draft(account, metadata.id)
    changes = _compare(metadata.base, interaction.values, draft)
    if changes.conflicts:
        return await _conflict_reply(account, draft, changes)
    if not changes.to_send:
        return draft_card(draft)
    fields = await parse_fields(bot, changes.to_send, changes.to_send, draft)
    async with audit_log_of(bot).record(interaction.user, "edit", draft.id):
        warnings = await _send(account, draft.id, fields, changes)
    notes: tuple[Line, ...] = tuple((cut(warning, 300),) for warning in warnings)
    return (await card_after_change(account, draft.id)).with_footnotes(*notes)


async def _send(account: Account, id: int, fields: DraftFields, changes: Changes) -> list[str]:
    """Change the draft and return Figshare's warnings; a lost answer is a success if the draft shows it."""
    try:
        return await account.edit(id, fields)
    except BadRequest as error:
        raise error_at_field(error) or error from None
    except OutcomeUnknown:
        values = field_values(await account.draft(id))
        if any(
            fingerprint(values.get(name, "")) != fingerprint(value) for name, value in changes.to_send.items()
        ):
            raise
        return []


async def _conflict_reply(account: Account, draft: PrivateArticle, changes: Changes) -> Reply:
    """Return the form again, with Figshare's present text below the person's; saving again overwrites it."""
    choices, _ = await fetch_choices(account)
    base = {name: fingerprint(value) for name, value in changes.current.items()}
    notes: tuple[Line, ...] = (
        (
            "This draft was changed on Figshare while you were editing. ",
            "The current text is shown below yours: save again to overwrite it, or close to keep it.",
        ),
    )
    form = _form(
        draft,
        {**changes.current, **changes.edited},
        base,
        choices,
        notes,
        {name: _as_text(changes.current[name]) for name in changes.conflicts},
    )
    return Reply(
        ("This draft was changed on Figshare while you were editing.",),
        form=form,
        outcome="wrong",
        is_private=True,
    )


def _form(
    draft: PrivateArticle,
    values: Mapping[str, Value],
    base: Mapping[str, str],
    choices: Choices,
    notes: tuple[Line, ...],
    conflicting: Mapping[str, str] | None = None,
) -> Form:
    """Return the form of a draft, with the fields that are in `base`, the fingerprints to compare with later.

    `conflicting` is Figshare's present text by field, shown as a hint.
    """
    hints = {
        name: cut(f"On Figshare now: {text or 'nothing'}", _MAX_HINT)
        for name, text in (conflicting or {}).items()
    }
    fields = tuple(
        replace(
            field,
            hint=hints.get(field.name, field.hint),
            # Slack keeps what was typed unless the field has another id.
            revision=base[field.name] if hints else "",
        )
        for field in form_fields(values, choices, only=list(base))
    )
    return Form(
        "Edit draft",
        submit_action="draft.save",
        submit_label="Save",
        fields=fields,
        intro=((draft_title(draft),), *notes, *_left_out_note(base)),
        private_metadata=msgspec.json.encode(EditMetadata(draft.id, dict(base))).decode(),
        reopen_action="draft.edit",
    )


def _left_out_note(base: Mapping[str, str]) -> tuple[Line, ...]:
    """Return a line that names the text fields that the form leaves out; none when it has all of them."""
    names = [name for name in MAX_LENGTHS if name not in base]
    if not names:
        return ()
    reasons = "Too long, too richly formatted or too private for this form"
    return ((f"{reasons}; edit on Figshare: {', '.join(names)}.",),)


def _as_text(value: Value) -> str:
    return value if isinstance(value, str) else ", ".join(choice.label for choice in value)
