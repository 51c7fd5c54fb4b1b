"""A tour of the server with OpenAI's own Python client: every feature once.

    trit serve -m smollm2-135m-instruct.q4_1.gguf --port 8099 &
    python tour.py http://127.0.0.1:8099/v1

A model that chats must also know what Paris is. One that only continues texts, as the built-in one:

    python tour.py http://127.0.0.1:8099/v1 --continues
"""
import json
import sys
import time

from openai import NotFoundError, BadRequestError, OpenAI

chats = "--continues" not in sys.argv
client = OpenAI(base_url=sys.argv[1], api_key="any", max_retries=0)
model = client.models.list().data[0].id
ask = [{"role": "user", "content": "What is the capital of France?"}]


def check(name, ok, seen=""):
    print(("ok    " if ok else "FAIL  ") + name, "" if ok else repr(seen))
    check.failed += not ok


check.failed = 0


def show(said):
    print("        " + said.strip().replace("\n", "\n        "))


answer = client.chat.completions.create(model=model, messages=ask, temperature=0)
text = answer.choices[0].message.content
check("chat makes sense" if chats else "chat", "Paris" in text if chats else len(text) > 0, text)
show(text)
check("usage", answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens, answer.usage)

stream = client.chat.completions.create(
    model=model, messages=ask, temperature=0, stream=True, stream_options={"include_usage": True})
pieces, usage = [], None
for chunk in stream:
    usage = chunk.usage or usage
    if chunk.choices:
        pieces.append(chunk.choices[0].delta.content or "")
check("streaming gives the same text", "".join(pieces) == text, pieces)
check("several pieces and a usage", len(pieces) > 4 and usage.completion_tokens == answer.usage.completion_tokens)

several = client.chat.completions.create(model=model, messages=ask, n=3, seed=1, max_tokens=20)
check("n", len({c.message.content for c in several.choices}) >= 2, several)
again = client.chat.completions.create(model=model, messages=ask, n=3, seed=1, max_tokens=20)
check("seed", [c.message.content for c in again.choices] == [c.message.content for c in several.choices])
word = text.split()[3]
stopped = client.chat.completions.create(model=model, messages=ask, temperature=0, stop=[word])
check("stop", stopped.choices[0].message.content == text[: text.index(word)], stopped)
best = client.chat.completions.create(model=model, messages=ask, temperature=0, logprobs=True, top_logprobs=3)
tokens = best.choices[0].logprobs.content
check("logprobs", all(t.logprob <= 0 and t.logprob == t.top_logprobs[0].logprob for t in tokens), tokens)
liked = max((t.token for t in tokens if t.token in text), key=len)
ban = {str(i): -100 for i in client.post("/../tokenize", body={"content": liked}, cast_to=dict)["tokens"]}
banned = client.chat.completions.create(model=model, messages=ask, temperature=0, logit_bias=ban, max_tokens=20)
check("logit_bias", liked in text and liked not in banned.choices[0].message.content, banned)

schema = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}, "millions": {"type": "integer"}},
    "required": ["city", "millions"],
    "additionalProperties": False,
}
shaped = client.chat.completions.create(
    model=model, messages=ask, temperature=0, max_tokens=100,
    response_format={"type": "json_schema", "json_schema": {"name": "city", "schema": schema, "strict": True}})
value = json.loads(shaped.choices[0].message.content)
check("json_schema", isinstance(value["city"], str) and isinstance(value["millions"], int), value)
show(shaped.choices[0].message.content)
free = client.chat.completions.create(
    model=model, messages=ask, temperature=0, max_tokens=100, response_format={"type": "json_object"})
cut = free.choices[0].finish_reason == "length" and not chats  # a text need not end where no one ends it
check("json_object", cut or isinstance(json.loads(free.choices[0].message.content), dict), free)

tool = {"type": "function", "function": {"name": "weather", "description": "The weather of a city", "parameters": {
    "type": "object", "properties": {"city": {"type": "string", "maxLength": 20}}, "required": ["city"]}}}
question = [{"role": "user", "content": "What is the weather in Rome?"}]
called = client.chat.completions.create(
    model=model, messages=question, tools=[tool], tool_choice="required", temperature=0, max_tokens=100)
call = called.choices[0].message.tool_calls[0]
check("tool_choice required", call.function.name == "weather" and "city" in json.loads(call.function.arguments), called)
show(call.function.name + " " + call.function.arguments)
check("finish_reason", called.choices[0].finish_reason == "tool_calls")
after = client.chat.completions.create(
    model=model, tools=[tool], temperature=0, max_tokens=40, messages=question + [
        called.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "sunny, 24 degrees"}])
check("an answer after a tool's result", len(after.choices[0].message.content or "") > 0, after)
show(after.choices[0].message.content)
events = list(client.chat.completions.create(
    model=model, messages=question, tools=[tool], tool_choice="required", temperature=0, max_tokens=100, stream=True))
deltas = [d for e in events for d in e.choices[0].delta.tool_calls or []]
check("streamed tool call", "".join(d.function.arguments for d in deltas) == call.function.arguments, deltas)

plain = client.completions.create(model=model, prompt=["One, two, three,", "A, B, C,"], max_tokens=6, temperature=0)
check("completions of several prompts", ("four" in plain.choices[0].text or not chats) and len(plain.choices) == 2, plain)
show("One, two, three," + plain.choices[0].text)
scored = client.completions.create(model=model, prompt="Paris is", echo=True, logprobs=2, max_tokens=0)
lp = scored.choices[0].logprobs
check("echo and logprobs", lp.token_logprobs[0] is None and lp.token_logprobs[1] < 0 and scored.choices[0].text == "Paris is")
streamed = client.completions.create(model=model, prompt="One, two, three,", max_tokens=6, temperature=0, stream=True)
check("streamed completion", "".join(c.choices[0].text for c in streamed) == plain.choices[0].text)

vectors = [v.embedding for v in client.embeddings.create(
    model=model, input=["a cat on a mat", "a cat upon a mat", "stock market news"]).data]
dot = lambda a, b: sum(x * y for x, y in zip(a, b))
check("embeddings have length 1", abs(dot(vectors[0], vectors[0]) - 1) < 1e-5)
check("alike texts are nearer", dot(vectors[0], vectors[1]) > dot(vectors[0], vectors[2]))

for name, kind, act in [
    ("an unknown model", NotFoundError, lambda: client.chat.completions.create(model="gpt-4", messages=ask)),
    ("a wrong value", BadRequestError, lambda: client.chat.completions.create(model=model, messages=ask, temperature=-1)),
]:
    try:
        act()
        check(name, False, "no error")
    except kind as error:
        check(name, error.body["message"] and error.body["type"] == "invalid_request_error", error.body)

began = time.monotonic()
leaving = client.chat.completions.create(model=model, messages=ask, stream=True, max_tokens=2000)
next(iter(leaving))
leaving.close()
check("leaving a stream early", time.monotonic() - began < 5)

sys.exit(1 if check.failed else 0)
