// What the extension brings of the server: its wheel, and the lock that names its dependencies with their hashes.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ofWheel } from './versions.ts';

export interface Bundle {
  wheel: string;
  lock: string;
  version: string;
  /** Of the wheel and of the lock: what was installed from them is compared by these. */
  wheelHash: string;
  lockHash: string;
}

/** Rejects when the folder does not hold exactly one wheel and its lock, as an unpackaged extension's does not. */
export async function readBundle(folder: string): Promise<Bundle> {
  const wheels = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.whl'));
  const [name] = wheels;
  const version = name && ofWheel(name);
  if (!name || !version || wheels.length > 1) {
    throw new Error(`the extension brings no server: ${folder} holds ${wheels.length} wheels, not one; \`npm run package\` puts it there`);
  }
  const [wheel, lock] = [path.join(folder, name), path.join(folder, 'requirements.lock')];
  return { wheel, lock, version, wheelHash: await hash(wheel), lockHash: await hash(lock) };
}

async function hash(file: string): Promise<string> {
  return createHash('sha256').update(await readFile(file)).digest('hex');
}
