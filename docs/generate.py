"""Writes the generated pages of docs/; with ``--check`` only tells which are out of date (exit status 1)."""

import sys
from pathlib import Path

from ems.contract.render import pages

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Writes or checks; prints each page concerned."""
    stale = []
    for name, text in pages().items():
        path = HERE / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    orphans = {str(p.relative_to(HERE)) for p in (HERE / "schemas").glob("*.json")} - set(pages())
    for name in sorted(stale):
        print(f"docs/{name}: {'out of date, run make docs' if '--check' in arguments else 'written'}")
    for name in sorted(orphans):
        print(f"docs/{name}: belongs to no message, remove it")
    return 1 if "--check" in arguments and (stale or orphans) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
