// What a service offers, asked of the service itself (gRPC server reflection): no generated code, no proto files.
import { fileURLToPath } from "node:url";
import protoLoader from "@grpc/proto-loader";

// Names as in the protos, enumerations by name, 64-bit integers as text. What is absent stays absent: a withheld
// field must not read as false or zero.
const OPTIONS = { keepCase: true, enums: String, longs: String, bytes: Buffer };
const METHOD = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

export const standard = protoLoader.loadSync(fileURLToPath(new URL("standard.proto", import.meta.url)), OPTIONS);

// The types that a symbol stands for and needs, by full name, as @grpc/proto-loader has them.
export async function describe(client, symbol) {
  const answer = await ask(client, { file_containing_symbol: symbol });
  const files = answer.file_descriptor_response.file_descriptor_proto;
  return protoLoader.loadFileDescriptorSetFromBuffer(joinFiles(files), OPTIONS);
}

// The full names of the services.
export async function listServices(client) {
  const answer = await ask(client, { list_services: "*" });
  return answer.list_services_response.service.map((service) => service.name);
}

function ask(client, question) {
  const { serialize } = standard["standard.ServerReflectionRequest"];
  const { deserialize } = standard["standard.ServerReflectionResponse"];
  return new Promise((resolve, reject) => {
    const call = client.makeBidiStreamRequest(METHOD, serialize, deserialize, { deadline: Date.now() + 15_000 });
    call.on("error", reject);
    call.on("data", (answer) => {
      const refused = answer.error_response;
      if (refused) reject(new Error(`${Object.values(question)[0]}: ${refused.error_message}`));
      else resolve(answer);
    });
    call.write(question);
    call.end();
  });
}

// A FileDescriptorSet: each file as its field 1, with its length before it.
function joinFiles(files) {
  return Buffer.concat(files.flatMap((file) => [Buffer.from([0x0a, ...writeVarint(file.length)]), file]));
}

function writeVarint(number) {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...writeVarint(number >>> 7)];
}
