// One running server: vscode-languageclient set up for it, and what belongs to it and ends with it.
import * as vscode from 'vscode';
import { CloseAction, type CloseHandlerResult, ErrorAction, LanguageClient, RevealOutputChannelOn, TransportKind } from 'vscode-languageclient/node';
import { DiagnosticFeed } from './diagnosticFeed.ts';
import type { GhostText } from './ghostText.ts';
import { follow, log } from './log.ts';
import type { Pages } from './pages.ts';
import { type DidChangeStatus, EXPLANATION, type Explanation, STATUS_CHANGED } from './protocol.ts';
import { SECTION, explicitSettings } from './settings.ts';
import { executeWork } from './work.ts';

export interface Surroundings {
  manifest: { version: string };
  pages: Pages;
  ghostText: GhostText;
  /** The server has ended, and nobody had asked for it. */
  ended: () => void;
  statusChanged: (status: DidChangeStatus) => void;
}

export class Session {
  readonly client: LanguageClient;
  readonly command: string;
  readonly #parts: vscode.Disposable[] = [];
  #isWanted = true;

  constructor(command: string, around: Surroundings) {
    this.command = command;
    const { manifest } = around;
    const closed = (): CloseHandlerResult => {
      if (this.#isWanted) around.ended();
      // When it is started again is `supervisor`'s affair.
      return { action: CloseAction.DoNotRestart, handled: true, message: 'the server has ended' };
    };
    this.client = new LanguageClient(
      SECTION,
      'copilot-ls',
      { command, args: ['--stdio'], transport: TransportKind.stdio },
      {
        documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
        outputChannel: log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        stdioOptions: { stdout: () => undefined, stderr: follow },
        initializationOptions: {
          editorInfo: { name: vscode.env.appName, version: vscode.version },
          editorPluginInfo: { name: 'copilot-ls', version: manifest.version },
          copilotLs: { explanations: true, wishes: true },
        },
        initializationFailedHandler: () => false,
        errorHandler: { error: () => ({ action: ErrorAction.Continue, handled: true }), closed },
        middleware: {
          ...around.ghostText.middleware,
          executeCommand: (name, args, next) => executeWork(() => this.client, name, args, next),
          workspace: {
            configuration: params => params.items.map(item => (item.section === SECTION ? explicitSettings(manifest) : null)),
          },
        },
      },
    );
    this.#parts.push(
      this.client.onNotification(STATUS_CHANGED, around.statusChanged),
      this.client.onNotification(EXPLANATION, ({ id, title, markdown }: Explanation) => {
        if (markdown !== undefined) void around.pages.show(id, `${title}.md`, markdown, 'markdown');
      }),
      vscode.workspace.onDidChangeConfiguration(event => event.affectsConfiguration(SECTION) && this.tellSettings()),
      log.onDidChangeLogLevel(() => this.tellSettings()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.tellSettings()),
    );
  }

  /** Rejects when the server does not start; `ended` may have been called by then. */
  async start(): Promise<void> {
    await this.client.start();
    this.#parts.push(new DiagnosticFeed(this.client));
  }

  /** The server asks for its settings anew when it hears this. */
  tellSettings(): void {
    if (this.client.isRunning()) void this.client.sendNotification('workspace/didChangeConfiguration', { settings: null });
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    vscode.Disposable.from(...this.#parts).dispose();
    try {
      await this.client.dispose();
    } catch {
      // It had ended already.
    }
  }
}
