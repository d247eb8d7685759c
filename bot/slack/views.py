"""A form as a modal of Slack, and what was filled into one: https://docs.slack.dev/surfaces/modals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from bot.language.tokens import received
from bot.render.blocks import KEPT, line_block
from bot.render.buttons import Block
from bot.reply import Choice, Field, Form, Line, Reply, Text, Value
from bot.slack.payloads import KeptText, read
from bot.slack.signing import Signer
from bot.text import cut, safe

TITLE, OPTION, MOST_OPTIONS, MOST_CHOSEN = 24, 75, 100, 20
LONGEST_HINT, LONGEST_VALUE, LONGEST_META = 2_000, 3_000, 3_000
REASON, TURN = "reason", "#"
_TEXTS = frozenset({"plain_text_input"})


class PrivateMetadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a modal carries unseen: what the form keeps, who opens it again, and where its answer goes.

    `replaces`: in place of the message with the button that opened it; `is_alone`: nobody else reads that.
    `key` is what names the submission when it is not the first modal with the same text.
    """

    kept: str = ""
    opener: str = ""
    url: str = ""
    replaces: bool = False
    is_alone: bool = False
    key: str = ""


class Seal(msgspec.Struct, frozen=True):
    """Signs what a modal or a button carries unseen for one person: copied, it is worth nothing."""

    signer: Signer
    user: str

    def sign(self, meta: PrivateMetadata, action: str) -> str:
        """Return it as text, for what the modal or the button does."""
        return self.signer.sign(msgspec.json.encode(meta).decode(), self.user, action)

    def verify(self, signed: str, action: str) -> PrivateMetadata | None:
        """Return what was signed for this person and action, or nothing."""
        text = self.signer.verify(signed, self.user, action)
        return None if text is None else msgspec.json.decode(text, type=PrivateMetadata)


def view(form: Form, meta: PrivateMetadata, seal: Seal) -> Block:
    """Make a modal of a form, with what it carries unseen."""
    said = [line_block(line, f"{REASON}:{at}") for at, line in enumerate(form.intro)]
    blocks = [*said, *(_input(field) for field in form.fields)]
    meta = msgspec.structs.replace(meta, kept=form.private_metadata, opener=form.reopen_action)
    made = _modal(form.title, blocks or [line_block(("One moment: I ask Figshare…",), REASON)])
    made |= {"callback_id": form.submit_action, "private_metadata": _signed(meta, form.submit_action, seal)}
    if form.submit_label:
        made["submit"] = _plain(form.submit_label, TITLE)
    return made


def _signed(meta: PrivateMetadata, action: str, seal: Seal) -> str:
    signed = seal.sign(meta, action)
    if len(signed) > LONGEST_META:
        # The answer then goes to the direct message.
        signed = seal.sign(msgspec.structs.replace(meta, url=""), action)
    return signed


def reopening(meta: PrivateMetadata, seal: Seal) -> str:
    """Return what a button of a message carries for a modal that is gone."""
    return seal.sign(msgspec.structs.replace(meta, url="", replaces=False), meta.opener)


def notice(title: str, *lines: Line) -> Block:
    """Make a modal that only says something."""
    return _modal(title, [line_block(line, f"{REASON}:{at}") for at, line in enumerate(lines)])


def told_of(reply: Reply) -> list[Line]:
    """Give the lines of a reply that say what is the matter."""
    return [reply.title, *(part.line for part in reply.parts if isinstance(part, Text))]


def again(shown: Mapping[str, Any], lines: Iterable[Line]) -> Block:
    """Make the modal that was submitted once more: with what was typed, and above it what is the matter."""
    values = filled(shown)
    said = [line_block(line, f"{REASON}:{at}") for at, line in enumerate(lines)]
    inputs = [_with(block, values) for block in shown["blocks"] if block.get("type") == "input"]
    kept = ("callback_id", "private_metadata", "title", "submit", "close")
    return {
        "type": "modal",
        "blocks": [*said, *inputs],
        **{key: shown[key] for key in kept if shown.get(key)},
    }


def _with(block: Mapping[str, Any], values: Mapping[str, Value]) -> Block:
    element = {name: value for name, value in block["element"].items() if not name.startswith("initial_")}
    longest = element.get("max_length") or LONGEST_VALUE
    initial = _initial(element["type"], values.get(_name(block["block_id"]), ""), longest)
    if "initial_option" in initial:
        # Slack compares it with the options whole.
        wanted = initial["initial_option"]["value"]
        initial = {"initial_option": next(o for o in element["options"] if o["value"] == wanted)}
    return {**block, "element": element | initial}


