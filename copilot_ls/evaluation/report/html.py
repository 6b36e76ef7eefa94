"""A page as one file of HTML: no script, no request, light or dark as the reader likes it, readable without colours.

Its policy forbids what is not in it, so that a name that somebody gave a repository can do nothing. Pure.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from copilot_ls.evaluation.report.page import Bars, Command, Table

if TYPE_CHECKING:
    from copilot_ls.evaluation.report.page import Page

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #d9d9e0; --bar: #3358d4; --paper: #fcfcfd;
  --band: #f0f0f3; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #b0b4ba; --line: #363a3f; --bar: #7d95f5;
  --paper: #111113; --band: #212225; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 68rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
p, li { max-width: 46rem; }
.lead { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .8rem 0; }
th, td { padding: .3rem .8rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; min-width: 9rem; }
tbody tr:hover { background: var(--band); }
pre { background: var(--band); padding: .6rem .8rem; border-radius: 4px; white-space: pre-wrap;
  overflow-wrap: anywhere; }
code { font: .9rem/1.5 ui-monospace, monospace; }
figure { margin: 1rem 0; }
figcaption { color: var(--soft); margin-bottom: .3rem; }
svg { display: block; max-width: 100%; height: auto; font: 13px system-ui, sans-serif; }
svg text { fill: var(--ink); }
.track { fill: var(--band); } .fill { fill: var(--bar); } .whisker { stroke: var(--ink); stroke-width: 1.5; }
@media print { body { max-width: none; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_WIDTH, _LABEL, _FIGURE, _ROW, _BAR = 760, 240, 190, 26, 14
_LONGEST_LABEL = 34


def html(page: Page) -> str:
    """The page as one document."""
    body = [f"<h1>{escape(page.title)}</h1>", f'<p class="lead">{escape(page.lead)}</p>']
    for section in page.sections:
        body.append(f"<section><h2>{escape(section.heading)}</h2>")
        for part in section.parts:
            if isinstance(part, Table):
                body.append(_table(part))
            elif isinstance(part, Bars):
                body.append(_bars(part))
            elif isinstance(part, Command):
                body.append(f"<pre><code>{escape(part.line)}</code></pre>")
            elif isinstance(part, tuple):
                body.append("<ul>" + "".join(f"<li>{escape(each)}</li>" for each in part) + "</ul>")
            else:
                body.append(f"<p>{escape(part)}</p>")
        body.append("</section>")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(page.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _bars(bars: Bars) -> str:
    """Horizontal bars from 0 to 1; the whisker is the interval. What is drawn is said in words as well."""
    span = _WIDTH - _LABEL - _FIGURE
    drawn = []
    for at, bar in enumerate(bars.bars):
        y = at * _ROW
        label = bar.label if len(bar.label) <= _LONGEST_LABEL else bar.label[: _LONGEST_LABEL - 1] + "…"
        middle = y + _ROW / 2
        drawn.append(
            f'<text x="0" y="{middle + 4:.0f}">{escape(label)}</text>'
            f'<rect class="track" x="{_LABEL}" y="{y + 6}" width="{span}" height="{_BAR}" rx="3"/>'
            f'<rect class="fill" x="{_LABEL}" y="{y + 6}" width="{_at(bar.value, span):.1f}" height="{_BAR}" rx="3"/>'
        )
        if bar.low is not None and bar.high is not None:
            left, right = _LABEL + _at(bar.low, span), _LABEL + _at(bar.high, span)
            drawn.append(
                f'<path class="whisker" fill="none" d="M{left:.1f} {middle:.1f}H{right:.1f}'
                f'M{left:.1f} {middle - 4:.1f}v8M{right:.1f} {middle - 4:.1f}v8"/>'
            )
        drawn.append(f'<text x="{_WIDTH}" y="{middle + 4:.0f}" text-anchor="end">{escape(bar.words)}</text>')
    said = "; ".join(f"{bar.label} {bar.words}" for bar in bars.bars)
    return (
        f"<figure><figcaption>{escape(bars.title)}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {len(bars.bars) * _ROW}" width="{_WIDTH}" role="img" '
        f'aria-label="{escape(said, quote=True)}">' + "".join(drawn) + "</svg></figure>"
    )


def _at(value: float, span: int) -> float:
    return max(0.0, min(1.0, value)) * span
