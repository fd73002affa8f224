"""The configuration of a proxy before scripted upstreams; imports nothing of the proxy itself."""

from collections.abc import Mapping
from pathlib import Path

from tests.standins.scripted import ScriptedUpstream

CASCADE = """
policy: balanced
rules:
  - name: does-not-fit
    when: prompt_tokens > small.context - max_tokens
    plan: [big]
otherwise:
  plan:
    - {upstream: small, judges: [structure, refusal]}
    - big
"""


def write_house(
    folder: Path,
    upstreams: Mapping[str, ScriptedUpstream],
    *,
    policy: str = CASCADE,
    extra: str = "",
    speaks: str = "chat, completions, embeddings",
    row: str = "",
    context: int = 8192,
    salt: bytes = b"",
) -> Path:
    """A config.yaml and its policy in `folder`: every upstream at its scripted port, the small ones local.

    `row` is one more upstream, in YAML. `salt`: the file that lies beside the store, as it comes back with a backup, so
    that who is held out is known; without one the proxy makes its own.
    """
    lines = ["upstreams:"]
    for name, upstream in upstreams.items():
        local = str(name != "big").lower()
        price = "free" if name != "big" else "{input: 2.50, output: 10.00}"
        lines += [
            f"  {name}:",
            f"    {{kind: openai, url: '{upstream.url}', model: {name}-model, local: {local}, price: {price},",
            f"     speaks: [{speaks}], context: {context}, key: sk-{name}-secret,",
            "     timeout: {connect_s: 5, first_token_s: 30}}",
        ]
    lines += [f"  {row}"] if row else []
    (folder / "policies").mkdir(exist_ok=True)
    (folder / "policies" / "balanced.yaml").write_text(policy)
    if salt:
        (folder / "smallfirst.db.salt").write_bytes(salt)
    config = folder / "config.yaml"
    config.write_text("\n".join(lines) + "\n" + extra)
    return config
