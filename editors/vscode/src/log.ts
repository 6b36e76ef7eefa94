// The output channel `copilot-ls`: what the extension does and what the server writes, each line with its level.
//
// Its level is the user's (Developer: Set Log Level); `serverLevel` passes a chattier one on to the server.
import type { Readable } from 'node:stream';
import * as readline from 'node:readline';
import * as vscode from 'vscode';

export const log = vscode.window.createOutputChannel('copilot-ls', { log: true });

// As `copilot_ls/lsp/log.py` writes them to standard error.
const LINE = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/;

/** Shows what the server writes to standard error, each line at the level that it says. */
export function follow(output: Readable): void {
  readline.createInterface({ input: output }).on('line', line => {
    const [, level, text] = LINE.exec(line) ?? [];
    if (text === undefined) log.warn(line);
    else if (level === 'DEBUG') log.debug(text);
    else if (level === 'INFO') log.info(text);
    else if (level === 'WARNING') log.warn(text);
    else log.error(text);
  });
}

/** The server's `log.level` that the channel's level asks for, or undefined where the default does. */
export function serverLevel(): 'info' | 'debug' | undefined {
  if (log.logLevel === vscode.LogLevel.Trace || log.logLevel === vscode.LogLevel.Debug) return 'debug';
  return undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
