import { isLoopback } from "../text/host_port.ts";

/** The namespaces that control the node or its accounts: whoever may call one of them owns the node. */
export const CONTROL_NAMESPACES: readonly string[] = ["personal", "debug", "anvil", "evm", "hardhat", "testing"];

/** What a port offers, and to whom. */
export interface OpenPort {
  /** The flag that names the address: `--ws.addr`. */
  readonly flag: string;
  readonly address: string;
  readonly namespaces: readonly string[];
  /** Clients have to show a key, a token or a certificate. */
  readonly isGuarded: boolean;
  readonly isEncrypted: boolean;
  /** --allow-insecure-open. */
  readonly isAllowed: boolean;
}

/** `quiet`: nobody else can reach it. `warned`: it is served with a warning. `refused`: it is not served. */
export type OpenPortVerdict =
  | { readonly kind: "quiet" }
  | { readonly kind: "warned" | "refused"; readonly sentence: string };

/** Decides whether a port may be opened, and says what is open to whom. */
export function openPortVerdict(port: OpenPort): OpenPortVerdict {
  const { flag, address, namespaces, isGuarded, isEncrypted, isAllowed } = port;
  if (isLoopback(address)) return { kind: "quiet" };
  const where = `${flag}=${address}`;
  if (isGuarded) {
    if (isEncrypted) return { kind: "quiet" };
    const sentence = `${where}: keys, tokens and answers travel unencrypted; use --tls.cert, or a proxy that encrypts`;
    return { kind: "warned", sentence };
  }
  const control = namespaces.filter((name) => CONTROL_NAMESPACES.includes(name));
  const everybody = `everybody who can reach ${address}`;
  if (control.length > 0 && !isAllowed) {
    return {
      kind: "refused",
      sentence:
        `${where}: ${everybody} could control the node by ${control.join(",")}; ask for keys (--auth.keys) or ` +
        "tokens, bind a loopback address, or say --allow-insecure-open",
    };
  }
  const may = control.length > 0 ? `control the node by ${control.join(",")}, and ` : "";
  return {
    kind: "warned",
    sentence: `${where}: ${everybody} may ${may}call ${
      namespaces.join(",")
    }; --auth.keys lets only holders of a key in`,
  };
}

/** Writes the verdicts as the Markdown table of this folder's page, without a trailing line feed. */
export function openPortTable(): string {
  const lines: string[] = [];
  for (const address of ["127.0.0.1", "0.0.0.0"]) {
    for (const isGuarded of [false, true]) {
      for (const isEncrypted of [false, true]) {
        const of = (namespaces: readonly string[], isAllowed = false) =>
          VERDICTS[
            openPortVerdict({ flag: "--ws.addr", address, namespaces, isGuarded, isEncrypted, isAllowed }).kind
          ];
        const yes = (is: boolean) => is ? "yes" : "no";
        const cells = [address, yes(isGuarded), yes(isEncrypted), of(["eth"]), of(["anvil"]), of(["anvil"], true)];
        lines.push(`| ${cells.join(" | ")} |`);
      }
    }
  }
  return [
    "| address | keys, tokens or client certificates | TLS | `eth,net,web3,txpool` | one that controls the node | " +
    "the same with `--allow-insecure-open` |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

const VERDICTS = { quiet: "served", warned: "served with a warning", refused: "**refused**" } as const;