def filled(shown: Mapping[str, Any]) -> dict[str, Value]:
    """Give what a submitted modal holds, by the names of its fields."""
    values: dict[str, Value] = {}
    for block_id, held in ((shown.get("state") or {}).get("values") or {}).items():
        name = _name(block_id)
        for state in held.values():
            if state["type"] in _TEXTS:
                values[name] = received(state.get("value") or "")
            else:
                one = state.get("selected_option")
                values[name] = tuple(
                    Choice(each["text"]["text"], each["value"])
                    for each in state.get("selected_options") or ([one] if one else [])
                )
    return values


def labels(shown: Mapping[str, Any]) -> dict[str, str]:
    """Give what the fields of a modal are called, in their order."""
    inputs = (block for block in shown["blocks"] if block.get("type") == "input")
    return {_name(block["block_id"]): block["label"]["text"] for block in inputs}


def at_fields(shown: Mapping[str, Any], wrong: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give what is wrong by the ids of the blocks that a modal has."""
    told = dict(wrong)
    ids = [block["block_id"] for block in shown["blocks"] if block.get("type") == "input"]
    return {each: told[_name(each)] for each in ids if _name(each) in told}


def _name(block_id: str) -> str:
    return block_id.partition(TURN)[0]


def written(value: Value) -> str:
    """Write a value into a message, so that `kept` finds it there."""
    return value if isinstance(value, str) else "\n".join(f"{each.label} · {each.value}" for each in value)


def kept(blocks: Iterable[Mapping[str, Any]]) -> dict[str, Value]:
    """Give what stands in the message that was pressed from a modal that is gone; raises Malformed."""
    found: dict[str, str] = {}
    for block in blocks:
        name = str(block.get("block_id", ""))
        if name.startswith(KEPT):
            texts = (inner.text for one in read(block, KeptText).elements for inner in one.elements)
            field = name.removeprefix(KEPT).rpartition(":")[0]
            found[field] = found.get(field, "") + "".join(texts)
    return {name.partition("=")[0]: _unwritten(name, text) for name, text in found.items()}


def _unwritten(name: str, text: str) -> Value:
    if not name.endswith("=chosen"):
        return text
    pairs = (line.rpartition(" · ") for line in text.split("\n"))
    return tuple(Choice(label, value) for label, _, value in pairs if label)


def kept_name(name: str, value: Value) -> str:
    """Name a value in a message, by its field and whether it was chosen."""
    return name if isinstance(value, str) else f"{name}=chosen"


def options(choices: Sequence[Choice]) -> Block:
    """Answer what somebody types into a search field."""
    return {"options": [_option(each) for each in choices[:MOST_OPTIONS]]}


def _input(field: Field) -> Block:
    element: Block = {"action_id": field.options_action or field.name}
    match field.kind:
        case "line" | "text":
            element |= {"type": "plain_text_input", "multiline": field.kind == "text"}
            element["max_length"] = min(field.max_length, LONGEST_VALUE)
        case "choice":
            element |= {
                "type": "static_select",
                "options": [_option(e) for e in field.choices[:MOST_OPTIONS]],
            }
        case "search":
            element |= {"type": "multi_external_select", "min_query_length": 2}
            element["max_selected_items"] = MOST_CHOSEN
            element["placeholder"] = _plain("Type a word of its name", OPTION)
    made: Block = {
        "type": "input",
        # An input of the same id keeps what was typed, whatever it is updated to.
        "block_id": f"{field.name}{TURN}{field.revision}" if field.revision else field.name,
        "label": _plain(field.label, OPTION),
        "optional": not field.required,
        "element": element | _initial(element["type"], field.value, element.get("max_length", LONGEST_VALUE)),
    }
    return made | ({"hint": _plain(field.hint, LONGEST_HINT)} if field.hint else {})


def _initial(kind: str, value: Value, longest: int = LONGEST_VALUE) -> Block:
    if not value:
        return {}
    if isinstance(value, str):
        return {"initial_value": value[:longest]} if kind in _TEXTS else {}
    chosen = [_option(each) for each in value]
    return {"initial_option": chosen[0]} if kind == "static_select" else {"initial_options": chosen}


def _option(choice: Choice) -> Block:
    return {"text": _plain(choice.label, OPTION), "value": choice.value[:150]}


def _modal(title: str, blocks: list[Block]) -> Block:
    made: Block = {"type": "modal", "title": _plain(title, TITLE), "close": _plain("Close", TITLE)}
    return {**made, "blocks": blocks}


def _plain(text: str, longest: int) -> Block:
    return {"type": "plain_text", "text": cut(safe(text), longest) or "–", "emoji": False}
