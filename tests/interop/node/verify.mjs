// Reads a seal, its issuer's public JWK and the time to judge by (seconds) as JSON from stdin;
// writes the verified claims, or why not, as JSON.
import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { SDJwtInstance } from "@sd-jwt/core";

async function readInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

const { seal, jwk, at } = await readInput();
const key = createPublicKey({ key: jwk, format: "jwk" });

const library = new SDJwtInstance({
  hashAlg: "sha-256",
  hasher: (data) => new Uint8Array(createHash("sha256").update(data).digest()),
  verifier: (data, signature) =>
    verifySignature(null, Buffer.from(data), key, Buffer.from(signature, "base64url")),
});

try {
  const { payload, header } = await library.verify(seal, { currentDate: at });
  process.stdout.write(JSON.stringify({ header, claims: payload }));
} catch (error) {
  process.stdout.write(JSON.stringify({ refused: String(error.message) }));
}
