"""A reply or a form as Block Kit, as plain text or as a view."""
