// Asks before anything is got from anywhere, and shows how it goes: the first installation, and an upgrade that needs more
// than the wheel that is there already.
import * as vscode from 'vscode';
import { log, messageOf } from '../log.ts';
import { own } from '../settings.ts';
import type { Bundle } from './bundle.ts';
import { type Environment, InstallError, type Installed, type Installer } from './environment.ts';
import { OLDEST, findPython, findUv, pipIndex, prefersUv, uvIndex } from './python.ts';

// Measured with CPython 3.11 on Linux: what the lock's wheels and the environment weigh.
const DOWNLOAD = '7 MB';
const ON_DISK = '80 MB';

interface Way extends Installer {
  index: string;
}

/** How it would be installed: uv where there is one, unless only pip knows an index of the user's own. */
async function findWay(): Promise<Way> {
  const tried: string[] = [];
  const set = own('server.python', '').trim();
  const python = await findPython(set || undefined, tried);
  if (!python) {
    const found = tried.length ? ` (${tried.join(', ')})` : '';
    throw new InstallError(
      set
        ? `copilot-ls.server.python is ${JSON.stringify(set)}, which is no Python ${OLDEST} or later${found}`
        : `no Python ${OLDEST} or later is on PATH${found}; install one from python.org or your system's packages, or name one in copilot-ls.server.python`,
    );
  }
  const [uv, ofPip, ofUv] = [await findUv(), await pipIndex(python, process.env), uvIndex(process.env)];
  if (uv && prefersUv(ofUv, ofPip)) return { kind: 'uv', python, index: ofUv.name };
  return { kind: 'pip', python, index: ofPip.name };
}

/** Asks, installs, and offers to try again; undefined when the user does not want it (now). */
export async function offerInstallation(environment: Environment, bundle: Bundle, older?: Installed, begins?: () => void): Promise<Installed | undefined> {
  for (;;) {
    try {
      const way = await findWay();
      if (!(await isWanted(environment, bundle, way, older))) return undefined;
      begins?.();
      return await withProgress(`copilot-ls: installing the server ${bundle.version}`, (report, token) => environment.install(bundle, way, report, token));
    } catch (error) {
      if (error instanceof InstallError && error.message === 'cancelled') return undefined;
      log.error(`the server could not be installed: ${messageOf(error)}`);
      const [again, show, settings] = ['Try Again', 'Show Log', 'Settings'];
      const chosen = await vscode.window.showErrorMessage(`copilot-ls could not be installed: ${messageOf(error)}`, again, show, settings);
      if (chosen === show) log.show();
      if (chosen === settings) await vscode.commands.executeCommand('workbench.action.openSettings', 'copilot-ls.server');
      if (chosen !== again) return undefined;
    }
  }
}

/** Brings what is installed up to what the extension has, where nothing has to be got for that. */
export async function renewQuietly(environment: Environment, bundle: Bundle, installed: Installed): Promise<Installed> {
  const source = new vscode.CancellationTokenSource();
  try {
    return await environment.renew(installed, bundle, source.token);
  } catch (error) {
    log.error(`the server stays at ${installed.version}: ${messageOf(error)}`);
    return installed;
  } finally {
    source.dispose();
  }
}

async function isWanted(environment: Environment, bundle: Bundle, way: Way, older?: Installed): Promise<boolean> {
  const what = older
    ? `copilot-ls ${bundle.version} came with the extension; ${older.version} is installed, and the new one needs other packages. Upgrade now?`
    : `copilot-ls is not installed ${vscode.env.remoteName ? 'on this host' : 'here'} yet. Install it now?`;
  const text = `${what} About ${DOWNLOAD} of Python packages from ${way.index}, with ${way.kind} for Python ${way.python.version}; ${ON_DISK} on disk, in VS Code's storage.`;
  const [yes, more] = [older ? 'Upgrade' : 'Install', 'More…'];
  const chosen = await vscode.window.showInformationMessage(text, yes, more, 'Not Now');
  if (chosen === yes) return true;
  if (chosen === more) {
    const detail = [
      `Folder: ${environment.folder}`,
      `Packages: those that ${bundle.lock} names, by their hashes, as wheels alone; no code of theirs runs while they are installed.`,
      'Nothing else is changed: removing the extension\'s storage removes it.',
      'If you have copilot-ls elsewhere, name it in copilot-ls.server.command.',
    ].join('\n\n');
    return (await vscode.window.showInformationMessage(text, { modal: true, detail }, yes)) === yes;
  }
  return false;
}

function withProgress<T>(title: string, work: (report: (step: string) => void, token: vscode.CancellationToken) => Promise<T>): Thenable<T> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (progress, token) =>
    work(step => {
      log.info(`installation: ${step}`);
      progress.report({ message: step });
    }, token),
  );
}
