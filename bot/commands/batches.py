"""Many references in one question: the first ten are answered, and a button asks for those that follow."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.language import references
from bot.language.private_links import PRIVATE_LINK
from bot.language.references import Reference
from bot.reply import Button, Code, Reply, Span, Text

BATCH_SIZE = 10
# How long the words of a button may be as JSON, with room for what stands around them in its value:
# https://docs.slack.dev/reference/block-kit/block-elements/button-element
_MAX_WORDS = 1_950


class Batch(Struct, frozen=True):
    """The references of a question that are answered later, and the words that ask for them."""

    following: tuple[Reference, ...]
    # What stands before and after the references: the command's name, and its other arguments.
    name: str
    other_words: str

    def added_to(self, reply: Reply) -> Reply:
        """Return the reply, saying that there are more references, with a button that asks for them."""
        fitting = self._fitting()
        total = BATCH_SIZE + len(self.following)
        spans: list[Span] = [f"These are the first {BATCH_SIZE} of {total} references."]
        if beyond := self.following[len(fitting) :]:
            held = f" A button holds the next {len(fitting)}; ask" if fitting else " Ask"
            spans += [f"{held} again from ", Code(references.label(beyond[0])), " on."]
        if not fitting:
            return replace(reply, parts=(*reply.parts, Text(tuple(spans))))
        size = min(BATCH_SIZE, len(fitting))
        label = f"The next {size}" if len(self.following) > size else f"The other {size}"
        button = Button(label, f"{self.name} {' '.join(fitting)}{self.other_words}")
        return replace(reply, parts=(*reply.parts, Text(tuple(spans))), buttons=(button, *reply.buttons))

    def _fitting(self) -> list[str]:
        """Return the words of as many of the references as fit into a button."""
        words, length = list[str](), _json_length(f"{self.name} {self.other_words}")
        for reference in self.following:
            reference_words = references.command_words(reference) or PRIVATE_LINK
            length += _json_length(reference_words) + 1
            if length > _MAX_WORDS:
                break
            words.append(reference_words)
        return words


def _json_length(text: str) -> int:
    return len(text) + text.count('"') + text.count("\\")


def first_batch(name: str, values: Sequence[Any], other_words: str) -> tuple[list[Any], Batch | None]:
    """Return the values with ten references at most, and the batch of those that follow, if any.

    `other_words` are those of the question that are no reference.
    """
    following: tuple[Reference, ...] = ()
    shortened = list(values)
    for index, value in enumerate(values):
        if isinstance(value, list) and len(value) > BATCH_SIZE:
            shortened[index], following = value[:BATCH_SIZE], tuple(value[BATCH_SIZE:])
    if not following:
        return shortened, None
    return shortened, Batch(following, name, f" {other_words}" if other_words else "")
