import { type BlockEvent, type ChainEvent, NO_PARTS } from "../events/mod.ts";
import { FanOut } from "./fan_out.ts";
import { InterestCount } from "./interest_count.ts";
import type { ResumeStart } from "./resume.ts";
import { parentOf, type Position, positionOf, type Stream } from "./stream.ts";
import type { HeadSubscriber, LogSubscriber, Outlet } from "./subscriber.ts";
import type { TimeSlices } from "../concurrency/time_slices.ts";

/** The default size of a page, UTF-16 units: the amount that a transport hands to the runtime at once. */
export const PAGE_UNITS = 256 * 1024;

/** The kinds that can be resumed. */
export type ResumableSubscriber = HeadSubscriber | LogSubscriber;

/** Subscribers of one connection that have got as far as the same block of the past. */
interface Cohort {
  readonly fanOut: FanOut;
  /** The parts of events that they read. */
  readonly wanted: InterestCount;
  readonly outlets: Map<ResumableSubscriber, Outlet>;
  at: Position;
  /** The next of the blocks up to `at` to be delivered again; null when that is done. */
  repeat: bigint | null;
  /** False until the clients have room, so that subscriptions made in one batch start together. */
  admitted: boolean;
  /** `stream.removals` when `at` was last found to be canonical; -1 while that is not known. */
  settled: number;
}

/** An event that is being delivered to a cohort, one piece at a time. */
interface Step {
  readonly cohort: Cohort;
  readonly pieces: Iterator<number, void>;
  /** The position of the cohort afterwards, and the next block that it is then given again. */
  readonly then: Position;
  readonly repeat: bigint | null;
}

export interface ReplayOptions {
  readonly stream: Stream;
  readonly slices: TimeSlices;
  readonly pageUnits: number;
  /** Called when no subscriber is behind the stream. */
  finished(): void;
  /** Called when the history that a subscriber needs is no longer kept, or (with a cause) could not be read. */
  lost(outlet: Outlet, cause?: unknown): void;
}

