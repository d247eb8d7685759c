"""`auth.test`, `users.info` and `usergroups.users.list`: who everybody is, the bot included."""

from typing import Any

from bot.emulators.slack.people import BOT_ID, BOT_NAME, BOT_USER_ID, TEAM_ID, TEAM_NAME
from bot.emulators.slack.responses import SlackError
from bot.emulators.slack.scopes import EMAIL_SCOPE
from bot.emulators.slack.state import WorkspaceState


async def auth_test(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": f"{workspace.url}/",
        "team": TEAM_NAME,
        "user": BOT_NAME,
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    } | ({"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else {})


async def users_info(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    user = workspace.people.get(str(arguments.get("user", "")))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": user.profile(with_email=EMAIL_SCOPE in workspace.scopes)}


async def usergroups_users_list(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    if workspace.is_free_plan:
        raise SlackError("plan_upgrade_required")
    users = workspace.usergroups.get(str(arguments.get("usergroup", "")))
    if users is None:
        raise SlackError("no_such_subteam")
    return {"users": sorted(users)}


PEOPLE_METHODS = {
    "auth.test": auth_test,
    "users.info": users_info,
    "usergroups.users.list": usergroups_users_list,
}
