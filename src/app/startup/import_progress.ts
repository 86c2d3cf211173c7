import { logger } from "../log.ts";

/** The progress of the import of a file of blocks. */
export interface Progress {
  readonly blocks: number;
  /** The number of the newest imported block. */
  readonly number: bigint;
  readonly bytes: number;
  readonly totalBytes: number;
}

const BAR_CELLS = 40;
const REDRAW_INTERVAL_MS = 100;
/** The interval of log lines about an import, geth's statsReportLimit. */
const REPORT_INTERVAL_MS = 8_000;
const ERASE_LINE = "\r\x1b[2K";

/** Shows the progress of an import: on a terminal as a bar that is redrawn in place, elsewhere in log lines. */
export class ImportProgress {
  readonly #terminal: boolean;
  #shown = performance.now();
  #blocks = 0;

  constructor(options: { terminal: boolean }) {
    this.#terminal = options.terminal;
  }

  update(progress: Progress): void {
    this.#blocks = progress.blocks;
    const now = performance.now();
    if (now - this.#shown < (this.#terminal ? REDRAW_INTERVAL_MS : REPORT_INTERVAL_MS)) return;
    this.#shown = now;
    if (this.#terminal) writeToTerminal(ERASE_LINE + progressLine(progress));
    else {logger("chain").info("Importing blocks", {
        blocks: progress.blocks,
        number: progress.number,
        of: percent(progress),
      });}
  }

  /** Removes the bar and logs the number of imported blocks. */
  done(): void {
    if (this.#terminal) writeToTerminal(ERASE_LINE);
    logger("chain").info("Imported blocks", { blocks: this.#blocks });
  }

  /** Removes the bar, so that the error is on a line of its own. */
  failed(): void {
    if (this.#terminal) writeToTerminal(ERASE_LINE);
  }
}

/** Draws `Importing [########........]  43% block 1234`. */
export function progressLine(progress: Progress): string {
  const filled = Math.floor(BAR_CELLS * progress.bytes / progress.totalBytes);
  const cells = "#".repeat(filled).padEnd(BAR_CELLS, ".");
  return `Importing [${cells}] ${percent(progress).padStart(4)} block ${progress.number}`;
}

function percent({ bytes, totalBytes }: Progress): string {
  return `${Math.floor(100 * bytes / totalBytes)}%`;
}

function writeToTerminal(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // The terminal is gone; the import goes on.
  }
}
