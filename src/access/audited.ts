import { WordTable } from "./word_table.ts";

/** Methods of one kind that change something. */
export interface AuditedRow {
  readonly action: "send" | "sign" | "account" | "control";
  readonly words: readonly string[];
  /** The position of the parameter that is an account, or a transaction with accounts; undefined where none may be shown. */
  readonly subject?: number;
  /** True where the result is a hash or an address that tells what was done. */
  readonly showsResult?: boolean;
}

/** What the audit log has a line for. The longest word that covers a method decides. */
export const AUDITED: readonly AuditedRow[] = [
  { action: "send", words: ["eth_sendRawTransaction*"], showsResult: true },
  { action: "send", words: ["eth_send*", "eth_resend", "personal_sendTransaction"], subject: 0, showsResult: true },
  { action: "sign", words: ["eth_sign*", "personal_signTransaction"], subject: 0 },
  { action: "sign", words: ["personal_sign"], subject: 1 },
  { action: "account", words: ["personal_unlockAccount", "personal_lockAccount"], subject: 0 },
  { action: "account", words: ["personal_newAccount", "personal_importRawKey"], showsResult: true },
  { action: "account", words: ["personal"] },
  { action: "control", words: ["anvil", "hardhat", "evm"], subject: 0 },
  { action: "control", words: ["testing", "admin", "miner", "engine"] },
  {
    action: "control",
    words: [
      "debug_set*",
      "debug_start*",
      "debug_stop*",
      "debug_write*",
      "debug_chaindb*",
      "debug_freeOSMemory",
      "debug_verbosity",
      "debug_vmodule",
    ],
  },
];

/** Methods of those namespaces that change nothing. */
export const UNAUDITED: readonly string[] = [
  "personal_ecRecover",
  "personal_listAccounts",
  "personal_listWallets",
  "anvil_dumpState",
  "anvil_get*",
  "anvil_metadata",
  "anvil_nodeInfo",
  "hardhat_dumpState",
  "hardhat_get*",
  "hardhat_metadata",
  "testing_buildBlock*",
];

const TABLE = new WordTable<AuditedRow | null>([
  ...AUDITED.flatMap((row) => row.words.map((word) => [word, row] as const)),
  ...UNAUDITED.map((word) => [word, null] as const),
]);

/** Returns the row of a method that changes something; null for one that does not. */
export function auditedRow(method: string): AuditedRow | null {
  return TABLE.find(method) ?? null;
}

const WHAT = {
  send: "the sender and the receiver of the transaction, and its hash",
  sign: "the account that signs",
  account: "the account that is made, unlocked or locked",
  control: "the account that is changed, where there is one",
} as const satisfies Record<AuditedRow["action"], string>;

/** Writes what is audited as the Markdown table of this folder's page, without a trailing line feed. */
export function auditTable(): string {
  const byAction = Map.groupBy(AUDITED, ({ action }) => action);
  const lines = [...byAction].map(([action, rows]) => {
    const words = rows.flatMap(({ words }) => words).map((word) => `\`${word}\``);
    return `| \`${action}\` | ${words.join(", ")} | ${WHAT[action]} |`;
  });
  return ["| `action` | methods | what a line shows of it |", "| --- | --- | --- |", ...lines].join("\n");
}
