"""Drafts as people see them: the form, the card, and how one submission makes one draft."""
