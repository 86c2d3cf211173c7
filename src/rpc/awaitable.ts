/** A value, or a promise of it. A function that has its result at hand returns it without the cost of a promise. */
export type Awaitable<T> = T | Promise<T>;

/** Calls `next` with a value now, or with a promised one when it is there. */
export function then<T, U>(value: Awaitable<T>, next: (value: T) => U): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Calls `settled` when `start` has returned or thrown, or when its promise has settled; returns the result of `start`. */
export function whenSettled<T>(start: () => Awaitable<T>, settled: (ok: boolean) => void): Awaitable<T> {
  let result: Awaitable<T>;
  try {
    result = start();
  } catch (error) {
    settled(false);
    throw error;
  }
  if (!(result instanceof Promise)) {
    settled(true);
    return result;
  }
  return result.then((value) => {
    settled(true);
    return value;
  }, (error) => {
    settled(false);
    throw error;
  });
}
