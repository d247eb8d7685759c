"""`auth.*`, `users.*`, `usergroups.*`, `team.*`, `bots.*`: who everybody is, the bot included."""

from typing import TYPE_CHECKING, Any

from bot.standin.slack.api_conversations import page
from bot.standin.slack.hooks import Rejected
from bot.standin.slack.people import APP_ID, BOT_ID, BOT_NAME, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID, TEAM_NAME

if TYPE_CHECKING:
    from bot.standin.slack.workspace import Workspace


async def api_test(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    return {"args": arguments}


async def auth_test(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": f"{workspace.url}/",
        "team": TEAM_NAME,
        "user": BOT_NAME,
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


async def user_info(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    person = workspace.people.get(str(arguments.get("user", "")))
    if person is None:
        raise Rejected("user_not_found")
    return {"user": person.profile()}


async def user_list(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    part, cursor = page([person.profile() for person in workspace.people.values()], arguments)
    return {"members": part, "response_metadata": {"next_cursor": cursor}}


async def group_list(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    groups: list[dict[str, Any]] = []
    for group, users in workspace.usergroups.items():
        shape: dict[str, Any] = {
            "id": group,
            "team_id": TEAM_ID,
            "is_usergroup": True,
            "handle": group.lower(),
        }
        shape |= {"name": group, "date_delete": 0, "user_count": len(users)}
        groups.append(shape | ({"users": sorted(users)} if arguments.get("include_users") else {}))
    return {"usergroups": groups}


async def group_users(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    users = workspace.usergroups.get(str(arguments.get("usergroup", "")))
    if users is None:
        raise Rejected("no_such_subteam")
    return {"users": sorted(users)}


async def team_info(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    team = {"id": TEAM_ID, "name": TEAM_NAME, "domain": TEAM_DOMAIN, "email_domain": "", "icon": {}}
    return {"team": team}


async def bot_info(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    if arguments.get("bot", BOT_ID) != BOT_ID:
        raise Rejected("bot_not_found")
    bot = {"id": BOT_ID, "app_id": APP_ID, "user_id": BOT_USER_ID, "name": "Figshare", "deleted": False}
    return {"bot": bot}


async def open_connection(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """Refuse Socket Mode: the stand-in speaks signed HTTP only."""
    raise Rejected("not_allowed")


METHODS = {
    "api.test": api_test,
    "auth.test": auth_test,
    "users.info": user_info,
    "users.list": user_list,
    "usergroups.list": group_list,
    "usergroups.users.list": group_users,
    "team.info": team_info,
    "bots.info": bot_info,
    "apps.connections.open": open_connection,
}
