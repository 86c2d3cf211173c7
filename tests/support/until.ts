/** How long a test waits for what it has set off, milliseconds: only a broken program needs as much. */
const DEADLINE_MS = 30_000;

/** Waits until `condition` holds, looking every few milliseconds. Throws when it never does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!await condition()) {
    if (Date.now() > end) throw new Error("the condition that a test waits for never held");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
