const DEADLINE_MS = 15_000;

/** Gathers what callbacks deliver, and lets a test wait until enough of it has come. */
export function collect<T>(): {
  push: (item: T) => void;
  fail: (error: unknown) => void;
  take: (count: number) => Promise<T[]>;
  readonly items: readonly T[];
} {
  const items: T[] = [];
  let failure: unknown = null;
  let look = () => {};
  return {
    items,
    push(item) {
      items.push(item);
      look();
    },
    fail(error) {
      failure = error;
      look();
    },
    /** Resolves with the first `count` items. */
    take(count) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${items.length} of ${count} items in ${DEADLINE_MS} ms: ${Deno.inspect(items)}`)),
          DEADLINE_MS,
        );
        look = () => {
          if (failure === null && items.length < count) return;
          clearTimeout(timer);
          if (failure !== null) reject(failure);
          else resolve(items.slice(0, count));
        };
        look();
      });
    },
  };
}
