// Calls the JavaScript SDK as `lines.py` says.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

import * as sdk from "@aws-sdk/client-amplifybackend";

const { version } = createRequire(import.meta.url)("@aws-sdk/client-amplifybackend/package.json");
const clients = new Map();
const now = Date.now.bind(Date);

// A client learns from answers how wrong its clock is, so that each wrong clock has its own.
function client({ key, region, clock_ahead, max_attempts }) {
  Date.now = () => now() + clock_ahead * 1000;
  const settings = JSON.stringify([key, region, clock_ahead, max_attempts]);
  if (clients.has(settings)) return clients.get(settings);
  const [accessKeyId, secretAccessKey, sessionToken] = key;
  const made = new sdk.AmplifyBackendClient({
    region,
    maxAttempts: max_attempts,
    ...(accessKeyId && { credentials: { accessKeyId, secretAccessKey, sessionToken } }),
  });
  clients.set(settings, made);
  return made;
}

async function send(call, input) {
  const { $metadata, ...output } = await client(call).send(
    new sdk[`${call.operation}Command`](input),
  );
  return { output, ...told($metadata) };
}

async function carryOut(call) {
  try {
    if (!call.all_pages) return await send(call, call.input);
    // The SDK has no paginator for this service: a user follows the tokens by hand.
    const all = {};
    let token;
    do {
      const { output } = await send(call, { ...call.input, NextToken: token });
      ({ NextToken: token } = output);
      delete output.NextToken;
      for (const [name, items] of Object.entries(output)) (all[name] ??= []).push(...items);
    } while (token);
    return { output: all };
  } catch (error) {
    const { $metadata: metadata, name, message } = error;
    const raised = error.constructor.name;
    if (!(error instanceof sdk.AmplifyBackendServiceException)) {
      // The system's errors are all of one class, and have codes.
      return { failure: message, raised: error.code ?? raised, ...told(metadata ?? {}) };
    }
    const members = { Code: name, Message: message };
    for (const member of ["ResourceType", "LimitType"]) {
      if (error[member] !== undefined) members[member] = error[member];
    }
    return { error: members, raised, ...told(metadata) };
  }
}

function told({ httpStatusCode: status, requestId, attempts }) {
  return { status, requestId, attempts };
}

const about = {
  client: `JavaScript SDK ${version}`,
  tells: ["status", "requestId", "attempts", "ResourceType", "LimitType"],
  can: ["correct its clock"],
};

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.endpoint) {
    process.env.AWS_ENDPOINT_URL_AMPLIFYBACKEND = message.endpoint;
    clients.clear();
  }
  const answer = message.operation ? await carryOut(message) : about;
  console.log(JSON.stringify(answer));
}
