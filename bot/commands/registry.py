"""Everything the bot can do, found by what a person typed or pressed."""

from collections.abc import Iterable
from functools import lru_cache
from types import ModuleType

from bot.commands.command import Command
from bot.commands.interaction import Action, Options
from bot.language import references, spelling
from bot.language.tokens import tokenize

# The command that a mere reference of a kind means; `item` for all others.
_COMMAND_OF_KIND = {"author": "stats", "group": "stats", "collection": "collection", "project": "project"}


class CommandRegistry:
    """The commands, actions and options that modules declare, in the order of the modules."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        declared = [value for module in modules for value in vars(module).values()]
        self.all = [value for value in declared if isinstance(value, Command)]
        self.actions = {value.name: value for value in declared if isinstance(value, Action)}
        self.options = {value.name: value for value in declared if isinstance(value, Options)}
        self._by_name = {command.name: command for command in self.all}
        self._max_name_words = max(name.count(" ") + 1 for name in self._by_name)
        # A question is resolved several times: does it need the day, does it only read, what is its answer?
        self.resolve = lru_cache(maxsize=500)(self._resolve)

    @property
    def names(self) -> frozenset[str]:
        """Return the names under which requests are counted: commands, buttons, forms, search fields."""
        return frozenset({*self._by_name, *self.actions, *self.options, "form"})

    def order(self, command: Command) -> int:
        """Return a number by which commands are sorted as in `help`, with those of one task together."""
        return [declared.task for declared in self.all].index(command.task)

    def __getitem__(self, name: str) -> Command:
        return self._by_name[name]

    def _resolve(self, text: str) -> tuple[Command, str] | None:
        """Return the command that a question means and the text of its arguments, or None."""
        if not text:
            return self._by_name["help"], ""
        if text.lower() == "ours":
            return self._by_name["stats"], text
        return self.by_name(text) or self._by_reference(text)

    def by_name(self, text: str) -> tuple[Command, str] | None:
        """Return the command whose name a text begins with and the text after it, or None."""
        words = text.split(" ", self._max_name_words)
        for count in range(min(self._max_name_words, len(words)), 0, -1):
            command = self._by_name.get(" ".join(words[:count]).lower())
            if command is not None:
                return command, text.split(" ", count)[count] if len(words) > count else ""
        return None

    def _by_reference(self, text: str) -> tuple[Command, str] | None:
        match = references.leading_reference([token.text for token in tokenize(text, 2)])
        if match is not None:
            return self.about(match[0]), text
        return (self._by_name["item"], text) if references.is_file_link(text) else None

    def about(self, reference: references.Reference) -> Command:
        """Return the command that a mere reference means."""
        return self._by_name[_COMMAND_OF_KIND.get(reference.kind or "", "item")]

    def closest(self, text: str) -> Command | None:
        """Return the command whose name the first word is a slip of, or of which it is the beginning.

        Of a command that writes, the whole name has to be there.
        """
        word = text.split(" ", 1)[0].lower().lstrip("/")
        if len(word) >= 3:
            for name, command in self._by_name.items():
                if name.startswith(word) and command.is_guessable:
                    return command
        near = spelling.nearest(word, self._by_name)
        return self._by_name[near] if near else None
