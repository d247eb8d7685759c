"""What a question may mean that the grammar can't read as it stands, and what is offered in its place."""
