// What the status bar says, in words: pure, so that every state can be tried.
import type { Status } from '../protocol.ts';
import type { State } from '../supervisor.ts';

export interface Words {
  icon: string;
  /** After the icon; short. */
  text: string;
  /** One sentence, or empty where all is well. */
  sentence: string;
  colour?: 'warning' | 'error';
}

/** `now` is unix time in seconds. */
export function wordsOf(server: Pick<State, 'is'> & { seconds?: number; why?: string }, status: Status, now: number): Words {
  switch (server.is) {
    case 'starting':
      return { icon: 'loading~spin', text: '', sentence: 'The server is starting.' };
    case 'installing':
      return { icon: 'loading~spin', text: 'installing', sentence: 'The server is being installed.' };
    case 'missing':
      return { icon: 'cloud-download', text: 'install', sentence: 'The server is not installed yet.', colour: 'warning' };
    case 'waiting':
      return { icon: 'debug-restart', text: 'restarting', sentence: `The server has ended by itself and is started again in ${server.seconds ?? 0} s.`, colour: 'warning' };
    case 'stopped':
      return { icon: 'error', text: 'stopped', sentence: server.why ?? 'The server does not run.', colour: 'error' };
    case 'running':
      return running(status, now);
  }
}

function running(status: Status, now: number): Words {
  const { kind, busy, message, document } = status;
  const minutes = minutesLeft(status.snoozedUntil, now);
  if (minutes > 0) return { icon: 'bell-slash', text: `${minutes} min`, sentence: `Snoozed for ${minutes} more ${minutes === 1 ? 'minute' : 'minutes'}.` };
  if (status.enabled === false) return { icon: 'circle-slash', text: 'off', sentence: message || 'Suggestions are turned off.' };
  if (kind === 'Error') return { icon: 'error', text: model(status), sentence: message, colour: 'error' };
  if (kind === 'Warning') return { icon: busy ? 'loading~spin' : 'warning', text: model(status), sentence: message, colour: 'warning' };
  if (document && !document.enabled) return { icon: 'circle-slash', text: document.languageId, sentence: document.reason ?? `No suggestions in ${document.languageId}.` };
  if (kind === 'Inactive') return { icon: 'circle-slash', text: 'off here', sentence: message };
  return { icon: busy ? 'loading~spin' : 'sparkle', text: [model(status), acceptance(status)].filter(Boolean).join(' '), sentence: message };
}

export function minutesLeft(until: number | null | undefined, now: number): number {
  return until ? Math.max(0, Math.ceil((until - now) / 60)) : 0;
}

/** The model of the first backend, or its name. */
export function model({ backends }: Status): string {
  const first = backends?.[0];
  return first ? first.model || first.name : '';
}

/** Today's rate, where anything was shown today. */
export function acceptance({ today }: Status): string {
  return today && today.acceptanceRate !== null && today.shown > 0 ? `${Math.round(100 * today.acceptanceRate)}%` : '';
}
