"""The autograder in place of nbgrader's own converters and exchange: nbgrader_config.py calls `plug_in(c)`."""

from autograder.nbgrader_plugin.converters import plug_in

__all__ = ["plug_in"]
