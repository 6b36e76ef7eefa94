import assert from 'node:assert/strict';
import test from 'node:test';
import { Backoff } from '../src/backoff.ts';

test('waits grow, the fifth end in a row is the last, and the user may begin anew', () => {
  let now = 0;
  const backoff = new Backoff(() => now);
  const waits = Array.from({ length: 5 }, () => {
    now += 1000;
    return backoff.ended();
  });
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, undefined]);
  backoff.reset();
  assert.equal(backoff.ended(), 1000);
});

test('ends that lie far apart are each the first', () => {
  let now = 0;
  const backoff = new Backoff(() => now);
  for (let n = 0; n < 20; n++) {
    now += Backoff.WINDOW_MS;
    assert.equal(backoff.ended(), 1000);
  }
});
