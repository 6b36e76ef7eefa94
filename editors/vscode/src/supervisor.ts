// Has one server running: finds or installs it, starts it, starts it again when it ends by itself, and says so when it
// does not come to life. Nothing pops up but what the user has to decide.
import * as vscode from 'vscode';
import { Backoff } from './backoff.ts';
import { log, messageOf } from './log.ts';
import { type Bundle, readBundle } from './server/bundle.ts';
import { Environment, type Installed, isNewer } from './server/environment.ts';
import { NoSuchProgramError, type Program, locate } from './server/locate.ts';
import { offerInstallation, renewQuietly } from './server/offer.ts';
import { Session, type Surroundings } from './session.ts';
import { own } from './settings.ts';

/** A server that says nothing for so long is waited for, and no longer said to be starting. */
const ANSWERS_WITHIN_MS = 30_000;

export type State =
  | { is: 'starting' }
  | { is: 'installing' }
  | { is: 'missing' }
  | { is: 'running'; session: Session }
  | { is: 'waiting'; seconds: number }
  | { is: 'stopped'; why: string };

export class Supervisor implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #around: Omit<Surroundings, 'ended'>;
  readonly #environment: Environment;
  readonly #backoff = new Backoff(Date.now);
  readonly #changed = new vscode.EventEmitter<State>();
  readonly onDidChange = this.#changed.event;
  #state: State = { is: 'starting' };
  #session: Session | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Counts starts: what an older one still wants to do is void. */
  #attempt = 0;

  constructor(context: vscode.ExtensionContext, around: Omit<Surroundings, 'ended'>) {
    this.#context = context;
    this.#around = around;
    this.#environment = new Environment(vscode.Uri.joinPath(context.globalStorageUri, 'server').fsPath, text => log.info(text));
  }

  get state(): State {
    return this.#state;
  }

  /** The session whose server answers. */
  get session(): Session | undefined {
    return this.#state.is === 'running' ? this.#state.session : undefined;
  }

  /** The program of the server that runs, or that would; undefined when there is none. */
  async program(): Promise<string | undefined> {
    return this.#session?.command ?? (await locate(this.#set, this.#environment).catch(() => undefined))?.command;
  }

  /** Start, or start anew, as the user asks for it. `isAsked` brings the question whether to install, even after "Not Now". */
  async start(isAsked: boolean): Promise<void> {
    const attempt = ++this.#attempt;
    clearTimeout(this.#timer);
    this.#backoff.reset();
    await this.#session?.stop();
    this.#session = undefined;
    if (attempt === this.#attempt) await this.#start(attempt, isAsked);
  }

  async stop(): Promise<void> {
    this.#attempt++;
    clearTimeout(this.#timer);
    await this.#session?.stop();
    this.#session = undefined;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  get #set(): string {
    return own('server.command', '').trim();
  }

  async #start(attempt: number, isAsked: boolean): Promise<void> {
    this.#become({ is: 'starting' });
    let program: Program | undefined;
    try {
      program = await locate(this.#set, this.#environment);
    } catch (error) {
      if (!(error instanceof NoSuchProgramError)) throw error;
      this.#become({ is: 'stopped', why: error.message });
      void this.#say(error.message, ['Open Settings', () => vscode.commands.executeCommand('workbench.action.openSettings', 'copilot-ls.server.command')]);
      return;
    }
    if (!program) program = await this.#install(attempt, isAsked);
    else program = await this.#renewed(attempt, program);
    if (program && attempt === this.#attempt) await this.#run(attempt, program.command);
  }

  async #run(attempt: number, command: string): Promise<void> {
    let hasEnded = false;
    const ended = (): void => {
      if (!hasEnded && attempt === this.#attempt) this.#ended(attempt, command);
      hasEnded = true;
    };
    const session = new Session(command, { ...this.#around, ended });
    this.#session = session;
    log.info(`starting ${command} --stdio`);
    const slow = setTimeout(() => {
      if (attempt === this.#attempt && !hasEnded) this.#become({ is: 'stopped', why: `${command} was started and has not answered for ${ANSWERS_WITHIN_MS / 1000} s; the log may say why.` });
    }, ANSWERS_WITHIN_MS);
    try {
      await session.start();
    } catch (error) {
      log.error(`${command} did not start: ${messageOf(error)}`);
      ended();
      return;
    } finally {
      clearTimeout(slow);
    }
    if (attempt !== this.#attempt || hasEnded) return;
    this.#become({ is: 'running', session });
  }

  #ended(attempt: number, command: string): void {
    const session = this.#session;
    this.#session = undefined;
    void session?.stop();
    const wait = this.#backoff.ended();
    if (wait === undefined) {
      const why = `copilot-ls has ended by itself ${Backoff.MAX_ENDS} times in a row; it is not started again.`;
      log.error(`${command}: ${why}`);
      this.#become({ is: 'stopped', why });
      void this.#say(why, ['Show Log', () => log.show()], ['Restart', () => this.start(true)]);
      return;
    }
    log.warn(`${command} has ended by itself; it is started again in ${wait / 1000} s`);
    this.#become({ is: 'waiting', seconds: wait / 1000 });
    this.#timer = setTimeout(() => {
      if (attempt === this.#attempt) void this.#run(attempt, command);
    }, wait);
  }

  async #install(attempt: number, isAsked: boolean): Promise<Program | undefined> {
    const bundle = await readBundle(this.#context.asAbsolutePath('server')).catch(messageOf);
    if (typeof bundle === 'string') {
      this.#become({ is: 'stopped', why: bundle });
      log.error(bundle);
      return undefined;
    }
    const declined = `declined/${bundle.version}`;
    if (!isAsked && this.#context.globalState.get(declined)) {
      this.#become({ is: 'missing' });
      return undefined;
    }
    this.#become({ is: 'missing' });
    const installed = await offerInstallation(this.#environment, bundle, undefined, () => this.#become({ is: 'installing' }));
    if (!installed) {
      await this.#context.globalState.update(declined, true);
      if (attempt === this.#attempt) this.#become({ is: 'missing' });
      return undefined;
    }
    return { command: this.#environment.program(installed), from: 'environment', installed };
  }

  /** A newer server of the same packages at once; for one that needs others the user is asked while the older one runs. */
  async #renewed(attempt: number, program: Program): Promise<Program> {
    const { installed } = program;
    const bundle = installed && (await readBundle(this.#context.asAbsolutePath('server')).catch(() => undefined));
    if (!bundle || !isNewer(bundle, installed)) return program;
    if (bundle.lockHash !== installed.lockHash) {
      void this.#upgrade(attempt, bundle, installed);
      return program;
    }
    const now = await renewQuietly(this.#environment, bundle, installed);
    return { ...program, command: this.#environment.program(now), installed: now };
  }

  async #upgrade(attempt: number, bundle: Bundle, older: Installed): Promise<void> {
    const upgraded = await offerInstallation(this.#environment, bundle, older);
    if (!upgraded || attempt !== this.#attempt) return;
    log.info(`the server is ${upgraded.version} now`);
    await this.start(false);
    await this.#environment.tidy();
  }

  #become(state: State): void {
    this.#state = state;
    void vscode.commands.executeCommand('setContext', 'copilot-ls.running', state.is === 'running');
    this.#changed.fire(state);
  }

  async #say(text: string, ...choices: [string, () => unknown][]): Promise<void> {
    const chosen = await vscode.window.showErrorMessage(text, ...choices.map(([title]) => title));
    await choices.find(([title]) => title === chosen)?.[1]();
  }
}
