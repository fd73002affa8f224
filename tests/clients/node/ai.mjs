// The Vercel AI SDK, with the compatible provider and with OpenAI's own (chat, and Responses, its default).
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";

const baseURL = process.argv[2];
const compatible = createOpenAICompatible({ name: "smallfirst", baseURL, apiKey: "any", includeUsage: true });
const own = createOpenAI({ baseURL, apiKey: "any" });
for (const model of [compatible("auto"), own.chat("auto"), own("auto")]) {
  console.log((await generateText({ model, prompt: "hi", maxRetries: 0 })).text);
  let said = "";
  for await (const piece of streamText({ model, prompt: "hi", maxRetries: 0 }).textStream) said += piece;
  console.log(said);
}
