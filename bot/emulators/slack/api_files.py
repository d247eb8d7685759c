"""`files.*`: an upload in three steps, as https://docs.slack.dev/messaging/working-with-files says."""

import secrets
from typing import Any

from starlette.responses import PlainTextResponse, Response

from bot.emulators.slack.api_conversations import named_conversation
from bot.emulators.slack.message import PostedMessage, UploadedFile
from bot.emulators.slack.people import BOT_USER_ID
from bot.emulators.slack.responses import SlackError
from bot.emulators.slack.state import WorkspaceState


async def files_get_upload_url(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    name, length = str(arguments.get("filename") or ""), int(arguments.get("length") or 0)
    if not name or length <= 0:
        raise SlackError("invalid_arguments")
    file = UploadedFile(f"F0{secrets.token_hex(5).upper()}", name, length)
    workspace.files[file.id] = file
    return {"upload_url": f"{workspace.url}/upload/{file.id}", "file_id": file.id}


def receive_file(workspace: WorkspaceState, file_id: str, content: bytes) -> Response:
    """Take the bytes of a file."""
    file = workspace.files.get(file_id)
    if file is None:
        return PlainTextResponse("not found", 404)
    file.content = content
    return PlainTextResponse(f"OK - {len(content)}")


def file_download(workspace: WorkspaceState, file_id: str) -> Response:
    """Return a file as a download, so that no browser shows it as a page of this server."""
    file = workspace.files.get(file_id)
    if file is None or file.content is None:
        return PlainTextResponse("not found", 404)
    name = file.name.encode("ascii", "replace").decode().replace('"', "")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(file.content, media_type="application/octet-stream", headers=headers)


async def files_complete_upload(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    files = []
    for upload in arguments.get("files") or []:
        file = workspace.files.get(upload.get("id", ""))
        if file is None or file.content is None:
            raise SlackError("file_not_found")
        file.title = upload.get("title") or file.name
        files.append(file)
    if not files:
        raise SlackError("invalid_arguments")
    channel = named_conversation(workspace, arguments.get("channel_id"))
    shapes = [file.shape(workspace.url) for file in files]
    workspace.history.add(
        PostedMessage(
            channel=channel.id,
            ts=workspace.history.next_ts(),
            user=BOT_USER_ID,
            text=str(arguments.get("initial_comment") or ""),
            thread_ts=arguments.get("thread_ts"),
            files=shapes,
        )
    )
    return {"files": shapes}


FILE_METHODS = {
    "files.getUploadURLExternal": files_get_upload_url,
    "files.completeUploadExternal": files_complete_upload,
}
