// Finds the Python that the server is to run on, and says which package index the user's tools would ask.
import { existsSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { run } from './run.ts';
import { compare } from './versions.ts';

/** The oldest Python that copilot-ls runs on. */
export const OLDEST = '3.11';

export interface Python {
  program: string;
  args: readonly string[];
  version: string;
}

const WITHIN_MS = 20_000;
const ASK = 'import sys; print("%d.%d.%d" % sys.version_info[:3])';

/** The first Python that is new enough: the one that is set, then those on PATH. `tried` gathers what was found too old. */
export async function findPython(set: string | undefined, tried: string[]): Promise<Python | undefined> {
  const candidates: [string, string[]][] = set
    ? [[set, []]]
    : process.platform === 'win32'
      ? [['py', ['-3']], ['python', []], ['python3', []]]
      : [['python3', []], ['python', []], ...['3.14', '3.13', '3.12', '3.11'].map((each): [string, string[]] => [`python${each}`, []])];
  for (const [program, args] of candidates) {
    const outcome = await run(program, [...args, '-c', ASK], { timeoutMs: WITHIN_MS });
    if (outcome.status !== 0) continue;
    const version = outcome.stdout.trim();
    if (compare(version, OLDEST) >= 0) return { program, args, version };
    tried.push(`${program} is ${version}`);
  }
  return undefined;
}

/** The version of the uv on PATH, if there is one. */
export async function findUv(): Promise<string | undefined> {
  const outcome = await run('uv', ['--version'], { timeoutMs: WITHIN_MS });
  return outcome.status === 0 ? /\d[\w.]*/.exec(outcome.stdout)?.[0] : undefined;
}

/** What a package installer is configured to ask, without what it may hold of credentials. */
export interface Index {
  /** For the user: an address, or a folder. */
  name: string;
  isConfigured: boolean;
}

const PYPI = 'pypi.org';

/** uv's index by its environment; its files are its own business, but their being there counts. */
export function uvIndex(environment: NodeJS.ProcessEnv): Index {
  const named = environment['UV_DEFAULT_INDEX'] ?? environment['UV_INDEX_URL'] ?? environment['UV_INDEX'] ?? environment['UV_FIND_LINKS'];
  if (named) return { name: shown(named), isConfigured: true };
  const config = environment['XDG_CONFIG_HOME'] ?? path.join(os.homedir(), '.config');
  const files = [environment['UV_CONFIG_FILE'], path.join(config, 'uv', 'uv.toml'), '/etc/uv/uv.toml'];
  const file = files.find(each => each !== undefined && existsSync(each));
  return file ? { name: `the index of ${file}`, isConfigured: true } : { name: PYPI, isConfigured: false };
}

/** pip's index by its environment and its files, as `pip config` has them. */
export async function pipIndex(python: Python, environment: NodeJS.ProcessEnv): Promise<Index> {
  const outcome = await run(python.program, [...python.args, '-m', 'pip', 'config', 'list'], { timeoutMs: WITHIN_MS, env: environment });
  const said = new Map<string, string>();
  for (const line of outcome.status === 0 ? outcome.stdout.split('\n') : []) {
    const [, name, value] = /^[\w:.]*?\.?([\w-]+)=['"](.*)['"]\s*$/.exec(line) ?? [];
    if (name && value) said.set(name.replaceAll('_', '-'), value);
  }
  for (const name of ['index-url', 'find-links', 'extra-index-url']) {
    const fromEnvironment = environment[`PIP_${name.replaceAll('-', '_').toUpperCase()}`];
    if (fromEnvironment) said.set(name, fromEnvironment);
  }
  const isOffline = environment['PIP_NO_INDEX'] ?? said.get('no-index');
  const places = [isOffline ? undefined : (said.get('index-url') ?? 'https://pypi.org'), said.get('extra-index-url'), said.get('find-links')];
  const names = places.flatMap(each => each?.trim().split(/\s+/) ?? []).map(shown);
  return { name: [...new Set(names)].join(' and '), isConfigured: said.has('index-url') || said.has('extra-index-url') || said.has('find-links') };
}

/** uv is quicker; but where pip alone knows an index of the user's own, uv would ask the public one. */
export function prefersUv(ofUv: Index, ofPip: Index): boolean {
  return ofUv.isConfigured || !ofPip.isConfigured;
}

/** An address as it may be shown: its host, without user, password and token in the path; a folder as it is. */
function shown(address: string): string {
  const first = address.trim().split(/\s+/)[0] ?? '';
  if (first.startsWith('file://')) return first.slice('file://'.length);
  if (!/^\w+:\/\//.test(first)) return first;
  try {
    return new URL(first).host || first;
  } catch {
    return 'an index of your own';
  }
}