/**
 * Brings the subscribers of one connection from the past to the stream: it delivers pages of history as fast as the client
 * takes them, in the order in which the stream would have delivered them. No event is queued meanwhile. A subscriber joins
 * the live ones at the moment when its position equals the position of the stream, so no event falls between the two.
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #cohorts: Cohort[] = [];
  #step: Step | null = null;
  #running = false;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** The number of subscribers that are behind. */
  get size(): number {
    return this.#cohorts.reduce((sum, cohort) => sum + cohort.outlets.size, 0);
  }

  add(subscriber: ResumableSubscriber, { start, outlet }: { start: ResumeStart; outlet: Outlet }): void {
    if (subscriber.kind === "logs") {
      subscriber.deliveredAbove = start.deliveredAbove;
      subscriber.fromBlock = start.fromBlock;
    }
    const cohort: Cohort = {
      fanOut: new FanOut(),
      wanted: new InterestCount(),
      outlets: new Map(),
      at: start.at,
      repeat: start.repeatFrom,
      admitted: false,
      settled: -1,
    };
    include(cohort, { subscriber, outlet });
    this.#cohorts.push(cohort);
    if (this.#running) return;
    this.#running = true;
    this.#run().catch((cause) => this.#abort(cause));
  }

  delete(subscriber: ResumableSubscriber): void {
    for (const cohort of this.#cohorts) {
      if (!cohort.outlets.delete(subscriber)) continue;
      cohort.fanOut.delete(subscriber);
      cohort.wanted.delete(subscriber);
      if (cohort.outlets.size === 0) this.#drop(cohort);
      return;
    }
  }

  async #run(): Promise<void> {
    while (this.#cohorts.length > 0) {
      await this.#ready();
      await this.#options.slices.pause();
      await this.#page();
      this.#options.slices.finish();
    }
    this.#running = false;
    this.#options.finished();
  }

  /** Waits until the client has room for more, subscriptions included that it makes meanwhile. */
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
    const { pageUnits, slices } = this.#options;
    for (let units = 0; units < pageUnits && !slices.isOver;) {
      if (this.#step === null) {
        const step = await this.#next();
        if (step === "finished" || step === "wait") return;
        this.#step = step;
      }
      units += this.#deliver(this.#step);
    }
  }

  #deliver(step: Step): number {
    const { cohort, pieces, then, repeat } = step;
    const { done, value } = pieces.next();
    if (done !== true) return value;
    cohort.at = then;
    // Blocks above the new position were abandoned: they are not delivered again.
    cohort.repeat = repeat !== null && repeat <= then.number ? repeat : null;
    this.#step = null;
    return 0;
  }

  /**
   * Finds the next event to deliver. `wait` means that the source already shows a block whose event the stream has not
   * emitted yet. A value may be out of date after an await, and is then read again.
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
      const child = await this.#childOf(cohort);
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

  /** Returns the canonical block above a cohort, if the stream has got that far. */
  async #childOf({ at, wanted, repeat }: Cohort): Promise<BlockEvent | null> {
    const { source } = this.#options.stream;
    if (at.number >= source.headNumber()) return null;
    return await source.blockEventAt(at.number + 1n, repeat === null ? wanted.interest : NO_PARTS);
  }

  /** Moves a cohort on from a canonical block to its `child`; null when another cohort must move first. */
  async #onward(
    cohort: Cohort,
    { child, removals }: { child: BlockEvent | null; removals: number },
  ): Promise<Step | "wait" | "lost" | null> {
    // Cohorts on abandoned blocks go back first, so that removals come before the blocks that replace them.
    const settled = cohort.settled === removals;
    cohort.settled = removals;
    if (!settled) return null;
    if (cohort.repeat === null) {
      return child === null ? null : stepTo(positionOf(child), { cohort, event: { kind: "block", block: child } });
    }
    const { source } = this.#options.stream;
    const block = await source.blockEventAt(cohort.repeat, cohort.wanted.interest);
    if (cohort.repeat < source.oldestBlockEvent()) return "lost";
    // The source may be ahead of the stream and have replaced the branch already.
    const canonical = await source.blockEventAt(cohort.at.number, NO_PARTS);
    if (block === null || canonical?.hash !== cohort.at.hash) return "wait";
    return stepTo(cohort.at, { cohort, event: { kind: "block", block }, repeat: block.number + 1n });
  }

  /** Moves a cohort one block back, because the canonical `child` at the next height is not a child of its block. */
  async #back(cohort: Cohort, child: BlockEvent | null): Promise<Step | "wait" | "lost"> {
    const { source } = this.#options.stream;
    const { at } = cohort;
    // Below the kept history an abandoned block cannot be told from a canonical one.
    if (child === null && at.number + 1n < source.oldestBlockEvent()) return "lost";
    const canonical = await source.blockEventAt(at.number, NO_PARTS);
    if (canonical?.hash === at.hash) return "wait";
    const block = await source.blockEventOf(at.hash, cohort.wanted.interest);
    if (block === null) return "lost";
    return stepTo(parentOf(block), { cohort, event: { kind: "removed", block }, repeat: cohort.repeat });
  }

  #lose(cohort: Cohort, cause?: unknown): void {
    const outlets = [...cohort.outlets.values()];
    this.#drop(cohort);
    for (const outlet of outlets) this.#options.lost(outlet, cause);
  }

  /** Gives up on all cohorts, because the source failed. */
  #abort(cause: unknown): void {
    this.#options.slices.finish();
    for (const cohort of [...this.#cohorts]) this.#lose(cohort, cause);
    this.#running = false;
    this.#options.finished();
  }

  #join(cohort: Cohort): boolean {
    const { stream } = this.#options;
    // The lowest cohort goes on first, so all have arrived when one has: subscriptions of a connection share one order.
    if (cohort.settled !== stream.removals || cohort.repeat !== null) return false;
    if (stream.position?.hash !== cohort.at.hash) return false;
    for (const subscriber of cohort.outlets.keys()) stream.live.add(subscriber);
    this.#drop(cohort);
    return true;
  }

  /** Picks the cohort that moves next: of those that go back the highest, of those that go on the lowest. */
  #choose(): Cohort | undefined {
    const { removals } = this.#options.stream;
    let choice: Cohort | undefined;
    for (const cohort of this.#cohorts) {
      if (!cohort.admitted) continue;
      if (choice === undefined || precedes(cohort, { choice, removals })) choice = cohort;
    }
    return choice;
  }

  /** Joins cohorts that have arrived at the same block, so that they receive the next one together. */
  #merge(): void {
    const places = new Map<string, Cohort>();
    for (const cohort of this.#cohorts.filter(({ admitted }) => admitted)) {
      const place = `${cohort.at.hash} ${cohort.repeat}`;
      const other = places.get(place);
      if (other === undefined) {
        places.set(place, cohort);
        continue;
      }
      for (const [subscriber, outlet] of cohort.outlets) include(other, { subscriber, outlet });
      this.#drop(cohort);
    }
  }

  #drop(cohort: Cohort): void {
    const position = this.#cohorts.indexOf(cohort);
    if (position !== -1) this.#cohorts.splice(position, 1);
  }
}

function include(
  cohort: Cohort,
  { subscriber, outlet }: { subscriber: ResumableSubscriber; outlet: Outlet },
): void {
  cohort.fanOut.add(subscriber);
  cohort.wanted.add(subscriber);
  cohort.outlets.set(subscriber, outlet);
}

/** The number of the block that a cohort receives next if the chain stays as it is. */
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
  return { cohort, pieces: cohort.fanOut.deliverInSteps(event), then, repeat };
}
