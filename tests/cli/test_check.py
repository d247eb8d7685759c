"""`check` says what is right and what is wrong, a line each."""

import asyncio
import os
from dataclasses import replace

import pytest

from bot.cli import check
from bot.commands import CommandRegistry
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.manifest import required_scopes
from bot.settings import Settings
from bot.storage.database import open_database
from bot.storage.tables import version_table
from handlers import MODULES
from tests.support.bot_client import library, settings_for
from tests.support.clock import TODAY as today


@pytest.fixture
async def slack():
    async with (
        Workspace(
            signing_secret="secret", bot_token="xoxb-1", scopes=required_scopes(Settings())
        ) as workspace,
        serve(slack_emulator(workspace)) as base,
    ):
        workspace.url = base
        yield workspace


PASSWORD = "Figshare, FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD"
PORTAL = {
    "figshare_portal": "lboro",
    "figshare_stats_username": "lboro",
    "figshare_stats_password": "sample-lboro",
}


async def checked(slack, capsys, **changed):
    async with serve(figshare_emulator(library(today))) as base:
        settings = replace(
            settings_for(base, database_url="sqlite://"),
            slack_api_url=f"{slack.url}/api/",
            slack_bot_token="xoxb-1",
            slack_signing_secret="secret",
        )
        settings = replace(settings, **changed)
        code = await check.check(settings, CommandRegistry(MODULES))
    return code, capsys.readouterr().out.splitlines()


async def test_working_configuration_is_ok(slack, capsys):
    code, lines = await checked(slack, capsys)
    assert code == 0 and all(line.startswith("✓ ") for line in lines)
    assert "✓ Slack, scopes" in lines and "✓ Figshare, OAI-PMH" in lines


async def test_missing_scopes_are_named(slack, capsys):
    slack.scopes -= {"files:write", "channels:history"}
    code, lines = await checked(slack, capsys)
    assert code == 1
    [wrong] = [line for line in lines if not line.startswith("✓ ")]
    assert wrong.startswith(
        "✗ Slack, scopes: channels:history, files:write missing: paste what `figshare-bot "
    )


async def test_scopes_are_those_of_the_settings(slack, capsys):
    said = await wrong(slack, capsys, figshare_impersonate="email")
    assert said.startswith(
        "Slack, scopes: users:read.email missing: paste what `figshare-bot manifest` prints"
    )
    slack.scopes |= {"users:read.email"}
    slack.usergroups["S0ONE"] = set()
    assert (await checked(slack, capsys, figshare_impersonate="email"))[0] == 0
    said = await wrong(slack, capsys, draft_users=(Workspace.maya, "S0ONE"))
    assert said.startswith("Slack, scopes: usergroups:read missing")
    slack.scopes |= {"usergroups:read"}
    assert (await checked(slack, capsys, draft_users=(Workspace.maya, "S0ONE")))[0] == 0


async def test_user_group_on_a_free_plan_is_named(slack, capsys):
    slack.scopes |= {"usergroups:read"}
    slack.is_free_plan = True
    said = await wrong(slack, capsys, draft_users=(Workspace.maya, "S0ONE"))
    assert said == "Slack, DRAFT_USERS: DRAFT_USERS names a user group; this workspace's plan has none"
    assert (await checked(slack, capsys))[0] == 0


async def test_token_unknown_to_slack_is_named(slack, capsys):
    slack.bot_token = "xoxb-2"
    code, lines = await checked(slack, capsys)
    assert code == 1 and "✗ Slack, SLACK_BOT_TOKEN: Slack says invalid_auth" in lines


async def wrong(slack, capsys, **changed):
    """Return the one line that is wrong."""
    code, lines = await checked(slack, capsys, **changed)
    [said] = [line for line in lines if not line.startswith("✓ ")]
    assert code == 1 and said.startswith("✗ ")
    return said.removeprefix("✗ ")


async def test_each_configured_thing_has_a_line(slack, capsys, tmp_path):
    url = f"sqlite:///{tmp_path}/figshare-bot.db"
    code, lines = await checked(slack, capsys, database_url=url, **PORTAL)
    assert code == 0
    for name in ("Figshare, FIGSHARE_TOKEN", PASSWORD, "Database, DATABASE_URL"):
        assert f"✓ {name}" in lines
    # whoever checks may be somebody else than who serves
    assert list(tmp_path.iterdir()) == []


async def test_token_that_figshare_rejects_is_named(slack, capsys):
    said = await wrong(slack, capsys, figshare_token="another-token")
    assert said == "Figshare, FIGSHARE_TOKEN: Figshare rejects it"


async def test_wrong_password_of_a_portal_is_named(slack, capsys):
    said = await wrong(slack, capsys, **PORTAL | {"figshare_stats_password": "another"})
    assert said == f"{PASSWORD}: Figshare rejects it"
    said = await wrong(slack, capsys, **PORTAL | {"figshare_stats_password": "", "figshare_portal": ""})
    assert said == f"{PASSWORD}: FIGSHARE_STATS_PASSWORD and FIGSHARE_PORTAL missing"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgres://ann:db-secret@127.0.0.1:1/bot", "postgresql://ann:***@127.0.0.1:1/bot can't be opened"),
        ("sqlite:////nowhere/at/all.db", "no file can be written in the folder /nowhere/at"),
        (f"sqlite:///{__file__}", f"sqlite:///{__file__} can't be opened"),
        ("postgres://ann:db-secret@db:port/bot", "can't be read as an address"),
    ],
)
async def test_unusable_database_is_named(slack, capsys, url, why):
    said = await wrong(slack, capsys, database_url=url)
    assert said.startswith(f"Database, DATABASE_URL: {why}") and "db-secret" not in said


async def test_database_of_a_newer_version_is_named(slack, capsys, tmp_path):
    url = f"sqlite:///{tmp_path}/figshare-bot.db"
    async with open_database(url) as store, store.engine.begin() as connection:
        await connection.execute(version_table.update().values(version_num="0999"))
    said = await wrong(slack, capsys, database_url=url)
    assert said == "Database, DATABASE_URL: the database is of a newer figshare-bot than this one (0999)"


async def test_read_only_folder_is_named(slack, capsys, tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("root may write everywhere")
    said = await wrong(slack, capsys, database_url=f"sqlite:///{folder}/figshare-bot.db")
    assert said == f"Database, DATABASE_URL: no file can be written in the folder {folder}"


async def test_unusable_redis_is_named(slack, capsys):
    dead = await wrong(slack, capsys, redis_url="redis://:redis-secret@127.0.0.1:1/0")
    assert dead.startswith("Redis, REDIS_URL: it can't be used (ConnectionError")

    async def refuse(reader, writer):
        while await reader.read(1000):
            writer.write(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        said = await wrong(slack, capsys, redis_url=f"redis://:redis-secret@127.0.0.1:{port}/0")
    assert "REDIS_URL: it can't be used (AuthenticationError: " in said and "redis-secret" not in said
    said = await wrong(slack, capsys, redis_url="redis://:redis-secret@127.0.0.1:port/0")
    assert said == "Redis, REDIS_URL: it can't be read as an address"


async def test_plain_http_is_a_warning_only(slack, capsys):
    # another name of this machine, which looks like one on the network
    async with serve(slack_emulator(slack), host="0.0.0.0") as base:
        code, lines = await checked(slack, capsys, slack_api_url=f"{base}/api/")
    assert code == 0
    assert [line for line in lines if not line.startswith("✓ ")] == [
        "! SLACK_API_URL is plain http: everybody on the way can read SLACK_BOT_TOKEN, use https"
    ]
