"""What an answer or a form says, before it is decided how it looks."""

from bot.reply.content import NOT_ASKED, Button, Cell, Chart, Copy, Outcome, Part, Reply, Rows, Table, Text
from bot.reply.errors import DoesNotExist, InvalidFields, StorageUnavailable, UserError
from bot.reply.form import Choice, Field, Form, Value
from bot.reply.spans import Channel, Code, Line, Link, Mention, Moment, Span, Strong, code_spans

__all__ = [
    "NOT_ASKED",
    "Button",
    "Cell",
    "Channel",
    "Chart",
    "Choice",
    "Code",
    "Copy",
    "DoesNotExist",
    "Field",
    "Form",
    "InvalidFields",
    "Line",
    "Link",
    "Mention",
    "Moment",
    "Outcome",
    "Part",
    "Reply",
    "Rows",
    "Span",
    "StorageUnavailable",
    "Strong",
    "Table",
    "Text",
    "UserError",
    "Value",
    "code_spans",
]
