/** Stands in for a role: each call is written down and answered from `answers`, by the method's name. */
export function recorder<T extends object>(answers: { readonly [method: string]: unknown }): {
  readonly role: T;
  readonly calls: unknown[][];
} {
  const calls: unknown[][] = [];
  const role = new Proxy({}, {
    get: (_target, key) => (...args: unknown[]) => {
      calls.push([String(key), ...args]);
      const answer = answers[String(key)];
      return typeof answer === "function" ? answer(...args) : answer;
    },
  }) as T;
  return { role, calls };
}
