"""`views.*`: forms opened with a trigger, changed, stacked, and the Home."""

from typing import TYPE_CHECKING, Any

from bot.standin.slack.blockkit import view_problems
from bot.standin.slack.hooks import Rejected
from bot.standin.slack.triggers import Trigger
from bot.standin.slack.views import View

if TYPE_CHECKING:
    from bot.standin.slack.workspace import Workspace


def _definition(workspace: "Workspace", arguments: dict[str, Any], kind: str | None = None) -> dict[str, Any]:
    definition = arguments.get("view")
    problems = view_problems(definition, workspace.refuse)
    if not problems and kind and isinstance(definition, dict) and definition["type"] != kind:
        problems = [f"[ERROR] must be {kind} [json-pointer:/view/type]"]
    if problems or not isinstance(definition, dict):
        raise Rejected("invalid_arguments", problems)
    external = definition.get("external_id")
    taken = workspace.views.find(external_id=external) if external else None
    if (
        taken is not None
        and taken.id != arguments.get("view_id")
        and external != arguments.get("external_id")
    ):
        raise Rejected("duplicate_external_id")
    return definition


def _trigger(workspace: "Workspace", arguments: dict[str, Any]) -> Trigger:
    trigger = workspace.triggers.exchange(str(arguments.get("trigger_id", "")))
    if isinstance(trigger, str):
        raise Rejected(trigger)
    return trigger


async def open_view(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.open."""
    definition = _definition(workspace, arguments, "modal")
    view = workspace.views.open(_trigger(workspace, arguments).user, definition)
    workspace.history.touch()
    return {"view": view.shape()}


async def push(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.push."""
    definition = _definition(workspace, arguments, "modal")
    trigger = _trigger(workspace, arguments)
    if trigger.view is None or workspace.views.find(trigger.view) is None:
        raise Rejected("not_found")
    view = workspace.views.push(trigger.user, definition)
    if view is None:
        raise Rejected("push_limit_reached")
    workspace.history.touch()
    return {"view": view.shape()}


def fresh(view: View | None, given_hash: Any) -> View:
    """Insist that the view is still open and that its hash, when one is given, is the newest."""
    if view is None:
        raise Rejected("not_found")
    if given_hash and given_hash != view.hash:
        raise Rejected("hash_conflict")
    return view


async def update(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.update."""
    found = workspace.views.find(arguments.get("view_id"), arguments.get("external_id"))
    view = fresh(found, arguments.get("hash"))
    view.redefine(_definition(workspace, arguments, "modal"))
    workspace.history.touch()
    return {"view": view.shape()}


async def publish(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.publish."""
    user = str(arguments.get("user_id", ""))
    if user not in workspace.people:
        raise Rejected("user_not_found")
    definition = _definition(workspace, arguments, "home")
    home = workspace.views.homes.get(user)
    if home is None:
        home = workspace.views.homes[user] = View(user, definition)
    else:
        fresh(home, arguments.get("hash")).redefine(definition)
    workspace.history.touch()
    return {"view": home.shape()}


METHODS = {
    "views.open": open_view,
    "views.push": push,
    "views.update": update,
    "views.publish": publish,
}
