import type { Address } from "../../eth/types.ts";
import { transactionRequest } from "../../eth/input/transaction_request.ts";
import { type Method, method, required } from "../../rpc/method.ts";
import { wireAddress, wireHash } from "../../eth/output/wire.ts";
import { array } from "../../rpc/schema.ts";
import { type OutgoingDependencies, rawAndTransaction, send, signOnly, wireRawAndTransaction } from "./outgoing.ts";

/** Makes the rows of `eth` that make transactions of this server's own accounts. */
export function ethAccountRows(dependencies: OutgoingDependencies): { readonly [name: string]: Method } {
  const { accounts, node } = dependencies;

  /** Returns the accounts with a key here, then those that are impersonated, as anvil and Hardhat list them. */
  async function list(): Promise<Address[]> {
    return [...new Set([...await accounts.list(), ...node.dev?.impersonated() ?? []])];
  }

  return {
    eth_accounts: method({
      summary: "Lists the accounts that this server can send from: those with a key here, and impersonated ones.",
      params: [],
      result: array(wireAddress),
      handler: list,
    }),

    eth_requestAccounts: method({
      summary: "Lists the same accounts to a dapp that asks a wallet (EIP-1102); there is nobody to ask here.",
      params: [],
      result: array(wireAddress),
      handler: list,
    }),

    eth_sendTransaction: method({
      summary: "Completes, signs and sends a transaction of an unlocked or impersonated account.",
      params: [required("transaction", transactionRequest)],
      result: wireHash,
      handler: ([request], { signal }) => send(dependencies, { request, signal }),
    }),

    eth_signTransaction: method({
      summary: "Signs a transaction of an unlocked account without sending it; gas, fees and nonce must be given.",
      params: [required("transaction", transactionRequest)],
      result: wireRawAndTransaction,
      handler: ([request], { signal }) => signOnly(dependencies, { request, signal }),
    }),

    eth_fillTransaction: method({
      summary: "Completes a transaction with nonce, gas, fees and type, without signing or sending it.",
      params: [required("transaction", transactionRequest)],
      result: wireRawAndTransaction,
      handler: async ([request], { signal }) => rawAndTransaction(await node.submit.fill(request, signal)),
    }),
  };
}
