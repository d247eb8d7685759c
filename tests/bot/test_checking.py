"""`check` says what is right and what is wrong, a line each."""

from dataclasses import replace

import pytest

from bot import checking
from bot.commands import Commands
from bot.standin.figshare import figshare
from bot.standin.serving import serve
from bot.standin.slack import Workspace
from handlers import MODULES
from tests.conftest import TODAY as today
from tests.conftest import library, settings_for


@pytest.fixture
async def slack():
    async with (
        Workspace(signing_secret="secret", bot_token="xoxb-1") as workspace,
        serve(workspace.app) as base,
    ):
        workspace.url = base
        yield workspace


async def checked(slack, capsys):
    async with serve(figshare(library(today))) as base:
        settings = replace(
            settings_for(base),
            slack_api_url=f"{slack.url}/api/",
            slack_bot_token="xoxb-1",
            slack_signing_secret="secret",
        )
        code = await checking.check(settings, Commands(MODULES))
    return code, capsys.readouterr().out.splitlines()


async def test_what_works_is_said_to_work(slack, capsys):
    code, lines = await checked(slack, capsys)
    assert code == 0 and all(line.startswith("ok ") for line in lines)
    assert "ok     Slack, scopes" in lines and "ok     Figshare, OAI-PMH" in lines


async def test_an_app_that_was_installed_with_less_is_told_what_it_lacks(slack, capsys):
    slack.scopes -= {"files:write", "channels:history"}
    code, lines = await checked(slack, capsys)
    assert code == 1
    [wrong] = [line for line in lines if not line.startswith("ok ")]
    assert wrong.startswith("wrong  Slack, scopes: channels:history, files:write missing: paste manifest.yml")


async def test_a_token_that_slack_does_not_know_is_named(slack, capsys):
    slack.bot_token = "xoxb-2"
    code, lines = await checked(slack, capsys)
    assert code == 1 and "wrong  Slack, SLACK_BOT_TOKEN: Slack says invalid_auth" in lines
