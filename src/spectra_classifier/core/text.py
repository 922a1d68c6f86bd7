"""Texts that come from the outside."""
import unicodedata

#: characters that a text may have: a list of positions is the longest
MAX_TEXT = 16_384


def is_text(value: object) -> bool:
    """Return whether a value is a text that every receiver can handle.

    It has at most `MAX_TEXT` characters, no control characters (NUL among
    them), and no surrogates, which cannot be transmitted.
    """
    return (isinstance(value, str) and len(value) <= MAX_TEXT
            and not any(unicodedata.category(character) in ("Cc", "Cs")
                        for character in value))
