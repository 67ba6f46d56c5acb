r"""Formulas of ops, written as LaTeX, as readable Unicode text: `\frac{1}{n} \sum_i x_i` becomes `1/n Σᵢ xᵢ`."""

from __future__ import annotations

import re

_UP = dict(zip("0123456789+-=()inTxykabcdemptN", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿᵀˣʸᵏᵃᵇᶜᵈᵉᵐᵖᵗᴺ", strict=True))
_DOWN = dict(zip("0123456789+-=()aeijkmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
WORDS = {
    "sum": "Σ", "prod": "Π", "sigma": "σ", "mu": "μ", "theta": "θ", "alpha": "α", "beta": "β", "lambda": "λ",
    "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "|": "‖",
    "partial": "∂", "pi": "π", "leftarrow": "←", "to": "→", "odot": "⊙", "cdot": "·", "times": "×", "sim": "~",
    "dots": "…", "ldots": "…", "top": "⊤", "infty": "∞", "neq": "≠", "ne": "≠", "leq": "≤", "le": "≤", "geq": "≥",
    "ge": "≥", "lt": "<", "gt": ">", "in": "∈", "pm": "±", "lfloor": "⌊", "rfloor": "⌋", "lvert": "|", "rvert": "|",
    "lceil": "⌈", "rceil": "⌉", "land": "∧", "lor": "∨", "neg": "¬", "oplus": "⊕", "otimes": "⊗",
    "quad": "   ", "left": "", "right": "", "Phi": "Φ", "phi": "φ", "approx": "≈",
}  # fmt: skip
LETTERS = {"N": "𝒩", "U": "𝒰", "L": "ℒ"}
PLAIN = ("text", "mathrm", "operatorname", "mathbf", "mathit")
TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}^_&]|\s+|[^\\{}^_&\s]")


def unicode_formula(latex: str) -> str:
    """The formula as one line of text; what is not known stays as its name."""
    cases = re.search(r"\\begin\{cases\}(.*?)\\end\{cases\}", latex, re.DOTALL)
    if cases is not None:
        rows = [row.split("&") for row in re.split(r"\\\\", cases[1])]
        spelled = [_spell_case([unicode_formula(part) for part in row]) for row in rows]
        before, after = unicode_formula(latex[: cases.start()]), unicode_formula(latex[cases.end() :])
        told = "; ".join(spelled)
        return f"{before} [{told}]{after}".strip() if before or after else told
    tokens = TOKEN.findall(latex)
    parts = []
    while tokens:
        parts.append(_next(tokens))
    text = re.sub(r" {2,}", " ", "".join(parts)).strip()
    return re.sub(r"(?<=[⌊⌈(]) | (?=[⌋⌉)])", "", text)


def _spell_case(parts: list[str]) -> str:
    if len(parts) < 2:
        return parts[0]
    return f"{parts[0]} {parts[1]}" if parts[1] in ("else", "otherwise") else f"{parts[0]} if {parts[1]}"


def _next(tokens: list[str]) -> str:
    """The text of the next token and of what belongs to it."""
    token = tokens.pop(0)
    if token == "{":
        inner = []
        while tokens and tokens[0] != "}":
            inner.append(_next(tokens))
        if tokens:
            tokens.pop(0)
        return "".join(inner)
    if token in ("^", "_"):
        return _raised(_argument(tokens), token)
    if token.startswith("\\"):
        return _command(token[1:], tokens)
    if token == "*":
        return "·"
    return "−" if token == "-" else (" " if token.isspace() else token)


def _argument(tokens: list[str]) -> str:
    while tokens and tokens[0].isspace():
        tokens.pop(0)
    return _next(tokens).strip() if tokens else ""


def _raised(text: str, sign: str) -> str:
    if text in ("⊤", "T"):
        return "ᵀ"
    table = _UP if sign == "^" else _DOWN
    plain = text.replace("−", "-").replace(" ", "")
    if all(letter in table for letter in plain):
        return "".join(table[letter] for letter in plain)
    if sign == "_":
        several = len(text) == 2 and text.isascii() and text.isalpha()  # an index for each axis
        return f"[{','.join(text)}]" if several else f"[{text}]"
    return f"^{text}" if len(text) == 1 else f"^({text})"


def _command(name: str, tokens: list[str]) -> str:
    if name == "frac":
        above, beneath = _argument(tokens), _argument(tokens)
        return f"{_bracketed(above)}/{_bracketed(beneath)}"
    if name == "sqrt":
        return f"√{_bracketed(_argument(tokens))}"
    if name in PLAIN:
        return _argument(tokens)
    if name == "mathcal":
        letter = _argument(tokens)
        return LETTERS.get(letter, letter)
    if name in (",", ";", ":", " ", "!"):
        return "" if name == "!" else " "
    if name in ("{", "}", "_", "%"):
        return name
    if name in WORDS:
        return WORDS[name]
    # A function such as \max or \ln stands apart from what it is applied to.
    return f"{name} " if tokens and re.match(r"[a-zA-Z0-9\\]", tokens[0]) else name


def _bracketed(text: str) -> str:
    return text if re.fullmatch(r"\w+|√?\S", text) else f"({text})"
