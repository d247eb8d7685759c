"""The scopes that the methods of the Web API need: https://docs.slack.dev/reference/scopes."""

# Methods that are not here need none.
SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.open": "im:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "users.info": "users:read",
    "usergroups.users.list": "usergroups:read",
}
# The methods that read messages need one for the kind of the conversation.
HISTORY_METHODS = {"conversations.history", "conversations.replies"}
HISTORY_SCOPES = {
    "channel": "channels:history",
    "group": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
}
EMAIL_SCOPE = "users:read.email"
# Those for what Slack sends to the app.
EVENT_SCOPES = {"commands", "app_mentions:read"}
ALL_SCOPES = {*SCOPES.values(), *HISTORY_SCOPES.values(), EMAIL_SCOPE, *EVENT_SCOPES}


def needed_scope(method: str, kind: str | None) -> str | None:
    """Return the scope that a call needs, if any; `kind` is that of the conversation that it names."""
    return HISTORY_SCOPES.get(kind or "") if method in HISTORY_METHODS else SCOPES.get(method)
