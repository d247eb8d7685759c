"""`files.*`: an upload in three steps, as https://docs.slack.dev/messaging/working-with-files says."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse, Response

from bot.standin.slack.api_chat import room
from bot.standin.slack.hooks import Rejected
from bot.standin.slack.message import Message
from bot.standin.slack.people import BOT_USER_ID

if TYPE_CHECKING:
    from bot.standin.slack.workspace import Workspace


@dataclass
class File:
    id: str
    name: str
    length: int
    content: bytes | None = None
    title: str = ""

    def shape(self, url: str) -> dict[str, Any]:
        address = f"{url}/files/{self.id}/{self.name}"
        shape = {"id": self.id, "name": self.name, "title": self.title or self.name, "size": self.length}
        return shape | {"url_private": address, "permalink": address, "user": BOT_USER_ID, "mode": "hosted"}


async def upload_url(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    name, length = str(arguments.get("filename") or ""), int(arguments.get("length") or 0)
    if not name or length <= 0:
        raise Rejected("invalid_arguments")
    file = File(f"F0{secrets.token_hex(5).upper()}", name, length)
    workspace.files[file.id] = file
    return {"upload_url": f"{workspace.url}/upload/{file.id}", "file_id": file.id}


def receive(workspace: "Workspace", file_id: str, body: bytes) -> Response:
    """Take the bytes of a file, raw or as the one part of a form."""
    file = workspace.files.get(file_id)
    if file is None:
        return PlainTextResponse("not found", 404)
    file.content = body
    return PlainTextResponse(f"OK - {len(body)}")


def download(workspace: "Workspace", file_id: str) -> Response:
    file = workspace.files.get(file_id)
    if file is None or file.content is None:
        return PlainTextResponse("not found", 404)
    name = file.name.encode("ascii", "replace").decode().replace('"', "")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(file.content, media_type="application/octet-stream", headers=headers)


async def complete(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    given = arguments.get("files") or []
    found = []
    for one in given:
        file = workspace.files.get(one.get("id", ""))
        if file is None or file.content is None:
            raise Rejected("file_not_found")
        file.title = one.get("title") or file.name
        found.append(file)
    if not found:
        raise Rejected("invalid_arguments")
    shapes = [file.shape(workspace.url) for file in found]
    if "channel_id" in arguments:
        channel = room(workspace, {"channel": arguments["channel_id"]})
        message = Message(
            channel=channel.id,
            ts=workspace.history.next_ts(),
            user=BOT_USER_ID,
            text=str(arguments.get("initial_comment") or ""),
            thread_ts=arguments.get("thread_ts"),
            files=shapes,
        )
        workspace.history.add(message)
    return {"files": shapes}


METHODS = {
    "files.getUploadURLExternal": upload_url,
    "files.completeUploadExternal": complete,
}
