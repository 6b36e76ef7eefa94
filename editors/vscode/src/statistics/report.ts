// What `copilot-ls stats --json --by …` answers, as far as the panel shows it.
export interface Totals {
  shown: number;
  accepted: number;
  partially_accepted: number;
  typed: number;
  rejected: number;
  ignored: number;
  acceptance_rate: number | null;
  acceptance_interval: [number, number] | null;
  accepted_chars: number;
  accepted_lines: number;
}

export interface Group extends Totals {
  group: string | null;
}

export interface Latency {
  source: string;
  n: number;
  p50_ms: number | null;
  p95_ms: number | null;
}

export interface Report extends Totals {
  groups?: Group[];
  latency: Latency[];
  writing: { share: number | null; keystrokes_saved: number | null };
}
