import {
  messageDigest,
  parsePrivateKey,
  type PasswordUse,
  recoverMessageSigner,
  signatureData,
} from "../accounts/mod.ts";
import { address, data, jsonUint64 } from "../eth/input/scalar.ts";
import { transactionRequest } from "../eth/input/transaction_request.ts";
import type { TransactionRequest } from "../eth/types.ts";
import { wireAddress, wireData, wireHash } from "../eth/output/wire.ts";
import type { Logger } from "../app/log.ts";
import { serverError } from "../rpc/error.ts";
import { method, type NamespaceTable, optional, required } from "../rpc/method.ts";
import { array, boolean, string } from "../rpc/schema.ts";
import { literal, object } from "../rpc/schema_object.ts";
import { type OutgoingDependencies, refuseBlobs, send, signOnly, wireRawAndTransaction } from "./eth/outgoing.ts";
import { checksumAddress } from "../primitives/checksum.ts";

export interface PersonalDependencies extends OutgoingDependencies {
  readonly log: Logger;
}

const wireAccount = object({ address: wireAddress, url: string }, { closed: true });
const wireWallet = object({ url: string, status: literal(["Locked", "Unlocked"]), accounts: array(wireAccount) }, {
  closed: true,
});
/** geth answers a new account in EIP-55's mixed case, unlike everywhere else. */
const wireChecksummed = {
  json: { type: "string", pattern: "^0x[0-9a-fA-F]{40}$" },
  read: (value: unknown) => checksumAddress(address.read(value)),
};

/** Makes geth's `personal` namespace, as it was until 1.14.11 (internal/ethapi, PersonalAccountAPI). */
export function personalTable(dependencies: PersonalDependencies): NamespaceTable {
  const { accounts, log } = dependencies;

  /** Runs a call that has a password, and logs its failure, because it may be an attempt to guess the password. */
  async function warned<T>(message: string, { fields, run }: { fields: Record<string, unknown>; run(): Promise<T> }) {
    try {
      return await run();
    } catch (error) {
      log.warn(message, { ...fields, err: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  return {
    namespace: "personal",
    methods: {
      personal_listAccounts: method({
        summary: "Lists the accounts that this server can sign for.",
        params: [],
        result: array(wireAddress),
        handler: () => accounts.list(),
      }),

      personal_listWallets: method({
        summary: "Lists where each account's key is kept, and whether it is unlocked.",
        params: [],
        result: array(wireWallet),
        handler: () => accounts.wallets(),
      }),

      personal_newAccount: method({
        summary: "Makes a key, encrypted with the password, in the keystore folder.",
        params: [required("password", string)],
        result: wireChecksummed,
        async handler([password], call) {
          const made = await accounts.create({ password, call });
          log.info("Your new key was generated", { address: checksumAddress(made.address) });
          log.warn("Please backup your key file!", { path: made.path });
          log.warn("Please remember your password!");
          return checksumAddress(made.address);
        },
      }),

      personal_importRawKey: method({
        summary: "Encrypts a private key, 64 hex digits without 0x, into the keystore folder.",
        params: [required("privateKey", string), required("password", string)],
        result: wireAddress,
        async handler([privateKey, password], call) {
          return (await accounts.importKey(parsePrivateKey(privateKey), { password, call })).address;
        },
      }),

      personal_unlockAccount: method({
        summary: "Unlocks an account for a number of seconds, 300 when absent, 0 until the server stops.",
        params: [required("address", address), required("password", string), optional("duration", jsonUint64)],
        result: boolean,
        async handler([signer, password, duration], call) {
          const seconds = duration === undefined ? undefined : BigInt(duration);
          await accounts.unlock(signer, { seconds, use: { password, call } });
          return true;
        },
      }),

      personal_lockAccount: method({
        summary: "Locks a keystore account; false for what cannot be locked.",
        params: [required("address", address)],
        result: boolean,
        handler: ([signer]) => accounts.lock(signer),
      }),

      personal_sendTransaction: method({
        summary: "Completes, signs with the password's key and sends a transaction; the account stays locked.",
        params: [required("transaction", transactionRequest), required("password", string)],
        result: wireHash,
        handler: ([request, password], call) =>
          warned("Failed transaction send attempt", {
            fields: fieldsOf(request),
            run: () => send(dependencies, { request, signal: call.signal, use: { password, call } }),
          }),
      }),

      personal_signTransaction: method({
        summary: "Signs a transaction with the password's key without sending it; gas, fees and nonce must be given.",
        params: [required("transaction", transactionRequest), required("password", string)],
        result: wireRawAndTransaction,
        handler([request, password], call) {
          if (request.from === undefined) throw serverError("sender not specified");
          return warned("Failed transaction sign attempt", {
            fields: fieldsOf(request),
            run: () => {
              refuseBlobs(request);
              return signOnly(dependencies, { request, signal: call.signal, use: { password, call } });
            },
          });
        },
      }),

      personal_sign: method({
        summary: "Signs a message with EIP-191's prefix, with the password's key or, without one, an unlocked account.",
        // geth requires the password. viem, ethers and MetaMask's pages send two arguments; for them this is eth_sign.
        params: [required("message", data), required("address", address), optional("password", string)],
        result: wireData,
        handler: ([message, signer, password], call) =>
          warned("Failed data sign attempt", {
            fields: { address: signer },
            async run() {
              const digest = await messageDigest(message, call.signal);
              const use: PasswordUse | undefined = password === undefined ? undefined : { password, call };
              const signed = use === undefined
                ? accounts.sign(signer, digest)
                : accounts.signWithPassword(signer, { digest, use });
              return signatureData(await signed);
            },
          }),
      }),

      personal_ecRecover: method({
        summary: "Tells which account signed a message.",
        params: [required("message", data), required("signature", data)],
        result: wireAddress,
        handler: ([message, signature]) => recoverMessageSigner(message, signature),
      }),
    },
  };
}

function fieldsOf({ from, to, value }: TransactionRequest): Record<string, unknown> {
  return { from, to: to ?? null, value: value ?? 0n };
}
