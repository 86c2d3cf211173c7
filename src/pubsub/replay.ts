import type { BlockEvent, ChainEvent } from "../eth/types.ts";
import { Audience } from "./audience.ts";
import type { HeadReader, LogReader, Outlet } from "./reader.ts";
import type { ResumeStart } from "./resume.ts";
import { parentOf, type Position, positionOf, type Stream } from "./stream.ts";
import type { Turns } from "./turns.ts";

/** The default page: what a transport hands to the runtime at once, UTF-16 units. */
export const PAGE_UNITS = 256 * 1024;

/** The kinds that can be resumed. */
export type ResumableReader = HeadReader | LogReader;

/** Readers of one connection that stand at the same block of the past. */
interface Cohort {
  readonly audience: Audience;
  readonly outlets: Map<ResumableReader, Outlet>;
  at: Position;
  /** The next block up to `at` to be told once more; null when that is done. */
  repeat: bigint | null;
  /** False until its readers' clients take what they are sent, so that what is asked for in one batch sets out together. */
  admitted: boolean;
  /** `stream.removals` when `at` was last found to be canonical; -1 while that is not known. */
  settled: number;
}

/** An event that a cohort is being told, bit by bit. */
interface Step {
  readonly cohort: Cohort;
  readonly bits: Iterator<number, void>;
  /** Where the cohort stands afterwards, and what it is told once more then. */
  readonly then: Position;
  readonly repeat: bigint | null;
}

export interface ReplayOptions {
  readonly stream: Stream;
  readonly turns: Turns;
  readonly pageUnits: number;
  /** Nobody is behind any more. */
  finished(): void;
  /** What a reader still needs is not kept any longer, or (then with a cause) could not be read. */
  lost(outlet: Outlet, cause?: unknown): void;
}

