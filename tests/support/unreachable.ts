/** Stands in for what no handler may reach in a test: everything in it exists, and calling any of it throws. */
export function unreachable<T extends object>(name: string): T {
  const target = () => {};
  return new Proxy(target, {
    get: (_target, key) => unreachable(`${name}.${String(key)}`),
    apply() {
      throw new Error(`${name} was reached`);
    },
  }) as unknown as T;
}
