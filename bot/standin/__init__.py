"""The world in miniature, for the playground and the tests."""
