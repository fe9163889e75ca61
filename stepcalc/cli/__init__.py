"""The commands. Nothing heavy is imported before a command needs it, so that ``--help`` answers at once.

A command is a module of its own beside this one: what it takes, what it does, and its examples.
"""

from __future__ import annotations

import argparse
import gc
import os
from collections.abc import Callable, Sequence

from stepcalc._version import __version__
from stepcalc.cli import check, examples, generate, solve, template
from stepcalc.cli.arguments import Parser
from stepcalc.cli.messages import complain, os_message
from stepcalc.errors import InputError, StepcalcError
from stepcalc.output import silence_stdout

COLLECT_SELDOM = (100_000, 50, 1000)
"""A command makes many small objects and is soon over: looking for cycles every 700 took a third of its time."""

DONE = 0
BUG = 1
UNUSABLE = 2
INTERRUPTED = 130
READER_GONE = 141

SHOW_TRACEBACK = "STEPCALC_TRACEBACK"
"""Set this environment variable to see where an internal failure comes from."""

COMMANDS = {"solve": solve, "check": check, "generate": generate, "template": template, "examples": examples}

EXAMPLES = """\
examples:
  stepcalc examples                      list the worked examples
  stepcalc examples cookie               copy one here to start from
  stepcalc solve cookie.toml             write its worked solution, cookie.pdf
  stepcalc template cookie.toml -f xlsx  write a file for students to fill in, cookie.xlsx
  stepcalc check cookie.toml class.csv   mark a class
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 2 unusable arguments or input."""
    gc.set_threshold(*COLLECT_SELDOM)
    try:
        options = parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], None] = options.run
        run(options)
    except BrokenPipeError:
        silence_stdout()
        return READER_GONE
    except KeyboardInterrupt:
        complain(["interrupted"])
        return INTERRUPTED
    except InputError as error:
        complain(error.lines())
        return UNUSABLE
    except StepcalcError as error:
        complain([str(error)])
        return UNUSABLE
    except OSError as error:
        complain([os_message(error)])
        return UNUSABLE
    except MemoryError:
        complain(["the problem does not fit into memory"])
        return UNUSABLE
    except Exception as error:
        if os.environ.get(SHOW_TRACEBACK):
            raise
        told = " ".join(f"{type(error).__name__}: {error}".split())
        complain([f"stepcalc itself failed ({told}); {SHOW_TRACEBACK}=1 shows where"])
        return BUG
    return DONE


def parser() -> Parser:
    """What can be typed after ``stepcalc``."""
    whole = Parser(
        prog="stepcalc",
        description="Backpropagation by hand: every step of a small network's worked solution, in symbols and numbers.",
        epilog=EXAMPLES,
    )
    whole.add_argument("--version", action="version", version=f"stepcalc {__version__}")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="command")
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.HELP, description=command.DESCRIPTION, epilog=command.EXAMPLES)
        command.add_arguments(added)
        added.set_defaults(run=command.run)
    return whole
