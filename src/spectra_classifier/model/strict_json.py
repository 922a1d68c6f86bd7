"""JSON from outside: one meaning only, in bounded time and memory."""
import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

from ..errors import ModelFileError
from .plain import AnyPath

#: a parsed value: dict, list, str, int, float, bool or None. Any, because
#: a schema and not the type checker knows what is in it
type Json = Any
type JsonObject = dict[str, Any]

#: a manifest of some million spectra; ours have less than 0.1 MB
MAX_CHARACTERS = 16 * 2 ** 20
#: objects and lists inside each other; ours have five
MAX_DEPTH = 32
#: digits of an integer: those of a 64-bit number
_MAX_DIGITS = 19


def parse(text: str, where: AnyPath) -> Json:
    """Parse a JSON text.

    Rejected although `json` would take it: NaN and Inf, numbers beyond
    float64 or 64 bits, a key given twice, deep nesting, lone surrogates and
    control characters other than line feed and tab.

    Parameters
    ----------
    text
        At most `MAX_CHARACTERS` characters.
    where
        Its file, for messages.

    Raises
    ------
    ModelFileError
        If the text is not JSON in this narrow sense.
    """
    if len(text) > MAX_CHARACTERS:
        raise ModelFileError(
            f"{where}: the manifest has {len(text)} characters, more than "
            f"the limit of {MAX_CHARACTERS}")

    def wrong(reason: str) -> ModelFileError:
        return ModelFileError(f"{where}: the manifest is not JSON that can "
                              f"be used ({reason}): export the model again")

    def integer(digits: str) -> int:
        if len(digits.lstrip("-")) > _MAX_DIGITS:
            raise wrong(f"an integer of {len(digits)} digits")
        return int(digits)

    def real(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise wrong(f"the number {digits[:30]}")
        return value

    def constant(name: str) -> NoReturn:
        raise wrong(f"the number {name}")

    def unique(pairs: list[tuple[str, Json]]) -> JsonObject:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise wrong(f"the key {twice!r:.80} is given twice")
        return found

    try:
        value = json.loads(text, parse_int=integer, parse_float=real,
                           parse_constant=constant, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise ModelFileError(f"{where}: the manifest is not JSON "
                             f"({error})") from None
    except RecursionError:
        raise wrong(f"more than {MAX_DEPTH} levels") from None
    _check(value, wrong)
    return value


def _check(value: Json, wrong: Callable[[str], ModelFileError]) -> None:
    """Depth and texts of a parsed value, without recursion."""
    waiting = [(value, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise wrong(f"more than {MAX_DEPTH} levels")
        if isinstance(value, str):
            if not value.replace("\n", "").replace("\t", "").isprintable():
                raise wrong(f"the text {ascii(value)[:60]}")
        elif isinstance(value, dict):
            waiting.extend((key, depth + 1) for key in value)
            waiting.extend((each, depth + 1) for each in value.values())
        elif isinstance(value, list):
            waiting.extend((each, depth + 1) for each in value
                           if isinstance(each, str | list | dict))
