"""The one exception users are meant to read."""


class InputError(ValueError):
    """Something given to the package cannot be used.

    Its message is one sentence that says what was expected and what came.
    The command line prints it without a traceback and exits with 1.
    """
