"""The subcommands of the program, a module each."""
