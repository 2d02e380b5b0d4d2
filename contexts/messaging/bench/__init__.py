"""One module for each benchmark of `manage.py bench`: HELP, add_arguments(parser), run(options, console) -> status."""
