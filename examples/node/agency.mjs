// Your own agency's service over mutual TLS, its verbs found by reflection, its refusals in a form to act on.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import { describe, listServices, standard } from "./reflection.mjs";

const DEADLINE_MS = 15_000; // each call has one: what is not answered in time is tried again with the same request id
const LIMIT = 16 << 20; // a delivery carries the document and its proofs, and may exceed gRPC's default of 4 MiB

// Why a call was refused: code, stable reason, what to do, and the fields at fault.
export class Refusal extends Error {
  constructor(error) {
    const details = readDetails(error.metadata?.get("grpc-status-details-bin")[0]);
    super(error.details);
    this.code = grpc.status[error.code];
    this.reason = details.ErrorInfo?.reason ?? "";
    this.fields = details.BadRequest?.field_violations ?? [];
  }

  // Whether the same call may succeed later. Repeat it with the same request id: nothing is sent twice.
  get temporary() {
    return ["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"].includes(this.code);
  }
}

export class Agency {
  // address: host:port; folder: with client.crt, client.key and authority.crt, and tokens.json for each call.
  static async connect(address, folder) {
    const [authority, key, certificate] = ["authority.crt", "client.key", "client.crt"].map((name) =>
      readFileSync(join(folder, name)),
    );
    const credentials = grpc.credentials.combineChannelCredentials(
      grpc.credentials.createSsl(authority, key, certificate),
      grpc.credentials.createFromMetadataGenerator((_, give) => give(null, readTokens(folder))),
    );
    const client = new grpc.Client(address, credentials, { "grpc.max_receive_message_length": LIMIT });
    return new Agency(client, await listServices(client));
  }

  constructor(client, services) {
    this.client = client;
    this.services = services;
    this.types = {};
  }

  // Calls Service/Method, the service with or without its package.
  async call(method, request) {
    const { path, requestSerialize, responseDeserialize } = await this.find(method);
    return new Promise((resolve, reject) => {
      const until = { deadline: Date.now() + DEADLINE_MS };
      this.client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, until, (error, answer) =>
        error ? reject(new Refusal(error)) : resolve(answer),
      );
    });
  }

  // The messages of a stream, as they come; it ends when the caller stops reading.
  async *watch(method, request) {
    const { path, requestSerialize, responseDeserialize } = await this.find(method);
    const call = this.client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    try {
      yield* call;
    } catch (error) {
      throw new Refusal(error);
    } finally {
      call.on("error", () => {}); // that it was cancelled is no news
      call.cancel();
    }
  }

  // The document in a google.protobuf.Any.
  async unpack(any) {
    const name = any.type_url.split("/").pop();
    return { name: name.split(".").pop(), document: (await this.type(name)).deserialize(any.value) };
  }

  async find(method) {
    const [service, name] = method.split("/");
    const full = this.services.find((known) => known === service || known.endsWith(`.${service}`));
    const found = full && (await this.type(full))[name];
    if (!found) throw new Error(`this service offers no ${method}`);
    return found;
  }

  async type(name) {
    if (!this.types[name]) this.types = { ...this.types, ...(await describe(this.client, name)) };
    return this.types[name];
  }

  close() {
    this.client.close();
  }
}

// Your system's token and the person's, as ../python/tokens.py writes them; a web application has them in its session.
function readTokens(folder) {
  const { system, person } = JSON.parse(readFileSync(join(folder, "tokens.json"), "utf8"));
  const metadata = new grpc.Metadata();
  metadata.set("authorization", `Bearer ${system}`);
  metadata.set("ppg-person", person);
  return metadata;
}

function readDetails(bytes) {
  if (!bytes) return {};
  const status = standard["standard.Status"].deserialize(bytes);
  const named = (status.details ?? []).map(({ type_url, value }) => [type_url.split(".").pop(), value]);
  const known = named.filter(([name]) => `standard.${name}` in standard);
  return Object.fromEntries(known.map(([name, value]) => [name, standard[`standard.${name}`].deserialize(value)]));
}
