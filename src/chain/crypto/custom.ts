import "../no_env.ts";
import type { CustomCrypto } from "@ethereumjs/common";

/** The crypto for every Common of this chain. */
export const customCrypto: CustomCrypto = {};
