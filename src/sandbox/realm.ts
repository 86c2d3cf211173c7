import module from "node:module";
import process from "node:process";
import workerThreads from "node:worker_threads";

/** The modules of Node that {@link closeRealm} needs; they are arguments, so that its text runs in a worker as well. */
export interface RealmModules {
  readonly module: object;
  readonly process: object;
  readonly workerThreads: object;
}

/**
 * Closes what Deno's permissions leave open in one realm (the program, or one of its workers), measured with Deno 2.9.6:
 *
 * - `import("npm:NAME")` asks the package registry for NAME without any permission, and so carries a name out. A hook on
 *   module resolution refuses it, as well as `data:` and remote modules and some of Node's own.
 * - The hook does not see what a `blob:` module imports by itself, and a worker would be a realm without the hook: only
 *   `concurrency/worker.ts` can make either afterwards, and it closes a worker before anything else runs there.
 * - `caches`, `localStorage` and `sessionStorage` write into Deno's own folder without a permission.
 * - `process.kill` sends signals to the own process without one, and `Deno[Deno.internal]` leads to Deno's operations.
 *
 * It uses nothing from outside itself: its text is the beginning of each worker. Functions that it needs later are taken
 * here, as a package may replace those of the prototypes.
 */
export function closeRealm({ module, process, workerThreads }: RealmModules): void {
  // Modules of Node that lead out of this realm, or past its hooks; Deno's permissions cover all that the others can do.
  const closedModules = [
    "child_process",
    "cluster",
    "inspector",
    "inspector/promises",
    "module",
    "repl",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
  ];
  const parseUrl = URL.parse.bind(URL);
  const getterOf = (name: "href" | "protocol") =>
    Object.getOwnPropertyDescriptor(URL.prototype, name)?.get ?? (() => "");
  const [hrefOf, schemeOf] = [getterOf("href"), getterOf("protocol")];
  const apply = Reflect.apply;
  const { NotCapable } = Deno.errors;
  function refused(power: string): Error {
    return new NotCapable(`Requires ${power}: the sandbox is closed`);
  }

  function admits(specifier: string): boolean {
    const url = parseUrl(specifier);
    // A path, or a name of the import map, of a package's own dependencies, or of a module of Node.
    const scheme = url === null ? "node:" : apply(schemeOf, url, []);
    if (scheme === "node:") {
      const name = url === null ? specifier : apply(hrefOf, url, []);
      for (let i = 0; i < closedModules.length; i++) {
        if (name === closedModules[i] || name === `node:${closedModules[i]}`) return false;
      }
      return true;
    }
    // Deno checks what a path leads to; a blob can only be one of the program's own.
    return scheme === "file:" || scheme === "blob:";
  }

  (module as { registerHooks(added: object): void }).registerHooks({
    resolve(specifier: string, context: unknown, next: (specifier: string, context: unknown) => unknown) {
      if (!admits(specifier)) throw refused(`import access to "${specifier}"`);
      return next(specifier, context);
    },
  });

  function close(target: object, { name, power }: { name: string; power: string }): void {
    // A function, not an arrow, so that `new` meets the same refusal.
    const value = function () {
      throw refused(power);
    };
    Object.defineProperty(target, name, { value, configurable: false, writable: false, enumerable: false });
  }
  close(module, { name: "registerHooks", power: "import hooks" });
  // CommonJS packages load their parts through this one, which the hook does not see.
  const { _load: load } = module as { _load(specifier: string, ...rest: unknown[]): unknown };
  function admittedLoad(this: unknown, specifier: string, ...rest: unknown[]): unknown {
    if (!admits(specifier)) throw refused(`import access to "${specifier}"`);
    return apply(load, this, [specifier, ...rest]);
  }
  Object.defineProperty(module, "_load", { value: admittedLoad, configurable: false, writable: false });
  close(process, { name: "getBuiltinModule", power: "import access" });
  close(process, { name: "binding", power: "import access" });
  close(process, { name: "kill", power: "run access" });
  close(workerThreads, { name: "Worker", power: "a worker" });
  close(globalThis, { name: "Worker", power: "a worker" });
  close(URL, { name: "createObjectURL", power: "import access" });
  for (const name of ["caches", "localStorage", "sessionStorage"]) Reflect.deleteProperty(globalThis, name);
  const { internal } = Deno as unknown as { internal?: symbol };
  if (internal !== undefined) Reflect.deleteProperty(Deno, internal);
}

/** Closes the realm of the caller. It cannot be opened again. */
export function closeThisRealm(): void {
  closeRealm({ module, process, workerThreads });
}

/** Returns a module that closes the realm that imports it: the first import of each worker. */
export const REALM_CLOSING_MODULE = [
  'import module from "node:module";',
  'import process from "node:process";',
  'import workerThreads from "node:worker_threads";',
  `(${closeRealm})({ module, process, workerThreads });`,
].join("\n");
