"""The subcommands of `manage.py events`, a module each: `add_arguments(parser)` and `run(options, console)`."""
