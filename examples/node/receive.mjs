// Children's services take in what has arrived, acknowledge it, and answer an enquiry.
// node receive.mjs ADDRESS CERTIFICATES POSITION_FILE [COUNT]
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Agency, Refusal } from "./agency.mjs";

const AUTHOR = { name: "Maud Silverthorne", role: "SOCIAL_WORKER", telephone: "01632 960333" };

async function handle(agency, summary) {
  const { delivery } = await agency.call("InboxService/GetDelivery", { delivery_id: summary.delivery_id });
  const { name, document } = await agency.unpack(delivery.document);
  console.log(`${name} from ${summary.sender}, exchange ${summary.exchange_id}`);
  for (const { category } of delivery.withheld ?? []) console.log(`  withheld: ${category}`);
  await acknowledge(agency, summary.delivery_id);
  if (name === "ChildSafeguardingEnquiry") await answer(agency, delivery, document);
}

// Says that a person has read and understood it. The receipt, which no person gives, has gone already.
async function acknowledge(agency, deliveryId) {
  const kind = "ACKNOWLEDGEMENT_KIND_UNDERSTOOD";
  await agency.call("InboxService/AcknowledgeDelivery", { delivery_id: deliveryId, kind, author: AUTHOR });
}

// Answers to whoever asked, naming the exchange that is answered: that makes them a thread.
async function answer(agency, { header, summary }, enquiry) {
  const { acceptance } = await agency.call("ChildrensService/SendChildSafeguardingResponse", {
    header: {
      recipients: [header.sender],
      purpose: "PURPOSE_SAFEGUARD_CHILD",
      lawful_bases: ["LAWFUL_BASIS_CHILDREN_ACT_2004_S10"],
      conditions: ["PROCESSING_CONDITION_SCH1_SAFEGUARDING"],
      necessity: "Probation must know before it approves the address.",
      author: AUTHOR,
      marking: "MARKING_OFFICIAL_SENSITIVE",
      in_reply_to: summary.exchange_id,
      request_id: `answer-to-${summary.exchange_id}`.slice(0, 64), // one answer, however often this runs
    },
    document: {
      result: "ENQUIRY_RESULT_NOT_KNOWN",
      subject: enquiry.subject,
      action: "No child is known at this address; tell us of any change.",
    },
  });
  console.log(`  answered: exchange ${acceptance.exchange_id}`);
  await printThread(agency, acceptance.exchange_id);
}

async function printThread(agency, exchangeId) {
  const { entries } = await agency.call("ThreadService/GetThread", { exchange_id: exchangeId });
  for (const { kind, document_type, exchange_id } of entries) console.log(`  ${kind} ${document_type} ${exchange_id}`);
}

async function main([address, folder, file, count = "0"]) {
  const agency = await Agency.connect(address, folder);
  const last = existsSync(file) ? readFileSync(file, "utf8").trim() : "0";
  let handled = 0;
  try {
    for await (const { delivery } of agency.watch("InboxService/WatchDeliveries", { after_position: last })) {
      await handle(agency, delivery);
      writeFileSync(file, delivery.position); // only now: a crash repeats, never skips
      if (++handled === Number(count)) return 0;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(`${error.code} ${error.reason} ${error.message}`); // start again later, from the position
  } finally {
    agency.close();
  }
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
