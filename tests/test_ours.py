"""Our repository: what each command needs for `ours`, and what people read where it is missing."""

import pytest

from bot.commands import CommandRegistry
from bot.settings import Settings
from bot.settings.ours import OURS_NEEDS, OURS_VARIABLES, ours_table
from handlers import MODULES
from tests.support.bot_client import open_bot_client
from tests.support.paths import ROOT
from tests.support.portals import LBORO

CREDENTIALS = (
    "A portal's statistics need FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD, which Figshare support "
    "gives out.\nAsk the person who runs this bot to set them."
)
WITHOUT_CREDENTIALS = {"figshare_stats_username": "", "figshare_stats_password": ""}
OVER_TIME = ("stats ours last month", "views ours 2025", "timeline ours", "countries ours")


async def answer(words, **settings):
    """Return what a person reads who asks about `ours`, and what Figshare was asked for it."""
    async with open_bot_client(**settings) as client:
        return await client.ask(words), client.requests


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        *((words, "FIGSHARE_GROUP, which isn't set") for words in ("stats ours", "views ours", *OVER_TIME)),
        *((words, "FIGSHARE_GROUP, which isn't set") for words in ("ours", "downloads 5616445 ours")),
        (
            "top ours",
            "FIGSHARE_PORTAL, FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD, none of which is set",
        ),
        ("new ours", "FIGSHARE_INSTITUTION, which isn't set"),
        ("search ours frog", "FIGSHARE_INSTITUTION or FIGSHARE_GROUP, neither of which is set"),
    ],
)
async def test_one_sentence_names_what_a_question_needs(words, needed):
    text, requests = await answer(words)
    assert text.startswith(f"Your repository isn't set up for this: it needs {needed}; ask the person who ")
    assert "\n" not in text and requests == []


@pytest.mark.parametrize(
    ("words", "settings", "needed"),
    [
        (
            "timeline ours",
            {"figshare_portal": "lboro"},
            "FIGSHARE_GROUP, FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD, none of which is set; ask "
            "the person who runs this bot to set them (Figshare support gives out the credentials).",
        ),
        (
            "stats ours last month",
            LBORO | {"figshare_group": None, "figshare_stats_password": ""},
            "FIGSHARE_GROUP, FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD, of which FIGSHARE_GROUP "
            "and FIGSHARE_STATS_PASSWORD are missing; ask the person who runs this bot to set them (Figshare "
            "support gives out the credentials).",
        ),
        (
            "top ours",
            LBORO | {"figshare_portal": ""},
            "FIGSHARE_PORTAL, FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD, of which FIGSHARE_PORTAL "
            "is missing; ask the person who runs this bot to set it.",
        ),
        ("new ours", {"figshare_institution": 0}, "FIGSHARE_INSTITUTION, which isn't set"),
    ],
)
async def test_what_is_set_already_is_told_from_what_is_missing(words, settings, needed):
    text, requests = await answer(words, **settings)
    assert f"it needs {needed}" in text and requests == []


@pytest.mark.parametrize("words", [*OVER_TIME, "top ours", "top downloads authors ours 2025"])
@pytest.mark.parametrize("missing", ["username", "password", "both"])
async def test_portal_without_credentials_names_just_those(words, missing):
    without = {name: "" for name in WITHOUT_CREDENTIALS if missing in name or missing == "both"}
    text, requests = await answer(words, **(LBORO | without))
    assert text == CREDENTIALS
    assert not any("/stats/" in path for _, path in requests)


async def test_all_time_needs_no_credentials():
    async with open_bot_client(**(LBORO | WITHOUT_CREDENTIALS)) as client:
        assert "17,639 views · " in await client.ask("stats ours")
        assert (await client.reply("new ours")).outcome == (await client.reply("search ours")).outcome == "ok"


async def test_group_in_a_table_is_unknown_without_credentials():
    text, _ = await answer("views 5616445 ours last month", **(LBORO | WITHOUT_CREDENTIALS))
    assert "group 20401" in text and "unknown" in text and CREDENTIALS.replace("\n", " ") in text


async def test_rejected_credentials_are_named():
    text, _ = await answer("timeline ours", **(LBORO | {"figshare_stats_password": "another"}))
    assert text.startswith("Figshare rejects FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD")


async def test_digest_of_a_portal_alone_needs_its_credentials():
    async with open_bot_client(figshare_portal="lboro") as client:
        need = next(need for need in OURS_NEEDS if "subscribe" in need.commands)
        assert need.is_closed(client.bot.settings)
    for one in ({"figshare_group": 20401}, {"figshare_institution": 2}):
        assert not need.is_closed(Settings(figshare_portal="lboro", **one))


async def test_every_command_that_answers_ours_has_a_row():
    named = {command for need in OURS_NEEDS for command in need.commands} - {"subscribe"}
    async with open_bot_client(**LBORO) as client:
        commands = [each.name for each in CommandRegistry(MODULES).all if not each.role]
        replies = {name: await client.reply(f"{name} ours") for name in commands}
        answered = {name for name in commands if replies[name].outcome == "ok"}
    assert answered - {"help"} == named


@pytest.mark.parametrize("need", OURS_NEEDS, ids=lambda need: need.questions[0])
async def test_every_question_of_a_row_is_answered(need):
    async with open_bot_client(**LBORO) as client:
        for words in need.questions:
            if not words.startswith("subscribe"):
                assert (await client.reply(words)).outcome == "ok", words


def test_page_about_ours_has_the_table():
    assert ours_table() in (ROOT / "docs/ours.md").read_text("utf-8")
    assert set(OURS_VARIABLES) <= set(Settings.variables())
