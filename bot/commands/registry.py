"""Everything the bot can do, found by what somebody typed or pressed."""

import difflib
from collections.abc import Iterable
from types import ModuleType

from bot.commands.command import Command
from bot.commands.interaction import Action, Options
from bot.language import references
from bot.language.tokens import tokenize


class CommandRegistry:
    """Everything the bot can do: the modules of the table of contents, in its order."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        found = [each for module in modules for each in vars(module).values()]
        self.all = [each for each in found if isinstance(each, Command)]
        self.actions = {each.name: each for each in found if isinstance(each, Action)}
        self.options = {each.name: each for each in found if isinstance(each, Options)}
        self._named = {each.name: each for each in self.all}
        self.longest = max(name.count(" ") + 1 for name in self._named)

    @property
    def names(self) -> frozenset[str]:
        """Give every name that a person can cause something by: commands, buttons, forms, search fields."""
        return frozenset({*self._named, *self.actions, *self.options, "form"})

    def order(self, one: Command) -> int:
        """Give the place of a command's task in `help`: where the task is first named."""
        return [each.task for each in self.all].index(one.task)

    def __getitem__(self, name: str) -> Command:
        return self._named[name]

    def resolve(self, text: str) -> tuple[Command, str] | None:
        """Give the command these words mean and the words it reads, or nothing."""
        if not text:
            return self._named["help"], ""
        if text.lower() == "ours":
            return self._named["stats"], text
        return self.by_name(text) or self._by_reference(text)

    def by_name(self, text: str) -> tuple[Command, str] | None:
        """Give the command whose name these words begin with and the words after it, or nothing."""
        words = text.split(" ", self.longest)
        for count in range(min(self.longest, len(words)), 0, -1):
            found = self._named.get(" ".join(words[:count]).lower())
            if found is not None:
                return found, text.split(" ", count)[count] if len(words) > count else ""
        return None

    def _by_reference(self, text: str) -> tuple[Command, str] | None:
        said = references.said([word.text for word in tokenize(text, 2)])
        if said is None and references.is_file_link(text):
            return self._named["item"], text
        if said is None:
            return None
        kind = said[0].kind
        name = {"author": "stats", "group": "stats", "collection": "collection", "project": "project"}.get(
            kind or ""
        )
        return self._named[name or "item"], text

    def closest(self, text: str) -> Command | None:
        """Give the command that was probably meant: the one it begins, or the one spelled most alike."""
        word = text.split(" ", 1)[0].lower().lstrip("/")
        if len(word) >= 2:
            for name, found in self._named.items():
                if name.startswith(word) or (len(name) >= 3 and word.startswith(name)):
                    return found
        close = difflib.get_close_matches(word, self._named, n=1, cutoff=0.6)
        return self._named[close[0]] if close else None
