"""Packages from PyPI that another reader is taken from: `scripts/setup.sh --test` puts them into .build/python."""

import os
import sys


def find():
    """Puts that folder, and those of CONDUCTOR_PYTHONPATH, behind what the system has."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    own = os.environ.get("CONDUCTOR_PYTHONPATH", "").split(":")
    sys.path += [folder for folder in [*own, os.path.join(root, ".build", "python")] if folder]


def lacks(test, package, error):
    """Says that a reader is not there; where nobody reads along, a test that compares nothing must not pass."""
    line = f"{test}: without {package}: {error} (scripts/setup.sh --test gets it)"
    if os.environ.get("CI") == "true":
        sys.exit(line)
    print(line)
