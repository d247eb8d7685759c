"""All topics of `help`, in the order in which it lists them."""

from bot.help.digests import DIGESTS
from bot.help.numbers import NUMBERS
from bot.help.periods import PERIODS
from bot.help.references import REFERENCES
from bot.help.search import SEARCH

TOPICS = (REFERENCES, PERIODS, SEARCH, DIGESTS, NUMBERS)
