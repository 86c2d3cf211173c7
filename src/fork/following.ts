/**
 * Returns an object whose methods are those of whatever `current` returns when they are called: for roles that belong to
 * the local chain alone, which anvil_reset replaces by another.
 */
export function following<T extends object>(current: () => T): T {
  return new Proxy(current(), {
    get(_first, name) {
      const value: unknown = Reflect.get(current(), name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const target = current();
        const method: unknown = Reflect.get(target, name);
        return typeof method === "function" ? Reflect.apply(method, target, args) : method;
      };
    },
  });
}
