"""A program that prints the public names of packages with their docstrings, as JSON.

    python public_names.py numpy scipy

Compiled modules have no sources to read, so it imports all there is. It runs in a
process of its own, without a display or a GPU, whose imports nobody else sees.
"""

from __future__ import annotations

import json
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

# The packages whose modules hold what was generated to be public, and the names by
# which these modules know each other.
GENERATED = {"keras": "keras.", "tensorflow": "tensorflow._api.v2."}
ALL_PUBLIC = {*GENERATED, "builtins"}
# Importing these opens a browser, prints or changes the process; the others are for
# Python's own use or tests, or hold what is public elsewhere.
LEFT_OUT = frozenset(
    "antigravity compat conftest convolve cython_special dfitpack distutils encodings "
    "ensurepip estimator_checks expatbuilder externals f2py forkserver genericpath "
    "idlelib legacy lib2to3 linesearch lsoda macholib mmio mtrand nt ntpath "
    "nturl2path numpy.core posix posixpath pydoc_data raw_ops reduction "
    "resource_sharer resource_tracker setup site sitecustomize slsqp spawn src test "
    "testing tests testutils this turtledemo venv".split()
)


def modules_of(name: str) -> Iterator[tuple[str, ModuleType]]:
    """Yields a module and all within it, if not private, with their names."""
    last = name.split(".")[-1]
    if last.startswith("_") or not LEFT_OUT.isdisjoint((name, last)):
        return
    try:
        module = import_module(name)
    except ImportError:
        return  # For another system, or it needs a library that is not installed.
    if name in GENERATED:
        yield from _generated(name, module, GENERATED[name], set())
        return
    yield name, module
    if name == "os":
        yield "os.path", module.path
    for info in sorted(pkgutil.iter_modules(getattr(module, "__path__", ()))):
        yield from modules_of(f"{name}.{info.name}")


def _generated(
    name: str, module: ModuleType, own: str, seen: set[int]
) -> Iterator[tuple[str, ModuleType]]:
    seen.add(id(module))
    yield name, module
    for inner, value in sorted(vars(module).items()):
        if (
            isinstance(value, ModuleType)
            and value.__name__.startswith(own)
            and not (inner.startswith("_") or inner in LEFT_OUT or id(value) in seen)
        ):
            yield from _generated(f"{name}.{inner}", value, own, seen)


def public_objects(name: str, module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yields what can be called of a module, with its name there."""
    listed = getattr(module, "__all__", None)
    # NumPy makes its list of a set, whose order differs between processes.
    for inner in sorted(listed or vars(module)):
        value = getattr(module, inner, None)
        if inner[0] == "_" or not callable(value) or isinstance(value, ModuleType):
            continue
        # What a module imports for its own use is not its own.
        if listed or name.split(".")[0] in ALL_PUBLIC or _is_of(value, name):
            yield inner, value


def _is_of(value: Any, module: str) -> bool:
    """Whether a module, or its private or compiled part, is where a value is from."""
    home = getattr(value, "__module__", None) or type(value).__module__
    return f"{home.removeprefix('_')}.".startswith(f"{module}.")


def public_names(packages: list[str]) -> dict[str, str]:
    """Returns the docstring of each public name, in the order of the packages.

    What has several names gets the shortest, among these the one where it is from, and
    then the first by the alphabet.
    """
    named: dict[int, tuple[tuple[int, bool, str], str, Any]] = {}
    for package in packages:
        for module_name, module in modules_of(package):
            for inner, value in public_objects(module_name, module):
                name = f"{module_name}.{inner}".removeprefix("builtins.")
                rank = name.count("."), not _is_of(value, module_name), name
                if id(value) not in named or rank < named[id(value)][0]:
                    named[id(value)] = rank, name, value
                if module_name == "builtins" and isinstance(value, type):
                    for method, its in vars(value).items():
                        if not method.startswith("_"):
                            own = f"{name}.{method}"
                            named[id(its)] = (1, False, own), own, its
    # That of an instance is its own only if its class has another.
    return {
        name: doc
        for _, name, value in named.values()
        if isinstance(doc := value.__doc__, str)
        and (isinstance(value, type) or doc != type(value).__doc__)
    }


if __name__ == "__main__":
    # The folder of this file, whose modules would hide others of their names.
    del sys.path[0]
    with suppress(BrokenPipeError):
        json.dump(public_names(sys.argv[1:]), sys.stdout)
