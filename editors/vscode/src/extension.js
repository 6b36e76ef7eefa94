// copilot-ls in VS Code: starts the server, asks for what a server cannot ask, and shows what it cannot show.
//
// Ghost text, code actions, progress, cancelling, edits and settings are vscode-languageclient's own. Here are: the user's
// wish for a change, explanations that grow, the diagnostics that are shown, which a server is not told of, and commands.
const vscode = require('vscode');
const {
  ExecuteCommandRequest,
  LanguageClient,
  TransportKind,
  WorkDoneProgress,
  WorkDoneProgressCancelNotification,
} = require('vscode-languageclient/node');

const SCHEME = 'copilot-ls';
const CHANGE = 'copilot-ls.change';
// What vscode-languageclient waits before it sends what was typed: diagnostics come after the text that they are about.
const SETTLE_MS = 250;

/** Explanations as read-only documents that grow: `copilot-ls:/<id>/Explanation of ….md`. */
class Explanations {
  constructor() {
    this.texts = new Map();
    this.changed = new vscode.EventEmitter();
    this.onDidChange = this.changed.event;
  }

  provideTextDocumentContent(uri) {
    return this.texts.get(uri.toString()) ?? 'This explanation is gone: ask again.';
  }

  async show({ id, title, markdown }) {
    if (markdown === undefined) return;
    const name = `${title.replace(/[^\w.:-]+/g, ' ')}.md`;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${id}/${name}` });
    const isNew = !this.texts.has(uri.toString());
    this.texts.set(uri.toString(), markdown);
    this.changed.fire(uri);
    if (isNew) {
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.languages.setTextDocumentLanguage(document, 'markdown');
      await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true });
      // Until a document is open and has its language, VS Code drops what is said of its changes.
      this.changed.fire(uri);
    }
  }
}

/** Passes on what other servers report of open documents. */
class DiagnosticFeed {
  constructor(client) {
    this.client = client;
    this.due = new Set();
    this.timer = undefined;
  }

  heard(uris) {
    for (const uri of uris) this.due.add(uri.toString());
    this.timer ??= setTimeout(() => this.tell(), SETTLE_MS);
  }

  tell() {
    this.timer = undefined;
    const open = new Map(vscode.workspace.textDocuments.map(document => [document.uri.toString(), document]));
    for (const uri of this.due) {
      const document = open.get(uri);
      if (!document || document.uri.scheme === SCHEME) continue;
      const converter = this.client.code2ProtocolConverter;
      const diagnostics = converter.asDiagnostics(vscode.languages.getDiagnostics(document.uri));
      Promise.resolve(diagnostics).then(diagnostics =>
        this.client.sendNotification('copilot-ls/didPublishDiagnostics', {
          uri: converter.asUri(document.uri),
          version: document.version,
          diagnostics,
        }),
      );
    }
    this.due.clear();
  }
}

/** The argument of the server's commands for the place where the user is. */
function here(client, more) {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const converter = client.code2ProtocolConverter;
  return {
    uri: converter.asUri(editor.document.uri),
    range: converter.asRange(editor.selection),
    version: editor.document.version,
    ...more,
  };
}

const TITLES = {
  'copilot-ls.explain': 'Explaining',
  'copilot-ls.fix': 'Fixing',
  [CHANGE]: 'Changing',
  'copilot-ls.document': 'Documenting',
  'copilot-ls.writeTests': 'Writing tests',
};
let nTokens = 0;

/**
 * Runs a command of the server with a notification that can cancel it, after the user was asked for the wish where there is
 * none yet. vscode-languageclient's own progress hides its cancel button.
 */
async function executeCommand(command, args, next) {
  if (!(command in TITLES)) return next(command, args);
  if (command === CHANGE && args[0] && !args[0].wish) {
    const wish = await vscode.window.showInputBox({ title: 'Change', prompt: 'What should be changed here?' });
    if (!wish?.trim()) return undefined;
    args = [{ ...args[0], wish }];
  }
  const workDoneToken = `copilot-ls/vscode/${++nTokens}`;
  const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title: TITLES[command] };
  return vscode.window.withProgress(options, async (progress, cancellation) => {
    const heard = client.onProgress(WorkDoneProgress.type, workDoneToken, value => progress.report({ message: value.message }));
    const cancel = () => client.sendNotification(WorkDoneProgressCancelNotification.type, { token: workDoneToken });
    cancellation.onCancellationRequested(cancel);
    try {
      return await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args, workDoneToken });
    } finally {
      heard.dispose();
    }
  });
}

let client;

exports.activate = async context => {
  const program = vscode.workspace.getConfiguration('copilotLs').get('server.command', 'copilot-ls');
  client = new LanguageClient(
    'copilot-ls',
    'copilot-ls',
    { command: program, args: ['--stdio'], transport: TransportKind.stdio },
    {
      documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
      initializationOptions: { copilotLs: { explanations: true, wishes: true } },
      synchronize: { configurationSection: 'copilot-ls' },
      middleware: { executeCommand },
    },
  );
  const explanations = new Explanations();
  const feed = new DiagnosticFeed(client);
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, explanations),
    client.onNotification('copilot-ls/explanation', explanation => explanations.show(explanation)),
  );
  await client.start();
  context.subscriptions.push(
    vscode.languages.onDidChangeDiagnostics(event => feed.heard(event.uris)),
    vscode.workspace.onDidOpenTextDocument(document => feed.heard([document.uri])),
  );
  feed.heard(vscode.workspace.textDocuments.map(document => document.uri));
  const commands = {
    explainHere: ['copilot-ls.explain'],
    fixHere: ['copilot-ls.fix'],
    fixFile: ['copilot-ls.fix', { scope: 'file' }],
    changeHere: [CHANGE],
    documentHere: ['copilot-ls.document'],
    writeTestsHere: ['copilot-ls.writeTests'],
  };
  for (const [name, [command, more]] of Object.entries(commands)) {
    context.subscriptions.push(
      vscode.commands.registerCommand(`copilot-ls.${name}`, () => {
        const argument = here(client, more);
        // As a command of VS Code's, so that it goes the way of a code action's.
        return argument && vscode.commands.executeCommand(command, argument);
      }),
    );
  }
};

exports.deactivate = () => client?.stop();
