// copilot-ls in VS Code: makes the parts, and connects them to each other and to VS Code's commands.
//
// Ghost text, code actions, edits and settings are the server's, through vscode-languageclient. Here is what a server
// cannot do: come to this machine, be asked, show what grows, and say how it is.
import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { Dashboard } from './dashboard.ts';
import { showDoctor } from './doctor.ts';
import { GhostText } from './ghostText.ts';
import { log, messageOf } from './log.ts';
import { decorations } from './nextEdit/drawing.ts';
import { NextEdits } from './nextEdit/nextEdit.ts';
import { Pages, SCHEME } from './pages.ts';
import { StatisticsPanel } from './statistics/panel.ts';
import { StatusBoard } from './status/board.ts';
import { StatusItem } from './status/item.ts';
import { showMenu } from './status/menu.ts';
import { snooze } from './status/snooze.ts';
import { Supervisor } from './supervisor.ts';
import { trustWorkspace } from './trust.ts';
import { HERE, here } from './work.ts';

let supervisor: Supervisor | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const manifest = context.extension.packageJSON as { version: string };
  const pages = new Pages();
  const ghostText = new GhostText(() => supervisor?.session?.client);
  const running = new Supervisor(context, { manifest, pages, ghostText, statusChanged: status => board.changed(status) });
  supervisor = running;
  const board = new StatusBoard(running);
  const dashboard = new Dashboard(running);
  const statistics = new StatisticsPanel(running);
  ghostText.onTaken = () => board.askSoon();

  /** A short command of the server's, of which the status may change. */
  const tell = async (command: string, ...args: unknown[]): Promise<void> => {
    const client = running.session?.client;
    if (!client) return;
    try {
      await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args as never[] });
    } catch (error) {
      void vscode.window.showErrorMessage(`copilot-ls: ${messageOf(error)}`);
    }
    await board.ask();
  };
  const commands: Record<string, () => unknown> = {
    menu: () => showMenu(board),
    statistics: () => statistics.show(),
    dashboard: () => dashboard.open(),
    doctor: () => showDoctor(running, pages, manifest.version),
    trustWorkspace: () => trustWorkspace(running),
    snoozeSuggestions: () => snooze(minutes => tell('copilot-ls.snooze', minutes)),
    resumeSuggestions: () => tell('copilot-ls.resume'),
    toggleSuggestions: () => tell('copilot-ls.toggle'),
    toggleLanguage: () => {
      const language = vscode.window.activeTextEditor?.document.languageId;
      return language && tell('copilot-ls.toggle', language);
    },
    restart: () => running.start(true),
    installServer: () => running.start(true),
    log: () => log.show(),
    settings: () => vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${context.extension.id}`),
    walkthrough: () => vscode.commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#start`),
  };
  for (const [name, [command, more]] of Object.entries(HERE)) {
    commands[name] = () => {
      const client = running.session?.client;
      const argument = client && here(client, more);
      // As a command of VS Code's, so that it goes the way of a code action's.
      return argument && vscode.commands.executeCommand(command, argument);
    };
  }
  context.subscriptions.push(
    log,
    pages,
    ghostText,
    running,
    board,
    new StatusItem(board),
    new NextEdits(() => running.session?.client, ghostText),
    decorations,
    dashboard,
    statistics,
    vscode.workspace.onDidCloseTextDocument(document => document.uri.scheme === SCHEME && pages.closed(document)),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration('copilot-ls.server')) void running.start(true);
    }),
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(`copilot-ls.${name}`, run)),
  );
  void running.start(false);
}

export async function deactivate(): Promise<void> {
  await supervisor?.stop();
}
