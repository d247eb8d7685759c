"""What an answer or a form says, before anybody decides how it looks."""

from bot.reply.content import NOT_ASKED, Button, Cell, Chart, Copy, Part, Reply, Rows, Table, Text
from bot.reply.form import Choice, Field, Form, Value, WrongFields
from bot.reply.spans import Channel, Code, Line, Link, Moment, Person, Span, Strong, coded

__all__ = [
    "Button",
    "Cell",
    "Channel",
    "Chart",
    "Choice",
    "Code",
    "Copy",
    "Field",
    "Form",
    "Line",
    "Link",
    "Moment",
    "NOT_ASKED",
    "Part",
    "Person",
    "Reply",
    "Rows",
    "Span",
    "Strong",
    "Table",
    "Text",
    "Value",
    "WrongFields",
    "coded",
]
