"""Dispatches a question or an interaction to its handler; the one place where errors become replies."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial

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
from bot.language.tokens import (
    MAX_QUESTION_LENGTH,
    InvalidArgument,
    replaced_words,
    sanitize,
    tokenize,
)
from bot.permissions import PermissionDenied
from bot.reply import (
    Button,
    Choice,
    Code,
    DoesNotExist,
    Form,
    InvalidFields,
    Line,
    Moment,
    Reply,
    Text,
    UserError,
    code_spans,
)
from bot.text import capitalized, cut, duration
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

    def needs_today(self, words: str) -> bool:
        """Return whether the answer to a question depends on what day it is for the person who asks."""
        resolved = self._bot.commands.resolve(words)
        return resolved is not None and resolved[0].needs_today(self._bot.ours, resolved[1])

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
            reply = self._error_reply(error, question)
        except FigshareError as error:
            if not context.cache_miss:
                log.info(
                    "figshare did not help", extra={"command": name, "cause": repr(error), "api": error.api}
                )
            reply = figshare_error_reply(error, question)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("a command failed", extra={"command": name, "reference": reference})
            reply = internal_error_reply(reference)
        if context.hits and reply.outcome == "ok" and not (reply.public_in or reply.keeps_original):
            reply = reply.with_footnotes(age_footnote(context.hits, self._bot.clock()))
        if is_private and not reply.is_private:
            reply = replace(reply, is_private=True)
        if context.timed_out:
            reply = replace(reply, is_incomplete=True)
        if not context.cache_miss:
            self._observe(name, reply.outcome, time.perf_counter() - started)
        return reply

    async def _command_reply(self, question: Question, resolved: tuple[Command, str] | None) -> Reply:
        max_length = resolved[0].max_length if resolved else DEFAULT_MAX_LENGTH
        if (length := len(question.words)) > max_length:
            actual = f"more than {MAX_QUESTION_LENGTH:,}" if length > MAX_QUESTION_LENGTH else f"{length:,}"
            reason = f"a question can have up to {max_length:,} characters; this one has {actual}"
            raise InvalidArgument("", reason, "")
        if resolved is None:
            return self._unknown_command_reply(question)
        command, arguments = resolved
        if command.role:
            await self._bot.permissions.require(question.user, question.directory, command.role)
        year_start = self._bot.settings.figshare_year_start
        parse_context = ParseContext(tokenize(arguments), self._bot.ours, question.today, year_start)
        values = command.parse(parse_context, arguments)
        values, batch = command.first_batch(parse_context, arguments, values)
        reply = await command.handler(self._bot, question, *values)
        return batch.added_to(reply) if batch is not None else reply

    def _unknown_command_reply(self, question: Question) -> Reply:
        word, _, arguments = question.words.partition(" ")
        title: Line = ("I don't know ", Code(cut(word, 80)), ".")
        command = self._bot.commands.closest(question.words)
        if command is None:
            return Reply(title, (_HELP,), buttons=(Button("help", "help"),), outcome="wrong")
        words = command.name
        if command.parameters:
            words = f"{command.name} {arguments}" if arguments else command.example
        return Reply(
            title,
            (Text(("Did you mean ", Code(command.usage), "?")), _HELP),
            buttons=(Button(words, words),),
            outcome="wrong",
        )

    def _error_reply(self, error: UserError, question: Question) -> Reply:
        title, buttons = code_spans(error.title), error.buttons
        details = [code_spans(line) for line in error.detail.split("\n") if line]
        if isinstance(error, DoesNotExist):
            buttons = tuple(_button_in_context(button, question.words) for button in buttons)
        if isinstance(error, InvalidArgument):
            title = code_spans(_with_full_stop(error.reason if error.argument else capitalized(error.reason)))
            if error.argument:
                title = (Code(cut(error.argument, 80)), ": ", *title)
            if error.example:
                examples = [self._full_example(error, example, question) for example in error.examples]
                listed = [part for example in examples for part in (" · ", Code(example))][1:]
                details = [("This works: " if len(examples) == 1 else "These work: ", *listed)]
                buttons = tuple(Button(example, example) for example in examples)
        return Reply(
            title,
            tuple(Text(line) for line in details),
            buttons=buttons,
            outcome=error.outcome,
            field_errors=tuple(error.errors.items()) if isinstance(error, InvalidFields) else (),
            # A refusal can name people, which concerns the asker alone.
            is_private=isinstance(error, PermissionDenied),
        )

    def _full_example(self, error: InvalidArgument, example: str, question: Question) -> str:
        """Return an example as a question that runs: a mere part is put in place of the wrong argument."""
        is_whole = self._bot.commands.by_name(example) is not None
        return example if is_whole else replaced_words(question.words, error.argument, example) or example


_ANONYMOUS = "somebody"
_HELP = Text((Code("help"), " lists what I can do."))


def _button_in_context(button: Button, words: str) -> Button:
    """Return the button with the whole question, its reference in place of the number that stood there."""
    number = button.words.rpartition(" ")[2]
    if number not in words.split(" ") or button.words == words:
        return button
    corrected = " ".join(button.words if word == number else word for word in words.split(" "))
    return replace(button, label=corrected, words=corrected)


def _with_full_stop(text: str) -> str:
    return text if text.endswith(("?", "…")) else text + "."


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
