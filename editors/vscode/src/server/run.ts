// Runs a program to its end: no shell, a deadline, cancelled with its children; what it wrote is the answer.
import { spawn } from 'node:child_process';
import type { CancellationToken } from 'vscode';

export interface Outcome {
  /** The exit status; undefined when it was ended from here or could not be started. */
  status: number | undefined;
  stdout: string;
  stderr: string;
}

export interface Options {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
  token?: CancellationToken;
  /** Hears each piece that is written, from either stream. */
  onOutput?: (text: string) => void;
}

const MAX_CHARS = 4_000_000;

/** Never rejects: a program that is not there is an outcome without a status, with the reason in `stderr`. */
export function run(program: string, args: readonly string[], options: Options = {}): Promise<Outcome> {
  return new Promise(resolve => {
    const outcome: Outcome = { status: undefined, stdout: '', stderr: '' };
    const unix = process.platform !== 'win32';
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: unix, // a group of its own, so that its children end with it
      windowsHide: true,
    });
    const end = (): void => {
      try {
        if (unix && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
        else child.kill();
      } catch {
        // It has ended by itself.
      }
    };
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(end, options.timeoutMs);
    const cancelling = options.token?.onCancellationRequested(end);
    const done = (status: number | null | undefined): void => {
      clearTimeout(timer);
      cancelling?.dispose();
      outcome.status = status ?? undefined;
      resolve(outcome);
    };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf-8');
      child[name].on('data', (text: string) => {
        if (outcome[name].length < MAX_CHARS) outcome[name] += text;
        options.onOutput?.(text);
      });
    }
    child.on('error', error => {
      outcome.stderr += error.message;
      done(undefined);
    });
    child.on('close', done);
    if (options.token?.isCancellationRequested) end();
  });
}
