"""Dispatches a question or an interaction to its handler; the one place where errors become replies."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import DEFAULT_MAX_LENGTH, Command, Interaction, InvalidValue, Question
from bot.error_messages import error_message, internal_error_reply
from bot.figshare.errors import (
    BadRequest,
    FigshareError,
    NotADraft,
    NotAllowed,
    NotFound,
    OaiError,
    OutcomeUnknown,
)
from bot.help.invitation import invitation
from bot.language.parameters import ParseContext
from bot.language.references import is_file_link
from bot.language.tokens import MAX_QUESTION_LENGTH, InvalidArgument, sanitize, tokenize
from bot.reply import (
    Button,
    Choice,
    Form,
    Line,
    Moment,
    Reply,
    Text,
    UserError,
)
from bot.text import duration
from bot.upstream.request_context import CacheHit, RequestContext, request_context_of

log = logging.getLogger(__name__)

# How many seconds a question, a press or a form may take.
TIME_LIMIT = 20.0


class Dispatcher:
    """Runs commands and actions; never raises, and never takes longer than `time_limit` seconds."""

    def __init__(
        self,
        bot: Bot,
        observe: Callable[[str, str, float], None] = lambda command, outcome, seconds: None,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        self._bot, self._observe, self._time_limit = bot, observe, time_limit
        # Returns the line with three examples to begin with, which work for a person here.
        self.invitation = partial(invitation, bot)
        # It depends on the words alone, and parses them.
        self.needs_today = lru_cache(maxsize=500)(self._needs_today)

    async def answer(self, question: Question, time_limit: float | None = None) -> Reply:
        """Return the reply to a question, whatever happens."""
        context = self._new_context(question.user, time_limit)
        return await self._run_command(question, self._bot.commands.resolve(question.words), context)

    async def answer_from_cache(self, question: Question) -> Reply | None:
        """Return the reply if cached answers are enough for it, without waiting for anything; else None."""
        resolved = self._bot.commands.resolve(question.words)
        if resolved is None or not resolved[0].is_cacheable:
            return None
        context = RequestContext(question.user or _ANONYMOUS, only_if_cached=True)
        reply = await self._run_command(question, resolved, context)
        return None if context.cache_miss else reply

    def _needs_today(self, words: str) -> bool:
        """Return whether the answer to a question depends on what day it is for the person who asks."""
        resolved = self._bot.commands.resolve(words)
        # What the grammar can't read may still name a period.
        return resolved is None or resolved[0].needs_today(self._bot.ours, resolved[1])

    def only_reads(self, words: str) -> bool:
        """Return whether a question certainly changes nothing."""
        resolved = self._bot.commands.resolve(words)
        return resolved is None or resolved[0].is_cacheable

    def is_repeatable(self, words: str) -> bool:
        """Return whether a question may be asked again without anything being changed twice."""
        resolved = self._bot.commands.resolve(words)
        return resolved is None or resolved[0].is_repeatable

    def is_private(self, words: str) -> bool:
        """Return whether the answer to a question is for its asker alone, whatever it is."""
        resolved = self._bot.commands.resolve(words)
        return resolved is not None and resolved[0].is_private

    def has_action(self, action_id: str) -> bool:
        """Return whether a handler has declared this action."""
        return action_id in self._bot.commands.actions

    async def run_action(self, interaction: Interaction) -> Reply:
        """Return the reply to a press or a submission; the one place where an action's role is checked."""
        action = self._bot.commands.actions.get(interaction.action_id)

        async def handle() -> Reply:
            if action is None:
                raise InvalidValue
            await self._bot.permissions.require(interaction.user, interaction.directory, action.role)
            return await action.handler(self._bot, interaction)

        is_private = action is not None and action.is_private
        return await self._run_interaction(interaction.action_id, interaction, handle(), is_private)

    async def load_form(self, form: Form, interaction: Interaction) -> Reply:
        """Return a reply with the form itself, for a form that was opened as a placeholder."""

        async def load() -> Reply:
            assert form.load is not None
            return Reply((form.title,), form=await form.load())

        return await self._run_interaction(interaction.action_id or "form", interaction, load())

    async def find_options(self, name: str, words: str, interaction: Interaction) -> Sequence[Choice]:
        """Return the choices that a search field has for these words; none after an error."""
        choices: list[Choice] = []

        async def find() -> Reply:
            options = self._bot.commands.options[name]
            await self._bot.permissions.require(interaction.user, interaction.directory, options.role)
            choices.extend(await options.handler(self._bot, sanitize(words)))
            return Reply((name,))

        if name in self._bot.commands.options:
            await self._run_interaction(name, interaction, find())
        return choices

    def _new_context(self, user: str, time_limit: float | None = None) -> RequestContext:
        seconds = self._time_limit if time_limit is None else time_limit
        return RequestContext(user or _ANONYMOUS, asyncio.get_running_loop().time() + seconds)

    async def _run_command(
        self, question: Question, resolved: tuple[Command, str] | None, context: RequestContext
    ) -> Reply:
        name, is_private = (resolved[0].name, resolved[0].is_private) if resolved else ("unknown", False)
        return await self._run(name, question, context, self._command_reply(question, resolved), is_private)

    async def _run_interaction(
        self, name: str, interaction: Interaction, awaitable: Awaitable[Reply], is_private: bool = False
    ) -> Reply:
        today = datetime.fromtimestamp(self._bot.clock(), UTC).date()
        question = Question("", today, user=interaction.user)
        return await self._run(name, question, self._new_context(interaction.user), awaitable, is_private)

    async def _run(
        self,
        name: str,
        question: Question,
        context: RequestContext,
        awaitable: Awaitable[Reply],
        is_private: bool,
    ) -> Reply:
        """Await a reply in its context; the one place where errors become replies."""
        started = time.perf_counter()
        try:
            with request_context_of(context):
                reply = await awaitable
        except UserError as error:
            reply = self._error_reply(name, error, question)
        except FigshareError as error:
            if not context.cache_miss:
                log.info(
                    "figshare did not help", extra={"command": name, "cause": repr(error), "api": error.api}
                )
            reply = figshare_error_reply(error, question)
        except Exception:
            reply = _unexpected_error_reply(name)
        if context.hits and reply.outcome == "ok" and not (reply.public_in or reply.keeps_original):
            reply = reply.with_footnotes(age_footnote(context.hits, self._bot.clock()))
        if is_private and not reply.is_private:
            reply = replace(reply, is_private=True)
        if context.timed_out:
            reply = replace(reply, is_incomplete=True)
        if not context.cache_miss:
            self._observe(name, reply.outcome, time.perf_counter() - started)
        return reply

    async def _command_reply(
        self, question: Question, resolved: tuple[Command, str] | None, *, is_interpreted: bool = False
    ) -> Reply:
        max_length = resolved[0].max_length if resolved else DEFAULT_MAX_LENGTH
        if (length := len(question.words)) > max_length:
            actual = f"more than {MAX_QUESTION_LENGTH:,}" if length > MAX_QUESTION_LENGTH else f"{length:,}"
            reason = f"a question can have up to {max_length:,} characters; this one has {actual}"
            raise InvalidArgument("", reason, "")
        if resolved is None:
            return await self._interpreted_reply(question, None, None)
        command, arguments = resolved
        if command.role:
            await self._bot.permissions.require(question.user, question.directory, command.role)
        year_start = self._bot.settings.figshare_year_start
        parse_context = ParseContext(tokenize(arguments), self._bot.ours, question.today, year_start)
        try:
            values = command.parse(parse_context, arguments)
        except InvalidArgument as error:
            if is_interpreted:
                raise
            return await self._interpreted_reply(question, command, error)
        values, batch = command.first_batch(parse_context, arguments, values)
        reply = await command.handler(self._bot, question, *values)
        return batch.added_to(reply) if batch is not None else reply

    async def _interpreted_reply(
        self, question: Question, command: Command | None, error: InvalidArgument | None
    ) -> Reply:
        """Return the reply to a question that the grammar can't read: to its only reading, or with offers."""
        # Imported late: most questions are read by the grammar alone.
        from bot.interpretation import interpret

        typed = command if self._bot.commands.by_name(question.words) else None
        interpretation = interpret.Interpretation(self._bot, question)
        reading = interpret.only_reading(interpretation, typed)
        if reading is not None:
            understood = replace(question, words=reading.words)
            resolved = self._bot.commands.resolve(reading.words)
            reply = await self._command_reply(understood, resolved, is_interpreted=True)
            return replace(reply, footnotes=(interpret.understood_line(reading), *reply.footnotes))
        if error is not None and (typed is not None or not error.example or is_file_link(question.words)):
            raise error
        return interpret.unknown_reply(interpretation)

    def _error_reply(self, name: str, error: UserError, question: Question) -> Reply:
        # Imported late: most questions are answered.
        from bot.interpretation.errors import error_reply

        try:
            return error_reply(self._bot, question, error)
        except Exception:
            return _unexpected_error_reply(name)


