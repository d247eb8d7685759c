"""Who may write is asked of Slack, and when it can't say nobody may."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot import permissions
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.emulators.slack.people import BOT_USER_ID, WorkspaceUser
from bot.permissions import DirectoryUnavailable, PermissionDenied, Permissions
from bot.settings import Settings
from bot.slack.client import Client
from bot.slack.directory import SlackDirectory
from tests.support.clock import Clock

MAYA, JONAS, GUEST, STRANGER = Workspace.maya, Workspace.jonas, Workspace.guest, Workspace.stranger
DESK = "S0DESK"


@asynccontextmanager
async def slack():
    """Open a workspace and what the bot knows of it."""
    workspace = Workspace(signing_secret="secret", bot_token="xoxb-roles")
    async with workspace, serve(slack_emulator(workspace)) as base, aiohttp.ClientSession() as session:
        workspace.url = base
        client = Client(Settings(slack_bot_token="xoxb-roles", slack_api_url=f"{base}/api"), session)
        workspace.usergroups[DESK] = {MAYA}
        yield workspace, SlackDirectory(client)


def asked(workspace):
    return [each.kind for each in workspace.log if each.to == "slack"]


async def refusal(who, user, people, role="writes"):
    with pytest.raises(PermissionDenied) as no:
        await who.require(user, people, role)
    return no.value


async def test_without_names_nobody_may_and_slack_is_not_asked():
    async with slack() as (workspace, people):
        no = await refusal(Permissions((), Clock()), MAYA, people)
        assert no.title == "Nobody is allowed to write drafts here yet." and "DRAFT_USERS" in no.detail
        assert asked(workspace) == []


async def test_a_person_may_by_id_and_by_group():
    async with slack() as (_, people):
        for named in ((MAYA,), (DESK,), (JONAS, "S0NONE", DESK)):
            await Permissions(named, Clock()).require(MAYA, people, "writes")


async def test_the_refusal_names_who_can_help_and_mentions_nobody():
    async with slack() as (_, people):
        for named in ((MAYA,), (DESK,)):
            no = await refusal(Permissions(named, Clock()), JONAS, people)
            assert no.title == "Only some people can create drafts."
            assert no.detail == "Please ask Maya Okafor." and "<@" not in no.detail


async def test_role_nobody_has_is_answered_with_the_setting():
    async with slack() as (_, people):
        no = await refusal(Permissions((GUEST, "S0NONE"), Clock()), JONAS, people)
        assert no.detail == "The person who runs this bot can change DRAFT_USERS."


@pytest.mark.parametrize(
    ("user", "expected"),
    [(GUEST, "Guests"), (STRANGER, "other workspaces"), (BOT_USER_ID, "Bots"), ("U0GONE", "This account")],
)
async def test_guests_external_bots_and_deactivated_are_refused(user, expected):
    async with slack() as (workspace, people):
        workspace.people["U0GONE"] = WorkspaceUser("U0GONE", "gone", "Gone", "", deleted=True)
        workspace.usergroups[DESK].add(user)
        for named in ((user,), (DESK,)):
            assert expected in (await refusal(Permissions(named, Clock()), user, people)).title


async def test_somebody_out_of_sight_is_a_stranger():
    async with slack() as (_, people):
        assert (
            "other workspaces"
            in (await refusal(Permissions(("U0NOBODY",), Clock()), "U0NOBODY", people)).title
        )


async def test_directory_answer_serves_reads_for_a_minute_never_writes():
    async with slack() as (workspace, people):
        clock = Clock()
        who = Permissions((DESK,), clock)
        await who.require(MAYA, people, "writes")
        workspace.usergroups[DESK].clear()
        clock.now += 60
        await who.require(MAYA, people, "reads")
        clock.now += 1
        await refusal(who, MAYA, people, "reads")


async def test_a_refusal_drops_what_was_known():
    async with slack() as (workspace, people):
        who = Permissions((DESK,), Clock())
        await who.require(MAYA, people, "reads")
        workspace.usergroups[DESK].clear()
        await refusal(who, MAYA, people, "writes")
        await refusal(who, MAYA, people, "reads")


@pytest.mark.parametrize("method", ["users.info", "usergroups.users.list", "auth.test"])
@pytest.mark.parametrize("trouble", [{"error": "ratelimited", "status": 429}, {"error": "missing_scope"}])
async def test_when_slack_cant_say_nobody_may_and_is_told_to_try_again(method, trouble):
    async with slack() as (workspace, people):
        who = Permissions((DESK,), Clock())
        workspace.fail(method, **trouble)
        no = await refusal(who, MAYA, people)
        assert no.outcome == "trouble" and "try again" in no.detail
        await who.require(MAYA, people, "writes")


async def test_when_slack_takes_too_long_nobody_may(monkeypatch):
    monkeypatch.setattr(permissions, "DIRECTORY_TIMEOUT", 0.01)

    class Slow:
        async def person(self, user):
            await asyncio.sleep(1)

        async def members(self, group):
            raise DirectoryUnavailable

    assert (await refusal(Permissions((MAYA,), Clock()), MAYA, Slow())).outcome == "trouble"


async def test_unknown_person_is_told_that_slack_is_required():
    for named in ((), (MAYA,)):
        assert (await refusal(Permissions(named, Clock()), "", None)).title == "This needs Slack."
    await Permissions((), Clock()).require("", None, "")


async def test_an_organisation_s_people_belong_to_several_workspaces():
    class Shared(WorkspaceUser):
        def profile(self, with_email=True):
            return super().profile() | {"enterprise_user": {"teams": ["T0PLAYGROUND"]}, "is_stranger": False}

    async with slack() as (workspace, people):
        workspace.people["U0ORG"] = Shared("U0ORG", "org", "Org", "", team_id="T0OTHER")
        await Permissions(("U0ORG",), Clock()).require("U0ORG", people, "writes")
