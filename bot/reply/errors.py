"""Errors that people see: raised in place of an answer, and turned into one by the dispatcher alone."""

from collections.abc import Mapping

from bot.reply.content import Button, Outcome


class UserError(Exception):
    """Raised in place of an answer: what happened, what to do about it, and buttons that do it."""

    outcome: Outcome = "wrong"

    def __init__(self, title: str, detail: str = "", buttons: tuple[Button, ...] = ()) -> None:
        super().__init__(title)
        self.title, self.detail, self.buttons = title, detail, buttons


class DoesNotExist(UserError):
    """Raised when a reference leads nowhere; the buttons offer what was perhaps meant."""


class InvalidFields(UserError):
    """Raised when fields of a form hold what can't be taken: by field name, what is wrong with each."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("Something needs another look.", "\n".join(errors.values()))
        self.errors = errors


class StorageUnavailable(UserError):
    """Raised when the database can't be written to, and so nothing else may be done."""

    outcome: Outcome = "trouble"

    def __init__(self) -> None:
        super().__init__("I can't note it in my database.", "Nothing was done. Please try again in a minute.")
