"""Carries what was learnt to another machine: ``rl-agent --config FILE export|import ARCHIVE``."""

import argparse
import io
import sqlite3
import sys
import tarfile
from contextlib import closing
from pathlib import Path

from ems.runtime import state_dir
from ems.runtime.errors import PermanentError
from ems.runtime.notation.salvage import Unreadable
from ems.runtime.settings import SettingsError
from ems.runtime.state_dir import write_whole
from ems.service.runner import Subcommand
from rl_agent.adapters import agent_db
from rl_agent.adapters.model_files import FOLDER, SUFFIX, unpacked
from rl_agent.settings import Settings

MOST_BYTES = 500_000_000
"""Of one file in an archive."""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, metavar="ARCHIVE", help="a .tar.gz file")


def _export(args: argparse.Namespace) -> int:
    """Writes everything that was learnt and judged; the service may run meanwhile."""
    settings = _settings(args)
    files = dict(_state(settings.state_dir))
    if not files:
        raise PermanentError(f"{settings.state_dir} holds nothing that was learnt")
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o600
            archive.addfile(entry, io.BytesIO(content))
    try:
        write_whole(args.archive, whole.getvalue())
    except OSError as error:
        raise PermanentError(f"{args.archive} cannot be written: {error.strerror}") from None
    sys.stdout.write(f"{args.archive}: {', '.join(files)}\n")
    return 0


def _import(args: argparse.Namespace) -> int:
    """Takes over an archive, all of it or nothing; what was there is kept beside it. The service must be stopped."""
    settings = _settings(args)
    state_dir.prepare(settings.state_dir)
    files = _read(args.archive)
    for name, content in files.items():
        path = settings.state_dir / name
        if path.exists():
            path.replace(path.with_name(path.name + ".before"))
        for beside in ("-wal", "-shm"):
            path.with_name(path.name + beside).unlink(missing_ok=True)
        write_whole(path, content)
    sys.stdout.write(f"{settings.state_dir}: {', '.join(files)}; what was there before is kept as *.before\n")
    return 0


def _state(folder: Path) -> dict[str, bytes]:
    """What is carried, by its path below ``folder``."""
    found = {}
    if (folder / agent_db.FILE).exists():
        # A copy by SQLite itself: the file alone may lack what stands in its log.
        with closing(sqlite3.connect(folder / agent_db.FILE)) as db:
            found[agent_db.FILE] = db.serialize()
    found |= {f"{FOLDER}/{path.name}": path.read_bytes() for path in sorted((folder / FOLDER).glob(f"*{SUFFIX}"))}
    return found


def _read(archive: Path) -> dict[str, bytes]:
    """The files of an archive, each looked into.

    Raises:
        PermanentError: it is no archive of ours, or one of its files cannot be used; nothing was changed.
    """
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(archive, "r:gz") as opened:
            for entry in opened:
                inside = opened.extractfile(entry)
                if not _ours(entry.name) or inside is None or entry.size > MOST_BYTES:
                    raise PermanentError(f"{archive}: {entry.name!r} is nothing that rl-agent exports")
                files[entry.name] = inside.read()
    except (tarfile.TarError, EOFError) as odd:
        raise PermanentError(f"{archive} is no archive of rl-agent's ({odd})") from None
    except OSError as error:
        raise PermanentError(f"{archive} cannot be read: {error.strerror or 'it is no archive'}") from None
    if not files:
        raise PermanentError(f"{archive} is empty")
    for name, content in files.items():
        try:
            if name == agent_db.FILE:
                agent_db.check(content)
            else:
                unpacked(content)
        except Unreadable as why:
            raise PermanentError(f"{archive}: {name} cannot be used: {why}") from None
    return files


def _ours(name: str) -> bool:
    path = Path(name)
    return name == agent_db.FILE or (
        path.parent == Path(FOLDER) and path.name.endswith(SUFFIX) and "/" not in path.name
    )


def _settings(args: argparse.Namespace) -> Settings:
    if args.config is None:
        raise SettingsError("--config FILE is missing")
    return Settings.load(args.config)


EXPORT = Subcommand("export", "write all that was learnt and judged to a file", _configure, _export)
IMPORT = Subcommand("import", "take it over from such a file (the service must be stopped)", _configure, _import)
