"""What people read who ask for help: topics, roles, arguments; for Slack and for `docs/asking.md` alike."""
