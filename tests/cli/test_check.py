"""`check` says what is right and what is wrong, a line each."""

import asyncio
import os
from dataclasses import replace

import pytest

from bot.bot import open_bot
from bot.cli import check, check_ours
from bot.commands import CommandRegistry
from bot.emulators.figshare import figshare_emulator
from bot.emulators.figshare.accounts import NORTHBRIDGE_TOKEN
from bot.emulators.figshare.library import NORTHBRIDGE, Library
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.figshare.private import Institution
from bot.manifest import required_scopes
from bot.metrics import Metrics
from bot.settings import Settings
from bot.storage.database import open_database
from bot.storage.tables import version_table
from handlers import MODULES
from tests.support.bot_client import settings_for
from tests.support.clock import NOON


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
    async with serve(figshare_emulator(Library.load(NOON, NORTHBRIDGE), now=lambda: NOON)) as base:
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
    [said] = [line for line in lines if line.startswith("✗ ")]
    assert code == 1
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


OURS = {
    "figshare_token": NORTHBRIDGE_TOKEN,
    "figshare_portal": "northbridge",
    "figshare_institution": 4100,
    "figshare_group": 41_000,
    "figshare_stats_username": "northbridge",
    "figshare_stats_password": "sample-northbridge",
}


async def checked_ours(slack, capsys, **changed):
    """Return the exit status, and the lines about `ours`."""
    code, lines = await checked(slack, capsys, **(OURS | changed))
    names = ("FIGSHARE_INSTITUTION", "FIGSHARE_GROUP", "FIGSHARE_PORTAL", "Institution", "Root group")
    return code, [line for line in lines if line.startswith("! ") or line[2:].startswith(names)]


async def test_token_confirms_what_ours_is(slack, capsys):
    assert await checked_ours(slack, capsys) == (
        0,
        [
            "✓ FIGSHARE_INSTITUTION: 4100 (Northbridge University)",
            "✓ FIGSHARE_GROUP: 41000 (Northbridge University), 40 public items",
            "✓ FIGSHARE_PORTAL: northbridge",
        ],
    )
    code, lines = await checked_ours(slack, capsys, figshare_group=41_010)
    below = "below the root group 41000 (Northbridge University), 14 public items"
    assert code == 0 and f"✓ FIGSHARE_GROUP: 41010 (Faculty of Science), {below}" in lines


async def test_token_tells_the_numbers_to_set(slack, capsys):
    without = {"figshare_institution": None, "figshare_group": None, "figshare_portal": ""}
    without |= {"figshare_stats_username": "", "figshare_stats_password": ""}
    assert await checked_ours(slack, capsys, **without) == (
        0,
        [
            "✓ Institution of FIGSHARE_TOKEN: 4100 (Northbridge University); for `ours` set "
            "FIGSHARE_INSTITUTION=4100",
            "✓ Root group of FIGSHARE_TOKEN: 41000 (Northbridge University); for `ours` set "
            "FIGSHARE_GROUP=41000",
        ],
    )


async def test_numbers_of_another_institution_are_wrong(slack, capsys):
    code, lines = await checked_ours(slack, capsys, figshare_institution=2, figshare_group=20401)
    name = "(Northbridge University)"
    assert code == 1 and lines[:2] == [
        f"✗ FIGSHARE_INSTITUTION: 2 isn't the institution of FIGSHARE_TOKEN, which is 4100 {name}",
        f"✗ FIGSHARE_GROUP: there is no group 20401; the root group of FIGSHARE_TOKEN is 41000 {name}",
    ]


async def test_unknown_portal_is_wrong(slack, capsys):
    code, lines = await checked_ours(slack, capsys, figshare_portal="northbrige")
    assert code == 1
    assert "✗ FIGSHARE_PORTAL: northbrige: Figshare's statistics know no such portal" in lines


async def test_portal_without_credentials_is_worth_knowing(slack, capsys):
    code, lines = await checked_ours(slack, capsys, figshare_stats_username="", figshare_stats_password="")
    assert code == 0
    [note] = [line for line in lines if line.startswith("! ")]
    assert note.startswith("! FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD aren't both set")
    assert "ask Figshare support" in note


async def test_questions_that_lack_a_variable_are_listed(slack, capsys):
    code, lines = await checked_ours(slack, capsys, figshare_institution=None)
    assert code == 0 and lines[-1] == "! `new ours` needs FIGSHARE_INSTITUTION, which isn't set"


async def test_names_of_institutions_are_untrusted_text(slack, capsys):
    assert "\x1b" not in check_ours._label(Institution(id=5, name="\x1b[31mred\u202e"))
    assert check_ours._label(Institution(id=5)) == "5 (without a name)"


async def test_token_of_a_reader_has_no_groups(slack, capsys):
    async with serve(
        catalogue := figshare_emulator(Library.load(NOON, NORTHBRIDGE), now=lambda: NOON)
    ) as base:
        holder = catalogue.state.tokens[NORTHBRIDGE_TOKEN]
        catalogue.state.tokens[NORTHBRIDGE_TOKEN] = replace(holder, is_admin=False)
        settings = settings_for(base, database_url="sqlite://", **OURS)
        async with open_bot(settings, CommandRegistry(MODULES), Metrics()) as bot:
            results, notes = await check_ours.check_ours(bot)
    assert ("FIGSHARE_GROUP: 41000, 40 public items", "") in results
    assert any("isn't an administrator's" in note for note in notes)
