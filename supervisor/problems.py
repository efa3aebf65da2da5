"""Why a start cannot go on: sentences for the person at the terminal."""


class StartError(Exception):
    """The start cannot go on; the message says why, and what to do next. Shown without a traceback."""
