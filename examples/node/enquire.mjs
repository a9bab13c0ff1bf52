// Probation asks children's services about an address, and learns what became of the enquiry.
// node enquire.mjs ADDRESS CERTIFICATES REQUEST_ID [SECONDS]
// Exit status: 0 confirmed, 1 refused, 2 not confirmed in time: telephone.
import { setTimeout as sleep } from "node:timers/promises";
import { Agency, Refusal } from "./agency.mjs";

const FRONT_DOOR = { organisation: "kent-childrens", desk: "front-door" };
const ATTEMPTS = 5;

function writeHeader(requestId) {
  return {
    sender: { organisation: "kent-probation", desk: "sentence-management" }, // an answer goes to this desk
    recipients: [FRONT_DOOR],
    purpose: "PURPOSE_SAFEGUARD_CHILD",
    lawful_bases: ["LAWFUL_BASIS_CHILDREN_ACT_2004_S11"],
    conditions: ["PROCESSING_CONDITION_SCH8_SAFEGUARDING", "PROCESSING_CONDITION_SCH1_SAFEGUARDING"],
    necessity: "A child may live at the address to which he is to be released.",
    author: { name: "Callum Tidewright", role: "COMMUNITY_OFFENDER_MANAGER" },
    urgency: "URGENCY_URGENT",
    marking: "MARKING_OFFICIAL_SENSITIVE",
    facts: { mappa_managed: { answer: "ANSWER_YES" } },
    request_id: requestId, // your system's own, one for each exchange
  };
}

function writeEnquiry() {
  return {
    trigger: "ENQUIRY_TRIGGER_PRE_RELEASE_ADDRESS",
    subject: {
      name: { family: "Quillfeather", given: "Marlon" },
      date_of_birth: { year: 1987, month: 3, day: 14 },
    },
    address: { lines: ["4 Quincunx Row"], town: "Merrowhythe", postcode: "CT97 4ZZ" },
    question: "Does a child live there? What is your involvement with the family?",
    needed_by: inDays(10),
    release_date: inDays(21),
  };
}

function inDays(days) {
  const day = new Date(Date.now() + days * 86_400_000);
  return { year: day.getFullYear(), month: day.getMonth() + 1, day: day.getDate() };
}

// Sends, again if need be, always under the same request id: nothing is sent twice.
async function send(agency, request) {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await agency.call("ProbationService/SendChildSafeguardingEnquiry", request);
      return answer.acceptance.exchange_id;
    } catch (error) {
      if (!error.temporary || attempt === ATTEMPTS) throw error;
      await sleep(1000 * 2 ** attempt);
    }
  }
}

// Reads what became of it until every delivery has its receipt, or the time is over.
async function awaitConfirmation(agency, exchangeId, seconds) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await agency.call("OutboxService/GetExchange", { exchange_id: exchangeId });
    if (isConfirmed(found) || Date.now() > deadline) return found;
    await sleep(500);
  }
}

// Whether something was released, and the recipient's service took delivery of all of it.
function isConfirmed({ outcomes = [] }) {
  const released = outcomes.flatMap(({ decisions = [] }) => decisions.map((one) => one.delivery_id)).filter(Boolean);
  const receipts = outcomes.filter(({ kind }) => kind === "OUTCOME_KIND_RECEIPTED").map((one) => one.delivery_id);
  return released.length > 0 && released.every((id) => receipts.includes(id));
}

function printOutcomes({ outcomes = [], alarms = [] }) {
  for (const { rejection, decisions = [] } of outcomes) {
    if (rejection) console.log(`rejected: ${rejection.reason}: ${rejection.advice}`);
    for (const { recipient, outcome, withheld = [], held = [] } of decisions) {
      console.log(`${recipient.organisation}: ${outcome}`);
      for (const { category, rule } of withheld) console.log(`  withheld ${category}: ${rule.reason}`);
      for (const { organisation, prerequisite } of held) console.log(`  waits for ${organisation}: ${prerequisite}`);
    }
  }
  for (const { kind, delivery_id } of alarms) console.log(`ALARM ${kind} about delivery ${delivery_id}`);
}

async function findTelephone(agency, { organisation, desk }) {
  const found = await agency.call("DirectoryService/GetOrganisation", { organisation });
  return found.organisation.desks.find((known) => known.desk === desk).telephone;
}

async function main([address, folder, requestId, seconds = "60"]) {
  const agency = await Agency.connect(address, folder);
  try {
    const exchangeId = await send(agency, { header: writeHeader(requestId), document: writeEnquiry() });
    console.log(`exchange ${exchangeId}`);
    const found = await awaitConfirmation(agency, exchangeId, Number(seconds));
    printOutcomes(found);
    if (isConfirmed(found)) return 0;
    console.log(`NOT CONFIRMED: telephone ${await findTelephone(agency, FRONT_DOOR)}`);
    return 2;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(JSON.stringify({ code: error.code, reason: error.reason, advice: error.message, fields: error.fields }));
    return 1;
  } finally {
    agency.close();
  }
}

process.exitCode = await main(process.argv.slice(2));
