"""Submitted forms, and what people type into their search fields.

submitted ──> running ──within two seconds──> ok: the view closes and the reply goes to the conversation
                 │                            not ok: the view shows what is wrong, with all that was typed
                 └──later──> the view says so meanwhile, and is updated in the same two ways; when somebody
                             has closed it, what they typed comes back as a direct message
"""

import asyncio
import logging
import secrets
from typing import Any

import orjson
from cachetools import TTLCache
from slack_bolt.response import BoltResponse

from bot.commands import Interaction
from bot.dispatcher import Dispatcher
from bot.render.rich_text import Block
from bot.render.views import errors_by_block, notice_view, options_response, redisplay
from bot.reply import Line, Reply
from bot.slack.background_tasks import BackgroundTasks
from bot.slack.deduplicator import ClaimCheck
from bot.slack.directory import SlackDirectory
from bot.slack.payloads import Suggestion
from bot.slack.private_metadata import PrivateMetadata, signed_view
from bot.slack.questions import JSON_HEADERS, busy_reply
from bot.slack.responder import OutgoingReply, Responder
from bot.slack.returned_form import reason_lines, returned_form
from bot.slack.view_payloads import Submission
from bot.slack.views import ViewOpener
from bot.storage.claims import CLAIM_LIFETIME

log = logging.getLogger(__name__)

# Of the three seconds that Slack gives to a submission, and to what is typed into a search field.
SUBMISSION_TIMEOUT, OPTIONS_TIMEOUT = 2.0, 2.4
WORKING = "Figshare is still working. You can close this; I'll message you when it's done."
_DUPLICATE: Line = (
    "Slack sent this twice, and I do it only once. You can close this; I'll message you when it's done.",
)
_DONE: Line = ("Done. See the conversation for the result and next steps.",)
_OUTDATED: Line = (
    "This form is from before an update. Copy what you want to keep, close it and open a new one.",
)
_MAX_RESPONSES, _MAX_SEARCH_LENGTH = 200, 200


class Submissions:
    """Runs the actions of submitted forms and tells Slack what their views show next."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        responder: Responder,
        background_tasks: BackgroundTasks,
        directory: SlackDirectory,
        views: ViewOpener,
        is_claimed_elsewhere: ClaimCheck,
    ) -> None:
        self._dispatcher, self._responder, self._background_tasks = dispatcher, responder, background_tasks
        self._directory, self._views = directory, views
        self._is_claimed_elsewhere = is_claimed_elsewhere
        self._responses: TTLCache[str, asyncio.Task[BoltResponse]] = TTLCache(_MAX_RESPONSES, CLAIM_LIFETIME)
        self._running: dict[str, asyncio.Task[Reply]] = {}

    async def on_submission(self, submission: Submission, request_id: str) -> BoltResponse:
        """Return the response to a submission; the same request again gets the same response.

        Slack may repeat a request, and closes a form whose response is empty.
        """
        responding = self._responses.get(request_id) or self._background_tasks.spawn(
            self._respond(submission, request_id)
        )
        if request_id:
            self._responses[request_id] = responding
        return await asyncio.shield(responding)

    async def on_options(self, suggestion: Suggestion) -> BoltResponse:
        """Return the options for what is typed into a search field, none when finding them takes too long."""
        interaction = Interaction("", suggestion.user.id, directory=self._directory)
        name, words = suggestion.action_id.partition(":")[0], (suggestion.value or "")[:_MAX_SEARCH_LENGTH]
        finding = self._background_tasks.spawn(self._dispatcher.find_options(name, words, interaction))
        done, _ = await asyncio.wait((finding,), timeout=OPTIONS_TIMEOUT)
        return _json_response(options_response(finding.result() if done else ()))

    async def _respond(self, submission: Submission, request_id: str) -> BoltResponse:
        try:
            if await self._is_claimed_elsewhere(request_id):
                # Only the other process knows the outcome, so the form stays open.
                return _update_response(redisplay(submission.view, (_DUPLICATE,)))
            return await self._submit(submission)
        except Exception:
            log.exception("a submission failed", extra={"reference": secrets.token_hex(4)})
            # Slack then says that it had trouble, and keeps the form open.
            return BoltResponse(status=500, body="")

    async def _submit(self, submission: Submission) -> BoltResponse:
        """Run the action of a form; a second submission meanwhile waits for the reply of the first."""
        signer = self._views.signer_for(submission.user)
        metadata = signer.verify(submission.signed_metadata, submission.action_id)
        if metadata is None:
            return _update_response(redisplay(submission.view, (_OUTDATED,)))
        interaction = Interaction(
            submission.action_id,
            submission.user,
            idempotency_key=metadata.idempotency_key or submission.view_id,
            values=submission.values,
            directory=self._directory,
            private_metadata=metadata.form_metadata,
        )
        key = interaction.idempotency_key
        running = self._running.get(key)
        is_first = running is None
        if running is None:
            running = self._running[key] = self._background_tasks.spawn(self._run(interaction, metadata))
            running.add_done_callback(lambda _: self._running.pop(key, None))
        done, _ = await asyncio.wait((running,), timeout=SUBMISSION_TIMEOUT)
        if done:
            return self._response(running.result(), submission, metadata)
        if is_first:
            self._background_tasks.spawn(self._show_later(running, submission, metadata))
        return _update_response(notice_view(submission.title, (WORKING,)))

    async def _run(self, interaction: Interaction, metadata: PrivateMetadata) -> Reply:
        """Run an action and return its reply; where that ends the form, also send it to the conversation."""
        if self._background_tasks.is_full:
            return busy_reply(self._background_tasks.length)
        reply = await self._dispatcher.run_action(interaction)
        if _is_done(reply):
            self._background_tasks.spawn(
                self._responder.deliver(reply, interaction.action_id, metadata, interaction.user)
            )
        return reply

    async def _show_later(
        self, running: asyncio.Task[Reply], submission: Submission, metadata: PrivateMetadata
    ) -> None:
        reply = await running
        if _is_done(reply):
            done_view = notice_view(submission.title, *reason_lines(reply)[:1], _DONE)
            await self._views.update(submission.view_id, done_view)
        elif not await self._views.update(submission.view_id, self._next_view(reply, submission, metadata)):
            signer = self._views.signer_for(submission.user)
            returned = returned_form(reply, submission, metadata, signer)
            await self._responder.post(OutgoingReply(returned, ""), submission.user, None)

    def _response(self, reply: Reply, submission: Submission, metadata: PrivateMetadata) -> BoltResponse:
        """Return what Slack is to do with the view: https://docs.slack.dev/surfaces/modals#response_actions."""
        if _is_done(reply):
            return _json_response({"response_action": "clear"})
        if errors := errors_by_block(submission.view, reply.field_errors):
            return _json_response({"response_action": "errors", "errors": errors})
        return _update_response(self._next_view(reply, submission, metadata))

    def _next_view(self, reply: Reply, submission: Submission, metadata: PrivateMetadata) -> Block:
        """Return the form of a reply, or the submitted one again with what went wrong."""
        if reply.form is not None:
            return signed_view(reply.form, metadata, self._views.signer_for(submission.user))
        return redisplay(submission.view, reason_lines(reply))


def _is_done(reply: Reply) -> bool:
    return reply.outcome == "ok" and reply.form is None


def _update_response(view: Block) -> BoltResponse:
    return _json_response({"response_action": "update", "view": view})


def _json_response(body: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=orjson.dumps(body).decode(), headers=JSON_HEADERS)
