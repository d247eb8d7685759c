"""A reply as Block Kit or as plain text."""
