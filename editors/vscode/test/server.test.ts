import assert from 'node:assert/strict';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import test from 'node:test';
import { Environment, InstallError, isNewer } from '../src/server/environment.ts';
import { pipIndex, prefersUv, uvIndex } from '../src/server/python.ts';
import { run } from '../src/server/run.ts';
import { compare, ofWheel } from '../src/server/versions.ts';

test('versions are compared as numbers, and a pre-release is older than its release', () => {
  const sorted = ['0.9', '0.10', '0.10.1', '1.0rc1', '1.0', '1.0.1'];
  assert.deepEqual([...sorted].sort(compare), sorted);
  assert.deepEqual([...sorted].reverse().sort(compare), sorted);
  assert.equal(compare('1.0', '1.0.0'), 0);
  assert.equal(ofWheel('copilot_ls-0.1.0-py3-none-any.whl'), '0.1.0');
  assert.equal(ofWheel('README.md'), undefined);
});

test('what is brought is newer by its version, or by its content', () => {
  const installed = { folder: '', version: '0.2.0', wheelHash: 'a', lockHash: 'l' };
  const bundle = { wheel: '', lock: '', lockHash: 'l' };
  assert.equal(isNewer({ ...bundle, version: '0.10.0', wheelHash: 'b' }, installed), true);
  assert.equal(isNewer({ ...bundle, version: '0.2.0', wheelHash: 'b' }, installed), true);
  assert.equal(isNewer({ ...bundle, version: '0.2.0', wheelHash: 'a' }, installed), false);
  assert.equal(isNewer({ ...bundle, version: '0.1.9', wheelHash: 'b' }, installed), false);
});

test('an index is shown without what it holds of secrets', () => {
  assert.deepEqual(uvIndex({ UV_DEFAULT_INDEX: 'https://me:secret@index.example/token/simple' }), { name: 'index.example', isConfigured: true });
  assert.equal(uvIndex({ UV_INDEX_URL: 'https://[', XDG_CONFIG_HOME: '/nowhere' }).name, 'an index of your own');
});

test('pip is asked for its index, and all places are named', async () => {
  const python = { program: '/nowhere/python', args: [], version: '3.12.0' };
  const seen = async (environment: NodeJS.ProcessEnv): Promise<unknown[]> => Object.values(await pipIndex(python, environment));
  assert.deepEqual(await seen({}), ['pypi.org', false]);
  assert.deepEqual(await seen({ PIP_INDEX_URL: 'https://u:p@mirror.example/simple' }), ['mirror.example', true]);
  assert.deepEqual(await seen({ PIP_EXTRA_INDEX_URL: 'https://more.example/simple file:///srv/simple' }), ['pypi.org and more.example and /srv/simple', true]);
  assert.deepEqual(await seen({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: '/srv/wheels' }), ['/srv/wheels', true]);
});

test('an installation that fails leaves what was there before', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'copilot-ls-'));
  const environment = new Environment(folder, () => undefined);
  const bundle = { wheel: 'none.whl', lock: 'none.lock', version: '1.0', wheelHash: 'w', lockHash: 'l' };
  const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
  const python = { program: process.execPath, args: [], version: '3.12.0' };
  await assert.rejects(environment.install(bundle, { kind: 'pip', python }, () => undefined, token), /bad option: -m/);
  await assert.rejects(environment.install(bundle, { kind: 'pip', python }, () => undefined, { ...token, isCancellationRequested: true }), InstallError);
  assert.deepEqual(await readdir(folder), []);
  assert.equal(await environment.installed(), undefined);
});

test('uv is taken, unless pip alone knows an index of the user\'s own', () => {
  const [own, none] = [{ name: 'mirror.example', isConfigured: true }, { name: 'pypi.org', isConfigured: false }];
  assert.deepEqual([prefersUv(none, none), prefersUv(own, own), prefersUv(own, none), prefersUv(none, own)], [true, true, true, false]);
});

test('a program that is not there, fails or hangs is an outcome', async () => {
  assert.equal((await run('/nowhere/at/all', [])).status, undefined);
  const failed = await run(process.execPath, ['-e', 'console.error("why"); process.exit(3)']);
  assert.deepEqual([failed.status, failed.stderr], [3, 'why\n']);
  assert.equal((await run(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { timeoutMs: 300 })).status, undefined);
});
