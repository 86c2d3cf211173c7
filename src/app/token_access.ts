/** The credentials that are JSON Web Tokens, as the flags name them; `access.ts` lists them with the others. */
import type { Credential } from "../access/mod.ts";
import type { FileJwks } from "../access/jwks_source.ts";
import type { Config } from "../cli/mod.ts";
import { logger } from "./log.ts";
import type { Reloadable } from "./reload.ts";
import { fileFault, type InputFiles, jwksUrl, readJwksFile } from "./startup/mod.ts";

/** An endpoint that asks who is there. */
export type GuardedEndpoint = "ws" | "http";

/** The tokens that are taken. */
export interface TokenAccess {
  /** Returns the credentials of an endpoint, in the order in which they are asked. */
  credentials(endpoint: GuardedEndpoint): readonly Credential[];
  /** The files that are read again. */
  readonly reloadables: readonly Reloadable[];
}

/** Opens what --ws.jwtsecret, --http.jwtsecret and --auth.jwks name. Throws `StartError` for keys that cannot be used. */
export async function openTokens(
  config: Config,
  inputs: Pick<InputFiles, "jwtSecrets" | "jwks">,
): Promise<TokenAccess> {
  const jwks = await openJwks(config, inputs.jwks);
  const secrets = await openSecrets(inputs.jwtSecrets ?? {}, { others: jwks?.algorithms ?? [] });
  return {
    credentials: (endpoint) => [secrets[endpoint], jwks?.credential].filter((credential) => credential !== undefined),
    reloadables: jwks?.file === undefined ? [] : [jwksReload(config, jwks.file)],
  };
}

async function openSecrets(
  secrets: NonNullable<InputFiles["jwtSecrets"]>,
  options: { readonly others: readonly string[] },
): Promise<{ readonly [endpoint in GuardedEndpoint]?: Credential | undefined }> {
  if (secrets.ws === undefined && secrets.http === undefined) return {};
  const { JwtSecret } = await import("../access/jwt_secret.ts");
  const open = (secret: Uint8Array<ArrayBuffer> | undefined) =>
    secret === undefined ? undefined : JwtSecret.create(secret, options);
  const [ws, http] = await Promise.all([open(secrets.ws), open(secrets.http)]);
  return { ws, http };
}

interface OpenJwks {
  /** The algorithms of its tokens, which the credential before it leaves to it. */
  readonly algorithms: readonly string[];
  readonly credential: Credential;
  /** Undefined where the keys come from a URL. */
  readonly file: FileJwks | undefined;
}

async function openJwks(config: Config, text: string | undefined): Promise<OpenJwks | undefined> {
  const { "auth.jwks": named, "auth.issuer": issuer = "", "auth.audience": audiences } = config;
  if (named === undefined) return undefined;
  // Loaded only now, with the package that verifies.
  const [{ Jwks, JWKS_ALGORITHMS }, { FileJwks, JwksError, RemoteJwks }, { createLocalJWKSet }] = await Promise.all([
    import("../access/jwks.ts"),
    import("../access/jwks_source.ts"),
    import("jose"),
  ]);
  const log = logger("access");
  const url = jwksUrl(config);
  let file: FileJwks | undefined;
  try {
    file = url === undefined ? new FileJwks(text ?? "", createLocalJWKSet) : undefined;
  } catch (cause) {
    throw cause instanceof JwksError ? fileFault({ flag: "auth.jwks", path: named, cause }) : cause;
  }
  const source = file ?? new RemoteJwks({ url: named, make: createLocalJWKSet, log });
  // The first client need not wait for the keys, and a URL that is wrong is in the log from the start.
  if (file === undefined) source.keys().catch(() => {});
  return { algorithms: JWKS_ALGORITHMS, credential: new Jwks({ source, issuer, audiences }), file };
}

function jwksReload(config: Config, file: FileJwks): Reloadable {
  return {
    what: "--auth.jwks",
    async reload() {
      const text = await readJwksFile(config);
      return `${file.replace(text ?? "")} keys`;
    },
  };
}
