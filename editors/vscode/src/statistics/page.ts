// The statistics as HTML: pure. Nothing of it is loaded from anywhere; its colours are the theme's.
import type { Group, Latency, Report, Totals } from './report.ts';

export const PERIODS: Readonly<Record<string, string>> = { '1d': 'Day', '7d': 'Week', '30d': 'Month', all: 'All' };
export const GROUPINGS: readonly string[] = ['language', 'backend', 'model', 'task', 'day'];

export interface Choice {
  period: string;
  by: string;
}

/** `report` is a text where there are no figures, and says why. */
export function page(report: Report | string, choice: Choice, nonce: string, cspSource: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; img-src ${cspSource}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Statistics of copilot-ls</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<header>
<h1>What became of the suggestions</h1>
<div class="controls">
<div role="group" aria-label="Period">${Object.entries(PERIODS).map(([name, title]) => button('period', name, title, choice.period === name)).join('')}</div>
<label>by <select data-choice="by" aria-label="Grouped by">${GROUPINGS.map(each => `<option${each === choice.by ? ' selected' : ''}>${each}</option>`).join('')}</select></label>
<div class="right"><button data-do="refresh">Refresh</button><button data-do="dashboard">Dashboard</button></div>
</div>
</header>
<main>${typeof report === 'string' ? `<p class="empty">${escaped(report)}</p>` : figures(report, choice)}</main>
<footer>Counted on this machine, sent nowhere. <code>copilot-ls stats --explain</code> says what each figure means.</footer>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>`;
}

function figures(report: Report, choice: Choice): string {
  const tiles = [
    tile(percent(report.acceptance_rate), 'taken of what was shown', interval(report)),
    tile(count(report.shown), 'shown', `${count(report.accepted)} taken, ${count(report.partially_accepted)} in part, ${count(report.typed)} typed out`),
    tile(count(report.accepted_chars), 'characters taken', `${count(report.accepted_lines)} ${report.accepted_lines === 1 ? 'line' : 'lines'}`),
  ];
  if (report.writing.share !== null) tiles.push(tile(percent(report.writing.share), 'of what was written', saved(report)));
  return `<section class="tiles">${tiles.join('')}</section>${groups(report.groups ?? [], choice.by)}${latencies(report.latency)}`;
}

function saved({ writing }: Report): string {
  return writing.keystrokes_saved === null ? '' : `${count(Math.round(writing.keystrokes_saved))} ${Math.round(writing.keystrokes_saved) === 1 ? 'keystroke' : 'keystrokes'} saved`;
}

function tile(figure: string, title: string, more: string): string {
  return `<div class="tile"><strong>${figure}</strong><span>${escaped(title)}</span><small>${escaped(more)}</small></div>`;
}

function groups(rows: Group[], by: string): string {
  if (!rows.length) return '';
  const body = rows.map(row => {
    const rate = row.acceptance_rate;
    const bar = rate === null ? '' : `<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="6"/><rect class="taken" width="${(100 * rate).toFixed(1)}" height="6"/></svg>`;
    return `<tr><th scope="row">${escaped(row.group ?? 'none')}</th>${[row.shown, row.accepted, row.partially_accepted, row.rejected, row.ignored].map(each => `<td>${count(each)}</td>`).join('')}<td>${percent(rate)}</td><td class="wide">${bar}</td></tr>`;
  });
  return `<section><h2>By ${escaped(by)}</h2><div class="scroll"><table><thead><tr><th scope="col">${escaped(by)}</th>${['shown', 'taken', 'in part', 'rejected', 'ignored', 'rate'].map(each => `<th scope="col">${each}</th>`).join('')}<th aria-hidden="true"></th></tr></thead><tbody>${body.join('')}</tbody></table></div></section>`;
}

function latencies(rows: Latency[]): string {
  if (!rows.length) return '';
  const body = rows.map(row => `<tr><th scope="row">${escaped(row.source)}</th><td>${count(row.n)}</td><td>${milliseconds(row.p50_ms)}</td><td>${milliseconds(row.p95_ms)}</td></tr>`);
  return `<section><h2>How long answers took</h2><table><thead><tr><th scope="col">from</th><th scope="col">answers</th><th scope="col">half within</th><th scope="col">95 % within</th></tr></thead><tbody>${body.join('')}</tbody></table></section>`;
}

function button(what: string, value: string, title: string, isPressed: boolean): string {
  return `<button data-choice="${what}" data-value="${value}" aria-pressed="${isPressed}">${escaped(title)}</button>`;
}

function interval({ acceptance_interval: bounds }: Totals): string {
  return bounds ? `${(100 * bounds[0]).toFixed(0)} to ${(100 * bounds[1]).toFixed(0)} %` : '';
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(1)} %`;
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

function count(value: number): string {
  return value.toLocaleString('en-GB');
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
body { font: var(--vscode-font-weight) var(--vscode-font-size)/1.5 var(--vscode-font-family); color: var(--vscode-foreground); padding: 0 24px 24px; max-width: 960px; }
h1 { font-size: 1.5em; font-weight: 600; margin: 20px 0 12px; }
h2 { font-size: 1.1em; font-weight: 600; margin: 28px 0 8px; }
.controls { display: flex; flex-wrap: wrap; gap: 16px; align-items: center; }
.right { margin-left: auto; display: flex; gap: 6px; }
button, select { font: inherit; color: var(--vscode-button-secondaryForeground, var(--vscode-foreground)); background: var(--vscode-button-secondaryBackground, transparent); border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); border-radius: 3px; padding: 2px 10px; cursor: pointer; }
select { color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background); border-color: var(--vscode-dropdown-border, transparent); }
[role=group] { display: flex; gap: 2px; }
button[aria-pressed=true] { color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button[aria-pressed=true] { outline: 1px solid var(--vscode-contrastActiveBorder, transparent); outline-offset: 1px; }
button:hover { background: var(--vscode-button-secondaryHoverBackground); }
button[aria-pressed=true]:hover { background: var(--vscode-button-hoverBackground); }
:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin-top: 20px; }
.tile { display: flex; flex-direction: column; padding: 12px 16px; border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); border-radius: 4px; background: var(--vscode-editorWidget-background); }
.tile strong { font-size: 1.9em; font-weight: 600; line-height: 1.3; }
small, footer, .empty { color: var(--vscode-descriptionForeground); }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 4px 16px 4px 0; text-align: right; font-variant-numeric: tabular-nums; font-weight: normal; white-space: nowrap; }
th:first-child { text-align: left; }
thead th { color: var(--vscode-descriptionForeground); border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder)); }
.wide { width: 30%; padding-right: 0; }
.scroll { overflow-x: auto; }
@media (max-width: 640px) { .wide, thead th[aria-hidden] { display: none; } }
.bar { display: block; width: 100%; height: 6px; }
.bar rect { fill: var(--vscode-widget-border, var(--vscode-descriptionForeground)); fill-opacity: .35; }
.bar .taken { fill: var(--vscode-charts-blue, var(--vscode-progressBar-background)); fill-opacity: 1; }
footer { margin-top: 32px; font-size: .92em; }
`;

const SCRIPT = `
const vscode = acquireVsCodeApi();
document.addEventListener('click', ({ target }) => {
  const { do: what, choice, value } = target.dataset ?? {};
  if (what) vscode.postMessage({ do: what });
  else if (choice && value) vscode.postMessage({ choice, value });
});
document.querySelector('select').addEventListener('change', ({ target }) => vscode.postMessage({ choice: 'by', value: target.value }));
`;
