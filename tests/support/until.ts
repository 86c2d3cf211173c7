/** How long a test waits for what it has set off, milliseconds: only a broken program needs as much. */
const DEADLINE_MS = 30_000;

/** Waits until `condition` holds, looking every few milliseconds. Throws, and says `what` was waited for, when it never does. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = "the condition that a test waits for",
): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!await condition()) {
    if (Date.now() > end) throw new Error(`waited ${DEADLINE_MS} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
