"""`views.open` and `views.update`: forms that are opened with a trigger, and changed."""

from typing import Any

from bot.emulators.slack.responses import SlackError
from bot.emulators.slack.state import WorkspaceState
from bot.emulators.slack.validation import view_problems


def _definition(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    definition: dict[str, Any] = arguments.get("view") or {}
    problems = view_problems(definition, workspace.refused_types)
    if problems:
        raise SlackError("invalid_arguments", problems)
    return definition


async def views_open(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.open."""
    definition = _definition(workspace, arguments)
    trigger = workspace.triggers.use_trigger(str(arguments.get("trigger_id", "")))
    if isinstance(trigger, str):
        raise SlackError(trigger)
    view = workspace.views.open(trigger.user, definition)
    workspace.history.touch()
    return {"view": view.shape()}


async def views_update(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.update."""
    view = workspace.views.find(str(arguments.get("view_id", "")))
    if view is None:
        raise SlackError("not_found")
    # A hash, where one is given, has to be the newest.
    if arguments.get("hash") not in (None, view.hash):
        raise SlackError("hash_conflict")
    view.redefine(_definition(workspace, arguments))
    workspace.history.touch()
    return {"view": view.shape()}


VIEW_METHODS = {
    "views.open": views_open,
    "views.update": views_update,
}
