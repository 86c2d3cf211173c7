// Taken when the program begins: the sandbox closes the global ones, so that nothing but this file makes modules and workers.
const RuntimeWorker = globalThis.Worker;
const createObjectUrl = URL.createObjectURL.bind(URL);

/** The text of the module that every worker imports before anything else; none when empty. */
let firstModule = "";

/** Sets the text of a module that each worker, started from now on, imports before anything else. */
export function beginWorkersWith(text: string): void {
  firstModule = text;
}

/** Makes an address from which a worker can import a module in TypeScript. Its types are not checked. */
export function moduleUrlOf(text: string): string {
  return createObjectUrl(new Blob(["// @ts-nocheck\n", text], { type: "application/typescript" }));
}

/** Starts a worker from the text of a module in TypeScript, which needs no permission. Its types are not checked. */
export function startWorker(text: string): Worker {
  const first = firstModule === "" ? undefined : moduleUrlOf(firstModule);
  const url = moduleUrlOf(first === undefined ? text : `import ${JSON.stringify(first)};\n${text}`);
  const worker = new RuntimeWorker(url, { type: "module" });
  worker.addEventListener("message", () => {
    // The worker has read both by now.
    if (first !== undefined) URL.revokeObjectURL(first);
    URL.revokeObjectURL(url);
  }, { once: true });
  return worker;
}
