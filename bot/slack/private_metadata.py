"""What a form carries unseen between its opening and its submission, signed for one person.

Slack sends `private_metadata` back as it was, but people can copy a form or a button and change what it
carries: only what was signed for the same person and the same action is taken.
"""

import msgspec

from bot.render.rich_text import Block
from bot.render.views import form_view
from bot.reply import Form
from bot.slack.signing import MAX_SIGNED_LENGTH, Signer


class PrivateMetadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a form needs again when it is submitted.

    The names in JSON stay: forms that were open during an update, and buttons in old messages, carry them.
    """

    # what the feature that made the form keeps in it
    form_metadata: str = msgspec.field(default="", name="kept")
    # the action that makes the form again when its view is gone
    reopen_action: str = msgspec.field(default="", name="opener")
    # where the reply to the submission goes
    response_url: str = msgspec.field(default="", name="url")
    # whether the reply may replace the message with the button that opened the form, and whether one person
    # alone reads that message
    replaces_message: bool = msgspec.field(default=False, name="replaces")
    has_one_reader: bool = msgspec.field(default=False, name="is_alone")
    # names the submission where that is not the id of the view: a form that was opened again keeps its first
    idempotency_key: str = msgspec.field(default="", name="key")


class MetadataSigner(msgspec.Struct, frozen=True):
    """Signs what a form or a button carries unseen for one person: in other hands it is worth nothing."""

    signer: Signer
    user: str

    def sign(self, metadata: PrivateMetadata, action_id: str) -> str:
        """Return metadata as signed JSON, for the action of the form or button that carries it."""
        return self.signer.sign(msgspec.json.encode(metadata).decode(), self.user, action_id)

    def verify(self, signed: str, action_id: str) -> PrivateMetadata | None:
        """Return the metadata that was signed for this person and action, otherwise None."""
        text = self.signer.verify(signed, self.user, action_id)
        return None if text is None else msgspec.json.decode(text, type=PrivateMetadata)


def signed_view(form: Form, metadata: PrivateMetadata, signer: MetadataSigner) -> Block:
    """Return a form as a view that carries its metadata, signed.

    When that is longer than Slack carries, the response_url is left out: the reply then comes as a direct
    message.
    """
    metadata = msgspec.structs.replace(
        metadata, form_metadata=form.private_metadata, reopen_action=form.reopen_action
    )
    signed = signer.sign(metadata, form.submit_action)
    if len(signed) > MAX_SIGNED_LENGTH:
        signed = signer.sign(msgspec.structs.replace(metadata, response_url=""), form.submit_action)
    return form_view(form, signed)
