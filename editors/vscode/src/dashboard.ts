// `copilot-ls dashboard`: served on the machine where the server runs, reached from where the user sits.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import * as vscode from 'vscode';
import { programOf } from './commandLine.ts';
import { log } from './log.ts';
import type { Supervisor } from './supervisor.ts';

const WITHIN_MS = 15_000;

export class Dashboard implements vscode.Disposable {
  readonly #supervisor: Supervisor;
  #child: ChildProcess | undefined;
  #address: Promise<vscode.Uri> | undefined;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  async open(): Promise<void> {
    const program = await programOf(this.#supervisor);
    if (!program) return;
    try {
      await vscode.env.openExternal(await (this.#address ??= this.#serve(program)));
    } catch (error) {
      this.#address = undefined;
      void vscode.window.showErrorMessage(`The dashboard cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** The port is chosen first: only then can VS Code say under which name it is reached, which the page has to know. */
  async #serve(program: string): Promise<vscode.Uri> {
    const port = await freePort();
    const outside = await vscode.env.asExternalUri(vscode.Uri.parse(`http://127.0.0.1:${port}/`));
    const args = ['dashboard', '--no-open', '--port', String(port), '--reached-as', outside.authority];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    this.#child = child;
    const path = await new Promise<string>((resolve, reject) => {
      let said = '';
      const timer = setTimeout(() => reject(new Error('it has not started within 15 s')), WITHIN_MS);
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString();
        const found = /http:\/\/[\d.]+:\d+\/(\S+)/.exec(said)?.[1];
        if (found) {
          clearTimeout(timer);
          resolve(found);
        }
      });
      let complaint = '';
      child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
      child.on('error', reject);
      child.on('exit', () => {
        clearTimeout(timer);
        this.#address = undefined;
        reject(new Error(complaint.trim() || 'it has ended'));
      });
    });
    log.info(`the dashboard is served at ${outside.authority}`);
    return vscode.Uri.joinPath(outside, path);
  }

  dispose(): void {
    this.#child?.kill();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port is free'))));
    });
  });
}
