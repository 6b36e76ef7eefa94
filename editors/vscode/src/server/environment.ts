// The server in an environment of the extension's own: a virtual environment in VS Code's storage for it, made from the
// wheel that the extension brings and from the user's package index, at the versions and hashes of the lock.
//
// It is made beside what is there and becomes the one that is used by the last step alone, the writing of `current.json`,
// so that whatever breaks or is cancelled leaves what worked before. Asks nobody: `offer` does.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { CancellationToken } from 'vscode';
import type { Bundle } from './bundle.ts';
import type { Python } from './python.ts';
import { run } from './run.ts';
import { compare } from './versions.ts';

export interface Installed {
  /** The folder of the environment, by its name within the storage. */
  folder: string;
  version: string;
  wheelHash: string;
  lockHash: string;
}

export interface Installer {
  kind: 'uv' | 'pip';
  python: Python;
}

export class InstallError extends Error {}

const INSTALL_WITHIN_MS = 20 * 60_000;

export class Environment {
  readonly #storage: string;
  readonly #log: (text: string) => void;

  constructor(storage: string, log: (text: string) => void) {
    this.#storage = storage;
    this.#log = log;
  }

  get folder(): string {
    return this.#storage;
  }

  /** What is installed, if it is and its program is there. */
  async installed(): Promise<Installed | undefined> {
    try {
      const found = JSON.parse(await readFile(this.#record, 'utf-8')) as Installed;
      await readFile(program(path.join(this.#storage, found.folder)));
      return found;
    } catch {
      return undefined;
    }
  }

  program(installed: Installed): string {
    return program(path.join(this.#storage, installed.folder));
  }

  /** Makes a new environment; rejects with `InstallError`, whose message says what failed, and leaves nothing behind then. */
  async install(bundle: Bundle, installer: Installer, report: (step: string) => void, token: CancellationToken): Promise<Installed> {
    const name = `server-${bundle.version}-${Date.now().toString(36)}`;
    const folder = path.join(this.#storage, name);
    const { kind, python } = installer;
    const inside = path.join(folder, process.platform === 'win32' ? 'Scripts\\python.exe' : 'bin/python');
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
    // pip compiles what it installs, uv when it is told: a start takes half as long again otherwise.
    const uv = ['pip', 'install', '--compile-bytecode', '--python', inside];
    const from = ['--only-binary', ':all:', '--require-hashes', '-r', bundle.lock];
    try {
      await mkdir(this.#storage, { recursive: true });
      report('making an environment');
      if (kind === 'uv') await this.#run('uv', ['venv', '--python', python.program, '--no-python-downloads', folder], token);
      else await this.#run(python.program, [...python.args, '-m', 'venv', folder], token);
      report('getting what it needs');
      await (kind === 'uv' ? this.#run('uv', [...uv, ...from], token) : this.#run(inside, [...pip, ...from], token));
      report('installing copilot-ls');
      await this.#runWheel(bundle, kind, inside, token);
      report('starting it once');
      await this.#run(program(folder), ['--version'], token);
      return await this.#use({ folder: name, version: bundle.version, wheelHash: bundle.wheelHash, lockHash: bundle.lockHash });
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Puts a newer wheel over an older one, where both need the very same packages: nothing is asked of any index. */
  async renew(installed: Installed, bundle: Bundle, token: CancellationToken): Promise<Installed> {
    const folder = path.join(this.#storage, installed.folder);
    const inside = path.join(folder, process.platform === 'win32' ? 'Scripts\\python.exe' : 'bin/python');
    const hasPip = (await run(inside, ['-m', 'pip', '--version'], { token })).status === 0;
    await this.#runWheel(bundle, hasPip ? 'pip' : 'uv', inside, token);
    return await this.#use({ ...installed, version: bundle.version, wheelHash: bundle.wheelHash });
  }

  /** Removes what is no longer used. What another window still runs may stay until the next time. */
  async tidy(): Promise<void> {
    const current = (await this.installed())?.folder;
    if (!current) return;
    for (const name of await readdir(this.#storage)) {
      if (name.startsWith('server-') && name !== current) await rm(path.join(this.#storage, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }

  get #record(): string {
    return path.join(this.#storage, 'current.json');
  }

  async #use(installed: Installed): Promise<Installed> {
    const file = `${this.#record}.new`;
    await writeFile(file, JSON.stringify(installed, undefined, 2));
    await rename(file, this.#record);
    return installed;
  }

  #runWheel(bundle: Bundle, kind: 'uv' | 'pip', inside: string, token: CancellationToken): Promise<void> {
    // The lock has what it needs: so the index is not asked again, and nothing but this wheel is touched.
    const what = ['--no-deps', '--no-index', bundle.wheel];
    return kind === 'uv'
      ? this.#run('uv', ['pip', 'install', '--compile-bytecode', '--python', inside, '--reinstall-package', 'copilot-ls', ...what], token)
      : this.#run(inside, ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--force-reinstall', ...what], token);
  }

  async #run(program: string, args: readonly string[], token: CancellationToken): Promise<void> {
    this.#log(`> ${[program, ...args].join(' ')}`);
    // What is on PYTHONPATH would be taken for installed.
    const { PYTHONPATH: _path, PYTHONHOME: _home, VIRTUAL_ENV: _active, ...env } = process.env;
    const outcome = await run(program, args, { timeoutMs: INSTALL_WITHIN_MS, token, env, onOutput: text => this.#log(text.trimEnd()) });
    if (token.isCancellationRequested) throw new InstallError('cancelled');
    if (outcome.status !== 0) throw new InstallError(lastWords(outcome.stderr) || lastWords(outcome.stdout) || `${program} failed`);
  }
}

/** Whether what the extension brings is newer than what is installed: a higher version, or the same one built anew. */
export function isNewer(bundle: Bundle, installed: Installed): boolean {
  const difference = compare(bundle.version, installed.version);
  return difference > 0 || (difference === 0 && bundle.wheelHash !== installed.wheelHash);
}

function program(folder: string): string {
  return path.join(folder, process.platform === 'win32' ? 'Scripts\\copilot-ls.exe' : 'bin/copilot-ls');
}

/** The line that says what went wrong: installers say it last, after "ERROR:" or "error:". */
function lastWords(text: string): string {
  const lines = text.split('\n').map(line => line.trim()).filter(Boolean);
  const line = lines.findLast(each => /error|failed|× /i.test(each)) ?? lines.at(-1) ?? '';
  return line.replace(/^(ERROR|error|× *)\s*:?\s*/, '').slice(0, 300);
}
