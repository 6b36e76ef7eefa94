// Where the server is: the program that is set, else the one on PATH, else the one in the extension's own environment.
import { accessSync, constants, statSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Environment, Installed } from './environment.ts';

export interface Program {
  command: string;
  from: 'setting' | 'path' | 'environment';
  /** What the extension's own environment holds, where that is what was found. */
  installed?: Installed;
}

/** What was set and is not there; its message names the setting and what mends it. */
export class NoSuchProgramError extends Error {}

export async function locate(set: string, environment: Environment): Promise<Program | undefined> {
  if (set) {
    const command = onPath(set);
    if (command) return { command, from: 'setting' };
    throw new NoSuchProgramError(`copilot-ls.server.command is ${JSON.stringify(set)}, and there is no such program; correct it, or empty it to have the server found or installed`);
  }
  const found = onPath('copilot-ls');
  if (found) return { command: found, from: 'path' };
  const installed = await environment.installed();
  return installed && { command: environment.program(installed), from: 'environment', installed };
}

/** A program by its name on PATH, or by a whole path in which `~` is the home folder. */
function onPath(name: string): string | undefined {
  const expanded = name.startsWith('~/') ? path.join(os.homedir(), name.slice(2)) : name;
  const names = process.platform === 'win32' && !path.extname(expanded) ? [`${expanded}.exe`, expanded] : [expanded];
  // pipx and `uv tool` put programs there, and a desktop's PATH often lacks it.
  const folders = path.isAbsolute(expanded) ? [''] : [...(process.env['PATH'] ?? '').split(path.delimiter), path.join(os.homedir(), '.local', 'bin')];
  const files = folders.flatMap(folder => names.map(each => path.join(folder, each)));
  return files.find(file => path.isAbsolute(file) && isProgram(file));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
