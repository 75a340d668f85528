"""The chart as Telegram can show it: librsvg's program draws it where there is one; else it is sent as a file."""

import asyncio
from pathlib import Path

import structlog

from notifier.adapters.telegram_api import Attachment

_log = structlog.get_logger(__name__)

_TIMEOUT_S = 20
"""Longest drawing, in seconds."""
_WIDTH_PX = 1200


async def as_file(svg: str, program: Path | None) -> Attachment:
    """The picture as a photo, or as an SVG document when ``program`` is None or does not do its work."""
    png = await _drawn(svg, program) if program else None
    if png is None:
        return Attachment("plan.svg", svg.encode(), "image/svg+xml", photo=False)
    return Attachment("plan.png", png, "image/png", photo=True)


async def _drawn(svg: str, program: Path) -> bytes | None:
    try:
        process = await asyncio.create_subprocess_exec(
            str(program),
            *("--format=png", f"--width={_WIDTH_PX}", "--keep-aspect-ratio", "--background-color=white"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as why:
        _log.warning("the chart was not drawn", program=str(program), why=why.strerror)
        return None
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            png, _ = await process.communicate(svg.encode())
    except TimeoutError:
        process.kill()
        await process.communicate()
        return None
    return png if process.returncode == 0 and png.startswith(b"\x89PNG") else None
