"""Makes ../resources/jinja/goldens.json: what Hugging Face's template environment answers.

Chat templates are ../resources/jinja/*.jinja, rendered with the conversations below; snippets are in
chat_snippets.py. Cases that end in an exception are recorded as null, whatever the exception. Run with `transformers`
and `jinja2` installed:

    python make_chat_goldens.py
"""
import datetime
import json
from pathlib import Path

from chat_snippets import SNIPPETS, VARIABLES
from transformers.utils.chat_template_utils import _compile_jinja_template

OUT = Path(__file__).parent.parent / "resources" / "jinja"
NOW = datetime.datetime(2025, 3, 9, 7, 5, 3)

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather at a place <now> & \"later\"",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": "City, e.g. Zürich"},
                "unit": {"type": "string", "enum": ["celsius", "kelvin"]},
                "days": {"type": "array", "items": {"type": "integer"}},
                "where": {"type": "object", "properties": {"lat": {"type": "number"}}, "required": ["lat"]},
            },
            "required": ["place"],
        },
    },
}
CLOCK = {
    "type": "function",
    "function": {
        "name": "clock",
        "description": "",
        "parameters": {"type": "object", "properties": {"zone": {"type": ["string", "integer"]}}},
    },
}
CALL = {
    "id": "abcdefgh1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": {"place": "Zürich", "days": [1, 2], "precise": True, "x": 1.5}},
}
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
CONTEXTS = {
    "plain": {
        "messages": [
            {"role": "system", "content": " Be brief. /no_think"},
            {"role": "user", "content": "Hi <there> & \"you\" 'q' é \U0001f642"},
            {"role": "assistant", "content": "<think>\nhm\n</think>\n\nHello!"},
            {"role": "user", "content": "What's 2+2?\nThanks "},
        ],
        "tools": None,
        "documents": None,
        "add_generation_prompt": True,
        **TOKENS,
    },
    "tools": {
        "messages": [
            {"role": "user", "content": "Weather in Zürich?"},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "content": "{\"t\": 21, \"sky\": \"<clear>\"}", "tool_call_id": "abcdefgh1"},
            {"role": "assistant", "content": "21 degrees.\nClear."},
        ],
        "tools": [WEATHER, CLOCK],
        "documents": None,
        "add_generation_prompt": False,
        **TOKENS,
    },
    "parts": {
        "messages": [
            {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " What is this? "}]},
            {"role": "assistant", "content": "A cat."},
            {"role": "user", "content": "Sure?"},
        ],
        "tools": None,
        "documents": None,
        "add_generation_prompt": True,
        **TOKENS,
    },
    "documents": {
        "messages": [{"role": "user", "content": "Sum up.\nBriefly."}, {"role": "assistant", "content": "So:"}],
        "tools": [CLOCK],
        "documents": [{"id": 1, "title": "One", "text": "first\ntext"}, {"title": "Two", "text": "second"}],
        "controls": {"length": "short"},
        "builtin_tools": ["code_interpreter", "search"],
        "enable_thinking": False,
        "effort": "high",
        "use_default": True,
        "add_generation_prompt": True,
        **TOKENS,
    },
    "wrong": {
        "messages": [{"role": "assistant", "content": "I begin."}, {"role": "robot", "content": "No."}],
        "tools": None,
        "documents": None,
        "add_generation_prompt": True,
        **TOKENS,
    },
}


def strftime_now(format):
    return NOW.strftime(format)


def render(source, data):
    """What the template writes, or None if it cannot be compiled or fails."""
    data = json.loads(json.dumps(data))  # templates can change lists
    try:
        template = _compile_jinja_template(source)
        template.environment.globals["strftime_now"] = strftime_now
        template.globals["strftime_now"] = strftime_now
        return template.render(**data)
    except Exception:
        return None


def lines(items):
    return ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)


def main():
    templates = sorted(OUT.glob("*.jinja"))
    renders = [[t.stem, name, render(t.read_text(), data)] for t in templates for name, data in CONTEXTS.items()]
    snippets = [[source, render(source, VARIABLES)] for source in SNIPPETS]
    contexts = ",\n".join(f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in CONTEXTS.items())
    text = (
        f'{{"now": "{NOW.isoformat()}",\n"variables": {json.dumps(VARIABLES, ensure_ascii=False)},\n'
        f'"contexts": {{\n{contexts}\n}},\n"renders": [\n{lines(renders)}\n],\n"snippets": [\n{lines(snippets)}\n]}}\n'
    )
    json.loads(text)
    (OUT / "goldens.json").write_text(text)
    failed = sum(r[2] is None for r in renders), sum(s[1] is None for s in snippets)
    print(f"{len(renders)} renders ({failed[0]} errors), {len(snippets)} snippets ({failed[1]} errors), {len(text)} bytes")


if __name__ == "__main__":
    main()
