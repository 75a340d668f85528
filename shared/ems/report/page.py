"""A report as one HTML text that a person likes to read: pictures inside, light and dark."""

from collections.abc import Sequence
from html import escape

STYLE = """
:root{--ink:#1d2730;--soft:#5d6b77;--rule:#dfe5ea;--paper:#fff;--ground:#f3f6f8;--plan:#1c9a5b;
--informed:#2f6fd6;--best:#9fb0bd;
--alone:#d9652b;--price:#33556f;--hold:#cfe0ee;--charge:#cfeedd;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf1;--soft:#9fb0bd;--rule:#2d3943;--paper:#161d23;
--ground:#0e1317;--plan:#3ecb84;
--informed:#7fb0ff;--best:#5f7180;--alone:#f08a55;--price:#9cc4e4;--hold:#24384a;--charge:#1d4433}}
body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:52rem;margin:0 auto;padding:1.5rem 1rem 3rem}h1{font-size:1.6rem;margin:.2rem 0 0}
h2{font-size:1.15rem;margin:0 0 .6rem}
section{background:var(--paper);border-radius:12px;padding:1rem 1.2rem;margin:1rem 0;overflow-x:auto}
.lead{font-size:1.1rem}
.big{display:flex;flex-wrap:wrap;gap:1rem 2.2rem}.big b{display:block;font-size:1.8rem;line-height:1.2}
.soft,.big span{color:var(--soft)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:.35rem .5rem;
text-align:right;white-space:nowrap}
th{color:var(--soft);font-weight:500}th:first-child,td:first-child{text-align:left;white-space:normal;min-width:7rem}
tr+tr td{border-top:1px solid var(--rule)}
svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font-size:12px}.end{text-anchor:end}
.mid{text-anchor:middle}
.key i{display:inline-block;width:.8em;height:.8em;border-radius:3px;margin:0 .35em 0 1em}li{margin:.2rem 0}
"""


def document(title: str, parts: Sequence[str]) -> str:
    """The whole page, of parts that are HTML already."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><main>{''.join(parts)}</main></html>\n"
    )


def section(title: str, body: str) -> str:
    """A card of it; without a title it is only its body."""
    return f"<section>{f'<h2>{title}</h2>' if title else ''}{body}</section>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, the first of which is a name."""
    top = "".join(f"<th>{h}</th>" for h in head)
    return f"<table><tr>{top}</tr>{''.join(f'<tr>{"".join(f"<td>{c}</td>" for c in r)}</tr>' for r in rows)}</table>"
