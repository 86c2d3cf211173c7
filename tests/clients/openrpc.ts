// See viem.ts for why the versions are named here.
import jsonSchema from "npm:@json-schema-tools/meta-schema@1.8.0";
import openRpc from "npm:@open-rpc/meta-schema@1.14.9";

type SchemaObject = Record<string, unknown>;

// The packages' types tell of another way to get the schemas than their code.
/** The OpenRPC meta-schema. */
export const openRpcSchema = (openRpc as unknown as { openrpcDocument: SchemaObject }).openrpcDocument;
/** The schema of JSON Schemas that it refers to. */
export const jsonSchemaSchema = jsonSchema as unknown as SchemaObject;
