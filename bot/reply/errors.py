"""Errors that people see: raised in place of a reply, and turned into one by the dispatcher alone."""

from collections.abc import Mapping

from bot.reply.content import Button, Outcome


class UserError(Exception):
    """Raised in place of a reply: what happened, what to do about it, and buttons that do it."""

    outcome: Outcome = "wrong"

    def __init__(self, title: str, detail: str = "", buttons: tuple[Button, ...] = ()) -> None:
        super().__init__(title)
        self.title, self.detail, self.buttons = title, detail, buttons


class DoesNotExist(UserError):
    """Raised when a reference leads nowhere; the buttons offer what may have been meant."""


class InvalidFields(UserError):
    """Raised when fields of a form can't be accepted; `errors` says what is wrong, by the field's name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("Please check the form.", "\n".join(errors.values()))
        self.errors = errors


class StorageUnavailable(UserError):
    """Raised when the database can't be written to, so that nothing that has to be recorded may be done."""

    outcome: Outcome = "trouble"

    def __init__(self) -> None:
        super().__init__("I can't write to my database.", "Nothing was done. Please try again in a minute.")
