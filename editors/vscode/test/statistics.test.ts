import assert from 'node:assert/strict';
import test from 'node:test';
import { page } from '../src/statistics/page.ts';

const totals = {
  shown: 40, accepted: 10, partially_accepted: 2, typed: 3, rejected: 1, ignored: 26, acceptance_rate: 0.25,
  acceptance_interval: [0.14, 0.4] as [number, number], accepted_chars: 1234, accepted_lines: 12,
};
const report = {
  ...totals,
  groups: [{ ...totals, group: '<img src=x onerror=alert(1)>' }],
  latency: [{ source: 'backend', n: 40, p50_ms: 5.4, p95_ms: 31 }],
  writing: { share: 0.3, keystrokes_saved: 900 },
};
const choice = { period: '7d', by: 'language' };

test('figures are shown, and what names bring is text', () => {
  const html = page(report, choice, 'NONCE', 'https://here');
  for (const figure of ['25.0 %', '14 to 40 %', '1,234', '5.4 ms', '31 ms', '30.0 %', '900 keystrokes saved']) assert.ok(html.includes(figure), figure);
  assert.ok(!html.includes('<img'));
});

test('the page may run its own script alone, and load nothing', () => {
  const html = page('Nothing yet <b>', choice, 'NONCE', 'https://here');
  assert.ok(html.includes("default-src 'none'; style-src 'nonce-NONCE'; script-src 'nonce-NONCE'"));
  assert.deepEqual([...html.matchAll(/<(script|style)\b[^>]*>/g)].map(([tag]) => tag.includes('nonce="NONCE"')), [true, true]);
  assert.ok(!/ style="| on\w+="/.test(html));
  assert.ok(html.includes('Nothing yet &#60;b&#62;'));
});
