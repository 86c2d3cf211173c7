import { type AccountManager, messageDigest, signatureData, typedData } from "../../accounts/mod.ts";
import { address, data } from "../../eth/input/scalar.ts";
import { wireData } from "../../eth/output/wire.ts";
import { type Method, method, required } from "../../rpc/method.ts";

/** Makes the rows of `eth` that sign messages and typed data. */
export function ethSignRows({ accounts }: { readonly accounts: AccountManager }): { readonly [name: string]: Method } {
  return {
    eth_sign: method({
      summary: "Signs a message with EIP-191's prefix, which keeps it from being a transaction.",
      params: [required("address", address), required("message", data)],
      result: wireData,
      handler: async ([signer, message], { signal }) =>
        signatureData(await accounts.sign(signer, await messageDigest(message, signal))),
    }),

    eth_signTypedData_v4: method({
      summary: "Signs EIP-712 typed data, given as an object or, as MetaMask takes it, as its JSON text.",
      params: [required("address", address), required("typedData", typedData)],
      result: wireData,
      handler: async ([signer, digest]) => signatureData(await accounts.sign(signer, digest)),
    }),
  };
}
