/**
 * A program that closes its realm as the server does, and then tries what a compromised dependency would try, in the
 * program and in a worker of the program's own. Prints one line of JSON: what came of each attempt.
 */
import module from "node:module";
import process from "node:process";
import { beginWorkersWith, startWorker } from "../../src/concurrency/worker.ts";
import { closeThisRealm, drop, REALM_CLOSING_MODULE } from "../../src/sandbox/mod.ts";

drop({ hostname: "127.0.0.1", port: 0, keep: [], program: "main.ts", args: [] }, "on");
beginWorkersWith(REALM_CLOSING_MODULE);
closeThisRealm();

type Attempts = Record<string, () => unknown>;

/** What can be tried from inside the program and from inside a worker; it uses nothing from outside. */
function attemptsAnywhere(): Attempts {
  const secret = "secret";
  const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const blobUrl = (code: string) => URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return {
    "import a package by name": () => import(`npm:${secret}-1`),
    "import a package by name in capitals": () => import(`NPM:${secret}-2`),
    "import a package from data:": () => import(dataUrl(`await import("npm:" + "${secret}-3")`)),
    "import a package from blob:": () => import(blobUrl(`import "npm:${secret}-4";`)),
    "import a package from eval": () => (0, eval)(`import("npm:" + "${secret}-5")`),
    "import a package from a function": () => new Function(`return import("npm:" + "${secret}-6")`)(),
    "import a JSR package": () => import(`jsr:@${secret}/seven`),
    "import a remote module": () => import(`https://jsr.io/${secret}-8.ts`),
    "import node:worker_threads": () => import(`node:${"worker_threads"}`),
    "import worker_threads": () => import(`${"worker"}_threads`),
    "import node:module": () => import(`node:${"module"}`),
    "import node:v8": () => import(`NODE:${"v8"}`),
    "start a worker": () => new Worker(dataUrl(`import "npm:${secret}-9"`), { type: "module" }),
    "delete what refuses": () => {
      delete (globalThis as Partial<typeof globalThis>).Worker;
      return new Worker(dataUrl(`import "npm:${secret}-10"`), { type: "module" });
    },
    "write into the cache": async () => await (await caches.open("x")).put("http://x/", new Response("x")),
    "write into localStorage": () => localStorage.setItem("x", "x"),
    "write into sessionStorage": () => sessionStorage.setItem("x", "x"),
    "reach Deno's operations": () => Object.keys(Reflect.get(Deno, Reflect.get(Deno, "internal"))),
  };
}

function attemptsHere(): Attempts {
  return {
    "add a hook of its own": () =>
      Reflect.get(module, "registerHooks")({ resolve: (url: string) => ({ url, shortCircuit: true }) }),
    "load a module of Node": () => process.getBuiltinModule("node:worker_threads"),
    "require a package": () => module.createRequire(import.meta.url)("npm:secret-11"),
    "require node:worker_threads": () => module.createRequire(import.meta.url)("node:worker_threads"),
    "load by the old loader": () => Reflect.get(module, "_load")("node:worker_threads"),
    "send itself a signal": () => process.kill(process.pid, "SIGUSR1"),
    "deceive the hook": () => {
      const protocol = Object.getOwnPropertyDescriptor(URL.prototype, "protocol") ?? {};
      Object.defineProperty(URL.prototype, "protocol", { get: () => "file:", configurable: true });
      return import(`npm:${"secret"}-12`).finally(() => Object.defineProperty(URL.prototype, "protocol", protocol));
    },
  };
}

/** Tries each thing; `done`, or how it was refused. */
async function outcomesOf(attempts: Attempts): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    outcomes[name] = await Promise.try(attempt).then(
      () => "done",
      ({ name, message }: Error) => /the sandbox is closed/.test(message) ? "closed" : name,
    );
  }
  return outcomes;
}

const worker = startWorker(`
${attemptsAnywhere}
${outcomesOf}
import { keccak_256 } from "@noble/hashes/sha3.js";
postMessage({ ...await outcomesOf(attemptsAnywhere()), "use a package of the program's": keccak_256.name ? "done" : "" });
`);
const fromWorker = await new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
});
worker.terminate();
const fromProgram = await outcomesOf({
  ...attemptsAnywhere(),
  ...attemptsHere(),
  "use a package of the program's": () => import("@noble/hashes/sha3.js"),
});
console.log(JSON.stringify({ fromProgram, fromWorker }));
