/** A flag of another program that users may try here. */
export interface ForeignFlag {
  /** The program that has it. */
  readonly program: "geth" | "anvil";
  /** True for a flag that takes no value behind a space. */
  readonly isSwitch: boolean;
  /** Its effect in that program. */
  readonly meaning: string;
  /** The advice for this program. */
  readonly advice: string;
}

/** One row of a table: the name, whether it takes a value, its effect in that program, and the advice for this one. */
export type ForeignRow = readonly [name: string, form: "switch" | "value", meaning: string, advice: string];

/** The advice that many rows share. */
export const ADVICE = {
  caches: "leave it out, it has no counterpart here; --datadir keeps the chain on disk",
  forkRate: "leave it out, requests slow down only where the node refuses them",
  history: "leave it out, all blocks are kept; --gcmode says for how many the state is",
  leaveOut: "leave it out, it has no counterpart here",
  metrics: "Prometheus collects what --metrics shows",
  mining: "leave it out, blocks are sealed by themselves; see --dev.period",
  network: "no public network is served; give a chain of your own by --genesis",
  peers: "leave it out, this server has no peers",
  pool: "leave it out, the limits of the pool are fixed",
  profile: "leave it out; deno run has --inspect and --cpu-prof",
  sync: "leave it out, nothing is synchronised",
} as const;

/** Makes a table of its rows. */
export function foreignTable(
  program: ForeignFlag["program"],
  rows: readonly ForeignRow[],
): ReadonlyMap<string, ForeignFlag> {
  return new Map(
    rows.map(([name, form, meaning, advice]) => [name, { program, isSwitch: form === "switch", meaning, advice }]),
  );
}
