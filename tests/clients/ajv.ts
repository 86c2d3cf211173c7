// See viem.ts for why the version is named here.
export { Ajv } from "npm:ajv@8.20.0";
