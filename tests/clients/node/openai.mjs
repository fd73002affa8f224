// The openai package for Node: `node openai.mjs URL` prints what it read, one line each.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "any", maxRetries: 0 });
const messages = [{ role: "user", content: "hi" }];
console.log((await client.chat.completions.create({ model: "auto", messages })).choices[0].message.content);
let said = "";
for await (const chunk of await client.chat.completions.create({ model: "auto", messages, stream: true })) {
  said += chunk.choices[0]?.delta?.content ?? "";
}
console.log(said);
console.log((await client.responses.create({ model: "auto", input: "hi" })).output_text);
try {
  await client.chat.completions.create({ model: "gpt-9", messages });
} catch (error) {
  console.log(error.constructor.name);
}
