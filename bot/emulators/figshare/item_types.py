"""The types of items, by number and by name."""

TYPE_NAMES = {
    1: "figure", 2: "media", 3: "dataset", 5: "poster", 6: "journal contribution", 7: "presentation",
    8: "thesis", 9: "software", 11: "online resource", 12: "preprint", 13: "book",
    14: "conference contribution", 15: "chapter", 16: "peer review", 17: "educational resource",
    18: "report", 19: "standard", 20: "composition", 21: "funding", 22: "physical object",
    23: "data management plan", 24: "workflow", 25: "monograph", 26: "performance", 27: "event",
    28: "service", 29: "model", 30: "registration",
}  # fmt: skip
TYPE_NUMBERS = {name: number for number, name in TYPE_NAMES.items()}
