"""Arrays and a document in one block of bytes that says whether it is whole: for files and for the worker's pipe."""

import io
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ems.runtime.notation.salvage import Unreadable

FORMAT = 1
"""Changes when older blocks can no longer be read."""
_MAGIC = b"evcc-ems rl-agent "
_DOCUMENT = "__document__"


def pack(arrays: Mapping[str, NDArray[Any]], document: Mapping[str, Any]) -> bytes:
    """The block: a line with format and checksum, then NumPy's own archive."""
    body = io.BytesIO()
    text = np.frombuffer(json.dumps(document).encode(), dtype=np.uint8)
    np.savez_compressed(body, allow_pickle=False, **{_DOCUMENT: text}, **dict(arrays))
    content = body.getvalue()
    return _MAGIC + f"{FORMAT} {sha256(content).hexdigest()}\n".encode() + content


def unpack(block: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays and document.

    Raises:
        Unreadable: it is of another format, was cut off or changed, or is something else.
    """
    head, line, content = block[:200].partition(b"\n")
    if not line or not head.startswith(_MAGIC):
        raise Unreadable("it is no file of rl-agent's")
    written, _, checksum = head.removeprefix(_MAGIC).decode(errors="replace").partition(" ")
    if written != str(FORMAT):
        raise Unreadable(f"it is of format {written}, and this version reads format {FORMAT}")
    content = block[len(head) + 1 :]
    if sha256(content).hexdigest() != checksum:
        raise Unreadable("it was cut off or changed: its checksum is another one")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        document = json.loads(arrays.pop(_DOCUMENT).tobytes())
    except (BadZipFile, KeyError, ValueError, OSError) as odd:
        raise Unreadable(f"what is in it cannot be read ({type(odd).__name__})") from None
    if not isinstance(document, dict):
        raise Unreadable("what is in it is no document")
    return arrays, document
