import assert from 'node:assert/strict';
import test from 'node:test';
import type { Status } from '../src/protocol.ts';
import { wordsOf } from '../src/status/words.ts';

const well: Status = {
  kind: 'Normal', busy: false, message: '', enabled: true, snoozedUntil: null,
  backends: [{ name: 'local', model: 'qwen', state: 'ready' }], today: { shown: 10, accepted: 3, acceptanceRate: 0.3 },
};
const running = { is: 'running' as const };

test('each state has its icon, and what is wrong its sentence', () => {
  const seen = (status: Partial<Status>): string[] => {
    const { icon, text, sentence, colour } = wordsOf(running, { ...well, ...status }, 1000);
    return [icon, text, sentence, colour ?? ''];
  };
  assert.deepEqual(seen({}), ['sparkle', 'qwen 30%', '', '']);
  assert.deepEqual(seen({ busy: true }), ['loading~spin', 'qwen 30%', '', '']);
  assert.deepEqual(seen({ kind: 'Warning', message: 'late' }), ['warning', 'qwen', 'late', 'warning']);
  assert.deepEqual(seen({ kind: 'Error', message: 'none' }), ['error', 'qwen', 'none', 'error']);
  assert.deepEqual(seen({ snoozedUntil: 1061 }), ['bell-slash', '2 min', 'Snoozed for 2 more minutes.', '']);
  assert.deepEqual(seen({ snoozedUntil: 1000 }), ['sparkle', 'qwen 30%', '', '']);
  assert.deepEqual(seen({ enabled: false }), ['circle-slash', 'off', 'Suggestions are turned off.', '']);
  assert.deepEqual(seen({ document: { languageId: 'go', enabled: false, reason: 'off in go' } }), ['circle-slash', 'go', 'off in go', '']);
  assert.deepEqual(seen({ today: { shown: 0, accepted: 0, acceptanceRate: null } }), ['sparkle', 'qwen', '', '']);
});

test('a server that does not run says so', () => {
  assert.equal(wordsOf({ is: 'missing' }, well, 0).text, 'install');
  assert.deepEqual(wordsOf({ is: 'stopped', why: 'gone' }, well, 0), { icon: 'error', text: 'stopped', sentence: 'gone', colour: 'error' });
  assert.match(wordsOf({ is: 'waiting', seconds: 4 }, well, 0).sentence, /in 4 s/);
});
