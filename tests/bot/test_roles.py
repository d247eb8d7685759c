"""Who may write is asked of Slack, and when it can't say nobody may."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot import permissions
from bot.permissions import DirectoryUnavailable, PermissionDenied, Roles
from bot.settings import Settings
from bot.slack.client import Client
from bot.slack.directory import People
from bot.standin.serving import serve
from bot.standin.slack import Workspace
from bot.standin.slack.people import BOT_USER_ID, Person
from tests.conftest import Clock

MAYA, JONAS, GUEST, STRANGER = Workspace.maya, Workspace.jonas, Workspace.guest, Workspace.stranger
DESK = "S0DESK"


@asynccontextmanager
async def slack():
    """Open a workspace and what the bot knows of it."""
    workspace = Workspace(signing_secret="secret", bot_token="xoxb-roles")
    async with workspace, serve(workspace.app) as base, aiohttp.ClientSession() as session:
        workspace.url = base
        client = Client(Settings(slack_bot_token="xoxb-roles", slack_api_url=f"{base}/api"), session)
        workspace.usergroups[DESK] = {MAYA}
        yield workspace, People(client)


def asked(workspace):
    return [each.kind for each in workspace.log if each.to == "slack"]


async def refusal(who, user, people, role="writes"):
    with pytest.raises(PermissionDenied) as no:
        await who.check(user, people, role)
    return no.value


async def test_without_names_nobody_may_and_slack_is_not_asked():
    async with slack() as (workspace, people):
        no = await refusal(Roles((), Clock()), MAYA, people)
        assert no.title == "Nobody may write drafts here." and "DRAFT_USERS" in no.detail
        assert asked(workspace) == []


async def test_a_person_may_by_id_and_by_group():
    async with slack() as (_, people):
        for named in ((MAYA,), (DESK,), (JONAS, "S0NONE", DESK)):
            await Roles(named, Clock()).check(MAYA, people, "writes")


async def test_the_refusal_names_who_can_help_and_mentions_nobody():
    async with slack() as (_, people):
        for named in ((MAYA,), (DESK,)):
            no = await refusal(Roles(named, Clock()), JONAS, people)
            assert no.title == "You may not write drafts here."
            assert no.detail == "Maya Okafor can: please ask there." and "<@" not in no.detail


async def test_when_nobody_can_be_named_it_says_what_to_set():
    async with slack() as (_, people):
        no = await refusal(Roles((GUEST, "S0NONE"), Clock()), JONAS, people)
        assert no.detail == "Whoever runs me can change DRAFT_USERS."


@pytest.mark.parametrize(
    ("user", "said"),
    [(GUEST, "Guests"), (STRANGER, "other workspaces"), (BOT_USER_ID, "Bots"), ("U0GONE", "This account")],
)
async def test_guests_strangers_bots_and_those_who_left_may_not_even_when_they_are_named(user, said):
    async with slack() as (workspace, people):
        workspace.people["U0GONE"] = Person("U0GONE", "gone", "Gone", "", deleted=True)
        workspace.usergroups[DESK].add(user)
        for named in ((user,), (DESK,)):
            assert said in (await refusal(Roles(named, Clock()), user, people)).title


async def test_somebody_out_of_sight_is_a_stranger():
    async with slack() as (_, people):
        assert "other workspaces" in (await refusal(Roles(("U0NOBODY",), Clock()), "U0NOBODY", people)).title


async def test_for_reading_an_answer_serves_a_minute_and_for_writing_never():
    async with slack() as (workspace, people):
        clock = Clock()
        who = Roles((DESK,), clock)
        await who.check(MAYA, people, "writes")
        workspace.usergroups[DESK].clear()
        clock.now += 60
        await who.check(MAYA, people, "reads")
        clock.now += 1
        await refusal(who, MAYA, people, "reads")


async def test_a_refusal_drops_what_was_known():
    async with slack() as (workspace, people):
        who = Roles((DESK,), Clock())
        await who.check(MAYA, people, "reads")
        workspace.usergroups[DESK].clear()
        await refusal(who, MAYA, people, "writes")
        await refusal(who, MAYA, people, "reads")


@pytest.mark.parametrize("method", ["users.info", "usergroups.users.list", "auth.test"])
@pytest.mark.parametrize("trouble", [{"error": "ratelimited", "status": 429}, {"error": "missing_scope"}])
async def test_when_slack_cant_say_nobody_may_and_is_told_to_try_again(method, trouble):
    async with slack() as (workspace, people):
        who = Roles((DESK,), Clock())
        workspace.fail(method, **trouble)
        no = await refusal(who, MAYA, people)
        assert no.outcome == "trouble" and "try again" in no.detail
        await who.check(MAYA, people, "writes")


async def test_when_slack_takes_too_long_nobody_may(monkeypatch):
    monkeypatch.setattr(permissions, "PATIENCE", 0.01)

    class Slow:
        async def person(self, user):
            await asyncio.sleep(1)

        async def members(self, group):
            raise DirectoryUnavailable

    assert (await refusal(Roles((MAYA,), Clock()), MAYA, Slow())).outcome == "trouble"


async def test_where_nobody_is_known_it_needs_slack():
    for named in ((), (MAYA,)):
        assert (await refusal(Roles(named, Clock()), "", None)).title == "This needs Slack."
    await Roles((), Clock()).check("", None, "")


async def test_an_organisation_s_people_belong_to_several_workspaces():
    class Shared(Person):
        def profile(self):
            return super().profile() | {"enterprise_user": {"teams": ["T0PLAYGROUND"]}, "is_stranger": False}

    async with slack() as (workspace, people):
        workspace.people["U0ORG"] = Shared("U0ORG", "org", "Org", "", team_id="T0OTHER")
        await Roles(("U0ORG",), Clock()).check("U0ORG", people, "writes")
