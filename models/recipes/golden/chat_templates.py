"""Chat templates in the manner of the families that the studio reads, and what transformers makes of them: golden
data for main/engine/language. The templates are written for this purpose; they use what real ones use.

    python models/recipes/golden/chat_templates.py
"""

import json
from pathlib import Path

from transformers import PreTrainedTokenizerFast
from tiny_tokenizers import TOKENIZERS

OUT = Path(__file__).parents[3] / "main/engine/language/fixtures/chat-templates.golden.json"

LLAMA = """{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system = '' %}
{%- endif %}
{%- if system or tools is defined and tools is not none %}
    {{- '<|start_header_id|>system<|end_header_id|>\n\n' + system + '<|eot_id|>' }}
{%- endif %}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
{%- endif %}"""

QWEN = """{%- if messages[0].role != 'system' %}
    {{- '<|im_start|>system\nYou help with writing.<|im_end|>\n' }}
{%- endif %}
{%- set ns = namespace(turns=0, last=messages|length - 1) %}
{%- for message in messages %}
    {%- if message.role == 'assistant' and '</think>' in message.content %}
        {%- set content = message.content.split('</think>')[-1].lstrip('\n') %}
    {%- else %}
        {%- set content = message.content %}
    {%- endif %}
    {%- set ns.turns = ns.turns + 1 %}
    {{- '<|im_start|>' ~ message.role ~ '\n' ~ content ~ '<|im_end|>' }}
    {{- '\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
{%- endif %}"""

GEMMA = """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {{ raise_exception('System role not supported') }}
{%- endif -%}
{%- for message in messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
    {%- endif -%}
    {%- if message['role'] == 'assistant' -%}
        {%- set role = 'model' -%}
    {%- else -%}
        {%- set role = message['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '\n' + (message['content'] | trim) + '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ '<start_of_turn>model\n' }}
{%- endif -%}"""

PHI = """{% for message in messages %}
{% if message['role'] not in ['system', 'user', 'assistant'] %}{% continue %}{% endif %}
{{ '<|' + message['role'] + '|>\n' + message['content'] + '<|end|>\n' }}
{% if loop.last and add_generation_prompt %}{{ '<|assistant|>\n' }}{% break %}{% endif %}
{% endfor %}
{% if not add_generation_prompt %}{{ eos_token }}{% endif %}"""

CHAT_ML = """{%- macro turn(role, text) -%}
<|im_start|>{{ role }}
{{ text }}<|im_end|>
{% endmacro -%}
{%- for message in messages -%}
    {%- if message.content is string -%}
        {{- turn(message.role, message.content) -}}
    {%- else -%}
        {{- turn(message.role, message.content | map(attribute='text') | join(' ')) -}}
    {%- endif -%}
{%- endfor -%}
{{- '<|im_start|>assistant\n' if add_generation_prompt else '' -}}"""

TEMPLATES = {
    "llama": (LLAMA, "byte-level", {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}),
    "qwen": (QWEN, "byte-level", {"eos_token": "<|im_end|>"}),
    "gemma": (GEMMA, "sentencepiece", TOKENIZERS["sentencepiece"][1]),
    "phi": (PHI, "sentencepiece", {**TOKENIZERS["sentencepiece"][1], "eos_token": "<|end|>"}),
    "chatml": (CHAT_ML, "byte-level", {"eos_token": "<|im_end|>"}),
}


def turns(*contents, first="user"):
    roles = ("user", "assistant")
    return [{"role": roles[(index + (first != "user")) % 2], "content": text} for index, text in enumerate(contents)]


SYSTEM = {"role": "system", "content": "  You are a poet.\n"}
CONVERSATIONS = [
    turns("Hello, world!"),
    [SYSTEM, *turns(" Write of the sea. ")],
    turns("The old man opened the door.", "<think>hm</think>\nHe looked at the sea.", "And then? 猫"),
    [*turns("One"), {"role": "tool", "content": "nothing"}],
    turns("I speak first.", "You?", first="assistant"),
]


def main() -> None:
    rows = []
    for style, (template, kind, names) in TEMPLATES.items():
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=TOKENIZERS[kind][0](), chat_template=template, **names)
        for messages in CONVERSATIONS:
            for opens in (True, False):
                try:
                    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=opens)
                    # What transformers feeds a model: the template brings its own start token.
                    ids, refusal = tokenizer(text, add_special_tokens=False)["input_ids"], None
                except Exception as error:  # noqa: BLE001
                    text, ids, refusal = None, None, str(error)
                rows.append({"style": style, "messages": messages, "opens": opens, "text": text, "ids": ids, "refusal": refusal})
    templates = {style: {"template": template, "tokenizer": kind, "tokens": names} for style, (template, kind, names) in TEMPLATES.items()}
    golden = {"madeBy": "models/recipes/golden/chat_templates.py", "templates": templates, "rows": rows}
    OUT.write_text(json.dumps(golden, ensure_ascii=False) + "\n")
    for row in rows:
        print(row["style"], row["opens"], repr(row["text"]), row["refusal"])


if __name__ == "__main__":
    main()
