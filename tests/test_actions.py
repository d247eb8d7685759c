"""What a button or a form carries back may be anything, and is never an error of ours."""

from typing import Any

import pytest

from bot.commands import CommandRegistry, Interaction
from bot.render.plain_text import terminal_text
from bot.reply import Choice
from handlers import MODULES
from tests.support.bot_client import open_drafts_client

DEEDS = list(CommandRegistry(MODULES).actions)
VALUES = (
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "1.5",
        "²",
        "١",
        "9" * 10,
        "9" * 16,
        "9" * 400,
        "1e9",
        "0x1",
        "True",
        "null",
        "[]",
    ),
    *("{}", '{"id":', '{"id":null}', '{"id":"1"}', '{"id":-1}', f'{{"id":{10**30}}}', f'{{"id":{10**14}}}'),
    *('{"id":1,"base":[]}', '{"id":1,"base":{"title":1}}', '{"channel":5}', '{"channel":"C9"}'),
    *(
        "\0",
        "\ud800",
        '{"id":1,"base":{"\ud800":"x"}}',
        "[" * 5_000,
        "Frog calls",
        "ours",
        "search",
        "search title:",
    ),
)
TOLD: tuple[dict[str, Any], ...] = (
    {},
    {"frog": "x", "title": "Frog calls"},
    {"title": (Choice("a", "b"),), "what": (Choice("a", "b"),), "often": "weekly"},
    {"title": "\0\ud800", "what": "\0\ud800", "zone": "\0", "often": (Choice("a", "9" * 400),)},
    {
        "categories": "x",
        "licence": (Choice("a", "9" * 400),),
        "group": (Choice("a", "²"),),
        "type": (Choice("", ""),),
    },
)


@pytest.mark.parametrize("deed", DEEDS)
async def test_whatever_a_button_carries_is_answered(deed, caplog):
    async with open_drafts_client() as drafts_client:
        for value in VALUES:
            for told in (
                TOLD if deed in ("draft.create", "draft.save", "digest.create", "digest.save") else TOLD[:1]
            ):
                act = Interaction(deed, "U1", value, f"{deed} {len(value)}", told, drafts_client.people, "C1")
                reply = await drafts_client.dispatcher.run_action(act)
                assert reply.outcome != "failed", (value, told, caplog.text)
                if reply.form is not None and reply.form.load is not None:
                    assert (await drafts_client.dispatcher.load_form(reply.form, act)).outcome != "failed", (
                        value,
                        caplog.text,
                    )


async def test_a_button_with_a_foreign_value_says_so(drafts_client):
    for deed in ("draft.card", "draft.edit", "digest.change", "digest.pause"):
        reply = await drafts_client.dispatcher.run_action(
            Interaction(deed, "U1", "frog", directory=drafts_client.people)
        )
        assert terminal_text(reply).splitlines()[0] == "This button no longer works."
        assert reply.outcome == "wrong"