_ANONYMOUS = "somebody"


def _unexpected_error_reply(name: str) -> Reply:
    """Log the error that is being handled, and return the reply to it."""
    reference = secrets.token_hex(4)
    log.exception("a command failed", extra={"command": name, "reference": reference})
    return internal_error_reply(reference)


_NOT_WORTH_RETRYING = NotFound | NotAllowed | BadRequest | NotADraft | OutcomeUnknown


def figshare_error_reply(error: FigshareError, question: Question) -> Reply:
    """Return the reply to an error of Figshare's: what happened, what to do, and a button to retry."""
    title, detail = error_message(error)
    can_retry = question.words and not isinstance(error, _NOT_WORTH_RETRYING)
    is_invalid = isinstance(error, NotFound | BadRequest | NotADraft | OaiError)
    return Reply(
        (title,),
        (Text((detail,)),),
        buttons=(Button("Try again", question.words, question.page),) if can_retry else (),
        outcome="wrong" if is_invalid else "trouble",
    )


def age_footnote(hits: Sequence[CacheHit], now: float) -> Line:
    """Return the footnote that says how old the cached answers are, and whether Figshare is away."""
    if stale := [hit.fetched_at for hit in hits if hit.is_stale]:
        fetched_at = min(stale)
        age = duration(now - fetched_at)
        return (
            f"Figshare isn't responding right now. This is its answer from {age} ago (",
            Moment(fetched_at),
            ").",
        )
    return ("As of ", Moment(min(hit.fetched_at for hit in hits)), ".")
