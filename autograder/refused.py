"""How a command says that it has done nothing."""

import click

NOTHING_DONE = 2


class Refused(click.ClickException):
    """Nothing was done; the message says why and what to do."""

    exit_code = NOTHING_DONE
