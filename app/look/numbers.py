"""Numbers as people read them; the one place that spells them. Each is a Python number or a scalar of NumPy's."""

from __future__ import annotations

from typing import Any

LONGEST_WHOLE = 10**9  # integers from here on are rounded where room is short


def exact(number: Any) -> str | None:
    """Truth values, integers and what is not finite, none of which is rounded; None for any other number."""
    number = _plain(number)
    if isinstance(number, bool):
        return "true" if number else "false"
    if isinstance(number, int):
        return _signed(f"{number:,}".replace(",", "\u00a0"))
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "∞" if number > 0 else "−∞"
    return None


def fixed(number: Any, decimals: int, least: float | None = None, most: float = 1e6) -> str:
    """So many digits after the point, or as 1.234e−07 where it is smaller than `least` or not smaller than `most`.

    Without `least` that is where it would look like zero.
    """
    number = _plain(number)
    text = exact(number)
    if text is not None and not (isinstance(number, int) and abs(number) >= LONGEST_WHOLE):
        return text
    if isinstance(number, complex):
        return _signed(f"{number:.{decimals}g}")
    size, least = abs(number), 10.0**-decimals if least is None else least
    return _signed(f"{number:.{decimals}f}" if size == 0 or least <= size < most else f"{number:.{decimals}e}")


def significant(number: Any, digits: int) -> str:
    """With so many digits in all, zeros at the end left out; integers in full."""
    number = _plain(number)
    return exact(number) or _signed(f"{number:.{digits}g}")


def full(number: Any) -> str:
    """With all digits that a float32 has, where there is room for them."""
    return exact(number) or fixed(number, 7, 1e-3, 1e5)


def short(number: Any) -> str:
    """In at most eight characters."""
    number = _plain(number)
    text = exact(number)
    if text is not None and len(text) <= 8:
        return text
    size = abs(number)
    if size == 0 or 1e-3 <= size < 100:
        return _signed(f"{number:.4f}")
    return _signed(f"{number:.2f}" if 1 <= size < 1e4 else f"{number:.1e}")


def _plain(number: Any) -> Any:
    return number.item() if hasattr(number, "item") else number


def _signed(text: str) -> str:
    return text.replace("-", "−")  # as long and as high as a plus
