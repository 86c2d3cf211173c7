import { STATUS_CODE } from "@std/http/status";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { Principal } from "../rpc/principal.ts";
import type { Authorize, Refusal } from "../transport/mod.ts";
import type { Asked, Credential } from "./credential.ts";
import { type Presented, presentedBy } from "./presented.ts";

const REALM = 'Bearer realm="sallyport"';
/** RFC 6750 section 3: these characters would end a quoted text. */
const UNQUOTABLE = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g;

/** Returns the refusal of a request without a credential, or with one that is not valid: 401. */
export function unauthorized(sentence: string, { presented = true }: { presented?: boolean } = {}): Refusal {
  const error = `, error="invalid_token", error_description="${sentence.replaceAll(UNQUOTABLE, "'")}"`;
  return {
    status: STATUS_CODE.Unauthorized,
    sentence,
    headers: { "www-authenticate": presented ? REALM + error : REALM },
  };
}

/** Returns the refusal of a request whose credential is valid and does not suffice: 403. The sentence says what is missing. */
export function forbidden(sentence: string): Refusal {
  return { status: STATUS_CODE.Forbidden, sentence };
}

/** Builds the decision about each request; the first credential that a token belongs to decides. */
export function createAuthorizer(credentials: readonly Credential[]): Authorize {
  const [only, ...others] = credentials;
  const nouns = credentials.map(({ noun }) => noun).join(" or ");
  const missing = others.length === 0 && only?.missing !== undefined ? only.missing : unauthorized(
    `this endpoint wants ${nouns}: as Authorization: Bearer TOKEN, as the end of the path /k/TOKEN, or from a page as ` +
      "the subprotocols sallyport.v1 and bearer.TOKEN",
    { presented: false },
  );
  const unknown = unauthorized(`the token is not ${nouns} of this endpoint`);

  function ask(index: number, { presented, asked }: { presented: Presented; asked: Asked }): Awaitable<Decision> {
    const credential = credentials[index];
    if (credential === undefined) return unknown;
    const decision = credential.check(presented, asked);
    if (decision instanceof Promise) {
      return decision.then((settled) => settled ?? ask(index + 1, { presented, asked }));
    }
    return decision ?? ask(index + 1, { presented, asked });
  }

  return (request, { address }) => {
    const presented = presentedBy(request);
    return presented === undefined ? missing : ask(0, { presented, asked: { request, address } });
  };
}

type Decision = Principal | Refusal;
