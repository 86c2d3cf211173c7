/** Waits for `work`, but for `ms` milliseconds at most. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([work, deadline]);
  clearTimeout(timer);
}
