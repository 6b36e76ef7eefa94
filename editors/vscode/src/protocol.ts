// What copilot-ls says beyond LSP, as the client sees it.
import type { Command, Range, TextDocumentIdentifier } from 'vscode-languageclient/node';

export interface DidChangeStatus {
  kind: StatusKind;
  busy: boolean;
  message: string;
}

export type StatusKind = 'Normal' | 'Warning' | 'Error' | 'Inactive';

/** The answer to `copilot-ls/status`. Everything but the kind may be missing from an older server's. */
export interface Status extends DidChangeStatus {
  version?: string;
  backends?: { name: string; model?: string | null; state: string }[];
  today?: { shown: number; accepted: number; acceptanceRate: number | null };
  /** Unix time in seconds. */
  snoozedUntil?: number | null;
  enabled?: boolean;
  /** Folders whose own settings file waits for trust. */
  untrustedFolders?: string[];
  document?: { languageId: string; enabled: boolean; reason: string | null } | null;
}

/** One edit of the answer to `textDocument/copilotInlineEdit`, in the shape of GitHub's server. */
export interface NextEdit {
  text: string;
  range: Range;
  textDocument: TextDocumentIdentifier & { version?: number | null };
  command?: Command;
}

export interface Explanation {
  id: string;
  title: string;
  markdown?: string;
  done?: boolean;
}

export const STATUS_CHANGED = 'didChangeStatus';
export const STATUS = 'copilot-ls/status';
export const NEXT_EDIT = 'textDocument/copilotInlineEdit';
export const NEXT_EDIT_SHOWN = 'textDocument/didShowInlineEdit';
export const NEXT_EDIT_ACCEPTED = 'github.copilot.didAcceptNextEditSuggestionItem';
export const NEXT_EDIT_REJECTED = 'copilot-ls.didRejectNextEdit';
export const PARTIALLY_ACCEPTED = 'textDocument/didPartiallyAcceptCompletion';
export const REJECTED = 'notifyRejected';
export const EXPLANATION = 'copilot-ls/explanation';
export const DIAGNOSTICS = 'copilot-ls/didPublishDiagnostics';
