"""Hands each verified request of Slack to the method that answers it."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.dispatcher import Dispatcher
from bot.slack.actions import Actions
from bot.slack.background_tasks import BackgroundTasks
from bot.slack.deduplicator import ClaimCheck, Deduplicator, claim_check
from bot.slack.directory import SlackDirectory
from bot.slack.payloads import (
    EventCallback,
    Malformed,
    Press,
    Shortcut,
    SlashCommand,
    Suggestion,
    parse_payload,
)
from bot.slack.pending_answers import PendingAnswers
from bot.slack.questions import EMPTY_RESPONSE, Questions
from bot.slack.responder import Responder
from bot.slack.signing import Signer
from bot.slack.submissions import Submissions
from bot.slack.view_payloads import parse_submission
from bot.slack.views import ViewOpener
from bot.storage.claims import CLAIM_LIFETIME

T = TypeVar("T")

log = logging.getLogger(__name__)

_MAX_REMEMBERED, _MAX_ID_LENGTH = 50_000, 200


class SlackRouter(AsyncMiddleware):
    """The bot's one Bolt middleware: it answers every request, so Bolt tries no listener.

        slash command            Questions.on_command
        mention, direct message  Questions.on_event
        button                   Actions.on_action
        shortcut on a message    Actions.on_shortcut
        submitted form           Submissions.on_submission
        search field of a form   Submissions.on_options

    A request that comes twice is answered once, by one of the processes on a database: `bot.storage.claims`.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        responder: Responder,
        client: AsyncWebClient,
        background_tasks: BackgroundTasks,
        clock: Callable[[], float],
        signer: Signer,
        is_claimed: ClaimCheck | None = None,
        count_ignored: Callable[[object], None] = lambda kind: None,
        pending: PendingAnswers | None = None,
    ) -> None:
        pending = pending or PendingAnswers(background_tasks)
        directory = SlackDirectory(client)
        views = ViewOpener(dispatcher, client, directory, signer)
        self._background_tasks, self._count_ignored = background_tasks, count_ignored
        self._deduplicator = Deduplicator(CLAIM_LIFETIME, _MAX_REMEMBERED, clock)
        self._is_claimed_elsewhere = claim_check(is_claimed)
        self._questions = Questions(
            dispatcher,
            responder,
            background_tasks,
            directory,
            views,
            clock,
            self._deduplicator,
            self._is_claimed_elsewhere,
            pending,
        )
        self._actions = Actions(
            dispatcher,
            responder,
            background_tasks,
            directory,
            views,
            self._questions,
            clock,
            count_ignored,
            pending,
        )
        self._submissions = Submissions(
            dispatcher, responder, background_tasks, directory, views, self._is_claimed_elsewhere
        )

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Return the response to a verified request; never raises."""
        body = req.body
        if body.get("type") == "url_verification":
            return await next()
        try:
            request_id = _request_id(req, body)
            if body.get("type") == "view_submission":
                # A duplicate needs the response of the first one: an empty response would close the form.
                return await self._submissions.on_submission(parse_submission(body), request_id)
            if request_id and self._deduplicator.is_duplicate(request_id):
                return EMPTY_RESPONSE
            if "command" in body:
                return await self._questions.on_command(parse_payload(body, SlashCommand), request_id)
            match body.get("type"):
                case "event_callback" if _event_type(body.get("event")) in ("message", "app_mention"):
                    self._questions.on_event(parse_payload(body, EventCallback))
                case "block_actions":
                    self._answer_later(request_id, self._actions.on_action, parse_payload(body, Press))
                case "message_action":
                    self._answer_later(request_id, self._actions.on_shortcut, parse_payload(body, Shortcut))
                case "block_suggestion":
                    return await self._submissions.on_options(parse_payload(body, Suggestion))
                case "event_callback":
                    self._count_ignored(_event_type(body.get("event")))
                case kind:
                    # Slack shows people nothing for these, so that only this count tells.
                    self._count_ignored(kind)
        except Malformed as malformed:
            _log_malformed(malformed)
        except Exception:
            log.exception("a request from slack failed", extra={"reference": secrets.token_hex(4)})
        return EMPTY_RESPONSE

    def _answer_later(self, request_id: str, answer: Callable[[T], None], payload: T) -> None:
        """Answer after the acknowledgement, unless another process does."""

        async def answer_unless_claimed() -> None:
            try:
                if not await self._is_claimed_elsewhere(request_id):
                    answer(payload)
            except Malformed as malformed:
                _log_malformed(malformed)

        self._background_tasks.spawn(answer_unless_claimed())


def _request_id(req: AsyncBoltRequest, body: dict[str, Any]) -> str:
    """Return what names a request and its retries, or an empty text.

    A retry of an event has the id of the first attempt, and a trigger is given once. What has neither has a
    signature of its own. An id is remembered, so one longer than Slack's is not taken.
    """
    signature: str = req.headers.get("x-slack-signature", ("",))[0]
    ids = (body.get("event_id"), body.get("trigger_id"), signature)
    return next((id for id in ids if isinstance(id, str) and 0 < len(id) <= _MAX_ID_LENGTH), "")


def _event_type(event: Any) -> Any:
    """Return the type of an event: only messages and mentions can hold a question, others differ in shape."""
    return event.get("type") if isinstance(event, dict) else None


def _log_malformed(malformed: Malformed) -> None:
    log.warning("slack sent something unreadable", extra={"cause": str(malformed)})
