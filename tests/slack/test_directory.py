"""Who belongs to the workspace, as Slack's directory says."""

from dataclasses import replace

import pytest

from bot.emulators.slack.people import JONAS, MAYA, PARTNER_TEAM_ID, STRANGER
from tests.support.slack_client import open_slack_client

NO_STRANGERS = "People from other workspaces can't write drafts here."


@pytest.mark.parametrize("enterprise", ["E0OURS", "E0THEIRS", None])
async def test_person_of_the_same_organisation_is_one_of_ours(enterprise):
    async with open_slack_client(draft_users=(STRANGER,)) as slack_client:
        slack_client.slack.enterprise_id = "E0OURS"
        noor = slack_client.slack.people[STRANGER]
        slack_client.slack.people[STRANGER] = replace(noor, enterprise_id=enterprise)
        await slack_client.slack.command("/figshare", "draft Frog calls", user=STRANGER)
        if enterprise == "E0OURS":
            await slack_client.slack.until(lambda: slack_client.slack.views.top(STRANGER))
        else:
            assert NO_STRANGERS in slack_client.answers[-1].text


async def test_organisation_means_nothing_to_a_workspace_outside_one(slack_client):
    # Slack leaves out on both sides what does not apply.
    slack_client.slack.people[JONAS] = replace(
        slack_client.slack.people[JONAS], team_id=PARTNER_TEAM_ID, enterprise_id=""
    )
    seen = await slack_client.slack.command("/figshare", "draft Frog calls", user=JONAS)
    assert NO_STRANGERS in seen.text


async def test_user_group_of_a_free_workspace_has_nobody():
    async with open_slack_client(draft_users=("S0LIBRARIANS",)) as slack_client:
        slack_client.slack.is_free_plan = True
        seen = await slack_client.slack.command("/figshare", "draft Frog calls", user=MAYA)
        assert "Only some people can create drafts." in seen.text
        assert "try again" not in seen.text.lower()
        slack_client.slack.is_free_plan = False
        slack_client.slack.usergroups["S0LIBRARIANS"] = {MAYA}
        await slack_client.open("draft Frog calls")
