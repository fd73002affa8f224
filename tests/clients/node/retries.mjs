// The openai package for Node when something fails: `node retries.mjs URL MODEL` prints what it read, one line each.
import OpenAI from "openai";

const [url, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL: url, apiKey: "any" });
const messages = [{ role: "user", content: "hi" }];
console.log((await client.chat.completions.create({ model, messages })).choices[0].message.content);
const named = { headers: { "Idempotency-Key": "order-66" } };
const first = await client.chat.completions.create({ model, messages }, named);
const again = await client.chat.completions.create({ model, messages }, named);
console.log(first.id === again.id);
try {
  await client.chat.completions.create({ model, messages: [...messages, ...messages] }, named);
} catch (error) {
  console.log(error.status, error.code);
}
