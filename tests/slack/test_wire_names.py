"""Buttons in old messages, and forms that were open during an update, act as when they were written."""

from bot.emulators.slack.people import RESEARCH
from bot.render import blocks
from bot.reply import Button, Choice, Reply
from bot.slack.private_metadata import MetadataSigner, PrivateMetadata
from bot.slack.returned_form import values_from_message
from bot.slack.signing import Signer
from tests.support.forged_presses import press_forged, public_message

SIGNER = MetadataSigner(Signer(b"key"), "U1")
# What the version of 27 November 2026 wrote.
PRIVATE_METADATA = (
    'tcHuw_b97lBYYnd6aONU_Q.{"kept":"{\\"id\\":31400003}","opener":"draft.edit",'
    '"url":"https://hooks.slack.com/actions/1","replaces":true,"is_alone":true,"key":"V1"}'
)
REOPEN_VALUE = (
    'GdBi4hqsrKfQXfCQGPgTMw.{"kept":"{\\"id\\":31400003}","opener":"draft.edit","is_alone":true,"key":"V1"}'
)
QUESTION_VALUE = '{"words":"search title:frog","page":2}'
RETURNED_FORM = [("kept:title:0", "Frog calls"), ("kept:categories=chosen:0", "Ecology · old · 7")]

METADATA = PrivateMetadata(
    form_metadata='{"id":31400003}',
    reopen_action="draft.edit",
    response_url="https://hooks.slack.com/actions/1",
    replaces_message=True,
    has_one_reader=True,
    idempotency_key="V1",
)


def test_old_private_metadata_is_read_and_written_alike():
    assert SIGNER.verify(PRIVATE_METADATA, "draft.save") == METADATA
    assert SIGNER.sign(METADATA, "draft.save") == PRIVATE_METADATA


def test_old_button_of_a_returned_form_is_read():
    carried = SIGNER.verify(REOPEN_VALUE, "draft.edit")
    assert carried.form_metadata == METADATA.form_metadata and carried.idempotency_key == "V1"


def test_old_message_of_a_returned_form_is_read():
    message = [
        {
            "type": "rich_text",
            "block_id": block_id,
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}],
        }
        for block_id, text in RETURNED_FORM
    ]
    assert values_from_message(message) == {
        "title": "Frog calls",
        "categories": (Choice("Ecology · old", "7"),),
    }


def test_question_button_is_written_as_before():
    reply = Reply(("Frogs",), buttons=(Button("Page 2", "search title:frog", page=2),))
    [button] = blocks.message_payload(reply)["blocks"][-1]["elements"]
    assert (button["action_id"], button["value"]) == ("ask.run:0", QUESTION_VALUE)


async def test_old_question_button_is_answered(slack_client):
    public = public_message(slack_client, RESEARCH)
    seen = await press_forged(slack_client, public, "ask.run:0", QUESTION_VALUE, slack_client.user)
    assert "Results 6–9 for “title:frog”" in seen.text
