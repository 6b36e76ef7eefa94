// What is known of the server's state, from what it says by itself and from what it answers when asked.
import * as vscode from 'vscode';
import { log, messageOf } from '../log.ts';
import { type DidChangeStatus, STATUS, type Status } from '../protocol.ts';
import { SECTION } from '../settings.ts';
import type { State, Supervisor } from '../supervisor.ts';

/** Today's figures change without a word of the server's. */
const ASK_EVERY_MS = 60_000;
const SETTLE_MS = 150;
/** Until the server has asked for its settings and applied them. */
const APPLIED_MS = 700;

export interface View {
  server: State;
  status: Status;
}

export class StatusBoard implements vscode.Disposable {
  readonly #supervisor: Supervisor;
  readonly #changed = new vscode.EventEmitter<View>();
  readonly onDidChange = this.#changed.event;
  readonly #heard: vscode.Disposable;
  readonly #clock: NodeJS.Timeout;
  #status: Status = { kind: 'Normal', busy: false, message: '' };
  #timer: NodeJS.Timeout | undefined;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    this.#clock = setInterval(() => vscode.window.state.focused && this.askSoon(), ASK_EVERY_MS);
    this.#heard = vscode.Disposable.from(
      supervisor.onDidChange(() => {
        this.#status = { kind: 'Normal', busy: false, message: '' };
        this.#tell();
        this.askSoon();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => this.askSoon()),
      vscode.workspace.onDidChangeConfiguration(event => event.affectsConfiguration(SECTION) && this.askSoon(APPLIED_MS)),
    );
  }

  get view(): View {
    return { server: this.#supervisor.state, status: this.#status };
  }

  /** The server says that something has changed. */
  changed(status: DidChangeStatus): void {
    this.#status = { ...this.#status, ...status };
    this.#tell();
    this.askSoon();
  }

  askSoon(afterMs = SETTLE_MS): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.ask();
    }, afterMs);
  }

  /** Asks now. An older server does not know the question: then what it said by itself is all. */
  async ask(): Promise<void> {
    const client = this.#supervisor.session?.client;
    if (!client?.isRunning()) return;
    const document = vscode.window.activeTextEditor?.document;
    const about = document && /^(file|untitled)$/.test(document.uri.scheme) ? { textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) } } : {};
    try {
      this.#status = { ...this.#status, ...(await client.sendRequest<Status>(STATUS, about)) };
      this.#tell();
    } catch (error) {
      log.debug(`${STATUS}: ${messageOf(error)}`);
    }
  }

  #tell(): void {
    this.#changed.fire(this.view);
  }

  dispose(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#timer);
    this.#heard.dispose();
    this.#changed.dispose();
  }
}