/**
 * Leads the readers of one connection from the past to the stream: pages of history, as fast as the client takes them,
 * in the order in which the stream would have told it. Nothing is queued meanwhile: a reader joins the live audience at
 * the moment when the block it stands at is the block the stream stands at, so there is no seam to get wrong.
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #cohorts: Cohort[] = [];
  #step: Step | null = null;
  #running = false;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** How many readers are behind. */
  get size(): number {
    return this.#cohorts.reduce((sum, cohort) => sum + cohort.outlets.size, 0);
  }

  add(reader: ResumableReader, { start, outlet }: { start: ResumeStart; outlet: Outlet }): void {
    if (reader.kind === "logs") reader.floor = start.floor;
    const cohort: Cohort = {
      audience: new Audience(),
      outlets: new Map(),
      at: start.at,
      repeat: start.repeatFrom,
      admitted: false,
      settled: -1,
    };
    cohort.audience.add(reader);
    cohort.outlets.set(reader, outlet);
    this.#cohorts.push(cohort);
    if (this.#running) return;
    this.#running = true;
    this.#run().catch((cause) => this.#abort(cause));
  }

  delete(reader: ResumableReader): void {
    for (const cohort of this.#cohorts) {
      if (!cohort.outlets.delete(reader)) continue;
      cohort.audience.delete(reader);
      if (cohort.outlets.size === 0) this.#drop(cohort);
      return;
    }
  }

  async #run(): Promise<void> {
    while (this.#cohorts.length > 0) {
      await this.#ready();
      await this.#options.turns.take();
      await this.#page();
      this.#options.turns.done();
    }
    this.#running = false;
    this.#options.finished();
  }

  /** Waits until the client takes more, for all that it has asked for, also while waiting. */
  async #ready(): Promise<void> {
    let cohorts: readonly Cohort[];
    do {
      cohorts = [...this.#cohorts];
      const outlets = cohorts.flatMap((cohort) => [...cohort.outlets.values()]);
      await Promise.all(outlets.map((outlet) => outlet.ready()));
    } while (this.#cohorts.some((cohort) => !cohorts.includes(cohort)));
    for (const cohort of cohorts) cohort.admitted = true;
  }

  async #page(): Promise<void> {
    const { pageUnits, turns } = this.#options;
    for (let units = 0; units < pageUnits && !turns.over;) {
      if (this.#step === null) {
        const step = await this.#next();
        if (step === "finished" || step === "wait") return;
        this.#step = step;
      }
      units += this.#tell(this.#step);
    }
  }

  #tell(step: Step): number {
    const { cohort, bits, then, repeat } = step;
    const { done, value } = bits.next();
    if (done !== true) return value;
    cohort.at = then;
    // What is not canonical any more is not told once more.
    cohort.repeat = repeat !== null && repeat <= then.number ? repeat : null;
    this.#step = null;
    return 0;
  }

  /**
   * Finds what to tell next, if anybody is left; `wait` means that the source shows what the stream has yet to tell.
   * Whatever is read may be out of date after an await, and is then read again.
   */
  async #next(): Promise<Step | "finished" | "wait"> {
    const { stream } = this.#options;
    await stream.locate();
    for (;;) {
      this.#merge();
      const cohort = this.#choose();
      if (cohort === undefined) return "finished";
      if (this.#join(cohort)) continue;
      const { moves, removals } = stream;
      const { at } = cohort;
      const child = at.number < stream.source.headNumber() ? await stream.source.blockEventAt(at.number + 1n) : null;
      if (child?.parentHash === at.hash || stream.position?.hash === at.hash) {
        const step = await this.#onward(cohort, { child, removals });
        if (stream.removals !== removals || step === null) continue;
        if (step !== "lost") return step;
      } else {
        const back = await this.#back(cohort, child);
        if (stream.moves !== moves) continue;
        if (back !== "lost") return back;
      }
      this.#lose(cohort);
    }
  }

  /** Takes a cohort that stands on a canonical block, whose child is `child`, on; null when others are to move first. */
  async #onward(
    cohort: Cohort,
    { child, removals }: { child: BlockEvent | null; removals: number },
  ): Promise<Step | "wait" | "lost" | null> {
    // Whoever stands on an abandoned block goes back first, so that removals precede what replaces them.
    const settled = cohort.settled === removals;
    cohort.settled = removals;
    if (!settled) return null;
    if (cohort.repeat === null) {
      return child === null ? null : stepTo(positionOf(child), { cohort, event: { kind: "block", block: child } });
    }
    const { source } = this.#options.stream;
    const block = await source.blockEventAt(cohort.repeat);
    if (cohort.repeat < source.oldestBlockEvent()) return "lost";
    // A source that runs ahead of the stream may have replaced the branch already.
    const canonical = await source.blockEventAt(cohort.at.number);
    if (block === null || canonical?.hash !== cohort.at.hash) return "wait";
    return stepTo(cohort.at, { cohort, event: { kind: "block", block }, repeat: block.number + 1n });
  }

  /** Takes a cohort, to which the canonical `child` at the next height does not belong, one block back. */
  async #back(cohort: Cohort, child: BlockEvent | null): Promise<Step | "wait" | "lost"> {
    const { source } = this.#options.stream;
    const { at } = cohort;
    // Below what is kept nothing tells an abandoned block from a canonical one, and neither leads on.
    if (child === null && at.number + 1n < source.oldestBlockEvent()) return "lost";
    const canonical = await source.blockEventAt(at.number);
    if (canonical?.hash === at.hash) return "wait";
    const block = await source.blockEventOf(at.hash);
    if (block === null) return "lost";
    return stepTo(parentOf(block), { cohort, event: { kind: "removed", block }, repeat: cohort.repeat });
  }

  #lose(cohort: Cohort, cause?: unknown): void {
    const outlets = [...cohort.outlets.values()];
    this.#drop(cohort);
    for (const outlet of outlets) this.#options.lost(outlet, cause);
  }

  /** The source failed. */
  #abort(cause: unknown): void {
    this.#options.turns.done();
    for (const cohort of [...this.#cohorts]) this.#lose(cohort, cause);
    this.#running = false;
    this.#options.finished();
  }

  #join(cohort: Cohort): boolean {
    const { stream } = this.#options;
    // The first to go on is the lowest, so all are here when one is: a connection's readers share one order.
    if (cohort.settled !== stream.removals || cohort.repeat !== null) return false;
    if (stream.position?.hash !== cohort.at.hash) return false;
    for (const reader of cohort.outlets.keys()) stream.live.add(reader);
    this.#drop(cohort);
    return true;
  }

  /** The first to go back is the highest, the first to go on is the lowest. */
  #choose(): Cohort | undefined {
    const { removals } = this.#options.stream;
    let choice: Cohort | undefined;
    for (const cohort of this.#cohorts) {
      if (!cohort.admitted) continue;
      if (choice === undefined || precedes(cohort, { choice, removals })) choice = cohort;
    }
    return choice;
  }

  /** Joins cohorts that have come to stand at the same block, so that they are told of the next one in order. */
  #merge(): void {
    const places = new Map<string, Cohort>();
    for (const cohort of this.#cohorts.filter(({ admitted }) => admitted)) {
      const place = `${cohort.at.hash} ${cohort.repeat}`;
      const other = places.get(place);
      if (other === undefined) {
        places.set(place, cohort);
        continue;
      }
      for (const [reader, outlet] of cohort.outlets) {
        other.audience.add(reader);
        other.outlets.set(reader, outlet);
      }
      this.#drop(cohort);
    }
  }

  #drop(cohort: Cohort): void {
    const position = this.#cohorts.indexOf(cohort);
    if (position !== -1) this.#cohorts.splice(position, 1);
  }
}

/** The number of the block that a cohort is told of next if the chain stays as it is. */
function nextOf(cohort: Cohort): bigint {
  return cohort.repeat ?? cohort.at.number + 1n;
}

function precedes(cohort: Cohort, { choice, removals }: { choice: Cohort; removals: number }): boolean {
  const settled = cohort.settled === removals;
  if (settled !== (choice.settled === removals)) return !settled;
  return settled ? nextOf(cohort) < nextOf(choice) : cohort.at.number > choice.at.number;
}

function stepTo(
  then: Position,
  { cohort, event, repeat = null }: { cohort: Cohort; event: ChainEvent; repeat?: bigint | null },
): Step {
  return { cohort, bits: cohort.audience.tell(event), then, repeat };
}
