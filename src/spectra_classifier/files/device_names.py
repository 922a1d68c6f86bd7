"""Names of files and folders that belong to a device.

No two devices share one, also where the file system ignores case.
"""
import re
from hashlib import sha256

#: characters of a name before it is cut: with all that is put around it, it
#: fits into 255 bytes
LONGEST = 100


def device_name(device_id: str) -> str:
    """A part of a file name for a device, another one for every device.

    Parameters
    ----------
    device_id
        Any text.

    Returns
    -------
    str
        ASCII letters, digits, ``_`` and ``-`` are kept, ``/`` becomes ``+``,
        every other byte of the UTF-8 form ``%`` and two hexadecimal digits.
        With capitals, ``~`` and a hexadecimal number follow whose bits mark
        them. A name that is too long is cut, and ``~~`` and the SHA-256 of the
        id follow. Never empty, at most 166 bytes, and without a dot.
    """
    name = re.sub(r"[^A-Za-z0-9_-]", _encoded, device_id) or "%"
    capitals = sum(1 << place for place, character in enumerate(device_id)
                   if "A" <= character <= "Z")
    if capitals:
        name += f"~{capitals:x}"
    if len(name) > LONGEST:
        digest = sha256(device_id.encode("utf-8", "surrogatepass"))
        name = f"{name[:LONGEST]}~~{digest.hexdigest()}"
    return name


def _encoded(match: re.Match[str]) -> str:
    if match[0] == "/":
        return "+"
    return "".join(f"%{byte:02x}" for byte in match[0].encode(
        "utf-8", "surrogatepass"))
