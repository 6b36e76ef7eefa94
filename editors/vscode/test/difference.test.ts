import assert from 'node:assert/strict';
import test from 'node:test';
import { type Change, differences } from '../src/nextEdit/difference.ts';

/** The new text, made of the old one and what is drawn. */
function applied(old: string, changes: Change[], column: number): string {
  const lines = old.split('\n');
  for (const { line, start, end, text } of changes.toReversed()) {
    const offset = line === 0 ? column : 0;
    const found = lines[line] ?? '';
    lines[line] = found.slice(0, start - offset) + text + found.slice(end - offset);
  }
  return lines.join('\n');
}

test('a word in a line is all that is drawn of it', () => {
  assert.deepEqual(differences('area(2, 3)', 'area(2, 3, 1)', 4), [{ line: 0, start: 13, end: 13, text: ', 1' }]);
  assert.deepEqual(differences('old_name', 'new_name', 0), [{ line: 0, start: 0, end: 3, text: 'new' }]);
});

test('lines that come stand with the one before them', () => {
  assert.deepEqual(differences('a\nc', 'a\nb\nc', 2), [{ line: 0, start: 3, end: 3, text: '\nb' }]);
  assert.deepEqual(differences('f(plugin)', 'f(name)\ng()', 0), [
    { line: 0, start: 2, end: 8, text: 'name' },
    { line: 0, start: 9, end: 9, text: '\ng()' },
  ]);
  assert.deepEqual(differences('', 'import os\n', 0), [{ line: 0, start: 0, end: 0, text: 'import os\n' }]);
});

test('the same is no change, and no pair of surrogates is torn', () => {
  assert.deepEqual(differences('same\ntext', 'same\ntext', 3), []);
  assert.deepEqual(differences('"😀"', '"😁"', 0), [{ line: 0, start: 1, end: 3, text: '😁' }]);
});

test('what is drawn makes the new text of the old one', () => {
  // A generator of Park and Miller: the same cases on every machine.
  let seed = 7;
  const below = (limit: number): number => (seed = (seed * 48271) % 2147483647) % limit;
  const some = (): string => Array.from({ length: below(9) }, () => ['a', 'b', '\n', ' ', '😀'][below(5)]).join('');
  for (let n = 0; n < 3000; n++) {
    const [old, fresh, column] = [some(), some(), below(3)];
    const changes = differences(old, fresh, column);
    const lost = old.split('\n').length - fresh.split('\n').length;
    // Lines that go altogether stay as empty lines: what is struck out is their text.
    const drawn = applied(old, changes, column);
    if (lost <= 0) assert.equal(drawn, fresh, JSON.stringify([old, fresh]));
    else assert.equal(drawn.replaceAll('\n', ''), fresh.replaceAll('\n', ''), JSON.stringify([old, fresh]));
  }
});
