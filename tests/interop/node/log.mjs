// Reads checkpoints, inclusion proofs and consistency proofs as JSON from stdin; writes for each whether it verifies.
//
// Sigstore's verifier reads the signed note, checks the log's signature and the inclusion path (RFC 6962). The
// RFC 9162 package checks inclusion by hash, and consistency; its verifier leaves step 2 of 2.1.4.2 to its caller.
import { createPublicKey } from "node:crypto";
import { createRequire } from "node:module";
import transmute from "@transmute/rfc9162";

const { RFC9162: rfc9162 } = transmute;
const require = createRequire(import.meta.url);
const { verifyCheckpoint } = require("@sigstore/verify/dist/tlog/checkpoint.js");
const { verifyMerkleInclusion } = require("@sigstore/verify/dist/tlog/merkle.js");

async function readInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

const octets = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const isPowerOfTwo = (number) => (number & (number - 1)) === 0;
const { log, inclusion, consistency } = await readInput();

// A log of Sigstore's is known by its key's id and its name; here by those of the signed note.
const tlogs = [
  {
    logID: Buffer.from(log.keyId, "hex"),
    baseURL: log.name,
    publicKey: createPublicKey({ key: log.jwk, format: "jwk" }),
  },
];

function bySigstore(proof) {
  try {
    const entry = {
      canonicalizedBody: Buffer.from(proof.entry, "utf8"),
      inclusionProof: {
        logIndex: String(proof.index),
        hashes: proof.path.map((hash) => Buffer.from(hash, "hex")),
        checkpoint: { envelope: proof.checkpoint },
      },
    };
    verifyMerkleInclusion(entry, verifyCheckpoint(entry, tlogs));
    return "verified";
  } catch (error) {
    if (error.name !== "VerificationError" && error.code !== "TLOG_INCLUSION_PROOF_ERROR") throw error;
    return error.message;
  }
}

async function byRfcPackage(proof) {
  const path = proof.path.map(octets);
  if (isPowerOfTwo(proof.first)) path.unshift(octets(proof.firstRoot));
  const { first: tree_size_1, second: tree_size_2 } = proof;
  return rfc9162.verifyConsistencyProof(octets(proof.firstRoot), octets(proof.secondRoot), {
    log_id: 0,
    tree_size_1,
    tree_size_2,
    consistency_path: path,
  });
}

async function inclusionByRfcPackage(proof) {
  const leaf = await rfc9162.leaf(Uint8Array.from(Buffer.from(proof.entry, "utf8")));
  return rfc9162.verifyInclusionProof(octets(proof.root), leaf, {
    log_id: 0,
    tree_size: proof.size,
    leaf_index: proof.index,
    inclusion_path: proof.path.map(octets),
  });
}

process.stdout.write(
  JSON.stringify({
    sigstore: inclusion.map(bySigstore),
    inclusion: await Promise.all(inclusion.map(inclusionByRfcPackage)),
    consistency: await Promise.all(consistency.map(byRfcPackage)),
  }),
);
